package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var unsignedPackages = &diagnostics.Rule{
	Name:      "unsigned-packages",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Checkov: []string{"CKV2_DOCKER_7", "CKV2_DOCKER_8", "CKV2_DOCKER_9", "CKV2_DOCKER_10", "CKV2_DOCKER_11"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name == "RUN" {
			checkSignatures(p, s)
		}
		checkRepositories(p, s)
	},
}

func checkSignatures(p *diagnostics.Pass, s *stages.Step) {
	commands := shell.Commands(s.Instr, s.Shell)
	for n, c := range commands {
		w, what, off := c.SignaturesOff()
		if !off || c.LocalPackages() && !downloadsUnverified(commands[:n]) {
			continue
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: w.Span,
			Message: diagnostics.Plain(words.Code(c.Program+" "+what) + " takes packages whoever made them: who controls the server, or the network on the way to it, controls the image; add the key of the repository, and drop it"),
			Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return checkAgain(p, s, c, w, what) },
		})
	}
}

// downloadsUnverified reports whether a command downloads, and none checks what came.
func downloadsUnverified(commands []*shell.Command) bool {
	return slices.ContainsFunc(commands, func(c *shell.Command) bool { _, ok := c.Downloads(); return ok }) &&
		!slices.ContainsFunc(commands, (*shell.Command).Verifies)
}

// checkAgain drops the word. Packages that nobody has signed do not install without it, so it is only a suggestion.
func checkAgain(p *diagnostics.Pass, s *stages.Step, c *shell.Command, w shell.Word, what string) []diagnostics.Fix {
	if !strings.HasPrefix(w.Text, "-") {
		return nil // a setting in two words
	}
	change, title := p.Change(), "Check signatures: drop "+words.Code(w.Text)
	if instead, ok := c.Forces(what); ok {
		title = "Check signatures: " + words.Code(instead) + " instead of " + words.Code(w.Text)
		change.ReplaceWord(s, w.Span, instead)
	} else {
		change.DropWord(s, w.Span)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{edit}}}
}

// trusted matches the line of a list of repositories that takes packages without a signature, of a server: those of a folder
// somebody has built.
var trusted = lazy.New(`\bdeb(-src)?\s+\[[^\]\n]*\btrusted=yes\b[^\]\n]*\]\s+(https?|ftp)://|(?m:^Trusted:[ \t]*yes\b)`)

// checkRepositories is about lists of repositories that a RUN or a here-document writes.
func checkRepositories(p *diagnostics.Pass, s *stages.Step) {
	in := s.Instr
	if in.Name != "RUN" && len(in.Heredocs) == 0 || !strings.Contains(in.Text, "rusted") {
		return
	}
	at := trusted.FindStringSubmatchIndex(in.Body.Of(in.Text))
	if at == nil {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: text.Span{Start: in.Body.Start + at[0], End: in.Body.Start + at[1]},
		Message: diagnostics.Plain(words.Code("trusted=yes") + " takes packages of this repository whoever made them: who controls the server, or the network on the way to it, controls the image; name its key with " + words.Code("signed-by=…") + " instead"),
	})
}
