package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file is the part of expensive-below-volatile about sources that a stage inherits: what is installed in a stage
// that builds on the finished application reruns with each change of it. Nothing can move here, since the stages have to
// be parted, so that there is no fix.

// checkBelowParent looks for RUNs of the pass's stage that install packages of the system, or tools, where a stage that it
// builds on copies all sources; and for what is downloaded below those.
func checkBelowParent(p *diagnostics.Pass) {
	if p.Stage.Parent == nil {
		return
	}
	var first dearRun
	var found []*stages.Step
	var sources copies.Copy
	for _, seen := range p.See(liftKey{}, copiesOrDear) {
		d, isRun := seen.What.(dearRun)
		if !isRun {
			continue
		}
		if sources.Step == nil {
			if sources = inheritedSources(p); sources.Step == nil {
				return
			}
		}
		if len(found) == 0 && d.cost < shell.Packages {
			continue
		}
		v := judgeOf(p).RunAbove(seen.Step, []*stages.Step{sources.Step})
		if (v.Answer == moves.Never || v.Answer == moves.Doubtful && !d.system) && !onlyPackages(seen.Step, sources.Dest) {
			continue
		}
		if len(found) == 0 {
			first = d
		}
		if found = append(found, seen.Step); len(found) == maxTried {
			break
		}
	}
	if len(found) > 0 {
		reportBelowParent(p, sources, first, found)
	}
}

// onlyPackages reports whether the RUN does nothing but install packages of the system by their names. The judge of moves
// takes a folder in /etc or /usr for the system's; where nothing moves, one for an application alone counts as its own.
func onlyPackages(run *stages.Step, dest string) bool {
	if strings.Count(dest, "/") < 2 {
		return false
	}
	script := shell.Of(run.Instr, run.Shell)
	return script.Known() && !slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
		os, ok := c.OSPackages()
		if !ok {
			return !moves.LeavesAlone(run, c, dest)
		}
		return slices.ContainsFunc(os.Packages, func(w shell.Word) bool { return !w.Literal || strings.Contains(w.Text, "/") })
	})
}

// inheritedSources is the first copy of the whole build context in the stages that the pass's stage builds on.
func inheritedSources(p *diagnostics.Pass) copies.Copy {
	for _, seen := range p.SeeChain(liftKey{}, copiesOrDear) {
		c, ok := copies.Of(seen.Step)
		if !ok || !c.Whole() || c.Add || seen.Stage == p.Stage {
			continue
		}
		if bc := p.Context(); bc != nil && !p.ContextDoubted() && c.Select(bc).Files < manyFiles {
			continue
		}
		return c
	}
	return copies.Copy{}
}

// manyFiles are as many as a copy must take for its files to change often.
const manyFiles = 3

func reportBelowParent(p *diagnostics.Pass, c copies.Copy, d dearRun, runs []*stages.Step) {
	changing := "any file"
	if p.Context() != nil && !p.ContextDoubted() {
		changing = anyOf(p.Context(), c.Select(p.Context()).Files)
	}
	parent := "the stage that this one builds on"
	if c.Step.Stage.Name != "" {
		parent = "stage " + c.Step.Stage.Name
	}
	f := diagnostics.Finding{
		Step: runs[0], Span: diagnostics.Line(runs[0].Instr), Severity: diagnostics.Info,
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Changing %s that line %d copies reruns %s, because this stage builds on %s; install in a stage without the sources, and copy them there",
				changing, p.Line(c.Step), words.Code(d.phrase)+andMore(len(runs)-1), parent)
		},
		Related: []diagnostics.Related{{Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Message: "what changes"}},
	}
	if p.ForDevelopers(p.Stage) {
		f.Severity = diagnostics.Hint
	}
	for _, run := range runs[1:] {
		f.Related = append(f.Related, diagnostics.Related{Step: run, Span: diagnostics.Line(run.Instr), Message: "this reruns too"})
	}
	p.Report(f)
}
