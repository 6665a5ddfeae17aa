package refactorings

import (
	"fmt"
	"slices"

	"layerwise/language/formatting"
)

// formatRun indents the lines of a RUN, which the formatter leaves alone, since they are a part of its cache key.
func formatRun(p place, of func() formatting.Options) (Refactoring, bool) {
	if p.in.Name != "RUN" || !p.whole() || p.step.Stage == nil {
		return Refactoring{}, false
	}
	options := of()
	if options.RunIndentation {
		return Refactoring{}, false
	}
	i := p.Graph.Index(p.step)
	before := formatting.Instruction(p.File, options, i)
	options.RunIndentation = true
	edits := formatting.Instruction(p.File, options, i)
	if len(edits) == 0 || slices.Equal(edits, before) {
		return Refactoring{}, false // the formatter does all of it
	}
	return Refactoring{
		Title: fmt.Sprintf("Format this RUN (%s)", price(p.rerunsFrom(p.step))),
		Kind:  Rewrite, Edits: edits,
	}, true
}
