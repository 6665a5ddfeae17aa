package maintainability

import (
	"fmt"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/internal/words"
)

var baseImageEndOfLife = &diagnostics.Rule{
	Name:     "base-image-end-of-life",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			if image.tag == "" && image.digest != "" || image.name == "" {
				continue
			}
			ref := image.ref()
			if end, ok := images.EndOf(ref); ok {
				f := diagnostics.Finding{Step: image.step, Span: image.span, Message: diagnostics.Plain(endMessage(ref, end))}
				if end.Base && !p.Exported() {
					f.Severity = diagnostics.Info // nobody runs that system, but those who build
				}
				p.Report(f)
			}
		}
	},
}

func endMessage(ref string, end images.End) string {
	ended := "is past its end of life"
	if end.Day != "" {
		ended = "has been past its end of life since " + end.Day
	}
	what := words.Code(ref)
	switch {
	case end.Built:
		what += " has not been built since " + end.Day
	case end.Base:
		what += " builds on " + end.Of + ", which " + ended
	default:
		what += " " + ended
	}
	advice := "move to one that is maintained"
	switch {
	case end.Built && len(end.Use) > 0:
		advice = "move to " + end.Use[0]
	case end.Base && len(end.Use) > 0:
		advice = "choose a tag with a newer system: " + words.Some(end.Use)
	case len(end.Use) > 0:
		advice = "move to one that is maintained: " + words.Some(end.Use)
	}
	return fmt.Sprintf("%s, so nobody mends its security holes; %s", what, advice)
}
