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
				Step: step, Span: r.Span, Code: r.Code, Severity: severityOf(r),
				Message: diagnostics.Plain(r.Message),
				Link:    "https://www.shellcheck.net/wiki/" + r.Code,
			})
		}
	},
}

// cdMayFail is the code for a cd whose failure nobody sees.
const cdMayFail = "SC2164"

// severityOf is the level of a remark, but for what scripts of the most careful authors have everywhere, to no harm: words of
// $(dpkg --print-architecture) need no quotes (SC2046), and of export A=$(b) only the failure of b is lost (SC2155).
func severityOf(r shellcheck.Remark) diagnostics.Severity {
	if r.Code == "SC2046" || r.Code == "SC2155" {
		return min(levels[r.Level], diagnostics.Info)
	}
	return levels[r.Level]
}

// levels are the severities of what ShellCheck finds. An error of a script is none of the build: the script may never come
// to it.
var levels = map[shellcheck.Level]diagnostics.Severity{
	shellcheck.Error: diagnostics.Warning, shellcheck.Warning: diagnostics.Warning,
	shellcheck.Info: diagnostics.Info, shellcheck.Style: diagnostics.Hint,
}
