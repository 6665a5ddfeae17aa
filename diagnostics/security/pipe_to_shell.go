package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var pipeToShell = &diagnostics.Rule{
	Name:     "pipe-to-shell",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name == "RUN" {
			checkPipes(p, s)
		}
	},
}

func checkPipes(p *diagnostics.Pass, s *stages.Step) {
	commands := shell.Commands(s.Instr, s.Shell)
	reported := map[*shell.Command]bool{} // (curl … || wget …) | sh is one mistake
	for i, c := range commands {
		if !fetches(c) {
			continue
		}
		for j, to := range commands {
			piped := j > i && c.Pipe != 0 && to.Pipe == c.Pipe && to.RunsInput()
			if !piped && !(j < i && runsSubstitution(to, c)) {
				continue
			}
			if reported[to] {
				break
			}
			reported[to] = true
			severity, trust := diagnostics.Info, "whoever controls the server controls the image"
			if plain(c) {
				severity, trust = diagnostics.Warning, "whoever controls the server, or the network on the way to it, controls the image"
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: text.Span{Start: min(c.Span.Start, to.Span.Start), End: max(c.Span.End, to.Span.End)}, Severity: severity,
				Message: diagnostics.Plain(words.Code(to.Program) + " runs whatever the server sends: " + trust + ", and the step stays cached when the script changes; `ADD --checksum` downloads a known file"),
			})
			break
		}
	}
}

// fetches reports whether the command writes a download to its standard output.
func fetches(c *shell.Command) bool {
	for _, r := range c.Redirects {
		if strings.HasPrefix(r.Op, ">") {
			return false
		}
	}
	list, ok := c.Downloads()
	return ok && slices.ContainsFunc(list, func(f shell.Fetch) bool { return f.File.Text == "" })
}

// runsSubstitution reports whether the command executes the output of a command substituted into it:
// sh -c "$(curl …)", eval "$(curl …)", bash <(curl …), bash < <(curl …).
func runsSubstitution(c, inner *shell.Command) bool {
	if !inner.InSubst || c.InSubst {
		return false
	}
	holds := func(w shell.Word) bool { return w.Span.Start <= inner.Span.Start && inner.Span.End <= w.Span.End }
	for _, r := range c.Redirects {
		if holds(r.Target) {
			return c.RunsInput() && (r.Op == "<<<" && startsSubstitution(r.Target) || r.Op == "<" && strings.HasPrefix(r.Target.Text, "<("))
		}
	}
	n := slices.IndexFunc(c.Words, holds)
	if n < 1 {
		return false
	}
	if strings.HasPrefix(c.Words[n].Text, "<(") {
		// The script is the first operand; after it come its own arguments.
		operands := c.Operands()
		return c.Sources() ||
			(c.IsShell() || c.InlineScript() != "") && len(operands) > 0 && operands[0].Span == c.Words[n].Span
	}
	option := c.Words[n-1].Text
	return startsSubstitution(c.Words[n]) && (c.Evaluates() ||
		c.IsShell() && strings.HasPrefix(option, "-") && strings.HasSuffix(option, "c") ||
		c.InlineScript() == option)
}

func startsSubstitution(w shell.Word) bool {
	return strings.HasPrefix(w.Text, "$(") || strings.HasPrefix(w.Text, "`")
}

// plain reports whether an address of the command is fetched without TLS. A variable may hold any.
func plain(c *shell.Command) bool {
	operands := c.Operands()
	if len(operands) == 0 {
		return false
	}
	return slices.ContainsFunc(operands, func(w shell.Word) bool {
		scheme, _, ok := strings.Cut(w.Text, "://")
		return ok && scheme != "https" && !strings.Contains(scheme, "$") || !ok && w.Literal
	})
}
