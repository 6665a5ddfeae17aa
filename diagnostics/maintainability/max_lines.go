package maintainability

import (
	"fmt"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
)

// linesOptions are those of max-lines.
type linesOptions struct {
	Max int `json:"max" desc:"How many lines a Dockerfile may have."`
}

var maxLines = &diagnostics.Rule{
	Name:      "max-lines",
	Severity:  diagnostics.Hint,
	Off:       true,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"max-lines"}},
	Options:   func() any { return &linesOptions{200} },
	File: func(p *diagnostics.Pass) {
		src, most := p.File().Src, p.Options().(*linesOptions).Max
		lines := strings.Count(strings.TrimSuffix(src, "\n"), "\n") + 1
		if src == "" || lines <= most {
			return
		}
		first, _, _ := strings.Cut(src, "\n")
		p.Report(diagnostics.Finding{
			Span:    text.Span{End: len(strings.TrimSuffix(first, "\r"))},
			Message: diagnostics.Plain(fmt.Sprintf("The file has %d lines, more than the %d that are allowed here; move scripts into files of their own, or images into Dockerfiles of their own", lines, most)),
		})
	},
}
