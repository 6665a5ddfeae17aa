package signature_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/internal/cases"
	"layerwise/language/signature"
)

// marked is a text without its marks, and where those were.
func marked(text string) (src string, places []int) {
	var b strings.Builder
	for i, part := range strings.Split(text, "^") {
		if i > 0 {
			places = append(places, b.Len())
		}
		b.WriteString(part)
	}
	return b.String(), places
}

// show is the active signature with the active parameter in angle quotes, and which of how many it is.
func show(help signature.Help) string {
	sig := help.Signatures[help.Active]
	label := sig.Label
	if sig.Active >= 0 {
		at := sig.Parameters[sig.Active].Span
		label = label[:at.Start] + "«" + label[at.Start:at.End] + "»" + label[at.End:]
	}
	if n := len(help.Signatures); n > 1 {
		label += fmt.Sprintf("  (%d of %d)", help.Active+1, n)
	}
	return label
}

func TestSignature(t *testing.T) {
	cases.Run(t, "testdata/signature.txtar", func(t *testing.T, c cases.Case) string {
		src, places := marked(c.Files["Dockerfile"])
		f := syntax.Parse(src)
		var b strings.Builder
		for _, at := range places {
			line := f.Lines().Line(at)
			start := f.Lines().Span(line).Start
			fmt.Fprintf(&b, "%s^\n", src[start:at])
			if help, ok := signature.At(f, at); ok {
				fmt.Fprintf(&b, "  %s\n", show(help))
			} else {
				b.WriteString("  nothing\n")
			}
		}
		return b.String()
	})
}
