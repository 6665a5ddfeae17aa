package size

import (
	"path"
	"slices"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyWholeFilesystem = &diagnostics.Rule{
	Name:       "copy-whole-filesystem",
	Production: true,
	Severity:   diagnostics.Warning,
	Hadolint:   []string{"DL3067"},
	Stage:      checkWholeFilesystem,
}

// checkWholeFilesystem reports COPY --from=STAGE / / of a stage with a system of its own. Into an empty image it is how
// layers are squashed, and images of others that are taken whole are made to be.
func checkWholeFilesystem(p *diagnostics.Pass) {
	found := p.See(wholeKey{}, takesWhole)
	if len(found) == 0 || p.Stage.Root().Scratch() || !p.Exported() {
		return
	}
	for _, seen := range found {
		if takesWhole(seen.Step) == nil {
			continue
		}
		c, _ := seen.Instr.Cmd().(*instructions.CopyCommand)
		from := stageNamed(p, c.From, p.Stage.Index)
		if from == nil || from.Root().Scratch() || !hasSystem(from) {
			continue
		}
		p.Report(diagnostics.Finding{
			Step: seen.Step, Span: diagnostics.Line(seen.Instr),
			Message: diagnostics.Plain("This copies the whole system of the stage " + from.Name + " over that of the image, which mixes the two and makes the image larger by all of it; copy the folders that are needed"),
		})
	}
}

// hasSystem reports whether the stage surely has a system of its own: something runs in it, or its image is known to.
func hasSystem(s *stages.Stage) bool {
	image, ok := images.Of(s)
	return ok && image.Family != "" || slices.ContainsFunc(s.Chain(), func(s *stages.Stage) bool {
		return slices.ContainsFunc(s.Steps, func(s *stages.Step) bool { return s.Instr.Name == "RUN" })
	})
}

type wholeKey struct{}

func takesWhole(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if ok && c.From != "" && !c.Link && path.Clean(c.DestPath) == "/" && slices.ContainsFunc(c.SourcePaths, func(source string) bool { return path.Clean(source) == "/" }) {
		return true
	}
	return nil
}
