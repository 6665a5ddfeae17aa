package sources

import (
	"strings"

	"layerwise/internal/yaml"
)

// place notes where the inputs of a step say what is built; context and file are the names of those of the paths.
func (j *job) place(b *Build, step *yaml.Node, context, file string) {
	with := step.Get("with")
	for _, name := range with.Keys() {
		value := with.Get(name)
		at := Text{File: j.file, Line: with.LineOf(name)}
		if value.IsText() {
			at.Line = value.Line
		}
		switch strings.ToLower(name) {
		case context:
			b.At.Context = at
		case file:
			b.At.Dockerfile = at
		case "cache-to":
			if b.Export != ExportNone {
				b.At.Export = at
			}
		case "target":
			b.At.Target = at
			b.At.Target.Text = b.Target
		case "build-args", "build_args", "buildargs":
			for i, line := range strings.Split(value.String(), "\n") {
				for _, arg := range csvList(line, true) {
					name, _, _ := strings.Cut(arg, "=")
					if name = strings.TrimSpace(name); given(b, name) {
						b.At.setArg(name, Text{File: j.file, Line: at.Line + i})
					}
				}
			}
		}
	}
}

// epochAt is where the environment of a step says the time of the sources, or else the step.
func (j *job) epochAt(step *yaml.Node, line int) Text {
	if env := step.Get("env"); env.Has(epoch) {
		line = env.LineOf(epoch)
	}
	return Text{File: j.file, Line: line}
}

// given reports whether an argument is one of a build's, with a value or without.
func given(b *Build, name string) bool { _, ok := b.Args[name]; return ok }
