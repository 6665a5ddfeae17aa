package security

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var pipeToShell = &diagnostics.Rule{
	Name:     "pipe-to-shell",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, s := range p.Stage.Steps {
			if s.Instr.Name == "RUN" {
				checkPipes(p, s)
			}
		}
	},
}

func checkPipes(p *diagnostics.Pass, s *stages.Step) {
	commands := shell.Commands(s.Instr, s.Shell)
	for i, c := range commands {
		if !fetches(c) {
			continue
		}
		for j, to := range commands {
			piped := j > i && c.Pipe != 0 && to.Pipe == c.Pipe && runsInput(to)
			if !piped && !(j < i && runsSubstitution(to, c)) {
				continue
			}
			severity, trust := diagnostics.Info, "whoever controls that server controls the image"
			if plain(c) {
				severity, trust = diagnostics.Warning, "whoever controls that server or the way to it controls the image"
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: text.Span{Start: min(c.Span.Start, to.Span.Start), End: max(c.Span.End, to.Span.End)}, Severity: severity,
				Format: "%s runs whatever the server sends: %s, and the step stays cached when the script changes. ADD --checksum fetches a known file",
				Args:   []any{to.Program, trust},
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
	switch c.Program {
	case "curl":
		out, ok := c.Flag("-o", "--output")
		return (!ok || isStdout(out.Text)) && !c.HasFlag("-O", "--remote-name")
	case "wget":
		out, ok := c.Flag("-O", "--output-document")
		return ok && isStdout(out.Text)
	}
	return false
}

func isStdout(name string) bool { return name == "-" || name == "/dev/stdout" }

func isShell(program string) bool {
	switch program {
	case "sh", "bash", "ash", "dash", "zsh", "ksh":
		return true
	}
	return false
}

// runsInput reports whether the command executes its standard input.
func runsInput(c *shell.Command) bool {
	if isShell(c.Program) {
		operands := c.Operands()
		return !c.HasFlag("-c") && (len(operands) == 0 || operands[0].Text == "-" || operands[0].Text == "/dev/stdin" || c.HasFlag("-s"))
	}
	switch c.Program {
	case "python", "python3", "perl", "ruby", "node", "php":
		return len(c.Words) == 1 || c.Words[1].Text == "-" || c.Words[1].Text == "--"
	}
	return false
}

// runsSubstitution reports whether the command executes the output of a command substituted into it:
// sh -c "$(curl …)", eval "$(curl …)", bash <(curl …).
func runsSubstitution(c, inner *shell.Command) bool {
	if !inner.InSubst || c.InSubst || len(c.Words) < 2 {
		return false
	}
	last := slices.IndexFunc(c.Words, func(w shell.Word) bool {
		return w.Span.Start <= inner.Span.Start && inner.Span.End <= w.Span.End
	})
	if last < 1 {
		return false
	}
	word := c.Words[last].Text
	switch {
	case c.Program == "eval":
		return strings.HasPrefix(word, "$(") || strings.HasPrefix(word, "`")
	case isShell(c.Program), c.Program == ".", c.Program == "source":
		return strings.HasPrefix(word, "<(") || c.HasFlag("-c") && strings.HasPrefix(word, "$(")
	}
	return false
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
