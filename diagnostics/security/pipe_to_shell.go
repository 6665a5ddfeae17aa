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
	commands := shell.Of(s.Instr, s.Shell).Commands
	for i, c := range commands {
		if !fetches(c) {
			continue
		}
		for _, to := range commands[i+1:] {
			if c.Pipe == 0 || to.Pipe != c.Pipe {
				break
			}
			if runsInput(to) {
				severity, trust := diagnostics.Warning, "whoever controls that server or the way to it controls the image"
				if https(c) {
					severity, trust = diagnostics.Info, "whoever controls that server controls the image"
				}
				p.Report(diagnostics.Finding{
					Step: s, Span: text.Span{Start: c.Span.Start, End: to.Span.End}, Severity: severity,
					Format: "%s runs whatever the server sends: %s, and the step stays cached when the script changes. ADD --checksum fetches a known file",
					Args:   []any{to.Program, trust},
				})
				break
			}
		}
	}
}

// fetches reports whether the command writes a download to its standard output.
func fetches(c *shell.Command) bool {
	switch c.Program {
	case "curl":
		return !c.HasFlag("-o", "--output", "-O", "--remote-name")
	case "wget":
		out, ok := c.Flag("-O", "--output-document")
		return ok && out.Text == "-" || strings.HasPrefix(out.Text, "/dev/stdout") || c.HasFlag("-qO-", "-O-")
	}
	return false
}

// runsInput reports whether the command executes its standard input.
func runsInput(c *shell.Command) bool {
	switch c.Program {
	case "sh", "bash", "ash", "dash", "zsh", "ksh":
		operands := c.Operands()
		return !c.HasFlag("-c") && (len(operands) == 0 || operands[0].Text == "-" || c.HasFlag("-s"))
	case "python", "python3", "perl", "ruby", "node", "php":
		return len(c.Words) == 1 || c.Words[1].Text == "-"
	}
	return false
}

// https reports whether every address of the command is fetched by HTTPS.
func https(c *shell.Command) bool {
	urls := slices.DeleteFunc(slices.Clone(c.Words[1:]), func(w shell.Word) bool { return !strings.Contains(w.Text, "://") })
	return len(urls) > 0 && !slices.ContainsFunc(urls, func(w shell.Word) bool { return !strings.HasPrefix(w.Text, "https://") })
}
