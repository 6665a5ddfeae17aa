package cache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"layerwise/build/files"
)

// Tree is a folder as BuildKit's cache looks at it: a build context, or what else is known whole.
// Digests are taken when they are asked for. It may be used by several goroutines.
type Tree struct {
	records []record // sorted by key
	hash    func(ctx context.Context, paths []string) ([]string, error)

	mu   sync.Mutex
	dirs map[string]string // digests of directories with all below them, by path; guarded by mu
}

// record is a file, a link, a directory, or a directory's header: its permissions and attributes.
// The digest of files, links and headers is empty until it is asked for.
type record struct {
	key      string // the path with a NUL for each slash, and one at the end of a header
	kind     kind
	link     string
	digest   string
	size     int64 // in bytes
	mode     fs.FileMode
	modified int64 // in nanoseconds since 1970
}

type kind uint8

const (
	file kind = iota
	link
	directory
	header
)

// path is "" for the root, else it begins with a slash.
func (r *record) path() string {
	return strings.ReplaceAll(strings.TrimSuffix(r.key, "\x00"), "\x00", "/")
}

func keyOf(p string) string { return strings.ReplaceAll(p, "/", "\x00") }

// cleaned is a path as records have it.
func cleaned(p string) string {
	if p = path.Join("/", p); p == "/" {
		return ""
	}
	return p
}

// NewTree is the tree of what a build context sends. Without a hasher no file is read, and each is taken
// to have bytes of its own that stay as they are: that is enough to ask what a change would do.
func NewTree(c *files.Context, h *files.Hasher) *Tree {
	var entries []files.Entry
	index := map[string]int{}
	t := scratch()
	c.All(func(e files.Entry) bool {
		if e.Ignored || e.Mode&(fs.ModeSocket|fs.ModeIrregular) != 0 {
			return true
		}
		index["/"+e.Path] = len(entries)
		entries = append(entries, e)
		r := record{key: keyOf("/" + e.Path), size: e.Size, mode: e.Mode, modified: e.ModTime.UnixNano()}
		switch {
		case e.Mode.IsDir():
			t.records = append(t.records, record{key: r.key, kind: directory})
			r.key += "\x00"
			r.kind = header
		case e.Mode&fs.ModeSymlink != 0:
			r.kind, r.link = link, e.Link
		}
		t.records = append(t.records, r)
		return true
	})
	slices.SortFunc(t.records, func(a, b record) int { return strings.Compare(a.key, b.key) })
	t.hash = func(ctx context.Context, paths []string) ([]string, error) {
		if h == nil {
			digests := make([]string, len(paths))
			for i, p := range paths {
				digests[i] = digestOf("unread", p)
			}
			return digests, nil
		}
		list := make([]files.Entry, len(paths))
		for i, p := range paths {
			list[i] = entries[index[p]]
		}
		return h.Digests(ctx, c, list)
	}
	return t
}

// find is the index of the record with that key, or -1.
func (t *Tree) find(key string) int {
	if i, ok := t.search(key); ok {
		return i
	}
	return -1
}

// search is the index of the record with that key, or the one that it would have.
func (t *Tree) search(key string) (index int, ok bool) {
	return slices.BinarySearchFunc(t.records, key, func(r record, key string) int { return strings.Compare(r.key, key) })
}

// from is the index of the first record whose key is not before key.
func (t *Tree) from(key string) int {
	i, _ := t.search(key)
	return i
}

// Warm makes the tree what a daemon takes it for that was sent last before. It does not read again a
// file of the same size, time stamp, mode and link, nor look at the mode of a directory that it knows.
// It reports the paths where that hides a change, sorted.
func (t *Tree) Warm(ctx context.Context, last *Tree) (hidden []string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]int, len(t.records))
	for i := range all {
		all[i] = i
	}
	if err := t.take(ctx, all); err != nil || last == nil {
		return nil, err
	}
	for i := range t.records {
		r := &t.records[i]
		if n := last.find(r.key); n >= 0 && t.hides(i, last, n) {
			r.digest = last.records[n].digest
			hidden = append(hidden, r.name())
		}
	}
	t.dirs = map[string]string{}
	return hidden, nil
}

var errTooManyLinks = errors.New("too many links")

// end is the index after the last record below the directory at i, or after i.
func (t *Tree) end(i int) int {
	if t.records[i].kind != directory {
		return i + 1
	}
	return t.from(t.records[i].key + "\x01")
}

// resolve follows the links in a path, inside the tree, and finds its record; -1 if it has none.
func (t *Tree) resolve(p string, last bool) (int, error) {
	if i := t.find(keyOf(p)); i >= 0 && (!last || t.records[i].kind != link) {
		return i, nil
	}
	const maxLinks = 255
	at, links, found := "/", 0, -1
	for rest := strings.TrimSuffix(p, "/"); rest != ""; {
		part, after, _ := strings.Cut(rest, "/")
		rest = after
		next := path.Join("/", at, part)
		found = t.find(keyOf(cleaned(next)))
		if found < 0 || t.records[found].kind != link || !last && rest == "" {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return -1, errTooManyLinks
		}
		target := t.records[found].link
		if rest = target + "/" + rest; path.IsAbs(target) {
			at = "/"
		}
	}
	return found, nil
}

// plain is the digest of one path with all below it.
func (t *Tree) plain(ctx context.Context, p string, follow bool) (string, error) {
	i, err := t.resolve(p, follow)
	if err != nil {
		return "", err
	}
	if i < 0 {
		return "", &NotFoundError{p}
	}
	if d, ok := t.dirs[t.records[i].key]; ok && t.records[i].kind == directory {
		return d, nil
	}
	var below []int
	for n, end := i, t.end(i); n < end; n++ {
		below = append(below, n)
	}
	if err := t.take(ctx, below); err != nil {
		return "", err
	}
	digest, _ := t.whole(i)
	return digest, nil
}

// whole is the digest of record i with all below it, and the index after these. The digests of files
// must be there.
func (t *Tree) whole(i int) (digest string, next int) {
	r := &t.records[i]
	if r.kind != directory {
		return r.digest, i + 1
	}
	if d, ok := t.dirs[r.key]; ok {
		return d, t.end(i)
	}
	h := sha256.New()
	key := r.key + "\x00"
	for next = i + 1; next < len(t.records) && strings.HasPrefix(t.records[next].key, key); {
		name := strings.TrimPrefix(t.records[next].key, r.key)
		digest, next = t.whole(next)
		hashStrings(h, name, digest)
	}
	digest = string(h.Sum(nil))
	t.dirs[r.key] = digest
	return digest, next
}

// take has the digests of records taken that have none.
func (t *Tree) take(ctx context.Context, records []int) error {
	var missing []int
	var paths []string
	for _, i := range records {
		if r := &t.records[i]; r.digest == "" && r.kind != directory {
			missing, paths = append(missing, i), append(paths, r.path())
		}
	}
	if len(missing) == 0 {
		return nil
	}
	digests, err := t.hash(ctx, paths)
	if err != nil {
		return err
	}
	for i, n := range missing {
		t.records[n].digest = digests[i]
	}
	return nil
}

// hashStrings writes strings so that no other list gives the same bytes.
func hashStrings(h hash.Hash, list ...string) {
	var size [4]byte
	for _, s := range list {
		binary.LittleEndian.PutUint32(size[:], uint32(len(s)))
		h.Write(size[:])
		io.WriteString(h, s)
	}
}
