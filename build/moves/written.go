package moves

import (
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"weak"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
)

// written is what a COPY writes, in what it brings.
type written struct {
	all, late area
	pins      []place // of late: files by which tools choose a version of themselves
	modules   []place // of late: what Python can import
}

// question is all that decides what the COPY of a certain instruction writes.
type question struct {
	bc                     weak.Pointer[files.Context] // which is large, and not to be held
	dest                   string
	isDir                  bool
	sources, first, hidden string
}

type writtenKey struct{}

// written is what a COPY writes: all of it, and what the files of First leave. The last answer is kept with the
// instruction, since a COPY of a whole context writes hundreds of places: it is not to be modified.
func (j Judge) written(m Moved) written {
	c := m.Copy
	last := c.Step.Instr.Memo(writtenKey{}, func() any { return new(syntax.Last[question, written]) }).(*syntax.Last[question, written])
	list := func(names []string) string { return strings.Join(names, "\x00") }
	return last.Get(question{weak.Make(j.Context), c.Dest, c.IsDir, list(c.Sources), list(m.First), list(m.Hidden)}, func() written { return newWritten(j.writes(m)) })
}

func newWritten(all, late area) written {
	w := written{all: all, late: late}
	for _, p := range late.places {
		if _, pins := slices.BinarySearch(pinFiles, path.Base(p.path)); pins {
			w.pins = append(w.pins, p)
		}
		if p.module != "" || path.Base(p.path) == "__init__.py" {
			w.modules = append(w.modules, p)
		}
	}
	return w
}

// writes works out what a COPY writes. Beside the context, it depends on what written compares.
func (j Judge) writes(m Moved) (all, late area) {
	c := m.Copy
	whole := area{places: []place{{path: c.Dest}}}
	if j.Context == nil || !j.Context.Complete() || c.Parents || slices.ContainsFunc(c.Taken(j.Context), c.Unpacks) {
		return whole, whole
	}
	above := map[string]bool{} // the folders of what is not copied then
	for _, name := range slices.Concat(m.First, m.Hidden) {
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			above[dir] = true
		}
	}
	plain := !strings.Contains(c.Dest, "$")
	var add func(source, to string, mode fs.FileMode)
	children := func(source, to string) {
		list := j.Context.List(source)
		all.places, late.places = slices.Grow(all.places, len(list)), slices.Grow(late.places, len(list))
		for _, e := range list {
			if !e.Ignored {
				add(e.Path, strings.TrimSuffix(to, "/")+"/"+path.Base(e.Path), e.Mode)
			}
		}
	}
	add = func(source, to string, mode fs.FileMode) {
		switch {
		case slices.Contains(m.Hidden, source), len(c.Exclude) > 0 && c.LeavesOut(source):
		case above[source] && len(all.places) <= maxPlaces:
			children(source, to)
		default:
			p := place{
				path: to, plain: plain, module: j.moduleOf(source), folder: mode.IsDir(),
				data: mode.IsRegular() && mode.Perm()&0o111 == 0 && c.Chmod == "" && runtime.GOOS != "windows" && !shell.IsProgram(path.Base(to)),
			}
			all.places = append(all.places, p)
			if !slices.Contains(m.First, source) {
				late.places = append(late.places, p)
			}
		}
	}
	for _, source := range c.Sources {
		e, ok := j.Context.Lookup(source)
		isDir := source == "." || ok && e.Mode.IsDir()
		switch {
		case !isDir && !c.IsDir && ok && e.Mode.IsRegular() && c.NamesFile(source):
			whole.places[0].exact = true
			return whole, whole
		case strings.ContainsAny(source, "*?[") || !isDir && !c.IsDir:
			return whole, whole
		case isDir:
			children(source, c.Dest)
		default:
			add(source, path.Join(c.Dest, path.Base(source)), e.Mode)
		}
	}
	if len(all.places) > maxPlaces {
		return whole, whole
	}
	if plain {
		all.dir, late.dir = c.Dest, c.Dest
	}
	return all, late
}

// moduleOf is the module that Python takes a file or folder of the context for; "" if it is none.
func (j Judge) moduleOf(source string) string {
	name, rest, _ := strings.Cut(path.Base(source), ".")
	switch ext := path.Ext(source); {
	case ext == ".py", ext == ".pyc", ext == ".so":
		return name
	case rest == "" && j.Context.Exists(path.Join(source, "__init__.py")):
		return name
	}
	return ""
}
