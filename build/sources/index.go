package sources

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Index knows how the Dockerfiles of a workspace are built. Readings are kept as long as the files that
// they have asked about stay as they were. It may be used by several goroutines.
type Index struct {
	Root string // absolute

	mu       sync.Mutex
	found    *found
	readings map[key]*kept
	known    *Known
	drafts   map[string]draft // the files that an editor has open, by their paths relative to the root

	asked atomic.Pointer[map[string]bool] // the files that readings have asked about: read without mu, which is held for long
}

// kept is a reading, with what it has asked of files.
type kept struct {
	reading *reading
	stamps  map[string]stamp
}

// stamp is what was there under a name.
type stamp struct {
	mode    os.FileMode
	size    int64
	time    time.Time
	overlay bool
	text    string // of the overlay
}

// Known is what an index knows at a time. It is never modified.
type Known struct {
	Result
	Root string // absolute
	// Dockerfiles are those with a name of one, and those that builds name and that are there: sorted
	// paths relative to the root. Of a doubtful name the text has to decide.
	Dockerfiles []string

	of     map[string][]int // by Dockerfile: indices into Builds, the default build first
	images map[string]int   // by name of the result: an index into Builds

	memos sync.Map // of functions that make them once
}

// Memo is what compute makes of it under a key, once.
func (k *Known) Memo(key any, compute func() any) any {
	once, known := k.memos.Load(key)
	if !known {
		once, _ = k.memos.LoadOrStore(key, sync.OnceValue(compute))
	}
	return once.(func() any)()
}

// NewIndex is an index of the workspace below a folder, given as an absolute path. Nothing is read yet.
func NewIndex(root string) *Index {
	return &Index{Root: root, readings: map[key]*kept{}}
}

// Known is what is known from the last Update; nil before the first.
func (x *Index) Known() *Known {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.known
}

// Update brings the index up to date with the disk, with texts in place of some files, by their absolute
// paths. It returns what is known then, which is the same as before if nothing has changed. If ctx is done it is
// what was known before, or nil.
func (x *Index) Update(ctx context.Context, overlay map[string]string) (*Known, error) {
	return x.update(ctx, overlay, nil)
}

// Changed is Update if nothing but the given files has changed, by their absolute paths, since the last one: the
// others are not looked at.
func (x *Index) Changed(ctx context.Context, overlay map[string]string, paths ...string) (*Known, error) {
	only := map[string]bool{}
	for _, abs := range paths {
		if rel, err := filepath.Rel(x.Root, abs); err == nil && filepath.IsLocal(rel) {
			only[filepath.ToSlash(rel)] = true
		}
	}
	return x.update(ctx, overlay, only)
}

// update looks at the files that are named, or at all if only is nil.
func (x *Index) update(ctx context.Context, overlay map[string]string, only map[string]bool) (*Known, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	files, err := NewFiles(x.Root, x.below(overlay))
	if err != nil {
		return nil, err
	}
	defer files.Close()
	texts, drafts := standing(x.drafts, files)
	files.overlay = texts
	looked := x.found
	if looked == nil || x.known == nil || !looked.lists(files, only) {
		only = nil // a file is new, or gone
	}
	if looked == nil || only == nil && !looked.holds(x.Root) {
		looked = search(ctx, x.Root)
	}
	names := looked.sources
	for name := range files.overlay {
		if IsSource(name) && !slices.Contains(names, name) {
			names = append(slices.Clone(names), name)
		}
	}
	slices.Sort(names)
	now := map[string]stamp{}
	fresh := map[key]*kept{}
	changed := x.known == nil || looked != x.found && !sameNames(looked, x.found)
	result := gather(ctx, names, func(k key, file string, kind Kind, read func(*reading)) *reading {
		if old := x.readings[k]; old != nil && (only != nil && !old.asks(only) || old.holds(files, now)) {
			fresh[k] = old
			return old.reading
		}
		changed = true
		r := readWith(files, file, kind, read)
		fresh[k] = &kept{reading: r}
		return r
	})
	for _, k := range fresh { // what is called has been read by now, too
		if k.stamps == nil {
			k.stamps = stampsOf(files, k.reading.files.names(), now)
		}
	}
	if ctx.Err() != nil {
		return x.known, ctx.Err()
	}
	changed = changed || len(fresh) != len(x.readings)
	changed = changed || !sameStanding(x.drafts, drafts)
	x.found, x.readings, x.drafts = looked, fresh, drafts
	asked := map[string]bool{}
	for _, k := range fresh {
		for name := range k.stamps {
			asked[name] = true
		}
	}
	x.asked.Store(&asked)
	if changed {
		moved(result, drafts)
		x.known = know(x.Root, files, looked, result)
	}
	return x.known, nil
}

func sameNames(a, b *found) bool {
	return b != nil && a.stop == b.stop && slices.Equal(a.sources, b.sources) && slices.Equal(a.dockerfiles, b.dockerfiles)
}

// below are the texts of files below the root, by their paths relative to it.
func (x *Index) below(overlay map[string]string) map[string]string {
	texts := map[string]string{}
	for abs, text := range overlay {
		rel, err := filepath.Rel(x.Root, abs)
		if err == nil && filepath.IsLocal(rel) {
			texts[filepath.ToSlash(rel)] = text
		}
	}
	return texts
}

func stampOf(files *Files, name string, now map[string]stamp) stamp {
	if s, ok := now[name]; ok {
		return s
	}
	var s stamp
	if text, ok := files.overlay[name]; ok {
		s = stamp{overlay: true, text: text}
	} else if info := files.stat(path.Clean(name)); info != nil {
		s = stamp{mode: info.Mode(), size: info.Size(), time: info.ModTime()}
		if info.IsDir() && !strings.HasSuffix(name, "/") { // that it is there counts, but not what is in it
			s = stamp{mode: info.Mode()}
		}
	}
	now[name] = s
	return s
}

func stampsOf(files *Files, names []string, now map[string]stamp) map[string]stamp {
	stamps := make(map[string]stamp, len(names))
	for _, name := range names {
		stamps[name] = stampOf(files, name, now)
	}
	return stamps
}

// holds reports whether all that was asked about is as it was. now are the stamps that were taken already.
func (k *kept) holds(files *Files, now map[string]stamp) bool {
	for name, then := range k.stamps {
		if stampOf(files, name, now) != then {
			return false
		}
	}
	return true
}

// asks reports whether the reading has asked about one of the files.
func (k *kept) asks(names map[string]bool) bool {
	for name := range names {
		if _, ok := k.stamps[name]; ok {
			return true
		}
	}
	return false
}

// know puts the answers in order.
func know(root string, files *Files, looked *found, res *Result) *Known {
	k := &Known{Result: *res, Root: root, of: map[string][]int{}, images: map[string]int{}}
	if looked.stop != "" {
		k.Notes = append(slices.Clone(k.Notes), Note{File: ".", Line: 1, Message: looked.stop})
	}
	for _, dir := range looked.unread {
		k.Notes = append(slices.Clone(k.Notes), Note{File: dir, Line: 1, Message: "this folder was not searched: it cannot be read"})
	}
	links := map[string]string{} // where names lead to
	real := func(name string) string {
		to, known := links[name]
		if !known {
			to = k.real(name)
			links[name] = to
		}
		return to
	}
	names := map[string]bool{}
	for _, name := range looked.dockerfiles {
		names[name] = true
	}
	for i, b := range k.Builds {
		if b.Elsewhere {
			continue // what is made of it is not made here
		}
		if b.Dockerfile != "" {
			k.of[b.Dockerfile] = append(k.of[b.Dockerfile], i)
			if to := real(b.Dockerfile); to != b.Dockerfile {
				k.of[to] = append(k.of[to], i)
			}
			if b.Missing == "" || files.IsFile(b.Dockerfile) {
				names[b.Dockerfile] = true
			}
		}
		for _, image := range b.Images {
			if at, taken := k.images[image]; !taken || rank(b) < rank(k.Builds[at]) {
				k.images[image] = i
			}
		}
	}
	k.name()
	k.share()
	for dockerfile, list := range k.of {
		slices.SortStableFunc(list, func(i, j int) int { return compareBuilds(dockerfile, k.Builds[i], k.Builds[j]) })
	}
	for name := range names { // a link and the file that it leads to are one
		if to := real(name); to != name && names[to] {
			delete(names, name)
		}
	}
	k.Dockerfiles = slices.Sorted(maps.Keys(names))
	return k
}

// real is the file that a link leads to, if that is one of the workspace; or else the name itself.
func (k *Known) real(name string) string {
	abs := filepath.Join(k.Root, filepath.FromSlash(name))
	info, err := os.Lstat(abs)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		return name
	}
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return name
	}
	root, err := filepath.EvalSymlinks(k.Root)
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(root, target); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return name
}

// name gives the builds their ids. Of those of one Dockerfile that have one name, as those of a matrix have, the
// target tells, or else the number.
func (k *Known) name() {
	k.Builds = slices.Clone(k.Builds)
	taken := map[[2]string]int{}
	for i := range k.Builds {
		b := &k.Builds[i]
		id := b.Place.File
		if b.Name != "" {
			id += "#" + b.Name
		}
		if taken[[2]string{b.Dockerfile, id}] > 0 && b.Target != "" {
			id += ":" + b.Target
		}
		key := [2]string{b.Dockerfile, id}
		if taken[key]++; taken[key] > 1 {
			id += fmt.Sprintf("~%d", taken[key])
		}
		b.ID = id
	}
}

// share finds the texts that are said of several Dockerfiles at once.
func (k *Known) share() {
	of := map[Text]string{}
	shared := map[Text]bool{}
	for i := range k.Builds {
		b := &k.Builds[i]
		for _, t := range []Text{b.At.Context, b.At.Dockerfile, b.At.Target} {
			t.Text, t.From = "", ""
			if other, seen := of[t]; seen && other != b.Dockerfile {
				shared[t] = true
			}
			of[t] = b.Dockerfile
		}
	}
	for i := range k.Builds {
		at := &k.Builds[i].At
		for _, t := range []*Text{&at.Context, &at.Dockerfile, &at.Target} {
			t.Shared = t.Line > 0 && shared[Text{File: t.File, Line: t.Line}]
		}
	}
}

// Of are the builds of a Dockerfile, given relative to the root, the default one first.
func (k *Known) Of(dockerfile string) (list []Build) {
	if k == nil {
		return nil
	}
	for _, i := range k.of[dockerfile] {
		list = append(list, k.Builds[i])
	}
	return list
}

// Made are the images that builds make, with the builds.
func (k *Known) Made() map[string]Build {
	made := make(map[string]Build, len(k.images))
	for name, i := range k.images {
		made[name] = k.Builds[i]
	}
	return made
}

// Image is the build that makes an image of this name; false if none does.
func (k *Known) Image(name string) (Build, bool) {
	if k == nil {
		return Build{}, false
	}
	i, ok := k.images[strings.TrimSuffix(name, ":latest")]
	if !ok {
		i, ok = k.images[name]
	}
	if !ok {
		return Build{}, false
	}
	return k.Builds[i], true
}

// About is what one source says of builds, as a whole or in part.
func (k *Known) About(source string) *Known {
	about := &Known{Root: k.Root}
	for _, b := range k.Builds {
		said := b.Place.File == source
		b.At.all(func(t *Text) { said = said || t.File == source })
		if said {
			about.Builds = append(about.Builds, b)
		}
	}
	return about
}

// Named is the build of the same source that has a name: what service:NAME and target:NAME mean.
func (k *Known) Named(place Place, name string) (Build, bool) {
	for _, b := range k.Builds {
		if b.Name == name && b.Place.Kind == place.Kind && (b.Place.File == place.File || path.Dir(b.Place.File) == path.Dir(place.File)) {
			return b, true
		}
	}
	return Build{}, false
}

// Touches does not wait for an Update. It reports whether a file may be part of what the index rests on, by its absolute path.
func (x *Index) Touches(abs string) bool {
	rel, err := filepath.Rel(x.Root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	name := filepath.ToSlash(rel)
	asked := x.asked.Load()
	return IsSource(name) || asked != nil && (*asked)[name]
}
