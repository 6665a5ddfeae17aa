package correctness

import (
	"layerwise/build/shellcheck"
	"layerwise/diagnostics"
)

var shellCheck = &diagnostics.Rule{
	Name:     "shellcheck",
	Severity: diagnostics.Warning,
	Passes:   diagnostics.ShellCheck,
	Late: func(p *diagnostics.Pass) {
		for _, r := range p.Remarks() {
			step := p.StepAt(r.Instruction)
			in := step.Instr
			if held := step.Held(); held != nil {
				in = held.Instr
			}
			if r.Code == cdMayFail && len(in.Heredocs) == 1 && in.Heredocs[0].Op == in.Args {
				continue // heredoc-no-errexit tells of the first command that may fail unseen
			}
			p.Report(diagnostics.Finding{
				Step: step, Span: r.Span, Code: r.Code, Severity: levels[r.Level],
				Message: diagnostics.Plain(r.Message),
				Link:    "https://www.shellcheck.net/wiki/" + r.Code,
			})
		}
	},
}

// cdMayFail is the code for a cd whose failure nobody sees.
const cdMayFail = "SC2164"

// levels are the severities of what ShellCheck finds. An error of a script is none of the build: the script may never come
// to it.
var levels = map[shellcheck.Level]diagnostics.Severity{
	shellcheck.Error: diagnostics.Warning, shellcheck.Warning: diagnostics.Warning,
	shellcheck.Info: diagnostics.Info, shellcheck.Style: diagnostics.Hint,
}
