package maintainability

import (
	"regexp"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var baseImageUntagged = &diagnostics.Rule{
	Name:     "base-image-untagged",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3006"},
	Stage: func(p *diagnostics.Pass) {
		if ref, ok := baseOf(p); ok && ref.tag == "" && ref.digest == "" && !latestOnly(ref.name) {
			reportBase(p, ref.name+" has no tag, so each build takes whatever latest is that day: a new one rebuilds every step, and may break them")
		}
	},
}

var baseImageLatest = &diagnostics.Rule{
	Name:     "base-image-latest",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3007"},
	Stage: func(p *diagnostics.Pass) {
		ref, ok := baseOf(p)
		if !ok || ref.digest != "" || latestOnly(ref.name) {
			return
		}
		switch ref.tag {
		case "latest", "edge", "nightly", "main":
			reportBase(p, "The tag "+ref.tag+" moves: each new image behind it rebuilds every step, and may break them")
		}
	},
}

func reportBase(p *diagnostics.Pass, message string) {
	from := p.Stage.Steps[0]
	p.Report(diagnostics.Finding{Step: from, Span: baseSpan(from), Message: diagnostics.Plain(message)})
}

// baseSpan is the place of the image's name in FROM.
func baseSpan(from *stages.Step) text.Span {
	if len(from.Instr.Words) > 0 {
		return from.Instr.Words[0].Span
	}
	return from.Instr.Keyword
}

// reference is the name of an image.
type reference struct{ name, tag, digest string }

// baseOf is the image that the stage builds on. ok is false for scratch, for stages of the file,
// and for names that depend on something unknown.
func baseOf(p *diagnostics.Pass) (reference, bool) {
	s := p.Stage
	if s.Parent != nil || !s.Base.Known || s.Scratch() || s.Base.Text == "" {
		return reference{}, false
	}
	if p.NamedContext(s.Base.Text) {
		return reference{}, false
	}
	var ref reference
	ref.name, ref.digest, _ = strings.Cut(s.Base.Text, "@")
	// A colon before the last slash is a registry's port.
	if colon := strings.LastIndexByte(ref.name, ':'); colon > strings.LastIndexByte(ref.name, '/') {
		ref.name, ref.tag = ref.name[:colon], ref.name[colon+1:]
	}
	return ref, imageName.MatchString(ref.name)
}

// latestOnly reports whether the image's publisher offers no versions, or none for free.
func latestOnly(name string) bool {
	for _, prefix := range []string{"cgr.dev/chainguard/", "chainguard/", "gcr.io/distroless/"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// imageName matches what can name an image. A template's FROM %%BASE%% is filled in later.
var imageName = regexp.MustCompile(`^([A-Za-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*$`)
