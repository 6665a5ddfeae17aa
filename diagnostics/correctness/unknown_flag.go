package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

var unknownFlag = &diagnostics.Rule{
	Name: syntax.UnknownFlag, Severity: diagnostics.Error, Always: true,
	Step: checkFlags, File: inFile(syntax.UnknownFlag, checkFlags),
}

func checkFlags(p *diagnostics.Pass, s *stages.Step) { reportErrors(p, s, syntax.UnknownFlag) }
