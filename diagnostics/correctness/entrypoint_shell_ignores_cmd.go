package correctness

import (
	"fmt"
	"regexp"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var entrypointShellIgnoresCmd = &diagnostics.Rule{
	Name:     "entrypoint-shell-ignores-cmd",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		var entrypoint, cmd *stages.Step // those in effect at the end of the stage
		for _, seen := range p.SeeChain(startKey{}, setsStart) {
			switch seen.Step.Instr.Cmd().(type) {
			case *instructions.CmdCommand:
				cmd = seen.Step
			case *instructions.EntrypointCommand:
				if entrypoint = seen.Step; cmd != nil && cmd.Stage != entrypoint.Stage {
					cmd = nil // an ENTRYPOINT takes the CMD of the base image away
				}
			}
		}
		if entrypoint == nil || cmd == nil || cmd.Stage != p.Stage || !ignoresCmd(entrypoint) {
			return
		}
		if c := cmd.Instr.Cmd().(*instructions.CmdCommand); len(c.CmdLine) == 0 {
			return // CMD [] is the same as none
		}
		p.Report(diagnostics.Finding{
			Step: cmd, Span: cmd.Instr.FirstLine(cmd.Instr.Body),
			Message: func(p *diagnostics.Pass) string {
				return fmt.Sprintf("The container ignores this CMD, because ENTRYPOINT (line %d) is not a list and runs in a shell; "+
					"write ENTRYPOINT as a list: `ENTRYPOINT [\"program\", \"argument\"]`", p.Line(entrypoint))
			},
		})
	},
}

type startKey struct{}

// setsStart reports whether the step says what the container starts.
func setsStart(s *stages.Step) any {
	switch s.Instr.Cmd().(type) {
	case *instructions.CmdCommand, *instructions.EntrypointCommand:
		return true
	}
	return nil
}

// ignoresCmd reports whether the ENTRYPOINT runs in a usual shell, and does not ask for its arguments.
func ignoresCmd(entrypoint *stages.Step) bool {
	c := entrypoint.Instr.Cmd().(*instructions.EntrypointCommand)
	if !c.PrependShell || len(c.CmdLine) == 0 || entrypoint.Stage.Windows {
		return false
	}
	if _, broken := brokenList(entrypoint.Instr); broken {
		return false
	}
	sh := entrypoint.Shell
	return len(sh) == 2 && shell.IsShellName(sh[0]) && !takesArguments.MatchString(entrypoint.Instr.Text)
}

// takesArguments are the words by which a shell's line gets what stands behind it: "$@", $1, ${0}.
var takesArguments = regexp.MustCompile(`\$\{?[#@*0-9]`)
