package manifests

import (
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/internal/words"
)

// add puts a file into the list if COPY would deliver it: it exists and is not ignored.
func (r *reader) add(list *[]string, p string) bool {
	p = path.Clean(p)
	if r.seen[p] {
		return true
	}
	if !inside(p) {
		return false
	}
	if !r.there(p) {
		if list == &r.manifests && r.hidden == "" && r.isHidden(p) {
			r.hidden = p
		}
		return false
	}
	if len(r.seen) >= maxFiles {
		r.doubt("there are more than %d files to read", maxFiles)
		return false
	}
	r.seen[p] = true
	*list = append(*list, p)
	return true
}

// there reports whether the path is a file that COPY delivers.
func (r *reader) there(p string) bool {
	e, ok := r.c.Lookup(p)
	if !ok {
		r.behindLink(p)
		return false
	}
	if e.Ignored || e.Mode.IsDir() {
		return false
	}
	_, ok = r.resolve(e)
	return ok
}

// isHidden reports whether the path is a file that the ignore file keeps out of the context.
func (r *reader) isHidden(p string) bool {
	e, ok := r.c.Lookup(p)
	return ok && e.Ignored && !e.Mode.IsDir()
}

// resolve is the regular file that an entry is or leads to. COPY of a link by its name copies the
// file behind it, so that must be in the context too.
func (r *reader) resolve(e files.Entry) (string, bool) {
	first := e
	for range 10 {
		if !isLink(e) {
			return e.Path, e.Mode.IsRegular()
		}
		to := path.Join(path.Dir(e.Path), e.Link)
		if path.IsAbs(e.Link) || !inside(to) || !r.c.Exists(to) {
			break
		}
		e, _ = r.c.Lookup(to)
	}
	r.doubt("%s is a link to %s, which the build context does not have", first.Path, first.Link)
	return "", false
}

// behindLink records a doubt if a part of the path is a link: COPY of the file would make a
// directory where the link belongs.
func (r *reader) behindLink(p string) {
	for up := path.Dir(p); up != "." && up != "/"; up = path.Dir(up) {
		if e, ok := r.c.Lookup(up); ok && isLink(e) && !e.Ignored {
			r.doubt("%s is behind the link %s", p, up)
			return
		}
	}
}

// require adds a file that another one names, and doubts the list if it is not there.
func (r *reader) require(list *[]string, p, by string) bool {
	p = path.Clean(p)
	switch {
	case !inside(p):
		r.doubt("%s names a file outside the build context", by)
	case r.add(list, p):
		return true
	case r.isHidden(p):
		r.doubt("%s names %s, which %s hides", by, p, r.ignoreFile())
	default:
		r.doubt("%s names %s, which the build context does not have", by, p)
	}
	return false
}

// pattern adds a file, the files that match a pattern in its last part, or a folder with all below.
func (r *reader) pattern(list *[]string, name string) {
	if dir, ok := strings.CutSuffix(name, "/"); ok {
		r.folder(list, dir)
		return
	}
	if !strings.ContainsAny(name, "*") {
		r.add(list, name)
		return
	}
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	if strings.Contains(dir, "*") {
		parent := path.Dir(dir)
		for _, e := range r.c.List(parent) {
			if ok, _ := path.Match(path.Base(dir), path.Base(e.Path)); ok && e.Mode.IsDir() && !e.Ignored {
				r.pattern(list, path.Join(e.Path, base))
			}
		}
		return
	}
	for _, e := range r.c.List(dir) {
		if ok, _ := path.Match(base, path.Base(e.Path)); ok {
			r.add(list, e.Path)
		}
	}
}

// folder adds all files below a directory, if there are not too many to name them one by one.
func (r *reader) folder(list *[]string, dir string) {
	e, ok := r.c.Lookup(dir)
	if !ok || e.Ignored && !e.Mode.IsDir() {
		return
	}
	if isLink(e) {
		r.doubt("%s is a link", dir)
		return
	}
	found := r.below(dir)
	if len(found) > maxFolder {
		r.never("%s reads %s, which has more than %d files", words.Code(r.inst.Phrase), dir, maxFolder)
		return
	}
	for _, p := range found {
		r.add(list, p)
	}
}

// below are the paths of the files below a directory, at most one more than maxFolder.
func (r *reader) below(dir string) (found []string) {
	for _, e := range r.c.List(dir) {
		switch {
		case len(found) > maxFolder:
			return found
		case e.Mode.IsDir():
			found = append(found, r.below(e.Path)...)
		case !e.Ignored:
			found = append(found, e.Path)
		}
	}
	return found
}

// upwards adds the files of that name in the install's directory and in all above it.
func (r *reader) upwards(list *[]string, name string) {
	for dir := range r.parents() {
		r.add(list, path.Join(dir, name))
	}
}

// parents are the install's directory and those above it, up to the context's root.
func (r *reader) parents() func(func(string) bool) {
	return func(yield func(string) bool) {
		for dir := r.dir; inside(dir); dir = path.Dir(dir) {
			if !yield(dir) || dir == "." {
				return
			}
		}
	}
}

// nearest is the first of the directories upwards that has one of the files.
func (r *reader) nearest(names ...string) (dir string, ok bool) {
	for dir := range r.parents() {
		for _, name := range names {
			if r.c.Exists(path.Join(dir, name)) {
				return dir, true
			}
		}
	}
	return "", false
}
