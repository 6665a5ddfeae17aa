package correctness

import (
	"layerwise/build/images"
	"layerwise/diagnostics"
)

var noCmdEntrypoint = &diagnostics.Rule{
	Name:       "no-cmd-entrypoint",
	Severity:   diagnostics.Hint,
	Off:        true,
	Production: true,
	Stage: func(p *diagnostics.Pass) {
		if !p.Final() || diagnostics.Saw(p.SeeChain(startKey{}, setsStart)) {
			return
		}
		facts, ok := images.Of(p.Stage)
		starts := len(facts.Entry.Argv)+len(facts.Cmd.Argv) > 0 || facts.Entry.Line != "" || facts.Cmd.Line != ""
		if scratch := p.Stage.Root().Scratch(); !scratch && (!ok || !facts.Tagged || starts) {
			return
		}
		from := p.Stage.Steps[0]
		p.Report(diagnostics.Finding{
			Step: from, Span: diagnostics.Line(from.Instr),
			Message: diagnostics.Plain("Neither the file nor its base image says what a container starts, so that `docker run` fails without a command; add CMD or ENTRYPOINT"),
		})
	},
}
