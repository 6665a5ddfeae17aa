package correctness

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file reports values of FROM --platform.

var redundantTargetPlatform = &diagnostics.Rule{
	Name:     "redundant-target-platform",
	Severity: diagnostics.Info,
	BuildKit: []string{"RedundantTargetPlatform"},
	Hadolint: []string{"DL3065"},
	Tag:      diagnostics.Unnecessary,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		flag, written, ok := platformOf(s)
		if !ok || !targetPlatform.MatchString(strings.Trim(written, `"'`)) {
			return
		}
		if names, ok := s.FromBuild(written); !ok || !slices.Equal(names, []string{"TARGETPLATFORM"}) {
			return // the file declares it itself
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: flag.Span,
			Message: diagnostics.Plain("FROM builds for TARGETPLATFORM anyway; remove the flag"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return p.FixBy("Remove "+words.Code("--platform"), diagnostics.Safe, func(c *rewrite.Change) { c.DropFlag(s, flag) })
			},
		})
	},
}

var targetPlatform = lazy.New(`^\$(TARGETPLATFORM|\{TARGETPLATFORM(:?-[^$}]*)?\})$`)

var constantFromPlatform = &diagnostics.Rule{
	Name:      "constant-from-platform",
	Severity:  diagnostics.Info,
	BuildKit:  []string{"FromPlatformFlagConstDisallowed"},
	Hadolint:  []string{"DL3029"},
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"b16e8501-ef3c-44e1-a543-a093238099c9"}, Semgrep: []string{"avoid-platform-with-from"}},
	Stage: func(p *diagnostics.Pass) {
		s := p.Stage.Steps[0]
		flag, written, ok := platformOf(s)
		if !ok || strings.Contains(written, "$") {
			return
		}
		value := s.Expand(written)
		platform, err := platforms.Parse(value.Text)
		if !value.Known || err != nil || strings.Contains(p.Stage.Name, platform.OS) || strings.Contains(p.Stage.Name, platform.Architecture) ||
			platform.OS != "linux" || p.Stage.Windows { // such images are for one platform each
			return
		}
		exported := p.Exported()
		message := "This stage is for " + value.Text + " whatever platform is asked for, and runs slowly, by emulation, on other machines; "
		if exported {
			message += "remove the flag, and build with " + words.Code("--platform")
		} else {
			message += "write " + words.Code("--platform=$BUILDPLATFORM") + " if it makes the same for all"
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: flag.Span, Message: diagnostics.Plain(message),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix { return platformFixes(p, s, flag, exported) },
		})
	},
}

func platformFixes(p *diagnostics.Pass, s *stages.Step, flag syntax.Flag, exported bool) []diagnostics.Fix {
	fixes := p.FixBy("Remove "+words.Code("--platform"), diagnostics.Suggested, func(c *rewrite.Change) { c.DropFlag(s, flag) })
	if exported {
		return fixes
	}
	const machine = "--platform=$BUILDPLATFORM"
	return append(p.FixBy("Write "+words.Code(machine), diagnostics.Suggested, func(c *rewrite.Change) { c.ReplaceFlag(s, flag, machine) }), fixes...)
}

// platformOf is the --platform of a FROM, and its value as BuildKit expands it.
func platformOf(s *stages.Step) (flag syntax.Flag, value string, ok bool) {
	if s.Instr.Name != "FROM" || len(s.Instr.Flags) == 0 {
		return flag, "", false
	}
	from, ok := s.Instr.Cmd().(*instructions.Stage)
	if !ok || from.Platform == "" {
		return flag, "", false
	}
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == "platform" {
			return f, from.Platform, true
		}
	}
	return flag, "", false
}
