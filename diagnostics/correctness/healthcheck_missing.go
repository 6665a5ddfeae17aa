package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

var healthcheckMissing = &diagnostics.Rule{
	Name:       "healthcheck-missing",
	Production: true,
	Severity:   diagnostics.Hint,
	Off:        true,
	Hadolint:   []string{"DL3057"},
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"ruby/healthcheck-rails-up-endpoint"}, Trivy: []string{"DS-0026"}, Checkov: []string{"CKV_DOCKER_2"}, KICS: []string{"b03a748a-542d-44f4-bb86-9199ab4fd2d5"}},
	Stage:      checkHealthcheck,
}

// checkHealthcheck looks for a HEALTHCHECK in the image's own stages. HEALTHCHECK NONE is one: somebody has thought of it.
func checkHealthcheck(p *diagnostics.Pass) {
	if slices.ContainsFunc(p.SeeChain(healthKey{}, isHealthcheck), func(s diagnostics.Seen) bool { return isHealthcheck(s.Step) != nil }) || !p.Final() || p.ForDevelopers(p.Stage) {
		return
	}
	argv, _ := copies.Entry(p.Stage)
	base := p.Stage.Root().Base
	if len(argv) == 0 || !base.Known || shell.StartsREPL(path.Base(argv[0]), argv[1:]) || shell.Idles(argv) {
		return
	}
	for _, text := range append([]string{base.Text}, argv...) {
		if slices.ContainsFunc(functionPlatforms, func(of string) bool { return strings.Contains(text, of) }) {
			return
		}
	}
	from := p.Stage.Steps[0]
	p.Report(diagnostics.Finding{
		Step: from, Span: diagnostics.Line(from.Instr),
		Message: diagnostics.Plain("Docker cannot tell whether the program in the container still works, only that it runs; add a HEALTHCHECK if the image runs under Docker or Swarm"),
	})
}

type healthKey struct{}

func isHealthcheck(s *stages.Step) any {
	if s.Instr.Name == "HEALTHCHECK" || s.Instr.Name == "ONBUILD" && strings.Contains(strings.ToUpper(s.Instr.Text), "HEALTHCHECK") {
		return true
	}
	return nil
}

// functionPlatforms are parts of the names of images and programs of platforms that look after functions by themselves.
var functionPlatforms = []string{"lambda", "azure-functions", "openfaas", "functions-framework", "classic-watchdog", "of-watchdog"}
