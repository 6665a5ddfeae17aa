package hover

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// layer says whether the step makes a layer, and which one.
func layer(g *stages.Graph, s *stages.Step) string {
	name := "**" + s.Instr.Name + "** "
	switch {
	case s.Stage == nil:
		return name + "stands before the first stage: it makes no layer."
	case s.Instr.Name == "FROM":
		return name + from(g, s.Stage)
	case !s.MakesLayer():
		return name + "is only metadata: it makes no layer."
	case !g.Exported(s.Stage):
		return name + "makes a layer" + aside(g, s.Stage) + "."
	}
	n, of := layerNumber(g, s)
	if s.Stage.Root().Scratch() {
		return fmt.Sprintf("%smakes layer %d of the %d in the image.", name, n, of)
	}
	return fmt.Sprintf("%smakes layer %d of the %d that this file adds to the base image.", name, n, of)
}

// aside names a stage whose layers stay out of the image.
func aside(g *stages.Graph, s *stages.Stage) string {
	switch {
	case g.Exported(s):
		return ""
	case !g.Needed(s):
		return " of " + stageName(s)
	}
	return fmt.Sprintf(" of %s, which is not in the image", stageName(s))
}

func stageName(s *stages.Stage) string {
	if s.Name != "" {
		return "the stage " + code(s.Name)
	}
	return fmt.Sprintf("stage %d", s.Index)
}

// from explains a stage.
func from(g *stages.Graph, s *stages.Stage) string {
	var b strings.Builder
	b.WriteString("starts ")
	if len(g.Stages) > 1 {
		b.WriteString(stageName(s) + " ")
	}
	switch {
	case s.Parent != nil:
		fmt.Fprintf(&b, "on top of %s, with all its layers.", stageName(s.Parent))
		if triggers := s.Triggers(g); len(triggers) > 0 {
			fmt.Fprintf(&b, " Its ONBUILD instructions run here first: %s, with %s.", summaries(triggers), words.Count(triggered(g, s), "layer"))
		}
	case s.Scratch():
		b.WriteString("from nothing: there are no layers below.")
	case s.Base.Known:
		fmt.Fprintf(&b, "from %s.", code(short(s.Base.Text)))
	default:
		b.WriteString("from an image that depends on build arguments.")
	}
	switch {
	case g.Target == s:
		_, layers := layerNumber(g, nil)
		to := " to it"
		if s.Root().Scratch() {
			to = ""
		} else if s.Parent != nil {
			to = " to the base image"
		}
		fmt.Fprintf(&b, " This stage is the image: the file adds %s%s.", words.Count(layers, "layer"), to)
	case g.Exported(s):
		fmt.Fprintf(&b, " Its layers are in the image, because %s builds on it.", stageName(g.Target))
	case g.Needed(s):
		b.WriteString(" Its layers are not in the image: other stages use it.")
	}
	return b.String()
}

// short is a reference of an image without its digest.
func short(reference string) string {
	name, _, _ := strings.Cut(reference, "@")
	return name
}

// layerNumber counts the layers that the file adds to the image's base.
func layerNumber(g *stages.Graph, s *stages.Step) (n, of int) {
	layers := g.Layers()
	return slices.Index(layers, s) + 1, len(layers)
}

// triggered counts the layers of a stage that the ONBUILD instructions of the one below it make.
func triggered(g *stages.Graph, s *stages.Stage) (n int) {
	for _, step := range s.Triggers(g) {
		if step.MakesLayer() {
			n++
		}
	}
	return n
}
