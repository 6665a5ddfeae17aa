package scenario

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// edits makes one edit or two, and applies them.
func (g *generator) edits() (list []Edit) {
	g.st = g.st.Clone()
	for range 1 + min(g.IntN(2), g.IntN(3)) {
		for range 20 { // until one is possible
			doc := g.doc.clone()
			e := g.edit()
			if g.try(e) {
				list = append(list, e)
				break
			}
			g.doc = doc
		}
	}
	if len(list) == 0 {
		list = append(list, Edit{Op: "none"})
	}
	if e := (Edit{Op: "prune_local"}); g.IntN(12) == 0 && g.try(e) { // what a warm daemon overlooks counts then
		list = append(list, e)
	}
	return list
}

// noCache is --no-cache, for all stages or for some, or the end of it.
func (g *generator) noCache() Edit {
	if _, set := g.st.Opts["no-cache"]; set && g.IntN(3) > 0 {
		return Edit{Op: "opt", Name: "no-cache"}
	}
	stages := ""
	for n := g.IntN(4); n > 0; n -= 2 {
		if stages != "" {
			stages += ","
		}
		stages += strings.ToLower(of(g, g.doc.stages).name)
	}
	return Edit{Op: "no_cache", Stages: stages}
}

// telling is one edit, of a kind whose effect is often hidden by that of others, where it shows.
func (g *generator) telling() []Edit {
	g.st = g.st.Clone()
	s := g.doc.stages[len(g.doc.stages)-1]
	for range 20 {
		doc := g.doc.clone()
		e := Edit{Op: "dockerfile"}
		named, below := g.read()
		switch n := g.IntN(7); {
		case n == 0:
			g.remount()
		case n == 1:
			s.steps = slices.Insert(s.steps, 0, g.user(s))
		case n == 2:
			s.steps = slices.Insert(s.steps, 0, g.unused())
		case n <= 4 && len(below) > 0:
			e = g.editProperty(of(g, below))
		case n == 5 && len(named) > 0:
			e = g.editProperty(of(g, named))
		default:
			e = Edit{Op: "no_cache", Stages: strings.ToLower(of(g, g.doc.stages).name)}
		}
		if e.Op == "dockerfile" {
			e.Content = ptr(g.doc.String())
		}
		if g.try(e) {
			return []Edit{e}
		}
		g.doc = doc
		s = doc.stages[len(doc.stages)-1]
	}
	return []Edit{{Op: "none"}}
}

// try applies an edit if the build can be expected to succeed after it.
func (g *generator) try(e Edit) bool {
	next := g.st.Clone()
	next.Prune = g.st.Prune
	if next.Apply(e) != nil || !g.doc.works(next) {
		return false
	}
	g.st = next
	return true
}

func (g *generator) edit() Edit {
	switch n := g.IntN(21); {
	case n < 8:
		return g.editContext()
	case n < 16:
		g.editDocument()
		return Edit{Op: "dockerfile", Entry: Entry{Content: ptr(g.doc.String())}}
	case n < 18:
		return g.editOptions()
	case n == 18:
		return Edit{Op: "dockerignore", Entry: Entry{Content: ptr(g.ignore())}}
	case n == 19:
		return g.noCache()
	default:
		return g.editWorld()
	}
}

// editContext changes a file.
func (g *generator) editContext() Edit {
	name := of(g, g.st.Files.Names())
	if named, below := g.read(); len(named)+len(below) > 0 && g.IntN(3) > 0 {
		name = of(g, append(named, below...))
	}
	for name == "Dockerfile" || name == ".dockerignore" {
		name = of(g, g.st.Files.Names())
	}
	f := g.st.Files[name]
	beside := path.Join(path.Dir(name), g.one("new.js", "new.txt", "A.md", "zz.yml", "lib2/new.json"))
	switch g.IntN(17) {
	case 0:
		if g.IntN(4) == 0 {
			return Edit{Op: "chown", Path: name, Entry: Entry{UID: ptr(1000), GID: ptr(1000)}}
		}
		e := Edit{Op: "touch", Path: name}
		if g.IntN(3) == 0 {
			e.MTime = ptr(int64(1_600_000_000))
		}
		return e
	case 1, 11, 12, 13:
		return g.editProperty(name)
	case 2:
		return Edit{Op: "delete", Path: name}
	case 3:
		return Edit{Op: "rename", From: name, To: beside}
	case 4:
		return Edit{Op: "rename", From: name, To: path.Base(name)}
	case 5:
		return Edit{Op: "write", Path: beside, Entry: Entry{Dir: true}}
	case 6:
		return Edit{Op: "write", Path: beside, Entry: Entry{Symlink: g.one("a.js", "../conf", path.Base(name), path.Base(name), path.Base(name))}}
	case 7:
		if f.Mode.IsRegular() {
			return Edit{Op: "write", Path: beside, Entry: Entry{Hardlink: name}}
		}
	case 8, 9:
		return Edit{Op: "write", Path: beside, Entry: g.content()}
	case 10:
		if f.Mode.IsRegular() {
			return Edit{Op: g.one("rewrite_same", "rewrite_same", "write_keep_mtime"), Path: name, Entry: g.sameSize(f)}
		}
	}
	if !f.Mode.IsRegular() {
		return Edit{Op: "write", Path: beside, Entry: g.content()}
	}
	if name == "data.tar" {
		return Edit{Op: "write", Path: name, Entry: g.tarball()}
	}
	e := Edit{Op: "write", Path: name, Entry: g.content()}
	e.Mode = g.maybe(g.mode())
	if g.IntN(8) == 0 {
		e.XAttrs = map[string]string{"user.note": g.one("1", "2")}
	}
	return e
}

// read are the files that some step is plainly to read: those that it names, and those in directories.
func (g *generator) read() (named, below []string) {
	var sources []string
	for _, s := range g.doc.stages {
		for _, step := range s.steps {
			sources = append(sources, step.files...)
		}
	}
	for _, name := range g.st.Files.Names() {
		in := func(dir string) bool { return strings.HasPrefix(name, dir+"/") }
		switch {
		case slices.Contains(sources, name):
			named = append(named, name)
		case g.st.Files[name].Mode.IsRegular() && slices.ContainsFunc(sources, in):
			below = append(below, name)
		}
	}
	return named, below
}

// editProperty changes all but the content of a file.
func (g *generator) editProperty(name string) Edit {
	switch g.IntN(4) {
	case 0:
		return Edit{Op: "setxattr", Path: name, Name: "user.note", Value: ptr(g.one("1", "2"))}
	case 1, 2: // a name that leaves it in its place among the others
		return Edit{Op: "rename", From: name, To: strings.TrimSuffix(name, path.Ext(name)) + "2" + path.Ext(name)}
	}
	return Edit{Op: "chmod", Path: name, Entry: Entry{Mode: g.one(g.mode(), "700", "755")}}
}

// sameSize is other content of the same length.
func (g *generator) sameSize(f *File) Entry {
	return Entry{Content: ptr(strings.Repeat("~", len(f.Data)))}
}

// editDocument changes the Dockerfile, in what it says or only in how.
func (g *generator) editDocument() {
	n := g.IntN(len(g.doc.stages))
	s := g.doc.stages[n]
	at := g.IntN(len(s.steps))
	before := document{g.doc.globals, g.doc.stages[:n]}
	if g.IntN(6) == 0 && g.remount() {
		return
	}
	switch g.IntN(19) {
	case 0, 1: // insert
		s.steps = slices.Insert(s.steps, at, g.stepAfter(before, s))
	case 2, 3: // replace
		s.steps[at] = g.stepAfter(before, s)
	case 4: // delete
		if len(s.steps) > 1 {
			s.steps = slices.Delete(s.steps, at, at+1)
		}
	case 5: // swap
		other := g.IntN(len(s.steps))
		s.steps[at], s.steps[other] = s.steps[other], s.steps[at]
	case 6: // twice
		s.steps = slices.Insert(s.steps, at, s.steps[at])
	case 7: // renamed stage
		s.name += "x"
	case 8: // another stage
		g.doc.stages = slices.Insert(g.doc.stages, n, &stage{id: "unused", name: "unused", from: g.image(), steps: []step{{text: "RUN echo unused"}}})
	case 9:
		if !s.scratch && !strings.HasPrefix(s.from, "{") {
			s.from = g.image()
		}
	case 10:
		g.doc.globals = strings.Replace(g.doc.globals, "A1=global", "A1="+g.one("other", "global2", "global"), 1)
	case 11, 12: // another user
		s.steps = slices.Insert(s.steps, at, g.user(s))
	case 13, 14:
		s.steps = slices.Insert(s.steps, at, g.unused())
	default:
		s.steps[at].text = g.respell(s.steps[at].text)
	}
}

// remount gives a cache mount other options, which often do not count. It reports false if there is none.
func (g *generator) remount() bool {
	var mounting []*string
	for _, s := range g.doc.stages {
		for n := range s.steps {
			if strings.Contains(s.steps[n].text, cacheMount) {
				mounting = append(mounting, &s.steps[n].text)
			}
		}
	}
	if len(mounting) == 0 {
		return false
	}
	text := of(g, mounting)
	before, after, _ := strings.Cut(*text, cacheMount)
	options, after, _ := strings.Cut(after, " ")
	if other := strings.NewReplacer("id=own", "id=other", "id=other", "id=own").Replace(options); other != options && g.IntN(4) > 0 {
		options = other
	} else {
		options = g.one(cacheOptions...)
	}
	*text = before + cacheMount + options + " " + after
	return true
}

// stepAfter makes a step that sees only the stages before it.
func (g *generator) stepAfter(before document, s *stage) step {
	all := g.doc
	g.doc = before
	made := g.step(s)
	g.doc = all
	return made
}

// respell writes an instruction another way; some ways count for the cache.
func (g *generator) respell(text string) string {
	keyword, rest, _ := strings.Cut(text, " ")
	plain := !strings.Contains(text, "<<") && !strings.HasPrefix(text, "#")
	switch n := g.IntN(9); {
	case n == 0:
		return g.one("# comment\n", "\n", "\n\n", "  # indented\n") + text
	case n == 1 && plain:
		return strings.ToLower(keyword) + " " + rest
	case n == 2 && plain:
		return keyword + "   " + rest
	case n == 3 && plain:
		return text + g.one(" ", "\t", "   ")
	case n == 4 && plain:
		return keyword + " \\\n" + g.one("", "  ", "\t", "# comment\n") + rest
	case n == 5 && plain && strings.Contains(rest, " > "):
		return keyword + " " + strings.Replace(rest, " > ", g.one(" \\\n> ", " \\\n   > ", "  > "), 1)
	case n == 6:
		return strings.Replace(text, " /w/", g.one(" /w", " /w/./", " /w2/"), 1)
	case n == 7:
		return strings.Replace(text, "echo ", g.one("echo  ", "echo -n "), 1)
	}
	return " " + text
}

// editOptions changes what the command line says.
func (g *generator) editOptions() Edit {
	switch g.IntN(8) {
	case 0, 1:
		return Edit{Op: "target", Value: ptr(of(g, g.doc.stages).name)}
	case 2:
		return Edit{Op: "target"}
	case 3:
		return Edit{Op: "opt", Name: "filename", Value: ptr(g.one("Containerfile", "Dockerfile.dev", "Dockerfile"))}
	case 4:
		return of(g, []Edit{
			{Op: "opt", Name: g.one("label:a", "hostname", "build-arg:SOURCE_DATE_EPOCH", "build-arg:BUILDKIT_CACHE_MOUNT_NS"), Value: ptr(g.one("1700000001", "1700000002"))},
			{Op: "opt", Name: "add-hosts", Value: ptr(g.one("a=10.0.0.1", "a=10.0.0.2", "b=10.0.0.1"))},
			{Op: "opt", Name: "ulimit", Value: ptr("nofile=1024:1024")},
			{Op: "opt", Name: "shm-size", Value: ptr("67108864")},
			{Op: "opt", Name: "platform", Value: ptr("linux/amd64")},
		})
	}
	if len(g.st.BuildArgs) > 0 && g.IntN(3) == 0 {
		return Edit{Op: "build_arg", Name: of(g, slices.Sorted(maps.Keys(g.st.BuildArgs)))}
	}
	return Edit{Op: "build_arg", Name: g.one(g.name("A"), g.name("A"), "HTTP_PROXY", "UNKNOWN"), Value: ptr(g.one("1", "2", "x"))}
}

// editWorld changes what lies outside the project.
func (g *generator) editWorld() Edit {
	switch g.IntN(9) {
	case 0:
		return Edit{Op: "base_image", Name: g.image(), Image: Image{RootfsExtra: g.one("1", "2")}}
	case 7:
		return Edit{Op: "base_image", Name: g.image(), Image: Image{Arch: g.one("amd64", "arm64")}}
	case 1:
		config := Image{}.Resolved()
		config.Env = append(config.Env, "E2=pushed")
		return Edit{Op: "base_image", Name: g.image(), Image: Image{Config: &config}}
	case 2:
		return g.download(g.one("one", "two"))
	case 3:
		return Edit{Op: "secret", ID: "token", Value: ptr("other")}
	case 4:
		return Edit{Op: "secret_remove", ID: "token"}
	case 5:
		return Edit{Op: g.one("prune_local", "prune_cachemount")}
	case 6: // sometimes a commit without a change
		return Edit{Op: "git", Repo: g.repo, Files: map[string]string{"a.txt": g.one("1", "2"), "sub/b.txt": g.one("1", "1", "2")}, Message: "more"}
	}
	return Edit{Op: "none"}
}
