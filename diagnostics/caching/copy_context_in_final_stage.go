package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyContextInFinalStage = &diagnostics.Rule{
	Name:       "copy-context-in-final-stage",
	Code:       "C22",
	Production: true,
	Severity:   diagnostics.Info,
	Stage:      checkContextInFinal,
}

// checkContextInFinal looks for a COPY of all sources beside a COPY of what another stage has compiled of them, where
// the container starts only the latter. The COPY of the sources may be in a stage that this one builds on.
func checkContextInFinal(p *diagnostics.Pass) {
	if p.ForDevelopers(p.Stage) {
		return
	}
	var sources copies.Copy // of the whole context
	var fromStages []landed
	for _, seen := range p.SeeChain(finalCopyKey{}, takesAnything) {
		switch what := seen.What.(type) {
		case bool:
			if c, ok := copies.Of(seen.Step); ok && c.Whole() && !c.Add && sources.Step == nil {
				sources = c
			}
		case landed:
			if seen.Stage == p.Stage {
				fromStages = append(fromStages, what)
			}
		}
	}
	if sources.Step == nil || len(fromStages) == 0 || !p.Final() {
		return
	}
	var results []string // what was compiled, by absolute paths
	var compiles *shell.Command
	for _, l := range fromStages[:min(maxFrom, len(fromStages))] {
		if from := p.From(l.stage); from != nil {
			if cmd := compilesSources(from); cmd != nil {
				compiles, results = cmd, append(results, l.to)
			}
		}
	}
	if compiles == nil || worksOnSources(p) || !startsOnly(p.Stage, results) {
		return
	}
	if bc := p.Context(); bc != nil && !p.ContextDoubted() && sources.Select(bc).Files < 2 {
		return
	}
	inst, _ := compiles.Install()
	if sources.Step.Stage != p.Stage {
		reportInherited(p, sources, inst.Phrase)
		return
	}
	p.Report(diagnostics.Finding{
		Step: sources.Step, Span: diagnostics.Line(sources.Step.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("The container starts what %s has built in another stage, and this puts all sources beside it: a change of any file makes this layer anew, and all below; remove the COPY, or name the files that the program reads", words.Code(inst.Phrase))
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Remove this COPY (check first: the program must not read files of it)", diagnostics.Suggested, func(c *rewrite.Change) { c.Remove(sources.Step, rewrite.KeepComments) })
		},
	})
}

// reportInherited reports that the image builds on a stage that is there for the build.
func reportInherited(p *diagnostics.Pass, sources copies.Copy, builds string) {
	from := p.Stage.Steps[0]
	p.Report(diagnostics.Finding{
		Step: from, Span: diagnostics.Line(from.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("The container starts what %s has built in another stage, and the stage that this one builds on puts all sources beside it (line %d): a change of any file makes every layer here anew; build on what comes before that line", words.Code(builds), p.Line(sources.Step))
		},
		Related: []diagnostics.Related{{Step: sources.Step, Span: diagnostics.Line(sources.Step.Instr), Message: "the sources"}},
	})
}

type finalCopyKey struct{}

// landed is where a COPY puts what it takes from a stage.
type landed struct{ stage, to string }

// takesAnything is true for a copy of the build context, landed for one from a stage, or nil.
func takesAnything(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok {
		return nil
	}
	if c.From == "" {
		return true
	}
	to := s.Expand(c.DestPath)
	if at := s.Join(to.Text); to.Known && at.Known {
		return landed{c.From, at.Text}
	}
	return nil
}

// compilesSources is the command that compiles in the stage, if its own steps copy the whole context.
func compilesSources(stage *stages.Stage) (compiles *shell.Command) {
	if !copiesSources(stage) {
		return nil
	}
	for _, s := range stage.ChainSteps() {
		for _, cmd := range shell.Commands(s.Instr, s.Shell) {
			if cmd.Compiles() && !cmd.Checks() {
				compiles = cmd
			}
		}
	}
	return compiles
}

// startsOnly reports whether the container starts one of the results, and no word of the line names another file.
func startsOnly(s *stages.Stage, results []string) bool {
	argv, _ := copies.Entry(s)
	if len(argv) == 0 || !strings.Contains(argv[0], "/") {
		return false
	}
	dir := copies.Dir(s.Steps[len(s.Steps)-1])
	other := func(name string) bool {
		if !path.IsAbs(name) {
			name = path.Join(dir, name)
		}
		return !slices.ContainsFunc(results, func(r string) bool { return copies.Below(path.Clean(name), r) })
	}
	return !other(argv[0]) && !slices.ContainsFunc(argv[1:], func(w string) bool { return strings.ContainsAny(w, "/.$") && other(w) })
}
