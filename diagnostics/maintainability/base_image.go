package maintainability

import (
	"layerwise/build/images"
	"layerwise/diagnostics"
)

var baseImageUntagged = &diagnostics.Rule{
	Name:     "base-image-untagged",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3006"},
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			switch {
			case image.tag != "" || image.digest != "" || latestOnly(image.name):
			case image.base:
				image.report(p, image.name+" has no tag, so each build takes whatever latest is that day: a new one rebuilds every step, and may break them")
			default:
				image.report(p, image.name+" has no tag, so each build takes files from whatever latest is that day: they may change, or be gone")
			}
		}
	},
}

var baseImageLatest = &diagnostics.Rule{
	Name:     "base-image-latest",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3007"},
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			switch {
			case image.digest != "" || latestOnly(image.name) || !images.TagMoves(image.tag):
			case image.base:
				image.report(p, "The tag "+image.tag+" moves: each new image behind it rebuilds every step, and may break them")
			default:
				image.report(p, "The tag "+image.tag+" moves: the files that come from "+image.name+" may change from one build to the next")
			}
		}
	},
}
