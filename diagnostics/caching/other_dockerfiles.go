package caching

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// This file knows that a .dockerignore counts for all Dockerfiles that are built with the folder.

// maxDockerfiles bounds how many other Dockerfiles of a build context are looked at.
const maxDockerfiles = 100

// otherTakes is another Dockerfile of the build context that may take something which lines of the ignore file
// hide, and what that is; "" if there is none.
func otherTakes(p *diagnostics.Pass, lines []string) (dockerfile, what string) {
	bc := p.Context()
	if bc.Ignore != nil && path.Base(filepath.ToSlash(bc.Ignore.Abs)) != ".dockerignore" {
		return "", "" // it is this Dockerfile's own
	}
	hidden := hiddenBy(bc, lines)
	seen := 0
	bc.All(func(e files.Entry) bool {
		if !e.Mode.IsRegular() || !names.IsDockerfile(e.Path) || filepath.Join(bc.Root, filepath.FromSlash(e.Path)) == p.Path() || bc.Exists(e.Path+".dockerignore") {
			return true
		}
		if seen++; seen > maxDockerfiles {
			dockerfile, what = "another Dockerfile", hidden[0]
			return false
		}
		if what = takes(bc, e.Path, hidden); what != "" {
			dockerfile = e.Path
		}
		return what == ""
	})
	return dockerfile, what
}

// hiddenBy are the folders of the context that the lines hide: each is one, or its name at any depth.
func hiddenBy(bc *files.Context, lines []string) (hidden []string) {
	for _, line := range lines {
		name, anywhere := strings.CutPrefix(line, "**/")
		for _, e := range bc.Folders(path.Base(name)) {
			if e.Path == name || anywhere && strings.HasSuffix("/"+e.Path, "/"+name) {
				hidden = append(hidden, e.Path)
			}
		}
	}
	return hidden
}

// takes is the first of the paths that a COPY or a mount of a Dockerfile may take; "" if there is none, or if the
// Dockerfile is surely built with another context.
func takes(bc *files.Context, dockerfile string, hidden []string) string {
	src, err := bc.Read(dockerfile)
	if err != nil || names.Doubtful(dockerfile) && !names.HoldsInstructions(src) {
		return ""
	}
	g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
	if copies.Weigh(bc, g, nil, nil).Together().Lacks {
		return ""
	}
	for _, stage := range g.Stages {
		if what := takenIn(bc, stage, hidden); what != "" {
			return what
		}
	}
	return ""
}

// takenIn is the first of the paths that a stage takes, and that no install below empties before anything else may
// use it.
func takenIn(bc *files.Context, stage *stages.Stage, hidden []string) string {
	var taken []string
	for _, s := range stage.Steps {
		sources := copies.ContextMounts(s)
		if c, ok := copies.Of(s); ok {
			sources = c.Taken(bc)
		}
		for _, name := range hidden {
			if slices.ContainsFunc(sources, func(source string) bool { return overlap(source, name) }) {
				taken = append(taken, name)
			}
		}
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			if len(taken) == 0 || s.Instr.Name != "RUN" {
				break
			}
			inst, ok := cmd.Install()
			switch {
			case ok && inst.CleansOutput:
				if _, in, ok := copies.InputsOf(bc, s, cmd, inst); ok && in.Proven {
					taken = slices.DeleteFunc(taken, func(name string) bool { return slices.Contains(in.Outputs, name) })
				}
			case !moves.LeavesAlone(s, cmd, copies.Dir(s)):
				return taken[0]
			}
		}
	}
	if len(taken) > 0 {
		return taken[0]
	}
	return ""
}

// overlap reports whether one of the paths of the context is the other, or lies in it.
func overlap(a, b string) bool {
	_, inside := relative(a, b)
	_, above := relative(b, a)
	return a == b || inside || above
}
