package workspace

import (
	"os"
	"path"
	"path/filepath"
	"slices"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Supposing is the configuration with the build context that something beside the file tells, such as a link to
// it: it counts if nobody has said anything.
func (c Config) Supposing(folder string) Config {
	c.inferred = folder
	return c
}

// inferring is the configuration with the build context that the Dockerfile's own text tells, for one that nobody
// has said: the nearest folder, from its own up to the root of its workspace, that has most of the files that
// the text names. It looks at the disk.
func (c Config) inferring(dockerfile string, file *syntax.File) Config {
	if dockerfile == "" || c.known == nil || c.inferred != "" || !within(c.known.Root, dockerfile) {
		return c
	}
	if builds, _ := c.BuildsOf(dockerfile); builds[0].Certainty != Supposed {
		return c
	}
	root, g := c.known.Root, stages.Resolve(file, stages.Args{Build: c.BuildArgs, Image: images.Base}, nil)
	named := namedSources(g)
	if len(named) == 0 {
		return c
	}
	own := filepath.Dir(dockerfile)
	best, most := own, count(own, named)
	for dir := own; dir != root; {
		dir = filepath.Dir(dir)
		if n := count(dir, named); n > most && !tooBroad(dir) {
			best, most = dir, n
		}
	}
	if best != own {
		c.inferred = best
	}
	return c
}

// maxNamed bounds the files that are looked for.
const maxNamed = 500

// namedSources are the files and folders of the build context that a Dockerfile names, sorted, each once. "." is
// none: each folder has that.
func namedSources(g *stages.Graph) (named []string) {
	for _, stage := range g.Stages {
		for _, s := range stage.Steps {
			list := copies.ContextMounts(s)
			if c, ok := copies.Of(s); ok {
				list = c.Sources
			}
			for _, source := range list {
				if source = path.Clean(source); source != "." && source != "/" && len(named) < maxNamed {
					named = append(named, source)
				}
			}
		}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// count is how many of the sources a folder has.
func count(dir string, named []string) (n int) {
	for _, source := range named {
		at := filepath.Join(dir, filepath.FromSlash(source))
		if _, err := os.Lstat(at); err == nil {
			n++
		} else if matches, _ := filepath.Glob(at); len(matches) > 0 {
			n++
		}
	}
	return n
}
