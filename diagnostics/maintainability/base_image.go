package maintainability

import (
	"layerwise/build/images"
	"layerwise/diagnostics"
)

var baseImageUntagged = &diagnostics.Rule{
	Name:      "base-image-untagged",
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3006"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0001"}, Checkov: []string{"CKV_DOCKER_7"}, KICS: []string{"9efb0b2d-89c9-41a3-91ca-dcc0aec911fd"}, Semgrep: []string{"missing-image-version"}, Sonar: []string{"S6596"}},
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			switch {
			case image.tag != "" || image.digest != "" || latestOnly(image.name):
			case image.base:
				image.report(p, image.name+" has no tag, which means latest: every new release reruns every step, and may break the build")
			default:
				image.report(p, image.name+" has no tag, which means latest: with every new release the files taken from it may change or disappear")
			}
		}
	},
}

var baseImageLatest = &diagnostics.Rule{
	Name:      "base-image-latest",
	Code:      "C30",
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3007"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0001"}, Checkov: []string{"CKV_DOCKER_7"}, KICS: []string{"f45ea400-6bbe-4501-9fc7-1c3d75c32067"}, Semgrep: []string{"avoid-latest-version"}, Sonar: []string{"S6596"}},
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			switch {
			case image.digest != "" || latestOnly(image.name) || !images.TagMoves(image.tag):
			case image.base:
				image.report(p, "The tag "+image.tag+" moves to each new release: that reruns every step, and may break the build")
			default:
				image.report(p, "The tag "+image.tag+" moves to each new release, so the files from "+image.name+" may differ from build to build")
			}
		}
	},
}
