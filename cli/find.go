package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"layerwise/build/gitignore"
	"layerwise/dockerfile/names"
	"layerwise/workspace"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sync/errgroup"
)

// target is one Dockerfile to check.
type target struct {
	name  string // as reports name it: relative to the working directory, with slashes
	abs   string // absolute path; empty for standard input that stands for no file
	root  string // the folder that links may not lead out of: the one searched, or the file's own
	named bool   // given by its path, not found
	stdin bool
	link  bool // the path is a symbolic link
	// context is where the build context may be: the folder of a link to the file. Empty if there is none.
	context string
}

// Limits of a search. A source tree has a fraction of them.
const (
	maxEntries = 1_000_000
	maxDepth   = 200
)

// search collects targets.
type search struct {
	*runner
	ctx     context.Context
	targets []target
	seen    map[string]bool // absolute paths among targets
	errs    []error
	entries int
}

// find returns what the paths stand for, sorted, each once.
func (r *runner) find(ctx context.Context) ([]target, []error) {
	paths := r.Paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	s := search{runner: r, ctx: ctx, seen: map[string]bool{}}
	for _, p := range paths {
		s.path(p)
	}
	byName := func(a, b target) int { return cmp.Compare(a.name, b.name) }
	slices.SortFunc(s.targets, byName)
	s.targets = withoutLinks(s.targets)
	slices.SortFunc(s.targets, byName)
	return s.targets, s.errs
}

func (s *search) path(p string) {
	if p == "-" {
		s.stdin()
		return
	}
	abs := s.abs(p)
	info, err := os.Stat(abs)
	switch {
	case err == nil && info.IsDir():
		s.folder(abs, "")
	case err == nil:
		s.named(abs)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(p, "*?[{") && !isLink(abs):
		s.glob(p)
	default:
		s.error(s.show(abs), plain(err))
	}
}

func (s *search) error(name string, err error) {
	s.errs = append(s.errs, fmt.Errorf("%s: %w", name, err))
}

// stdin adds standard input.
func (s *search) stdin() {
	t := target{name: "-", stdin: true}
	if s.Path != "" {
		t.abs = s.abs(s.Path)
		t.name = s.show(t.abs)
		t.root = filepath.Dir(t.abs)
	}
	if !s.seen["-"] {
		s.seen["-"] = true
		s.targets = append(s.targets, t)
	}
}

// named adds a file that the user gave by its path. What only has the name of a Dockerfile is left out,
// and so is an ignore file: hooks and patterns of shells give it by accident.
func (s *search) named(abs string) {
	if !names.IsIgnoreFile(abs) && isDockerfile(abs) {
		s.add(target{name: s.show(abs), abs: abs, root: filepath.Dir(abs), named: true, link: isLink(abs)})
	}
}

// dockerfiles are those of the files whose texts are those of Dockerfiles.
func (s *search) dockerfiles(called []target) (list []target) {
	is := make([]bool, len(called))
	var reading errgroup.Group
	reading.SetLimit(runtime.GOMAXPROCS(0))
	for i, t := range called {
		reading.Go(func() error {
			is[i] = s.ctx.Err() == nil && isDockerfile(t.abs)
			return nil
		})
	}
	_ = reading.Wait() // what cannot be read is told when it is checked
	for i, t := range called {
		if is[i] {
			list = append(list, t)
		}
	}
	return list
}

// isDockerfile reports whether the text of a file is that of a Dockerfile, rather than of a template of one or, if its
// name is doubtful, of anything else. One that cannot be read is: the error is told then.
func isDockerfile(abs string) bool {
	src, err := readRegular(abs)
	return err != nil || !names.IsTemplate(src) && (!names.Doubtful(abs) || names.HoldsInstructions(src))
}

// withoutLinks leaves out links to files that are among the targets by another name. If just one folder
// has a link to a file, that may be where it is built.
func withoutLinks(targets []target) []target {
	if !slices.ContainsFunc(targets, func(t target) bool { return t.link }) {
		return targets
	}
	var kept []target
	place := map[string]int{} // in kept, by the path without links
	links := map[int][]string{}
	for _, link := range []bool{false, true} { // a file's own name is the one that is told
		for _, t := range targets {
			if t.link != link {
				continue
			}
			real, err := filepath.EvalSymlinks(t.abs)
			if i, found := place[real]; err == nil && found {
				links[i] = append(links[i], filepath.Dir(t.abs))
				continue
			}
			if err == nil {
				place[real] = len(kept)
			}
			kept = append(kept, t)
		}
	}
	for i, folders := range links {
		if len(folders) == 1 && !kept[i].link {
			kept[i].context = folders[0]
		}
	}
	return kept
}

func (s *search) add(t target) {
	if !s.seen[t.abs] {
		s.seen[t.abs] = true
		s.targets = append(s.targets, t)
	}
}

// glob adds the files that a pattern matches below its fixed part, as a search of that folder sees
// them.
func (s *search) glob(p string) {
	p = filepath.ToSlash(p)
	if !doublestar.ValidatePattern(p) {
		s.error(p, errors.New("this is neither a file nor a valid pattern"))
		return
	}
	base, pattern := doublestar.SplitPattern(p)
	abs := s.abs(filepath.FromSlash(base))
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		s.error(p, errors.New("no file matches"))
		return
	}
	s.folder(abs, pattern)
}

// folder adds the Dockerfiles of a folder, or the files that match a pattern relative to it.
func (s *search) folder(root, pattern string) {
	wanted := names.IsDockerfile
	if pattern != "" {
		wanted = func(rel string) bool {
			return doublestar.MatchUnvalidated(pattern, rel) && !names.IsIgnoreFile(rel)
		}
	}
	var called []target // as Dockerfiles are
	s.walk(root, wanted, func(rel string, link bool) {
		abs := filepath.Join(root, filepath.FromSlash(rel))
		called = append(called, target{name: s.show(abs), abs: abs, root: root, link: link})
	})
	found := false
	for _, t := range s.dockerfiles(called) {
		found = true
		s.add(t)
	}
	if pattern == "" {
		found = s.built(root) || found
	}
	switch {
	case found || s.ctx.Err() != nil:
	case pattern != "":
		s.error(path.Join(s.show(root), pattern), errors.New("no file matches"))
	default:
		s.error(s.show(root), errors.New("no Dockerfile in this folder or below it"))
	}
}

// built adds the Dockerfiles of a folder that have another name, but that a file of the workspace builds.
func (s *search) built(root string) (found bool) {
	known := s.knownIn(s.ctx, workspace.RootOf(filepath.Join(root, "Dockerfile"), root))
	if known == nil {
		return false
	}
	for _, name := range known.Dockerfiles {
		abs := filepath.Join(known.Root, filepath.FromSlash(name))
		if names.IsDockerfile(name) || !inside(root, abs) {
			continue
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil && inside(root, real) {
			found = true
			s.add(target{name: s.show(abs), abs: abs, root: root, link: isLink(abs)})
		}
	}
	return found
}

// directory is a folder that walk has yet to list.
type directory struct {
	rel   string // "" for the root, otherwise relative to it, with slashes
	rules gitignore.Rules
	depth int
}

// walk calls fn with all that is wanted below root and is not a folder, by its path relative to
// root, and says whether it is a link. It follows no links, and leaves out what version control ignores.
func (s *search) walk(root string, wanted func(rel string) bool, fn func(rel string, link bool)) {
	stack := []directory{{rules: gitignore.For(root)}}
	tooDeep := false
	defer func() {
		if tooDeep {
			s.error(s.show(root), fmt.Errorf("folders more than %d levels deep are not searched", maxDepth))
		}
	}()
	for len(stack) > 0 && s.ctx.Err() == nil {
		dir := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		abs := filepath.Join(root, filepath.FromSlash(dir.rel))
		if dir.depth > maxDepth {
			tooDeep = true
			continue
		}
		entries, err := os.ReadDir(abs)
		if err != nil {
			s.error(s.show(abs), plain(err))
		}
		if s.entries += len(entries); s.entries > maxEntries {
			s.error(s.show(root), fmt.Errorf("the search stops at %d files: name the folders to check", maxEntries))
			return
		}
		rules := dir.rules.In(abs, entries)
		for _, e := range entries {
			rel := path.Join(dir.rel, e.Name())
			folder := e.IsDir()
			if folder && isForeign(filepath.Join(abs, e.Name())) || !folder && !wanted(rel) {
				continue
			}
			ignored := rules.Ignores(filepath.Join(abs, e.Name()), folder)
			if rules.TooMuch() {
				s.error(s.show(root), errors.New("the search stops, because the patterns of .gitignore take too long: name the files to check"))
				return
			}
			switch {
			case ignored:
			case folder:
				stack = append(stack, directory{rel, rules.Below(filepath.Join(abs, e.Name())), dir.depth + 1})
			case !linksToFolder(abs, e):
				fn(rel, e.Type()&fs.ModeSymlink != 0)
			}
		}
	}
}

// isForeign reports whether a folder holds nothing that a user wrote: what version control keeps, or the sources of
// others, as npm, bower and go put them there.
func isForeign(folder string) bool {
	switch filepath.Base(folder) {
	case ".git", ".hg", ".jj", ".svn", "node_modules", "bower_components":
		return true
	case "vendor":
		_, err := os.Stat(filepath.Join(folder, "modules.txt"))
		return err == nil
	}
	return false
}

func linksToFolder(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && info.IsDir()
}
