package files_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"layerwise/build/files"

	"github.com/containerd/continuity/sysx"
)

// digests are the digests of all entries of a directory, by path.
func digests(t *testing.T, h *files.Hasher, root string, overlay map[string]string) map[string]string {
	t.Helper()
	c := scan(t, root, files.Options{Overlay: overlay})
	var entries []files.Entry
	c.All(func(e files.Entry) bool {
		entries = append(entries, e)
		return true
	})
	list, err := h.Digests(context.Background(), c, entries)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for i, e := range entries {
		found[e.Path] = list[i]
	}
	return found
}

// TestDigests: what BuildKit compares of a file counts, and nothing else.
func TestDigests(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a": "text", "same": "text", "dir/b": "b", "empty/": "", "link": "-> a", "other": "-> b"})
	var h files.Hasher
	before := digests(t, &h, root, nil)
	if before["a"] != before["same"] {
		t.Error("files with the same bytes differ")
	}
	if before["link"] == before["other"] || before["link"] == before["a"] {
		t.Error("a link does not count by its target")
	}
	if before["dir"] != before["empty"] {
		t.Error("the digest of a directory tells of what is in it")
	}
	abs := filepath.Join(root, "a")
	tests := []struct {
		name    string
		edit    func() error
		changes bool
	}{
		{"time", func() error { return os.Chtimes(abs, time.Unix(1, 0), time.Unix(1, 0)) }, false},
		{"the same bytes", func() error { return os.WriteFile(abs, []byte("text"), 0o644) }, false},
		{"owner", func() error {
			if os.Geteuid() != 0 {
				return nil
			}
			return os.Chown(abs, 1000, 1000)
		}, false},
		{"bytes", func() error { return os.WriteFile(abs, []byte("TEXT"), 0o644) }, true},
		{"bytes with the old time stamp", func() error {
			info, err := os.Stat(abs)
			if err == nil {
				err = os.WriteFile(abs, []byte("tExT"), 0o644)
			}
			if err == nil {
				err = os.Chtimes(abs, info.ModTime(), info.ModTime())
			}
			return err
		}, true},
		{"mode", func() error { return os.Chmod(abs, 0o664) }, true},
		{"setuid", func() error { return os.Chmod(abs, 0o664|os.ModeSetuid) }, true},
	}
	for _, tt := range tests {
		was := digests(t, &h, root, nil)
		if err := tt.edit(); err != nil {
			t.Fatal(err)
		}
		now := digests(t, &h, root, nil)
		if changed := was["a"] != now["a"]; changed != tt.changes {
			t.Errorf("%s: changed %v", tt.name, changed)
		}
		if fresh := digests(t, &files.Hasher{}, root, nil); fresh["a"] != now["a"] {
			t.Errorf("%s: what is remembered differs from what is read", tt.name)
		}
	}
	if open := digests(t, &h, root, map[string]string{abs: "typed"}); open["a"] == digests(t, &h, root, nil)["a"] {
		t.Error("the text of an open document does not count")
	}
}

func TestDigestOfAttributes(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a": ""})
	var h files.Hasher
	before := digests(t, &h, root, nil)
	if err := sysx.LSetxattr(filepath.Join(root, "a"), "user.x", []byte("1"), 0); err != nil {
		t.Skipf("this file system has no extended attributes: %v", err)
	}
	if digests(t, &h, root, nil)["a"] == before["a"] {
		t.Error("an extended attribute does not count")
	}
}

func TestDigestErrors(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"a": "", "dir/secret": "x"})
	c := scan(t, root, files.Options{})
	e, _ := c.Lookup("dir/secret")
	if err := os.Remove(filepath.Join(root, "dir/secret")); err != nil {
		t.Fatal(err)
	}
	_, err := (&files.Hasher{}).Digests(context.Background(), c, []files.Entry{e})
	if err == nil || !strings.HasPrefix(err.Error(), "reading dir/secret: ") {
		t.Errorf("a file that is gone: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (&files.Hasher{}).Digests(ctx, c, []files.Entry{e}); err == nil {
		t.Error("no error after cancellation")
	}
	if os.Geteuid() != 0 {
		if err := os.Chmod(filepath.Join(root, "a"), 0); err != nil {
			t.Fatal(err)
		}
		e, _ := c.Lookup("a")
		if _, err := (&files.Hasher{}).Digests(context.Background(), c, []files.Entry{e}); err == nil {
			t.Error("no error for a file that cannot be read")
		}
	}
}

// TestDigestOfLinkOut: a link that leads out of the context counts by its target's name; nothing is read.
func TestDigestOfLinkOut(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, map[string]string{"secret": "1"})
	root := t.TempDir()
	write(t, root, map[string]string{"out": "-> " + outside + "/secret"})
	var h files.Hasher
	before := digests(t, &h, root, nil)
	write(t, outside, map[string]string{"secret": "2"})
	if digests(t, &h, root, nil)["out"] != before["out"] {
		t.Error("a file outside of the context counts")
	}
}
