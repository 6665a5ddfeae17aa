package maintainability

import (
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/internal/lazy"
)

var baseImageUntagged = &diagnostics.Rule{
	Name:      "base-image-untagged",
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3006"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0001"}, Checkov: []string{"CKV_DOCKER_7"}, KICS: []string{"9efb0b2d-89c9-41a3-91ca-dcc0aec911fd"}, Semgrep: []string{"missing-image-version"}, Sonar: []string{"S6596"}},
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			severity := diagnostics.Warning
			if versionInName(image.name) {
				severity = diagnostics.Info // latest is the newest of that version
			}
			switch {
			case image.tag != "" || image.digest != "" || latestOnly(image.name):
			case image.base:
				image.report(p, severity, image.name+" has no tag, which means latest: every new release reruns every step, and may break the build")
			default:
				image.report(p, severity, image.name+" has no tag, which means latest: with every new release the files taken from it may change or disappear")
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
			severity := diagnostics.Warning
			if images.TagIsChannel(image.tag) {
				severity = diagnostics.Info
			}
			switch {
			case image.digest != "" || latestOnly(image.name) || !images.TagMoves(image.tag):
			case image.base:
				image.report(p, severity, "The tag "+image.tag+" moves to each new release: that reruns every step, and may break the build")
			default:
				image.report(p, severity, "The tag "+image.tag+" moves to each new release, so the files from "+image.name+" may differ from build to build")
			}
		}
	},
}

// versionInName reports whether an image has its version in its name, like ubi9-minimal.
func versionInName(name string) bool {
	return versioned.MatchString(name[strings.LastIndexByte(name, '/')+1:])
}

var versioned = lazy.New(`[a-z]-?[0-9]`)
