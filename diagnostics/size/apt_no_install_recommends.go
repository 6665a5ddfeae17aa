package size

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var aptNoInstallRecommends = &diagnostics.Rule{
	Name:       "apt-no-install-recommends",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3015"},
	Elsewhere:  diagnostics.Elsewhere{Trivy: []string{"DS-0029"}, KICS: []string{"7384dfb2-fcd1-4fbf-91cd-6c44c318c33c"}, Semgrep: []string{"missing-no-install-recommends"}},
	Stage:      checkRecommends,
}

// checkRecommends reports one install of a RUN, unless the stage, or one that it builds on, decides for all of them.
func checkRecommends(p *diagnostics.Pass) {
	found := p.SeeChain(recommendsKey{}, seeRecommends)
	if len(found) == 0 || !p.Exported() || slices.ContainsFunc(found, func(s diagnostics.Seen) bool { return s.What == decided }) {
		return
	}
	for _, seen := range found {
		if seen.Stage != p.Stage {
			continue
		}
		s, list := seen.Step, installsMore(seen.Step)
		if len(list) == 0 {
			continue
		}
		os, _ := list[0].OSPackages()
		p.Report(diagnostics.Finding{
			Step: s, Span: list[0].Span,
			Message: diagnostics.Plain(words.Code(list[0].Phrase()) + " also installs packages that are only recommended, which makes every pull of the image larger; " + words.Code(os.Lean) + " leaves them out"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change := p.Change()
				for _, c := range list {
					change.InsertWords(s, c.Operands()[0].Span, os.Lean)
				}
				return suggest(change.Edit())("Add " + words.Code(os.Lean) + " (check first: what you need of the recommended packages, such as ca-certificates, has to be named)")
			},
		})
	}
}

type recommendsKey struct{}

const (
	decided  = "decided"
	installs = "installs"
)

func seeRecommends(s *stages.Step) any {
	switch s.Instr.Name {
	case "RUN", "COPY", "ADD":
	default:
		return nil
	}
	// A file of settings may say it for all installs.
	if text := strings.ToLower(s.Instr.Text); strings.Contains(text, "::install-recommends") && !strings.Contains(text, " -o ") || strings.Contains(text, "apt.conf") && s.Instr.Name != "RUN" {
		return decided
	}
	if len(installsMore(s)) > 0 {
		return installs
	}
	return nil
}

// installsMore are the commands of the RUN that install recommended packages, too.
func installsMore(s *stages.Step) (list []*shell.Command) {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, ok := c.OSPackages(); ok && os.Recommends && len(os.Packages) > 0 && !c.InSubst {
			list = append(list, c)
		}
	}
	return list
}
