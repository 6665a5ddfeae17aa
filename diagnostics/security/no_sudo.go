package security

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var noSudo = &diagnostics.Rule{
	Name:      "no-sudo",
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3004"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0010"}, Checkov: []string{"CKV2_DOCKER_1"}, KICS: []string{"8ada6e80-0ade-439e-b176-0b28f6bce35a"}, Semgrep: []string{"no-sudo-in-dockerfile"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" {
			return
		}
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			if w, plain, ok := c.BecomesRoot(); ok {
				reportSudo(p, s, c, w, plain)
				return // the step has one USER
			}
		}
	},
}

func reportSudo(p *diagnostics.Pass, s *stages.Step, c *shell.Command, w shell.Word, plain bool) {
	name := words.Code(w.Text)
	message := name + " gives the user of the container the rights of root, also to whoever breaks into it; put `USER root` before the step and the user's USER behind it, and leave " + name + " out of the image"
	switch {
	case isRoot(s.User):
		message = name + " does nothing here but hide variables from the command: the step runs as root already; leave it out"
	case !s.User.Known:
		message = name + " is needless for root, and gives any other user of the container the rights of root; put `USER root` before the step instead"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: w.Span, Message: diagnostics.Plain(message),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if !plain || !isRoot(s.User) {
				return nil
			}
			return dropSudo(p, s, c, w)
		},
	})
}

// dropSudo removes the word from all commands of the step that are the same without it. A command then sees variables that
// sudo hides, so it is only a suggestion.
func dropSudo(p *diagnostics.Pass, s *stages.Step, c *shell.Command, w shell.Word) []diagnostics.Fix {
	change := p.Change()
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		word, plain, ok := c.BecomesRoot()
		if !ok {
			continue
		}
		rest := s.Instr.Text[word.Span.End:]
		blanks := len(rest) - len(strings.TrimLeft(rest, " \t"))
		if !plain || blanks == 0 || strings.IndexByte("\\`\r\n", rest[blanks]) >= 0 || word.Span.Of(s.Instr.Text) != word.Text {
			return nil
		}
		change.ReplaceWord(s, text.Span{Start: word.Span.Start, End: word.Span.End + blanks}, "")
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{Title: "Leave out " + words.Code(w.Text), Edits: []diagnostics.FileEdit{edit}}}
}
