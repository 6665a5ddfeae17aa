package correctness

import (
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var bashismInSh = &diagnostics.Rule{
	Name:     "bashism-in-sh",
	Severity: diagnostics.Warning,
	// Those of its forms that Script.Bashisms knows: it knows the image, too.
	Elsewhere: diagnostics.Elsewhere{ShellCheck: []string{
		"SC2039", "SC2112", "SC2113", "SC3001", "SC3006", "SC3009", "SC3010", "SC3011", "SC3014", "SC3020", "SC3021", "SC3029", "SC3030", "SC3036", "SC3037", "SC3039", "SC3040",
		"SC3044", "SC3046", "SC3051", "SC3054", "SC3057", "SC3060",
	}},
	Stage: func(p *diagnostics.Pass) {
		for _, step := range p.See(bashismsKey{}, bashismsOf) {
			facts, ok := images.Of(p.Stage)
			if !ok || facts.Recalled {
				return
			}
			sh := facts.Sh()
			if sh == "" || sh == "bash" {
				return
			}
			if said := step.Step.SaidShell(); said != "" && shell.Dialect(said) != "sh" && shell.Dialect(said) != "dash" {
				continue // the author says that sh is another one here
			}
			list, _ := step.What.([]shell.Bashism)
			for _, b := range list {
				if b.Pipefail && !facts.LacksPipefail() {
					continue
				}
				if sh == "dash" || !b.Ash {
					reportBashism(p, step.Step, b, sh, facts.Bash())
					break // the others are the same mistake
				}
			}
		}
	},
}

type bashismsKey struct{}

// bashismsOf are the forms of a RUN that only bash has, if the system's sh runs it; or nil.
func bashismsOf(s *stages.Step) any {
	if s.Instr.Name != "RUN" || s.Instr.JSON || len(s.Shell) > 0 && s.Shell[0] != "/bin/sh" && s.Shell[0] != "sh" || shell.HasOwnShell(s.Instr) {
		return nil
	}
	if list := shell.Of(s.Instr, s.Shell).Bashisms(); len(list) > 0 {
		return list
	}
	return nil
}

func reportBashism(p *diagnostics.Pass, s *stages.Step, b shell.Bashism, sh string, bash bool) {
	do := "write it as POSIX has it"
	if bash {
		do = "use " + words.Code(plainBash)
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(b.Span),
		Message: diagnostics.Plain("Only bash has " + words.Code(b.What) + "; this image's sh is " + sh + ", which " + b.Does + "; " + do),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if !bash || s.Triggered() {
				return nil
			}
			change := p.Change()
			change.Insert(rewrite.Above(s), rewrite.Keyword(s, "SHELL")+plainBash[len("SHELL"):])
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Run this and what follows in bash", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}

const plainBash = `SHELL ["/bin/bash", "-c"]`
