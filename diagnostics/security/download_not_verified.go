package security

import (
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var downloadNotVerified = &diagnostics.Rule{
	Name:      "download-not-verified",
	Severity:  diagnostics.Info,
	Yields:    []string{"stale-remote-fetch"}, // what moves on has no checksum yet
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"4b410d24-1cbe-4430-a632-62c9a931cf1c"}, Semgrep: []string{"prefer-copy-over-add"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		commands := shell.Commands(s.Instr, s.Shell)
		if slices.ContainsFunc(commands, (*shell.Command).Verifies) {
			return
		}
		for n, c := range commands {
			list, _ := c.Downloads()
			for _, f := range list {
				if how := trustedBy(commands, n, f); how != "" && !isNear(hostOf(f.URL.Text)) && !isCleartext(f.URL.Text) && !byContent.MatchString(f.URL.Text) {
					p.Report(diagnostics.Finding{Step: s, Span: f.URL.Span, Message: diagnostics.Plain(
						"What comes from " + hostOf(f.URL.Text) + " is " + how + " whatever it is: who controls that server controls the image, and a changed file is not noticed; compare it in the same step with " + words.Code("sha256sum -c") + ", or fetch it with " + words.Code("ADD --checksum=sha256:…"))})
					return // one is enough to see that nothing is checked
				}
			}
		}
	},
}

// trustedBy says what a later command does with the download of the command at place n: "unpacked"; "" if none is seen.
func trustedBy(commands []*shell.Command, n int, f shell.Fetch) string {
	for _, c := range commands[n+1:] {
		piped := f.File.Text == "" && c.Pipe != 0 && c.Pipe == commands[n].Pipe
		if piped || f.File.Text != "" {
			if how, ok := c.Trusts(f.File); ok {
				return how
			}
		}
	}
	return ""
}

// byContent matches addresses that name a commit, so that what they lead to never changes.
var byContent = lazy.New(`(?i)/[0-9a-f]{40}(/|\.|$)|/\$\{?\w*(commit|revision|sha)\w*\}?(/|\.|$)`)

func isCleartext(address string) bool {
	return len(address) > 7 && (address[:7] == "http://" || address[:6] == "ftp://")
}
