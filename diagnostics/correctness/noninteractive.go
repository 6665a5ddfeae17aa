package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var (
	aptNoninteractive    = noninteractive("apt", "DL3014")
	dnfNoninteractive    = noninteractive("dnf", "DL3038")
	yumNoninteractive    = noninteractive("yum", "DL3030")
	zypperNoninteractive = noninteractive("zypper", "DL3034")
)

// noninteractive is the rule about a package manager that waits for an answer.
func noninteractive(manager, hadolint string) *diagnostics.Rule {
	return &diagnostics.Rule{
		Name:     manager + "-noninteractive",
		Severity: diagnostics.Warning,
		Hadolint: []string{hadolint},
		Stage: func(p *diagnostics.Pass) {
			for _, step := range p.See(questionsKey{}, questionsOf) {
				list, _ := step.What.([]question)
				for _, asked := range list {
					if asked.Manager == manager && !answered(p, step.Step) {
						reportQuestion(p, step.Step, asked)
					}
				}
			}
		},
	}
}

type questionsKey struct{}

// question is one that a command of a step asks.
type question struct {
	shell.Question
	command *shell.Command
}

// questionsOf are the questions of a RUN, or of that of an ONBUILD, that nothing in it answers, or nil.
func questionsOf(s *stages.Step) any {
	if held := s.Held(); held != nil {
		s = held
	}
	if s.Instr.Name != "RUN" {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	var list []question
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if q, ok := c.Asks(); ok && !script.Answered(c) {
			list = append(list, question{q, c})
		}
	}
	if list == nil {
		return nil
	}
	return list
}

type answersKey struct{}

// mentionsAnswers says that a step may set up package managers so that they do not ask.
func mentionsAnswers(s *stages.Step) any {
	if shell.MentionsAnswers(s.Instr.Text) {
		return true
	}
	return nil
}

// answered reports whether a step above, or the step itself, may have set up the package manager so that it does not ask.
func answered(p *diagnostics.Pass, s *stages.Step) bool {
	for _, above := range p.SeeChain(answersKey{}, mentionsAnswers) {
		if above.What != nil && (above.Stage != s.Stage || above.N <= s.N) {
			return true
		}
	}
	return false
}

func reportQuestion(p *diagnostics.Pass, s *stages.Step, q question) {
	cost := " asks whether to continue: in a build nobody answers, so that it fails; add "
	if q.MayNotAsk {
		cost = " asks as soon as another package has to come along: in a build nobody answers, so that it fails; add "
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(q.command.Span),
		Message: diagnostics.Plain(words.Code(q.command.Phrase()) + cost + words.Code(q.Option)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if s.Instr.JSON || s.Instr.Name == "ONBUILD" {
				return nil // the word would have to be one of the list
			}
			change := p.Change()
			change.InsertWords(s, q.Behind.Span, q.Option)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Add " + words.Code(q.Option), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
