package workspace

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/sources"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"
)

// Mistakes are what builds say that is not so in the workspace: Dockerfiles and folders that are not there, targets
// that are no stage of their Dockerfile, and arguments that no ARG of it takes. read gives the text of a
// Dockerfile by its absolute path.
func Mistakes(known *sources.Known, read func(abs string) (string, error)) (wrong []sources.Note) {
	if known == nil {
		return nil
	}
	graphs := map[string]*stages.Graph{}
	said := map[sources.Note]bool{}
	for _, b := range known.Builds {
		if b.Missing != "" || b.Elsewhere {
			continue // the reader has said so, where it is a mistake
		}
		key := b.Dockerfile + "\x00" + b.Inline
		g, seen := graphs[key]
		if !seen {
			src, err := b.Inline, error(nil)
			if b.Dockerfile != "" {
				src, err = read(filepath.Join(known.Root, filepath.FromSlash(b.Dockerfile)))
			}
			if err == nil {
				g = stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
			}
			graphs[key] = g
		}
		if g == nil || len(g.Stages) == 0 {
			continue
		}
		for _, message := range mistakesOf(b, g) {
			n := sources.Note{File: b.Place.File, Line: b.Place.Line, Message: message, Wrong: true}
			if !said[n] {
				said[n] = true
				wrong = append(wrong, n)
			}
		}
	}
	return wrong
}

func mistakesOf(b sources.Build, g *stages.Graph) (messages []string) {
	file := b.Dockerfile
	if file == "" {
		file = "the Dockerfile in this file"
	}
	if b.Target != "" && g.Find(b.Target, len(g.Stages)) == nil {
		messages = append(messages, fmt.Sprintf("%s has no stage %q: the build fails", file, b.Target))
	}
	declared := declaredArgs(g)
	var unused []string
	for name := range b.Args {
		if !declared[name] && !grammar.Predefined(name) {
			unused = append(unused, name)
		}
	}
	if len(unused) > 0 {
		slices.Sort(unused)
		messages = append(messages, fmt.Sprintf("no ARG of %s takes %s: passing %s does nothing", file, enumerated(unused), words.For(len(unused), "it", "them")))
	}
	return messages
}

func enumerated(names []string) string {
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > 10:
		return words.Some(names)
	}
	return words.Alternatives(names, "and")
}

// declaredArgs are the names of all ARGs of a file.
func declaredArgs(g *stages.Graph) map[string]bool {
	declared := map[string]bool{}
	add := func(steps []*stages.Step) {
		for _, s := range steps {
			if s.Instr.Name == "ARG" || strings.EqualFold(s.Instr.Name, "ONBUILD") {
				for _, d := range s.Defines() {
					declared[d.Name] = true
				}
			}
		}
	}
	add(g.Global)
	for _, stage := range g.Stages {
		add(stage.Steps)
	}
	return declared
}
