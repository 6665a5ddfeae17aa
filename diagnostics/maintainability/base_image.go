package maintainability

import (
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var baseImageUntagged = &diagnostics.Rule{
	Name:      "base-image-untagged",
	Yields:    []string{"base-image-end-of-life"},
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
			case image.tag != "" || image.digest != "" || latestOnly(image.name) || noLongerBuilt(image):
			case image.base && onlyCarries(p, image):
				image.report(p, carriedLevel(image, severity), image.name+" has no tag, which means latest: "+carried)
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
	Yields:    []string{"base-image-end-of-life"}, // the tag that is told there is another one
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3007"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0001"}, Checkov: []string{"CKV_DOCKER_7"}, KICS: []string{"f45ea400-6bbe-4501-9fc7-1c3d75c32067"}, Semgrep: []string{"avoid-latest-version"}, Sonar: []string{"S6596"}},
	Stage: func(p *diagnostics.Pass) {
		for _, image := range pulledImages(p) {
			severity, moves := diagnostics.Warning, "moves to each new release"
			switch {
			case images.TagRolls(image.tag):
				severity, moves = diagnostics.Hint, "moves all the time"
			case images.TagIsChannel(image.tag):
				severity = diagnostics.Info
			}
			switch {
			case image.digest != "" || latestOnly(image.name) || !images.TagMoves(image.tag) || noLongerBuilt(image):
			case image.base && onlyCarries(p, image):
				image.report(p, carriedLevel(image, severity), "The tag "+image.tag+" "+moves+": "+carried)
			case image.base:
				image.report(p, severity, "The tag "+image.tag+" "+moves+": that reruns every step, and may break the build")
			default:
				image.report(p, severity, "The tag "+image.tag+" "+moves+", so the files from "+image.name+" may differ from build to build")
			}
		}
	},
}

// carried is what follows for a stage that onlyCarries.
const carried = "no step can break by that, but the same program may run on another system from one build to the next"

// carriedLevel is the severity for such a stage: of a bare system little can change for the program.
func carriedLevel(image pulled, severity diagnostics.Severity) diagnostics.Severity {
	if facts, ok := images.Lookup(image.ref(), ""); ok && facts.Kind == images.OS {
		return min(severity, diagnostics.Info)
	}
	return severity
}

// onlyCarries reports whether a program of another stage is put on the image, and no command runs: then nothing dear reruns when
// it moves, and nothing breaks.
func onlyCarries(p *diagnostics.Pass, image pulled) bool {
	if len(p.Children()) > 0 {
		return false
	}
	takes := false
	for _, s := range p.Stage.Steps {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.RunCommand:
			return false
		case *instructions.CopyCommand:
			takes = takes || c.From != "" && isStage(p, c.From)
		}
	}
	return takes
}

// noLongerBuilt reports whether nobody builds the image any more, so that no tag of it moves.
func noLongerBuilt(image pulled) bool {
	end, ok := images.EndOf(image.ref())
	return ok && end.Built
}

// versionInName reports whether an image has its version in its name, like ubi9-minimal.
func versionInName(name string) bool {
	return versioned.MatchString(name[strings.LastIndexByte(name, '/')+1:])
}

var versioned = lazy.New(`[a-z]-?[0-9]`)
