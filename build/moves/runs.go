package moves

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file judges what becomes of RUNs: two that are joined, one that is split, one that moves into another.

// Join judges whether the RUN next, which stands directly below s, may become a part of it: s && next.
func Join(s, next *stages.Step) Verdict {
	first, second := shell.Of(s.Instr, s.Shell), shell.Of(next.Instr, next.Shell)
	switch {
	case s.Instr.Name != "RUN" || next.Instr.Name != "RUN" || s.Stage != next.Stage || next.N != s.N+1:
		return never("they are not two RUNs, one directly below the other")
	case !first.Known() || !second.Known():
		return never("the RUNs are too complex to be understood")
	case strings.Join(s.Shell, "\x00") != strings.Join(next.Shell, "\x00"):
		return never("the two RUNs have different shells")
	case first.Functions:
		return never("the first defines functions")
	}
	if err := first.MayAppend(); err != nil {
		return never("the first cannot be continued: %s", err)
	}
	if !second.Chained() {
		return never("the second would run on after a failure")
	}
	errexit := shell.Errexit(s.Shell)
	for _, c := range first.Commands {
		change := changeOf(first, c)
		switch {
		case c.InSubst:
		case errexit && c.Depth > 0:
			return never("behind &&, %s would no longer end the step when it fails", phraseOf(c))
		case change&shell.EndsShell != 0:
			return never("nothing runs behind `%s`", c.Span.Of(s.Instr.Text))
		case change == shell.ChangesDir && !slices.ContainsFunc(second.Commands, func(c *shell.Command) bool { return needsDir(next, c) }):
		case change != 0:
			return never("%s changes the shell for what follows", phraseOf(c))
		}
	}
	if name := needsVariable(stretch{s, 0, len(s.Instr.Text)}, stretch{next, 0, len(next.Instr.Text)}); name != "" {
		return never("the first RUN sets %s, which the second may read", name)
	}
	return mountsAnew(s)
}

// stretch is what stands between two offsets of a RUN's text.
type stretch struct {
	step     *stages.Step
	from, to int
}

// needsVariable is a variable that one stretch leaves set, as a loop does, and that another may read, of the same RUN or
// of another; "" if there is none.
func needsVariable(first, second stretch) string {
	left := shell.Of(first.step.Instr, first.step.Shell).SetsIn(first.from, first.to)
	if left.All {
		return "variables"
	}
	script := shell.Of(second.step.Instr, second.step.Shell)
	read := script.ReadsIn(second.from, second.to)
	for _, name := range left.Names {
		if read.Has(name) {
			return name
		}
		if !mayBeExported(first.step, name) {
			continue
		}
		for _, c := range script.Commands {
			if second.from <= c.Span.Start && c.Span.Start < second.to && Expanded(second.step, c).Effects().Vars.Has(name) {
				return name
			}
		}
	}
	return ""
}

// mayBeExported reports whether programs may see a variable that a script sets without export: it is one of the
// environment already. Names with small letters are the script's own (POSIX leaves them to it), if the Dockerfile
// does not set them; those of proxies are not.
func mayBeExported(s *stages.Step, name string) bool {
	_, set := copies.Variable(s, name)
	return set || strings.ToUpper(name) == name || strings.HasSuffix(name, "_proxy")
}

// changeOf is what the command of the script changes in its shell, expansions that assign included.
func changeOf(script *shell.Script, c *shell.Command) shell.ShellChange {
	change := c.Effects().Shell
	if left := script.SetsIn(c.Span.Start, c.Span.End); left.All || len(left.Names) > 0 {
		change |= shell.ChangesVars
	}
	return change
}

// needsDir reports whether it makes a difference in which directory the command works.
func needsDir(s *stages.Step, c *shell.Command) bool {
	e := Expanded(s, c).Effects()
	if !e.Known || e.Shell != 0 || e.Writes.Global {
		return true
	}
	if os, ok := c.OSPackages(); ok && (os.Install || os.Upgrade || os.Remove) {
		return true // the scripts of packages run there
	}
	for _, p := range []shell.Paths{e.Reads, e.Writes} {
		if p.All || p.Tree || slices.ContainsFunc(p.Words, func(w shell.Word) bool { return !fromRoot(w) }) {
			return true
		}
	}
	return strings.Contains(c.Program, "/") && !path.IsAbs(c.Words[0].Text)
}

// fromRoot reports whether the word names the same path, or matches the same files, in whatever directory: a pattern does
// so, too.
func fromRoot(w shell.Word) bool {
	return path.IsAbs(w.Text) && (w.Literal || !strings.ContainsAny(w.Text, "$`{"))
}

// mountsAnew: two RUNs with the same mount of this kind do not see what the other has put there.
func mountsAnew(s *stages.Step) Verdict {
	mounts, err := s.Mounts()
	if err != nil {
		return never("a mount has an error")
	}
	if len(mounts) < mountFlags(s) {
		return never("a mount depends on a variable that is not known")
	}
	for _, m := range mounts {
		if m.Type == instructions.MountTypeTmpfs || m.Type == instructions.MountTypeBind && !m.ReadOnly {
			return never("what one RUN writes to the mount at %s is gone in the next", m.Target)
		}
	}
	return safe
}

// mountFlags is how many mounts are written.
func mountFlags(s *stages.Step) (n int) {
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == "mount" {
			n++
		}
	}
	return n
}

// Split judges whether a RUN may be made two before a command. again are the commands, as they are written,
// with which the second one must begin, since the first half changes directory, options or variables.
func Split(s *stages.Step, before *shell.Command) (again []string, v Verdict) {
	script := shell.Of(s.Instr, s.Shell)
	switch {
	case script.Partial || script.Unknown:
		return nil, never("the RUN is too complex to be understood")
	case len(s.Instr.Heredocs) > 0:
		return nil, never("the RUN is a script (heredoc), which cannot be split safely")
	case script.Functions:
		return nil, never("the RUN cannot be split: it defines functions")
	}
	var kept []*shell.Command
	for _, c := range script.Commands {
		if c == before {
			break
		}
		if c.Top == before.Top {
			return nil, never("the RUN cannot be split: the command is inside a group")
		}
		if v := mustRepeat(s, c); v.Answer == Never {
			return nil, v
		} else if changeOf(script, c) == 0 || c.InSubst {
			continue
		}
		if changeOf(script, c) == shell.ChangesDir && leavesForGood(c) {
			kept = slices.DeleteFunc(kept, func(c *shell.Command) bool { return changeOf(script, c) == shell.ChangesDir })
		}
		kept = append(kept, c)
	}
	from, rest := 0, stretch{s, before.Span.Start, len(s.Instr.Text)}
	for _, c := range append(kept, before) {
		// What a command sets that is done again is set again; beside them stand loops.
		if name := needsVariable(stretch{s, from, c.Span.Start}, rest); name != "" {
			return nil, never("the RUN cannot be split: what follows the install may read %s, which is set before it", name)
		}
		if from = c.Span.End; c != before {
			again = append(again, c.Span.Of(s.Instr.Text))
		}
	}
	errexit := shell.Errexit(s.Shell)
	if err := script.MayCutBefore(before, errexit || script.Errexit && len(again) > 0); err != nil {
		return nil, never("the RUN cannot be split: %s", err)
	}
	for _, c := range script.Commands {
		if c == before {
			break
		}
		switch {
		case errexit && c.Depth > 0 && !c.InSubst:
			return nil, never("the RUN cannot be split: without &&, %s would end the step when it fails", phraseOf(c))
		case changeOf(script, c) == 0 && !Expanded(s, c).Effects().Known:
			v = v.Worse(doubt("%s may leave something running that the rest needs", phraseOf(c)))
		}
	}
	return again, v.Worse(mountsAnew(s)).Worse(cachesAnew(s, before))
}

// cachesAnew: the second half may find a cache empty that the first half has filled, since the first one is
// not run again when its layer is still there and the cache is not. Tools fill their download caches again.
func cachesAnew(s *stages.Step, before *shell.Command) Verdict {
	mounts, err := s.Mounts()
	if err != nil {
		return safe // mountsAnew has said it
	}
	for _, m := range mounts {
		target := path.Clean(path.Join(copies.Dir(s), m.Target))
		if path.IsAbs(m.Target) {
			target = path.Clean(m.Target)
		}
		if m.Type != instructions.MountTypeCache || slices.ContainsFunc(filledAgain, func(end string) bool { return strings.HasSuffix(target, end) }) {
			continue
		}
		cache := area{places: []place{{path: target}}}
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if c.Span.Start < before.Span.Start {
				continue
			}
			if t := touchOf(s, c); t.unknown || t.reads.meets(cache) != apart {
				return doubt("%s may need what is in the cache at %s, which may be empty by then", phraseOf(c), m.Target)
			}
		}
	}
	return safe
}

// filledAgain are the ends of the names of caches without which a tool that needs them downloads or builds
// again, whatever it is told to do. Those of NuGet, Maven, Cargo, pnpm and others are none: options such as
// --no-restore and --offline rely on them.
var filledAgain = []string{"/.cache/go-build", "/.cache/pip", "/.cache/yarn", "/.npm", "/go/pkg/mod"}

// leavesForGood reports whether the directory after the command does not depend on the one before it.
func leavesForGood(c *shell.Command) bool {
	words := c.Operands()
	return len(words) == 1 && words[0].Literal && path.IsAbs(words[0].Text)
}

// mustRepeat judges whether what the command changes in the shell, if anything, can be done again in a shell
// of its own.
func mustRepeat(s *stages.Step, c *shell.Command) Verdict {
	change := changeOf(shell.Of(s.Instr, s.Shell), c)
	if change == 0 || c.InSubst {
		return safe
	}
	literal := !slices.ContainsFunc(c.Words, func(w shell.Word) bool { return !w.Literal && !plainVariable.MatchString(w.Text) })
	repeats := change&(shell.ChangesOther|shell.EndsShell|shell.RunsAtExit) == 0 && c.Depth == 0 && c.Pipe == 0 && literal &&
		len(c.Assigns) == 0 && len(c.Redirects) == 0 && !strings.Contains(c.Span.Of(s.Instr.Text), "\n")
	if !repeats {
		return never("the RUN cannot be split: what follows the install needs %s, which runs before it", phraseOf(c))
	}
	return safe
}

// plainVariable is a word that means the same when it is expanded again.
var plainVariable = regexp.MustCompile(`^\$(\w+|\{\w+\})[\w./-]*$`)

// RunInto judges whether all that the RUN s does may be done at the beginning of the RUN into, further down:
// it moves below all that stands between, and becomes a part of that RUN.
func (j Judge) RunInto(s, into *stages.Step) Verdict {
	script := shell.Of(s.Instr, s.Shell)
	if s.Instr.Name != "RUN" || into.Instr.Name != "RUN" || s.Stage != into.Stage || into.N <= s.N {
		return never("they are not two RUNs of a stage")
	}
	if !script.Chained() || script.Functions || !shell.Of(into.Instr, into.Shell).Known() {
		return never("the RUNs are too complex to be understood")
	}
	if len(script.Unwaited()) > 0 {
		return never("a command runs in the background, and nothing waits until it is done")
	}
	for _, c := range script.Commands {
		if changeOf(script, c) != 0 && !c.InSubst {
			return never("%s changes the shell for what follows", phraseOf(c))
		}
	}
	if name := needsVariable(stretch{s, 0, len(s.Instr.Text)}, stretch{into, 0, len(into.Instr.Text)}); name != "" {
		return never("the first RUN sets %s, which the second may read", name)
	}
	verdict := mountsAnew(s).Worse(mountsAnew(into))
	if s.Instr.FlagText() != into.Instr.FlagText() {
		verdict = verdict.Worse(doubt("the two RUNs have different flags"))
	}
	for _, between := range s.Stage.Steps[s.N+1 : into.N] {
		if verdict = verdict.Worse(j.crossRunStep(s, between)); verdict.Answer == Never {
			return verdict
		}
		if between.Instr.Name == "RUN" {
			verdict = verdict.Worse(doubt("it would run after another RUN"))
		}
	}
	switch {
	case !same(s.User, into.User):
		verdict = verdict.Worse(doubt("it would run as another user"))
	case !same(s.Workdir, into.Workdir) && slices.ContainsFunc(script.Commands, func(c *shell.Command) bool { return needsDir(s, c) }):
		verdict = verdict.Worse(doubt("it would run in another directory"))
	case strings.Join(s.Shell, "\x00") != strings.Join(into.Shell, "\x00"):
		verdict = verdict.Worse(doubt("it would run in another shell"))
	}
	return verdict
}

// same reports whether both are what no instruction between has changed.
func same(a, b stages.Value) bool { return a == b }

// crossRunStep judges whether a RUN may move below a step.
func (j Judge) crossRunStep(run, s *stages.Step) Verdict {
	script := shell.Of(run.Instr, run.Shell)
	verdict := safe
	switch cmd := s.Instr.Cmd().(type) {
	case nil:
		return never("a line between the two has an error")
	case *instructions.CopyCommand, *instructions.AddCommand:
		dest := ""
		if copied, ok := cmd.(*instructions.CopyCommand); ok {
			dest = copied.DestPath
		} else {
			dest = cmd.(*instructions.AddCommand).DestPath
		}
		writes := destination(s, dest)
		for _, c := range script.Commands {
			t := touchOf(run, c)
			verdict = verdict.Worse(crossing(t, touch{writes: writes}, "the "+s.Instr.Name+" between the two", phraseOf(c)))
		}
	case *instructions.RunCommand:
		other := shell.Of(s.Instr, s.Shell)
		if other.Partial || other.Unknown || len(other.Commands) == 0 {
			return never("a RUN between the two may depend on it")
		}
		for _, c := range script.Commands {
			t := touchOf(run, c)
			for _, o := range other.Commands {
				verdict = verdict.Worse(crossing(t, touchOf(s, o), phraseOf(o), phraseOf(c)))
			}
		}
	case *instructions.EnvCommand, *instructions.ArgCommand:
		for _, d := range s.Defines() {
			if v := j.VariableBelow(Variable{Name: d.Name}, []Part{{Step: run}}); v.Answer != Safe {
				verdict = verdict.Worse(Verdict{min(v.Answer, Doubtful), v.Why})
			}
		}
	}
	return verdict
}

// crossing judges whether what touches the files as moved may go below what touches them as stays.
func crossing(moved, stays touch, staysName, movedName string) Verdict {
	if stays.unknown || moved.unknown {
		return doubt("%s may depend on %s", staysName, movedName)
	}
	switch max(stays.reads.meets(moved.writes), stays.writes.meets(moved.writes), stays.writes.meets(moved.reads)) {
	case meet:
		return never("%s depends on %s, or the other way round", staysName, movedName)
	case maybe:
		return doubt("%s may depend on %s", staysName, movedName)
	}
	return safe
}
