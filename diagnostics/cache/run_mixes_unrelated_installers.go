package cache

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

var runMixesUnrelatedInstallers = &diagnostics.Rule{
	Name:     "run-mixes-unrelated-installers",
	Code:     "C23",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name == "RUN" && shell.Plain(s.Instr, s.Shell) {
			checkMixed(p, s)
		}
	},
}

// checkMixed looks for two installs with inputs of their own in one RUN: a change of one input
// installs both again.
func checkMixed(p *diagnostics.Pass, s *stages.Step) {
	commands := shell.Of(s.Instr, s.Shell).Commands
	first, second := -1, -1
	names := [2]string{}
	for i, c := range commands {
		if c.ChangesShell() || removesPackages(c) || second >= 0 && cleansIndex(c) {
			return // state or clean-up that spans the RUN: they belong together
		}
		name, manager := "", ""
		if os, ok := c.OSPackages(); ok && os.Install {
			name, manager = os.Manager, os.Manager
		} else if inst, ok := c.Install(); ok && !inst.Build {
			name, manager = inst.Phrase, inst.Ecosystem
		}
		switch {
		case name == "":
		case first < 0:
			first, names[0] = i, name
		case second < 0 && manager != names[0] && name != names[0]:
			second, names[1] = i, name
		}
	}
	if second < 0 {
		return
	}
	if inst, ok := commands[second].Install(); !ok || inst.Build {
		return // two operating system managers, or the manifest comes first: no gain is certain
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: commands[second].Span,
		Message: diagnostics.Plain(names[0] + " and " + names[1] + " share one step: a change of what one of them installs runs both again"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			change := p.Change()
			change.Split(s, commands[second])
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{
				Title: "Give " + names[1] + " a RUN of its own",
				Edits: []diagnostics.FileEdit{edit},
			}}
		},
	})
}

// commentsIn are the comment lines of the instruction that stand in the span.
func commentsIn(in *syntax.Instruction, span text.Span) (lines string) {
	for _, comment := range in.Inner {
		if span.Start <= comment.Start && comment.End <= span.End {
			lines += comment.Of(in.Text) + newline(in.Text)
		}
	}
	return lines
}

func newline(src string) string {
	if strings.Contains(src, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

// cleansIndex reports whether the command deletes what system packages leave behind: in a step of its
// own that would come too late.
func cleansIndex(c *shell.Command) bool {
	os, ok := c.OSPackages()
	return ok && os.Clean || len(c.Removes()) > 0 && operandsBelow(c, "/var/lib/apt", "/var/cache", "/tmp", "/var/tmp", "/etc/apk")
}

func removesPackages(c *shell.Command) bool {
	os, ok := c.OSPackages()
	return ok && os.Remove
}
