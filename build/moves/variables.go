package moves

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file judges whether a definition may move down: an ARG, an ENV, a LABEL.

// Variable is a variable whose definition moves down.
type Variable struct {
	Name string
	Uses []string // the variables that its value is made of
	// BuildNumber says that the name is one of a commit, a date or a number of the build: no tool reads it by
	// itself.
	BuildNumber bool
	// BakedIn says that the name is one of those that a bundler puts into what it builds: no tool that installs reads it.
	BakedIn bool
}

// unknownToTools reports whether no tool reads the variable by itself, by its name.
func (v Variable) unknownToTools() bool { return v.BuildNumber || v.BakedIn }

// VariableBelow judges whether the definition of a variable, by ARG or ENV, may move below the parts. The
// answer is Never at a step that names it.
func (j Judge) VariableBelow(v Variable, over []Part) Verdict {
	verdict := safe
	for _, part := range over {
		if verdict = verdict.Worse(j.crossVariable(v, part)); verdict.Answer == Never {
			break
		}
	}
	return verdict
}

// crossVariable judges whether the definition of a variable may move below a part.
func (j Judge) crossVariable(v Variable, part Part) Verdict {
	s := part.Step
	text := s.Instr.Text
	if part.Commands != nil {
		text = ""
		for _, c := range part.Commands {
			text += c.Span.Of(s.Instr.Text) + "\n"
		}
	}
	if Names(text, v.Name) {
		return never("%s names %s", s.Instr.Name, v.Name)
	}
	switch s.Instr.Cmd().(type) {
	case nil:
		return never("a line between has an error")
	case *instructions.EnvCommand, *instructions.ArgCommand:
		for _, d := range s.Defines() {
			if slices.Contains(v.Uses, d.Name) {
				return never("%s sets %s, which %s uses", s.Instr.Name, d.Name, v.Name)
			}
		}
	case *instructions.RunCommand:
		return j.crossReaders(v, part)
	}
	return safe
}

// crossReaders judges each command of a part of a RUN.
func (j Judge) crossReaders(v Variable, part Part) Verdict {
	s := part.Step
	script := shell.Of(s.Instr, s.Shell)
	commands := part.Commands
	if commands == nil {
		commands = script.Commands
	}
	if script.Partial || script.Unknown || len(commands) == 0 || script.ReadsAny() {
		return never("the RUN may read %s", v.Name)
	}
	verdict := safe
	for _, c := range commands {
		if verdict = verdict.Worse(j.reads(v, s, c, part.Installs)); verdict.Answer == Never {
			break
		}
	}
	return verdict
}

// reads judges whether a command that does not name the variable reads it.
func (j Judge) reads(v Variable, s *stages.Step, c *shell.Command, known map[*shell.Command]Install) Verdict {
	c2 := Expanded(s, c)
	e := c2.Effects()
	inst, manifest := c.Install()
	switch {
	case manifest && (inst.Build || !inst.DepsOnly):
		return never("%s builds the project, which may read %s", phraseOf(c), v.Name)
	case manifest:
		verdict := j.installReads(v, s, c, known)
		if verdict.Answer != Never && readsItself(e.Vars, v) {
			return never("%s reads %s", phraseOf(c), v.Name)
		}
		if manifests.ImplicitEnv(v.Name) && !v.unknownToTools() {
			verdict = verdict.Worse(doubt("a tool may read %s from the environment", v.Name))
		}
		return verdict
	case !e.Known:
		if j.scriptIgnores(v, s, c) {
			return safe
		}
		return never("%s may read %s", phraseOf(c), v.Name)
	case e.Vars.All, readsItself(e.Vars, v):
		return never("%s may read %s", phraseOf(c), v.Name)
	case c2.Cost() >= shell.Packages && !isSystem(c2) && manifests.ImplicitEnv(v.Name) && !v.unknownToTools():
		return doubt("a tool may read %s from the environment", v.Name)
	case c2.BuildsPackages() && !isSystem(c2) && !v.unknownToTools():
		return buildsPackages(v, c)
	}
	return safe
}

func isSystem(c *shell.Command) bool { _, ok := c.OSPackages(); return ok }

// readsItself reports whether the variable is one of those that a program is known to look at. A name that
// only begins like those is none if it is a number of the build: GIT_COMMIT is not git's.
func readsItself(vars shell.Vars, v Variable) bool {
	vars.All = false
	if v.unknownToTools() {
		vars.Prefixes = nil
	}
	return vars.Has(v.Name)
}

// installReads judges by what the files of an install say.
func (j Judge) installReads(v Variable, s *stages.Step, c *shell.Command, known map[*shell.Command]Install) Verdict {
	inputs := []manifests.Inputs{}
	if i, ok := known[c]; ok {
		inputs = append(inputs, i.Inputs)
	} else if j.Inputs != nil {
		inputs = j.Inputs(s)
	}
	if len(inputs) == 0 {
		return doubt("files that %s reads may name %s", phraseOf(c), v.Name)
	}
	for _, in := range inputs {
		switch {
		case slices.ContainsFunc(in.Vars, func(name string) bool { return strings.EqualFold(name, v.Name) }):
			return never("a file that %s reads names %s", phraseOf(c), v.Name)
		case in.ReadsVar(v.Name):
			return never("%s runs a program that may read %s", phraseOf(c), v.Name)
		}
	}
	quiet := func(in manifests.Inputs) bool { return in.RunsNothing }
	if !v.unknownToTools() && c.BuildsPackages() && !slices.ContainsFunc(inputs, quiet) {
		return buildsPackages(v, c)
	}
	return safe
}

// buildsPackages: what packages of others run when they are installed may read any variable, except numbers of
// this build, which they do not know.
func buildsPackages(v Variable, c *shell.Command) Verdict {
	return doubt("a package that %s builds may read %s", phraseOf(c), v.Name)
}

// scriptIgnores reports whether the command runs a script of the context of which each command is known, and
// reads no such variable.
func (j Judge) scriptIgnores(v Variable, s *stages.Step, c *shell.Command) bool {
	if j.Context == nil || len(c.Words) == 0 || !c.Words[0].Literal || !strings.Contains(c.Words[0].Text, "/") {
		return false
	}
	file := c.Words[0].Text
	if !path.IsAbs(file) {
		file = path.Join(workingDir(s, c), file)
	}
	source, ok := copies.OriginOf(j.Context, s.Stage.Steps[:s.N], path.Clean(file))
	if !ok {
		return false
	}
	text, err := j.Context.Read(source)
	if err != nil || Names(text, v.Name) || !strings.HasPrefix(text, "#!") && !strings.HasSuffix(source, ".sh") {
		return false
	}
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "#!") && !slices.ContainsFunc(strings.FieldsFunc(first, func(r rune) bool { return strings.ContainsRune("#!/ \t\r", r) }), shell.IsShellName) {
		return false
	}
	script := shell.Source(text)
	if !script.Known() {
		return false
	}
	for _, inner := range script.Commands {
		e := inner.Effects()
		if _, manifest := inner.Install(); manifest || !e.Known || e.Vars.All || readsItself(e.Vars, v) {
			return false
		}
	}
	return true
}

// LabelBelow judges whether a LABEL may move below the parts: none sets one of its keys, or what it expands.
func (j Judge) LabelBelow(label *stages.Step, over []Part) Verdict {
	own, ok := label.Instr.Cmd().(*instructions.LabelCommand)
	if !ok {
		return never("the LABEL has an error")
	}
	for _, part := range over {
		if other, ok := part.Step.Instr.Cmd().(*instructions.LabelCommand); ok {
			for _, kv := range other.Labels {
				if strings.Contains(kv.Key, "$") || slices.ContainsFunc(own.Labels, func(o instructions.KeyValuePair) bool { return o.Key == kv.Key }) {
					return never("a LABEL between sets %s too", kv.Key)
				}
			}
		}
		for _, d := range part.Step.Defines() {
			if Names(label.Instr.Text, d.Name) {
				return never("%s sets %s, which the LABEL may use", part.Step.Instr.Name, d.Name)
			}
		}
	}
	return safe
}

// Names reports whether a script or another text holds the name of a variable as a word of its own.
func Names(script, name string) bool {
	for at := 0; name != ""; {
		i := strings.Index(script[at:], name)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(name)
		if (start == 0 || !text.IsWord(script[start-1])) && (end == len(script) || !text.IsWord(script[end])) {
			return true
		}
		at = end
	}
	return false
}
