package caching

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
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
	if copies.Together(copies.Weigh(bc, g.Stages, nil)).Lacks {
		return ""
	}
	for _, taken := range copies.NamedBy(bc, g.Stages) {
		i := slices.IndexFunc(hidden, func(name string) bool {
			_, above := relative(taken, name)
			return above || name == taken || strings.HasPrefix(taken, name+"/")
		})
		if i >= 0 {
			return hidden[i]
		}
	}
	return ""
}
