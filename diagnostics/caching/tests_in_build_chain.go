package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var testsInBuildChain = &diagnostics.Rule{
	Name:       "tests-in-build-chain",
	Code:       "C35",
	Production: true,
	Severity:   diagnostics.Hint,
	Stage:      checkTestsInChain,
}

// checkTestsInChain looks for tests in a stage that the image needs, unless it is there to test.
func checkTestsInChain(p *diagnostics.Pass) {
	for _, seen := range p.See(testsKey{}, runsTests) {
		t, ok := seen.What.(tested)
		if !ok {
			continue
		}
		if p.ForDevelopers(p.Stage) || !p.Published() && names.StageForDevelopers(path.Base(p.Path())) || !p.Needed() || p.Exported() && !startsProgram(p.Stage) {
			return
		}
		p.Report(diagnostics.Finding{
			Step: seen.Step, Span: t.span,
			Message: diagnostics.Plain("Every build of the image waits for " + words.Code(t.phrase) + ", and repeats what CI may have tested; move it to a stage of its own, such as `FROM build AS test`, which `docker build --target test` runs (a failure stops only that build then)"),
		})
	}
}

type testsKey struct{}

// tested is a command that only tests.
type tested struct {
	span   text.Span
	phrase string
}

// runsTests is the first tested of a RUN that surely runs, or nil.
func runsTests(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if c.Checks() && c.Depth == 0 && c.Op != "||" && !c.Negated {
			return tested{c.Span, commandOf(s, c)}
		}
	}
	return nil
}

// startsProgram reports whether the container starts something that does not only test.
func startsProgram(s *stages.Stage) bool {
	argv, _ := copies.Entry(s)
	return len(argv) > 0 && !slices.ContainsFunc(shell.Source(strings.Join(argv, " ")).Commands, func(c *shell.Command) bool { return c.Checks() || c.IsShell() })
}
