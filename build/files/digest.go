package files

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/containerd/continuity/sysx"
	"golang.org/x/sync/errgroup"
)

// Hasher takes digests of the entries of build contexts, and remembers those of files that have not
// changed since, by what the file system tells of them. It may be used by several goroutines.
type Hasher struct {
	mu    sync.Mutex
	known map[string]remembered // by absolute path; guarded by mu
}

type remembered struct {
	stamp  stamp
	digest string
}

// stamp changes whenever a file or what the file system knows of it does. The time of the last change
// of the inode cannot be set back, unlike that of the bytes.
type stamp struct {
	size, modified, changed int64
	inode                   uint64
	mode                    fs.FileMode
}

// Digests are the digests of entries of c, in their order: of what BuildKit's cache compares, which is
// the type, the permissions, the extended attributes, and the bytes of a file or the target of a link,
// but neither times nor owners, nor the name. A directory's digest does not tell of what is in it.
// The error names an entry that cannot be read.
//
// Source: cache/contenthash in BuildKit; its client sends all files as owned by root.
func (h *Hasher) Digests(ctx context.Context, c *Context, entries []Entry) ([]string, error) {
	digests := make([]string, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 64 // a goroutine for each file would cost more than a small file does
	for start := 0; start < len(entries); start += batch {
		part := entries[start:min(start+batch, len(entries))]
		group.Go(func() error {
			buffer := make([]byte, 64<<10)
			in := folder{context: c.Root}
			defer in.close()
			for i, e := range part {
				if err := ctx.Err(); err != nil {
					return err
				}
				d, err := h.digest(c, e, &in, buffer)
				if err != nil {
					return fmt.Errorf("reading %s: %w", e.Path, err)
				}
				digests[start+i] = d
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return digests, nil
}

func (h *Hasher) digest(c *Context, e Entry, in *folder, buffer []byte) (string, error) {
	abs := c.abs(e.Path)
	if body, ok := c.overlay[abs]; ok && e.Mode.IsRegular() {
		return digestOf(e, "", nil, strings.NewReader(body), buffer)
	}
	if c.memory {
		body, _ := c.read(e.Path)
		return digestOf(e, "", nil, strings.NewReader(body), buffer)
	}
	if old, ok := c.before[abs]; ok {
		var attributes []string
		if old.Mode&fs.ModeSymlink == 0 {
			var err error
			if attributes, err = extended(abs); err != nil { // taken to stay as they are
				return "", err
			}
		}
		return join(e, old.Link, attributes, old.Sum), nil
	}
	info, err := os.Lstat(abs)
	if err != nil {
		return "", plain(err)
	}
	now := stampOf(info)
	h.mu.Lock()
	old, ok := h.known[abs]
	h.mu.Unlock()
	if ok && old.stamp == now {
		return old.digest, nil
	}
	e.Mode = info.Mode()
	if e.Mode&fs.ModeSymlink != 0 {
		return digestOf(e, e.Link, nil, nil, buffer)
	}
	attributes, err := extended(abs)
	if err != nil {
		return "", err
	}
	var body io.Reader
	if e.Mode.IsRegular() {
		f, err := in.open(e.Path)
		if err != nil {
			return "", plain(err)
		}
		defer f.Close()
		body = f
	}
	digest, err := digestOf(e, "", attributes, body, buffer)
	if err != nil {
		return "", plain(err)
	}
	// A file that was written a moment ago may be written once more without another time stamp.
	if time.Since(info.ModTime()) > racy {
		h.mu.Lock()
		if h.known == nil {
			h.known = map[string]remembered{}
		}
		h.known[abs] = remembered{now, digest}
		h.mu.Unlock()
	}
	return digest, nil
}

// racy is more than the granularity of the time stamps of common file systems.
const racy = 50 * time.Millisecond

// openRegular opens a regular file below dir, and never anything that a link leads to outside of it.
func openRegular(dir, name string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(filepath.FromSlash(name)) // opening a device can have effects
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return openIn(root, filepath.FromSlash(name))
}

// openIn opens what was found to be a regular file. It may have become a FIFO since: opening one would
// wait for its other end.
func openIn(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, errNotRegular
	}
	return f, nil
}

// folder opens files of a context. It keeps the last one's directory open: to find the way to each file
// from the root, where no link may lead out, is more work than to read it.
type folder struct {
	context string // the root's path
	dir     string
	root    *os.Root // of dir; nil if there is none yet
}

// open opens an entry that was found to be a regular file.
func (f *folder) open(name string) (*os.File, error) {
	if dir := path.Dir(name); f.root == nil || dir != f.dir {
		f.close()
		root, err := os.OpenRoot(f.context)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		if f.root, err = root.OpenRoot(filepath.FromSlash(dir)); err != nil {
			f.root = nil
			return nil, err
		}
		f.dir = dir
	}
	return openIn(f.root, path.Base(name))
}

func (f *folder) close() {
	if f.root != nil {
		f.root.Close()
	}
	f.root = nil
}

// extended are the extended attributes that count, sorted.
func extended(abs string) (list []string, err error) {
	names, err := sysx.LListxattr(abs)
	if err != nil {
		return nil, nil // the file system has none
	}
	slices.Sort(names)
	for _, name := range names {
		hidden := strings.HasPrefix(name, "security.") || strings.HasPrefix(name, "system.")
		if hidden && name != "security.capability" {
			continue
		}
		value, err := sysx.LGetxattr(abs, name)
		if err != nil {
			continue
		}
		list = append(list, name, string(value))
	}
	return list, nil
}

// digestOf is the digest of an entry with what body holds, which is nil for what has no bytes.
func digestOf(e Entry, link string, attributes []string, body io.Reader, buffer []byte) (string, error) {
	var sum [sha256.Size]byte
	if body != nil {
		h := sha256.New()
		if _, err := io.CopyBuffer(h, onlyReader{body}, buffer); err != nil {
			return "", err
		}
		h.Sum(sum[:0])
	}
	return join(e, link, attributes, sum), nil
}

// join is the digest of an entry from its parts.
func join(e Entry, link string, attributes []string, sum [sha256.Size]byte) string {
	h := sha256.New()
	mode := e.Mode & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky | fs.ModeType)
	if mode&fs.ModeSymlink != 0 {
		mode |= fs.ModePerm
	}
	_ = binary.Write(h, binary.LittleEndian, uint32(mode))
	writeStrings(h, append(slices.Clone(attributes), link)...)
	h.Write(sum[:])
	return string(h.Sum(nil))
}

// onlyReader hides other methods, so that CopyBuffer uses the buffer.
type onlyReader struct{ io.Reader }

// writeStrings writes strings so that no other list gives the same bytes.
func writeStrings(h hash.Hash, list ...string) {
	_ = binary.Write(h, binary.LittleEndian, uint32(len(list)))
	for _, s := range list {
		_ = binary.Write(h, binary.LittleEndian, uint32(len(s)))
		_, _ = io.WriteString(h, s)
	}
}
