package moves

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file judges whether a RUN may move up.

// RunAbove judges whether a RUN may move above the steps, which stand directly above it: none makes anything that
// it needs, and it makes nothing that they need.
func (j Judge) RunAbove(run *stages.Step, over []*stages.Step) Verdict {
	return j.PartAbove(Part{Step: run}, over)
}

// PartAbove judges whether the first commands of a RUN could stand in a RUN of their own above the steps. Whether the RUN
// can be split behind them, Split says.
func (j Judge) PartAbove(part Part, over []*stages.Step) Verdict {
	script := shell.Of(part.Step.Instr, part.Step.Shell)
	if part.Step.Instr.Name != "RUN" || script.Partial || script.Unknown || len(part.commands()) == 0 {
		return never("the RUN is too complex to be understood")
	}
	verdict := safe
	for _, s := range over {
		if verdict = verdict.Worse(j.crossUp(part, s)); verdict.Answer == Never {
			break
		}
	}
	return verdict
}

// crossUp judges whether a RUN may move above one step.
func (j Judge) crossUp(part Part, s *stages.Step) Verdict {
	switch cmd := s.Instr.Cmd().(type) {
	case nil:
		return never("a line between has an error")
	case *instructions.CopyCommand:
		return j.copyUp(part, s, cmd.DestPath)
	case *instructions.AddCommand:
		return j.copyUp(part, s, cmd.DestPath)
	case *instructions.EnvCommand, *instructions.ArgCommand:
		verdict := safe
		for _, d := range s.Defines() {
			verdict = verdict.Worse(j.VariableBelow(Variable{Name: d.Name}, []Part{part}))
		}
		return verdict
	case *instructions.WorkdirCommand:
		return workdirUp(part, s, cmd)
	case *instructions.UserCommand:
		return never("it would run as another user")
	case *instructions.ShellCommand:
		return never("it would run in another shell")
	case *instructions.RunCommand:
		return runUp(part, s)
	}
	return safe // metadata
}

// copyUp: the COPY brings nothing that the RUN reads or runs, and overwrites nothing of it.
func (j Judge) copyUp(part Part, s *stages.Step, dest string) Verdict {
	if c, ok := copies.Of(s); ok {
		m := Moved{Copy: c, First: j.First}
		if v := bringsProgram(part.commands(), j.copied(m).late, s); v.Answer != Safe {
			return v
		}
		return j.CopyBelow(m, []Part{part})
	}
	to := destination(s, dest)
	if to.all || len(to.places) != 1 {
		return never("a COPY above may write what the RUN needs")
	}
	// Below a directory nothing is known of what comes from another stage, so its owner may be anybody.
	moved := copied{written: newWritten(to, to), owned: true, folders: []string{copies.Dir(s)}}
	if v := bringsProgram(part.commands(), to, s); v.Answer != Safe {
		return v
	}
	c := copies.Copy{Step: s, Dest: to.places[0].path}
	if link := linkInto(c, moved); link != "" {
		return doubt("%s is a link: the copied files have another path, too", link)
	}
	return crossRun(c, moved, part)
}

// Pins are the files of the context which the COPY brings and by which a command of the RUN chooses a version of itself:
// dotnet looks for global.json. They say nothing else, so that copying them first is all that the command needs.
func (j Judge) Pins(run *stages.Step, c copies.Copy) (list []string) {
	pins := j.written(Moved{Copy: c}).pins
	if len(pins) == 0 {
		return nil
	}
	for _, cmd := range shell.Of(run.Instr, run.Shell).Commands {
		dir := workingDir(run, cmd)
		for _, w := range cmd.Effects().Reads.Words {
			if _, pin := slices.BinarySearch(pinFiles, w.Text); !pin || w.Span.Len() > 0 {
				continue
			}
			for _, p := range pins {
				from, ok := c.Origin(j.Context, p.path)
				if ok && path.Base(p.path) == w.Text && inside(dir, path.Dir(p.path)) && !slices.Contains(list, from) {
					list = append(list, from)
				}
			}
		}
	}
	return list
}

// bringsProgram: what a COPY puts into a folder of programs may be one that the RUN calls.
func bringsProgram(commands []*shell.Command, late area, s *stages.Step) Verdict {
	for _, c := range commands {
		if c.Program == "" || c.IsShellsOwn() {
			continue
		}
		for _, p := range late.places {
			base := path.Base(p.path)
			if isSystem(c) {
				if base == "bin" || base == "sbin" || p.path == "/usr/local" {
					return doubt("the packages may run a program that the %s brings", s.Instr.Name)
				}
				continue
			}
			if base == c.Program || base == "bin" || base == "sbin" || strings.HasSuffix(strings.TrimSuffix(p.path, base), "/bin/") && !p.plain {
				return never("%s may be a program that the %s brings", phraseOf(c), s.Instr.Name)
			}
		}
	}
	return safe
}

// workdirUp: the RUN would work in another directory, which may not be there.
func workdirUp(part Part, s *stages.Step, cmd *instructions.WorkdirCommand) Verdict {
	dir := s.Join(s.Expand(cmd.Path).Text)
	if !dir.Known {
		return never("it would run in another directory")
	}
	for _, c := range part.commands() {
		if needsDir(part.Step, c) && !isSystem(c) {
			return never("%s would run in another directory", phraseOf(c))
		}
		t := touchOf(part.Step, c)
		if t.unknown || (area{places: []place{{path: dir.Text}}}).meets(t.writes) != apart {
			return doubt("%s may need the folder %s", phraseOf(c), dir.Text)
		}
	}
	return doubt("it would run in another directory")
}

// Needs reports whether some commands of a RUN may need what another RUN above it makes. It is not asked whether that one
// would do the same below them.
func Needs(part Part, made *stages.Step) bool {
	other := shell.Of(made.Instr, made.Shell)
	if other.Partial || other.Unknown || len(other.Commands) == 0 {
		return true
	}
	for _, o := range other.Commands {
		t := touchOf(made, o)
		if t.unknown || t.writes.all || t.writes.system || t.writes.global {
			return true
		}
		for _, c := range part.commands() {
			reads := touchBut(part.Step, c, pythonPath).reads
			if c.Activates() {
				reads = area{places: placesOf(part.Step, workingDir(part.Step, c), c.Operands()[0].Text)}
			}
			if t.writes.meets(reads) == meet || slices.ContainsFunc(t.writes.places, func(p place) bool { return path.Base(p.path) == c.Program || strings.HasSuffix(p.path, "/bin") }) {
				return true
			}
		}
	}
	return false
}

// runUp: neither RUN may touch what the other does. What another installs may be a program that this one calls.
func runUp(part Part, s *stages.Step) Verdict {
	other := shell.Of(s.Instr, s.Shell)
	if other.Partial || other.Unknown || len(other.Commands) == 0 {
		return never("a RUN between may do something that it needs")
	}
	verdict := safe
	for _, o := range other.Commands {
		stays := touchOf(s, o)
		if inst, project := o.Install(); project && (inst.Build || !inst.DepsOnly) && onlyPackages(part.commands()) {
			verdict = doubt("%s may notice the packages", phraseOf(o)) // it adds none of the system, nor sources of them
			continue
		}
		switch {
		case stays.unknown, stays.writes.all, stays.reads.all:
			return never("%s may do something that it needs, or need it", phraseOf(o))
		case stays.writes.system || stays.writes.global:
			return never("%s may install something that it needs, or need it", phraseOf(o))
		}
		for _, c := range part.commands() {
			if v := crossing(touchOf(part.Step, c), stays, phraseOf(o), phraseOf(c)); v.Answer != Safe {
				return never("%s", v.Why)
			}
			if slices.ContainsFunc(stays.writes.places, func(p place) bool { return path.Base(p.path) == c.Program || strings.HasSuffix(p.path, "/bin") }) {
				return never("%s may make a program that it calls", phraseOf(o))
			}
		}
	}
	return verdict
}

// onlyPackages reports whether the commands do nothing but install packages of the operating system, and delete what
// that leaves.
func onlyPackages(commands []*shell.Command) bool {
	return !slices.ContainsFunc(commands, func(c *shell.Command) bool { return !isSystem(c) && len(c.Removes()) == 0 })
}

// TakenAbove judges whether a COPY from another stage or image may move above the steps, which stand directly above it:
// they write other files, need none of those that it brings, and set nothing that it uses.
func (j Judge) TakenAbove(s *stages.Step, over []*stages.Step) Verdict {
	c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok || c.From == "" {
		return never("it is no COPY from elsewhere")
	}
	verdict := safe
	for _, o := range over {
		if verdict = verdict.Worse(j.takenUp(s, c, o)); verdict.Answer == Never {
			break
		}
	}
	return verdict
}

// takenUp judges whether a COPY from elsewhere may move above one step.
func (j Judge) takenUp(s *stages.Step, c *instructions.CopyCommand, over *stages.Step) Verdict {
	to := destination(s, c.DestPath)
	switch cmd := over.Instr.Cmd().(type) {
	case nil:
		return never("a line between has an error")
	case *instructions.RunCommand:
		return j.RunAbove(over, []*stages.Step{s})
	case *instructions.CopyCommand:
		if brought, ok := copies.Of(over); ok {
			moved := j.copied(Moved{Copy: brought})
			if link := linkInto(brought, moved); link != "" {
				return doubt("%s is a link: the copied files have another path, too", link)
			}
			return crossOther(moved, s, c.DestPath)
		}
		return takenPast(to, destination(over, cmd.DestPath))
	case *instructions.AddCommand:
		return takenPast(to, destination(over, cmd.DestPath))
	case *instructions.EnvCommand, *instructions.ArgCommand:
		if slices.ContainsFunc(over.Defines(), func(d stages.Definition) bool { return slices.Contains(s.Uses(), d.Name) }) {
			return never("it uses a variable that is set there")
		}
	case *instructions.WorkdirCommand:
		if dest := s.Expand(c.DestPath); !dest.Known || !path.IsAbs(dest.Text) {
			return never("it would put its files into another directory")
		}
	}
	return safe
}

func takenPast(to, other area) Verdict {
	if to.all || other.all || to.meets(other) != apart {
		return never("another COPY may write the same files")
	}
	return safe
}
