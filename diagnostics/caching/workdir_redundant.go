package caching

import (
	"fmt"
	"path"
	"slices"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var workdirRedundant = &diagnostics.Rule{
	Name:     "workdir-redundant",
	Code:     "C29",
	Severity: diagnostics.Hint,
	Tag:      diagnostics.Unnecessary,
	Stage:    checkWorkdirs,
}

type workdirKey struct{}

// entered is the directory of a WORKDIR, absolute and clean; onlyMade are those that a RUN makes which does nothing else.
type (
	entered  string
	onlyMade []string
)

// entersOrMakes is what the rule has to know of a step: entered, onlyMade, or nil.
func entersOrMakes(s *stages.Step) any {
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.WorkdirCommand:
		to := s.Expand(cmd.Path)
		if dir := s.Join(to.Text); to.Known && to.Text != "" && dir.Known && !s.Stage.Windows {
			return entered(dir.Text)
		}
		return entered("")
	case *instructions.RunCommand:
		if made := madeAlone(s); len(made) > 0 {
			return made
		}
	}
	return nil
}

// madeAlone are the directories of a RUN that is a mkdir and nothing else, if it makes them as WORKDIR would.
func madeAlone(s *stages.Step) (list onlyMade) {
	script := shell.Of(s.Instr, s.Shell)
	if len(script.Commands) != 1 || len(s.Instr.Flags) > 0 || !shell.Plain(s.Instr, s.Shell) || s.Stage.Windows {
		return nil
	}
	cmd := script.Commands[0]
	if _, _, sets := cmd.GivesMode(); sets || len(cmd.Wrappers)+len(cmd.Redirects)+len(cmd.Assigns) > 0 {
		return nil
	}
	for _, w := range cmd.MakesDirs() {
		name := copies.ScriptValue(s, w.Text)
		dir := s.Join(name.Text)
		if !name.Known || !dir.Known {
			return nil
		}
		list = append(list, dir.Text)
	}
	return list
}

func checkWorkdirs(p *diagnostics.Pass) {
	var last diagnostics.Seen // what was seen before
	var in diagnostics.Seen   // the WORKDIR in effect
	for _, seen := range p.See(workdirKey{}, entersOrMakes) {
		dir, enters := seen.What.(entered)
		if enters && dir != "" {
			before, _ := in.What.(entered)
			made, makes := last.What.(onlyMade)
			switch {
			case before == dir:
				reportAgainIn(p, in.Step, seen.Step)
			case before != "" && last.Step == in.Step && copies.Below(string(dir), string(before)) && nothingBetween(p, in.Step, seen.Step):
				reportLeft(p, in.Step, seen.Step)
			case makes && nothingBetween(p, last.Step, seen.Step) && !slices.ContainsFunc(made, func(d string) bool { return !copies.Below(string(dir), d) }):
				reportMade(p, last.Step, seen.Step, string(dir))
			}
		}
		if enters {
			in = seen
		}
		if seen.What != nil {
			last = seen
		}
	}
}

// nothingBetween reports whether no step between two uses the directory, or changes who makes it.
func nothingBetween(p *diagnostics.Pass, s, next *stages.Step) bool {
	if next.N-s.N > maxAway {
		return false
	}
	return !slices.ContainsFunc(p.Stage.Steps[s.N+1:next.N], func(s *stages.Step) bool {
		return s.MakesLayer() || s.Instr.Name == "USER" || s.Instr.Name == "SHELL"
	})
}

// reportAgainIn reports a WORKDIR that enters the directory in which it is already. A RUN between may have removed it.
func reportAgainIn(p *diagnostics.Pass, in, again *stages.Step) {
	if again.N-in.N > maxAway {
		return
	}
	for _, s := range p.Stage.Steps[in.N+1 : again.N] {
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			if len(c.Removes())+len(c.Moves()) > 0 {
				return
			}
		}
	}
	safety, doubt := diagnostics.Safe, ""
	if i := slices.IndexFunc(p.Stage.Steps[in.N+1:again.N], func(s *stages.Step) bool { return s.Instr.Name == "RUN" }); i >= 0 {
		safety, doubt = diagnostics.Suggested, " (check first: a RUN between must leave the directory where it is)"
	}
	p.Report(diagnostics.Finding{
		Step: again, Span: diagnostics.Line(again.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Line %d has entered this directory already; remove this WORKDIR, which adds an empty layer", p.Line(in))
		},
		Related: []diagnostics.Related{{Step: in, Span: diagnostics.Line(in.Instr), Message: "entered here"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Remove this WORKDIR"+doubt, safety, func(c *rewrite.Change) { c.Remove(again, rewrite.KeepComments) })
		},
	})
}

// reportLeft reports a WORKDIR that is left for one below it before anything uses it: that one makes both.
func reportLeft(p *diagnostics.Pass, in, next *stages.Step) {
	cmd := next.Instr.Cmd().(*instructions.WorkdirCommand)
	if !path.IsAbs(next.Expand(cmd.Path).Text) {
		return // it is written as a part of the first
	}
	p.Report(diagnostics.Finding{
		Step: in, Span: diagnostics.Line(in.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Nothing uses this directory before line %d enters one below it, and creates both; remove this WORKDIR, which adds a layer", p.Line(next))
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Remove this WORKDIR", diagnostics.Safe, func(c *rewrite.Change) { c.Remove(in, rewrite.KeepComments) })
		},
	})
}

// reportMade reports a RUN that makes the directory which the WORKDIR below it makes anyway. Builders that are not
// BuildKit give it to root, whatever the user is. The fix is a suggestion, since a safe one takes no command away.
func reportMade(p *diagnostics.Pass, run, workdir *stages.Step, dir string) {
	doubt := ""
	if run.User.Known && run.User.Text != "" && run.User.Text != "root" && run.User.Text != "0" {
		doubt = " (check first: builders other than BuildKit give the directory to root)"
	}
	p.Report(diagnostics.Finding{
		Step: run, Span: diagnostics.Line(run.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("WORKDIR in line %d creates %s by itself; remove this RUN, which adds a step and a layer", p.Line(workdir), dir)
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Remove "+words.Code(first(run))+doubt, diagnostics.Suggested, func(c *rewrite.Change) { c.Remove(run, rewrite.KeepComments) })
		},
	})
}
