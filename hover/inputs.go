package hover

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/language"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// inputs says what makes the step run again, beside what the first line tells. Of metadata, it says for which
// steps it counts.
func inputs(in *language.Document, s *stages.Step) string {
	switch s.Instr.Name {
	case "RUN":
		return runInputs(s)
	case "COPY", "ADD":
		return copyInputs(in, s)
	case "WORKDIR":
		if !s.MakesLayer() {
			return "It counts for every later RUN, and for relative paths."
		}
		return rerunsWhen("its path", "the user"+named(s.User)) + " It makes a layer even if the directory exists."
	case "ARG", "ENV":
		return "It counts for every later RUN, used or not; for COPY, ADD and WORKDIR only where they use it."
	case "USER":
		return "It counts for every later RUN and WORKDIR, not for COPY or ADD."
	case "SHELL":
		return "It counts for every later RUN in shell form."
	case "ONBUILD":
		text := "It runs in the builds that start from this image"
		for i, child := range in.Graph.Children(s.Stage) {
			if i == maxListed {
				text += " and others"
				break
			}
			text += fmt.Sprintf("%s %s (line %d)", []string{", and in", ","}[min(i, 1)], stageName(child), in.Graph.Line(child.Steps[0]))
		}
		return text + "."
	}
	return ""
}

// rerunsWhen says what a step depends on, beside the layers above it.
func rerunsWhen(what ...string) string {
	return "It reruns when one of these changes: " + strings.Join(append(what, "a layer above it"), "; ") + "."
}

// named is a value in code, if it is known.
func named(v stages.Value) string {
	if !v.Known || v.Text == "" {
		return ""
	}
	return " " + code(v.Text)
}

func runInputs(s *stages.Step) string {
	what := []string{"its text"}
	if len(s.Instr.Heredocs) > 0 || strings.Contains(s.Instr.Args.Of(s.Instr.Text), "\n") {
		what[0] = "its text (indentation counts)"
	}
	if names := variables(s); len(names) > 0 {
		what = append(what, "an ARG or ENV above it, used or not ("+enumerate(names, 2)+")")
	}
	what = append(what, "the directory"+named(s.Workdir), "the user"+named(s.User))
	if !s.Instr.JSON && setsShell(s) {
		what = append(what, "the SHELL")
	}
	mounts, _ := s.Mounts()
	content, hidden := false, false
	for _, m := range mounts {
		if m.Type == instructions.MountTypeBind || m.From != "" {
			content = true
		} else if m.Type != instructions.MountTypeTmpfs {
			hidden = true
		}
	}
	if content {
		what = append(what, "a file it mounts")
	}
	text := rerunsWhen(what...)
	if hidden {
		text += " What is in a cache mount or a secret does not count."
	}
	return text
}

// variables are the names of the ARGs and ENVs in effect that the file defines, the first one first.
func variables(s *stages.Step) (names []string) {
	s.Vars.All(func(v *stages.Scope) bool {
		if v.Step != nil {
			names = append(names, code(v.Name))
		}
		return true
	})
	slices.Reverse(names)
	return names
}

// setsShell reports whether a SHELL instruction stands above the step.
func setsShell(s *stages.Step) bool {
	isShell := func(step *stages.Step) bool { return step.Instr.Name == "SHELL" }
	above := slices.ContainsFunc(s.Stage.Steps[:s.N], isShell)
	for stage := s.Stage.Parent; stage != nil && !above; stage = stage.Parent {
		above = slices.ContainsFunc(stage.Steps, isShell)
	}
	return above
}
