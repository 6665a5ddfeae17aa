package files

import (
	"os"
	"path/filepath"
	"sync"
	"time"
)

// texts keeps the texts of files that were read, since rules read the same few again and again. It may
// be used by several goroutines.
type texts struct {
	mu    sync.Mutex
	files map[string]keptText // by absolute path; guarded by mu
	bytes int                 // of the texts in files; guarded by mu
}

type keptText struct {
	stamp fileStamp
	kept  bool
	text  string
	err   error
}

// fileStamp changes, as a rule, when a file does. It is zero for a file that is not there.
type fileStamp struct {
	size    int64
	changed time.Time
}

func stampAt(abs string) (stamp fileStamp, plain bool) {
	info, err := os.Lstat(abs)
	if err != nil {
		return fileStamp{}, true
	}
	return fileStamp{info.Size(), info.ModTime()}, info.Mode().IsRegular()
}

// maxTexts bounds what is kept, in bytes.
const maxTexts = 8 << 20

// read reads a file below root. What a link leads to is not kept, because it may change unnoticed.
func (t *texts) read(root, name string) (string, error) {
	abs := filepath.Join(root, filepath.FromSlash(name))
	t.mu.Lock()
	known, seen := t.files[abs]
	t.mu.Unlock()
	if known.kept {
		return known.text, known.err
	}
	stamp, plain := stampAt(abs)
	text, err := ReadRegular(root, name, maxRead)
	if !plain || len(text) > maxTexts {
		return text, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if seen {
		stamp = known.stamp // what was found out from the first text may still be in use
	}
	if t.bytes+len(text) > maxTexts {
		t.drop()
	}
	if t.files == nil {
		t.files = map[string]keptText{}
	}
	if !t.files[abs].kept {
		t.files[abs] = keptText{stamp, true, text, err}
		t.bytes += len(text)
	}
	return text, err
}

// drop forgets the texts, but not which files were read. The caller holds mu.
func (t *texts) drop() {
	for abs, known := range t.files {
		t.files[abs] = keptText{stamp: known.stamp}
	}
	t.bytes = 0
}

// stale reports whether a file that was read is another one now.
func (t *texts) stale() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for abs, known := range t.files {
		if now, _ := stampAt(abs); now.size != known.stamp.size || !now.changed.Equal(known.stamp.changed) {
			return true
		}
	}
	return false
}
