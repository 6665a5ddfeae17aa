package correctness

import (
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// Code that only root may change is good where the program only reads it, as most do, so that this is off.
var copyAfterUserWithoutChown = &diagnostics.Rule{
	Name:       "copy-after-user-without-chown",
	Off:        true,
	Severity:   diagnostics.Hint,
	Production: true,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"copy-after-user-without-chown", "ruby/state-paths-not-writable-as-non-root"}},
	Stage: func(p *diagnostics.Pass) {
		seen := p.See(ownersKey{}, seeOwners)
		if len(seen) == 0 || !p.Exported() {
			return
		}
		var roots []*stages.Step // those whose files belong to root
		for _, s := range seen {
			switch s.What {
			case "gives":
				if len(roots) > 0 {
					return
				}
			case "copies":
				if runsAsUser(s.Step) {
					roots = append(roots, s.Step)
				}
			}
		}
		if len(roots) == 0 {
			return
		}
		first := roots[0]
		user := first.User.Text
		p.Report(diagnostics.Finding{
			Step: first, Span: diagnostics.Line(first.Instr),
			Message: diagnostics.Plain("What COPY and ADD bring belongs to root, whatever USER says, so that the user " + user + " cannot change it; if it must, add " + words.Code("--chown="+user)),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				if strings.ContainsAny(user, " \t\"'\\") {
					return nil
				}
				return p.FixBy("Give the files to "+user, diagnostics.Suggested, func(c *rewrite.Change) {
					for _, s := range roots {
						c.SetFlag(s, "--chown="+user)
					}
				})
			},
		})
	},
}

type ownersKey struct{}

// seeOwners is "copies" for a COPY or ADD whose files belong to root, and "gives" for a RUN that gives files to somebody.
func seeOwners(s *stages.Step) any {
	if s.Stage.Windows {
		return nil
	}
	switch s.Instr.Name {
	case "COPY", "ADD":
		if c, ok := copies.Of(s); ok && c.Chown == "" && c.Chmod == "" && !c.Link {
			return "copies"
		}
	case "RUN":
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			if _, _, gives := cmd.GivesFiles(); gives {
				return "gives"
			}
		}
	}
	return nil
}
