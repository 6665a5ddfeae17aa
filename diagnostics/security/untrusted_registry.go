package security

import (
	"path"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var untrustedRegistry = &diagnostics.Rule{
	Name:     "untrusted-registry",
	Severity: diagnostics.Warning,
	Off:      true,
	Hadolint: []string{"DL3026"},
	Options:  func() any { return &registryOptions{[]string{"docker.io"}} },
	Stage:    checkRegistries,
}

type registryOptions struct {
	Registries []string `json:"registries" desc:"The registries that images may come from, such as docker.io or *.acme.dev, also with the beginning of a name: ghcr.io/acme."`
}

func checkRegistries(p *diagnostics.Pass) {
	allowed := p.Options().(*registryOptions).Registries
	from := p.Stage.Steps[0]
	if p.Stage.Parent == nil && !p.Stage.Scratch() && p.Stage.Base.Known && len(from.Instr.Words) > 0 {
		checkRegistry(p, from, from.Instr.Words[0].Span, p.Stage.Base.Text, allowed)
	}
	for _, s := range p.See(takesKey{}, seeTakes) {
		found, _ := s.What.([]taken)
		for _, t := range found {
			if !isStage(p, t.from) {
				checkRegistry(p, s.Step, t.span, t.from, allowed)
			}
		}
	}
}

type takesKey struct{}

// taken is what a step takes files from: a stage, a named context or an image.
type taken struct {
	from string
	span text.Span
}

func seeTakes(s *stages.Step) any {
	var list []taken
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if v := s.Expand(c.From); c.From != "" && v.Known {
			list = append(list, taken{v.Text, diagnostics.Line(s.Instr)})
		}
	case *instructions.RunCommand:
		mounts, _ := s.Mounts()
		for _, m := range mounts {
			if m.From != "" {
				list = append(list, taken{m.From, diagnostics.Line(s.Instr)})
			}
		}
	}
	if list == nil {
		return nil
	}
	return list
}

// isStage reports whether the name is that of a stage, or its number.
func isStage(p *diagnostics.Pass, name string) bool {
	if _, err := strconv.Atoi(name); err == nil {
		return true
	}
	for _, from := range p.Froms() {
		if from.Stage != nil && from.Stage.Name != "" && strings.EqualFold(from.Stage.Name, name) {
			return true
		}
	}
	return false
}

func checkRegistry(p *diagnostics.Pass, s *stages.Step, span text.Span, image string, allowed []string) {
	ref, err := images.Parse(image)
	if err != nil {
		return
	}
	for _, pattern := range allowed {
		if isFrom(ref.Name, pattern) {
			return
		}
	}
	registry, _, _ := strings.Cut(ref.Name, "/")
	p.Report(diagnostics.Finding{Step: s, Span: span, Message: diagnostics.Plain(
		"The image " + ref.Short + " comes from " + registry + ", which is none of the registries that you allow; take it from one of these")})
}

// isFrom reports whether an image with that full name comes from the registry, or from the part of it, that a pattern names. All
// names of Docker Hub are one.
func isFrom(name, pattern string) bool {
	pattern = strings.TrimSuffix(strings.TrimSuffix(pattern, "/*"), "/")
	host, rest, _ := strings.Cut(pattern, "/")
	switch host {
	case "hub.docker.com", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "docker.com":
		host = "docker.io"
	}
	registry, repository, _ := strings.Cut(name, "/")
	fits, err := path.Match(host, registry)
	return err == nil && fits && (rest == "" || repository == rest || strings.HasPrefix(repository, rest+"/"))
}
