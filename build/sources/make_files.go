package sources

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// readMake reads the recipes of a Makefile. What it includes is read for the variables; its recipes are
// read with that file, if it does not stand outside of the Makefile's folder.
func readMake(r *reading) {
	src, ok := r.source(maxScript)
	if !ok {
		return
	}
	if isMakefile(path.Base(r.file)) && makeIncludes.MatchString(src) {
		r.makeOutside(src)
	}
	if !mayBuild(src) {
		return
	}
	if isMakefile(path.Base(r.file)) {
		builds, notes := len(r.builds), len(r.notes)
		r.makeIn(r.dir(), src)
		if len(r.builds) == builds && len(r.notes) > notes && r.dir() != "." {
			// It may be made for the root: make -f FILE.
			other := &reading{files: r.files, file: r.file, kind: r.kind, steps: r.steps}
			other.makeIn(".", src)
			if len(other.builds) > 0 && !slices.ContainsFunc(other.builds, func(b Build) bool { return !strings.HasPrefix(b.Dockerfile, r.dir()+"/") }) {
				r.notes = r.notes[:notes]
				r.takeIn(other)
			}
		}
		return
	}
	if m := r.makeAbove(r.dir(), r.file); m != nil {
		m.build([]string{m.dir})
		return
	}
	m := newMakefile(r, r.dir())
	m.include(r.file, src)
	if m.dirs = []string{"."}; r.dir() != "." {
		m.dirs = append(m.dirs, r.dir())
	}
	m.build(m.dirs)
}

var makeIncludes = lazy.New(`(?m)^ *[-s]?include[ \t]`)

// makeAbove is the Makefile of a folder, or of the nearest one above, that includes a file; nil if there is
// none. Its folder is the one that counts for that file.
func (r *reading) makeAbove(dir, included string) *makefile {
	for ; ; dir = path.Dir(dir) {
		for _, name := range makefiles {
			file := path.Join(dir, name)
			text, err := r.files.Read(file, maxScript)
			if err != nil {
				continue
			}
			m := newMakefile(r, dir)
			m.include(file, text)
			if m.included[included] {
				return m
			}
		}
		if dir == "." {
			return nil
		}
	}
}

// makeOutside reads the recipes of what a Makefile includes from outside of its folder, such as
// ../common.mk: each folder that includes it runs them.
func (r *reading) makeOutside(src string) {
	first := newMakefile(&reading{files: r.files, file: r.file, kind: r.kind, steps: r.steps}, r.dir())
	first.include(r.file, src)
	r.steps = first.r.steps
	for _, file := range sortedKeys(first.included) {
		text, _ := r.files.Read(file, maxScript)
		if r.dir() == "." || strings.HasPrefix(file, r.dir()+"/") || !mayBuild(text) {
			continue
		}
		other := &reading{files: r.files, file: file, kind: r.kind, steps: r.steps}
		m := newMakefile(other, r.dir())
		m.include(r.file, src)
		m.build([]string{r.dir()})
		r.takeIn(other)
		if len(other.builds) > 0 && other.makeAbove(path.Dir(file), file) == nil {
			r.instead = append(r.instead, file)
		}
	}
}

// takeIn adds what another reading has found.
func (r *reading) takeIn(other *reading) {
	r.builds = append(r.builds, other.builds...)
	r.calls = append(r.calls, other.calls...)
	r.instead = append(r.instead, other.instead...)
	for _, n := range other.notes {
		r.noteAt(n)
	}
	r.steps = max(r.steps, other.steps)
}

// makeIn reads a Makefile as it is run in a folder.
func (r *reading) makeIn(dir, src string) {
	m := newMakefile(r, dir)
	m.include(r.file, src)
	m.build([]string{dir})
}
