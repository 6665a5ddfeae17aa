// Package correctness holds the rules about what BuildKit rejects, and about comments that do not do what they say.
package correctness

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

//go:embed *.md
var pages embed.FS

var (
	syntaxError = &diagnostics.Rule{
		Name: syntax.SyntaxError, Severity: diagnostics.Error, Always: true,
		Step: reporter(syntax.SyntaxError), File: fileReporter(syntax.SyntaxError),
	}
	unknownFlag = &diagnostics.Rule{
		Name: syntax.UnknownFlag, Severity: diagnostics.Error, Always: true,
		Step: reporter(syntax.UnknownFlag), File: fileReporter(syntax.UnknownFlag),
	}
	unknownInstruction = &diagnostics.Rule{
		Name: syntax.UnknownInstruction, Severity: diagnostics.Error, Always: true,
		Step: reporter(syntax.UnknownInstruction), File: fileReporter(syntax.UnknownInstruction),
	}
)

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("correctness", pages,
	buildRefused,
	syntaxError,
	unknownFlag,
	unknownInstruction,
	unusedSuppression,
)

// reporter reports the parser's errors of one kind in an instruction of a stage.
func reporter(rule string) func(*diagnostics.Pass, *stages.Step) {
	return func(p *diagnostics.Pass, s *stages.Step) {
		reportErrors(p, rule, s)
		if rule == syntax.SyntaxError {
			reportMounts(p, s)
			reportMalformed(p, s)
		}
	}
}

// reportMounts reports what BuildKit finds in --mount once its variables have values.
func reportMounts(p *diagnostics.Pass, s *stages.Step) {
	if s.Instr.Name != "RUN" {
		return
	}
	_, err := s.Mounts()
	if err == nil {
		return
	}
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == "mount" {
			message, _, _ := strings.Cut(err.Error(), " (did you mean") // chosen at random among equals
			p.Report(diagnostics.Finding{Step: s, Span: f.Span, Message: diagnostics.Plain(message), Severity: severity(p)})
			return
		}
	}
}

// reportMalformed reports the words whose variables BuildKit cannot read.
func reportMalformed(p *diagnostics.Pass, s *stages.Step) {
	for _, m := range s.Malformed() {
		f := diagnostics.Finding{Step: s, Span: s.Instr.FirstLine(m.Span), Message: diagnostics.Plain(m.Err.Error())}
		if !m.Always {
			f.Severity = severity(p)
		}
		p.Report(f)
	}
}

// severity is that of what BuildKit refuses when it gets to the stage: other builds of the file pass it.
func severity(p *diagnostics.Pass) diagnostics.Severity {
	if p.Stage == nil || p.Needed() {
		return diagnostics.Error
	}
	return diagnostics.Warning
}

// fileReporter reports those of the file itself, and of the instructions before the first FROM.
func fileReporter(rule string) func(*diagnostics.Pass) {
	return func(p *diagnostics.Pass) {
		for _, s := range p.Global() {
			reportErrors(p, rule, s)
			if rule == syntax.SyntaxError {
				reportMalformed(p, s)
			}
		}
		for _, e := range p.File().Errors {
			if e.Rule == rule {
				p.Report(diagnostics.Finding{Span: e.Span, Message: diagnostics.Plain(strings.TrimSuffix(e.Message, "."))})
			}
		}
	}
}

func reportErrors(p *diagnostics.Pass, rule string, s *stages.Step) {
	for _, e := range s.Instr.Errors() {
		if e.Rule != rule {
			continue
		}
		f := diagnostics.Finding{Step: s, Span: e.Span, Message: diagnostics.Plain(strings.TrimSuffix(e.Message, "."))}
		switch {
		case rule == syntax.UnknownInstruction && endsTwice(p, s):
			f.Message = diagnostics.Plain(fmt.Sprintf(
				"%s is no instruction: the heredoc above ended at the %[1]s before this one; remove this line", s.Instr.Keyword.Of(s.Instr.Text)))
		case e.Suggest != "":
			f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return replace(p, s, e) }
		}
		p.Report(f)
	}
}

// endsTwice reports whether a line that is no instruction is the end word of a heredoc of the instruction
// above it once more.
func endsTwice(p *diagnostics.Pass, s *stages.Step) bool {
	if s.Stage == nil || s.N == 0 || s.Instr.Args.Len() > 0 {
		return false
	}
	p.File() // what stands above may change
	above := s.Stage.Steps[s.N-1].Instr
	word := s.Instr.Keyword.Of(s.Instr.Text)
	return slices.ContainsFunc(above.Heredocs, func(h syntax.Heredoc) bool { return h.Name == word })
}

func replace(p *diagnostics.Pass, s *stages.Step, e syntax.Error) []diagnostics.Fix {
	change := p.Change()
	change.ReplaceWord(s, e.Span, e.Suggest)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return []diagnostics.Fix{{
		Title: "Replace by " + e.Suggest,
		Edits: []diagnostics.FileEdit{edit},
	}}
}
