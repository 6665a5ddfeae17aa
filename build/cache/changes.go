package cache

import (
	"context"
	"slices"
	"strings"
)

// Change is what happened to a path.
type Change struct {
	Path string
	What string // in words: "changed", "new", "gone", "its mode changed"
}

// Changes are the paths of the selected parts in which the tree differs from another one, sorted. Only
// what both have taken digests of, or what one of them lacks, is compared.
func (t *Tree) Changes(before *Tree, selectors []Selector) (changes []Change) {
	was, now := before.members(selectors), t.members(selectors)
	for key, r := range now {
		old, ok := was[key]
		switch {
		case r.kind == directory:
		case !ok:
			changes = append(changes, Change{r.name(), "new"})
		case old.digest != r.digest && old.digest != "" && r.digest != "":
			what := "changed"
			if r.kind == header || old.mode != r.mode && old.size == r.size {
				what = "its mode or an attribute changed"
			}
			if old.kind != r.kind {
				what = "it is of another kind"
			}
			changes = append(changes, Change{r.name(), what})
		}
	}
	for key, old := range was {
		if _, ok := now[key]; !ok && old.kind != directory {
			changes = append(changes, Change{old.name(), "gone"})
		}
	}
	// The directory of a new file is new itself: the file says enough.
	changes = slices.DeleteFunc(changes, func(c Change) bool {
		return strings.HasSuffix(c.Path, "/") && slices.ContainsFunc(changes, func(other Change) bool {
			return other.What == c.What && other.Path != c.Path && strings.HasPrefix(other.Path, c.Path)
		})
	})
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes
}

// name is the path for people: directories end with a slash.
func (r *record) name() string {
	name := strings.TrimPrefix(r.path(), "/")
	if r.kind == header {
		name += "/"
	}
	return name
}

// members are the records that selectors take, by key.
func (t *Tree) members(selectors []Selector) map[string]record {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := map[string]record{}
	for _, s := range selectors {
		for _, i := range t.selected(s) {
			found[t.records[i].key] = t.records[i]
		}
	}
	return found
}

// selected are the indices of the records that a selector takes.
func (t *Tree) selected(s Selector) (list []int) {
	if s.filtered() {
		_, included, _ := t.included(s)
		for _, m := range included {
			for n, end := m.record, t.end(m.record); n < end; n++ {
				list = append(list, n)
			}
		}
		return list
	}
	i, err := t.resolve(cleaned(s.Path), s.FollowLinks)
	if err != nil || i < 0 {
		return nil
	}
	for n, end := i, t.end(i); n < end; n++ {
		list = append(list, n)
	}
	return list
}

// unnoticed are the paths of which a daemon that was sent last does not notice the change.
func (t *Tree) unnoticed(ctx context.Context, last *Tree) (hidden []string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.records {
		r := &t.records[i]
		if n := last.find(r.key); n >= 0 && t.hides(i, last, n) {
			hidden = append(hidden, r.name())
		}
	}
	return hidden, nil
}

// hides reports whether record i differs from record n of the tree that was sent last without being
// looked at again.
func (t *Tree) hides(i int, last *Tree, n int) bool {
	r, old := &t.records[i], &last.records[n]
	return r.kind == old.kind && r.digest != "" && old.digest != "" && r.digest != old.digest &&
		(r.kind == header || r.kind != directory && r.unread(old))
}

// unread reports whether a daemon that knows old does not read the file again.
func (r *record) unread(old *record) bool {
	return r.size == old.size && r.modified == old.modified && r.mode == old.mode && r.link == old.link
}

// Touched is the tree after a change of the bytes of files: those at the paths, and all below those
// that are directories. It reports the paths that it has not.
func (t *Tree) Touched(paths []string) (touched *Tree, missing []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	touched = &Tree{records: slices.Clone(t.records), hash: t.hash, dirs: map[string]string{}}
	for _, p := range paths {
		i := t.find(keyOf(cleaned(p)))
		if i < 0 {
			missing = append(missing, p)
			continue
		}
		for n, end := i, t.end(i); n < end; n++ {
			if r := &touched.records[n]; r.kind == file || r.kind == link {
				r.digest = digestOf("touched", r.key)
				r.modified++
			}
		}
	}
	return touched, missing
}
