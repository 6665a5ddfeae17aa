package correctness

import (
	"fmt"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// The CMD of a base image goes with its program, so that nobody misses it. That of another stage was written for this file.
var cmdBeforeEntrypointReset = &diagnostics.Rule{
	Name:     "cmd-before-entrypoint-reset",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		if p.Stage.Parent == nil {
			return
		}
		var cmd, entrypoint, first *stages.Step
		for _, seen := range p.SeeChain(startKey{}, setsStart) {
			own := seen.Step.Stage == p.Stage
			switch c := seen.Step.Instr.Cmd().(type) {
			case *instructions.CmdCommand:
				if own {
					return
				}
				cmd = seen.Step
				if len(c.CmdLine) == 0 {
					cmd = nil
				}
			case *instructions.EntrypointCommand:
				switch {
				case !own:
					entrypoint = seen.Step
					if cmd != nil && cmd.Stage != seen.Step.Stage {
						cmd = nil
					}
				case first == nil:
					first = seen.Step
				}
			}
		}
		if cmd == nil || first == nil || entrypoint == nil {
			return
		}
		p.Report(diagnostics.Finding{
			Step: first, Span: diagnostics.Line(first.Instr),
			Message: func(p *diagnostics.Pass) string {
				return fmt.Sprintf("An ENTRYPOINT takes away the CMD of the stage below (line %d), so that the program gets no arguments; write CMD again, if it is still right", p.Line(cmd))
			},
		})
	},
}
