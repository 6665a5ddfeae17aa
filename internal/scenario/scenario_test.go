//go:build unix

package scenario

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"layerwise/internal/golden"

	"github.com/containerd/continuity/sysx"
	"golang.org/x/tools/txtar"
)

// TestEdits makes the edits of testdata/edits.txtar in memory, and compares the folder that Write
// makes of the result with it.
func TestEdits(t *testing.T) {
	const name = "testdata/edits.txtar"
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]*txtar.File{}
	var cases []string
	for i := range archive.Files {
		f := &archive.Files[i]
		parts[f.Name] = f
		if c, ok := strings.CutSuffix(f.Name, "/edits"); ok {
			cases = append(cases, c)
		}
	}
	for _, c := range cases {
		t.Run(c, func(t *testing.T) {
			s := &Scenario{Dockerfile: "FROM scratch\n"}
			decode(t, string(parts[c+"/context"].Data), &s.Context)
			st, err := s.start()
			if err != nil {
				t.Fatal(err)
			}
			before := describe(st)
			next := st.Clone()
			var got strings.Builder
			for line := range strings.Lines(string(parts[c+"/edits"].Data)) {
				var e Edit
				decode(t, line, &e)
				if err := next.Apply(e); err != nil {
					fmt.Fprintln(&got, err)
				}
			}
			if describe(st) != before {
				t.Errorf("the edits changed the state before them:\n%s", describe(st))
			}
			got.WriteString(describe(next))
			want := parts[c+"/want"]
			if *golden.Update {
				want.Data = []byte(got.String())
			} else if got.String() != string(want.Data) {
				t.Errorf("got\n%swant\n%s", got.String(), want.Data)
			}
			dir := t.TempDir()
			for range 2 { // over an empty folder, and over itself
				if err := next.Files.Write(dir); err != nil {
					t.Fatal(err)
				}
				if disk := describeFiles(readFiles(t, dir)); disk != describeFiles(next.Files) {
					t.Errorf("on disk\n%sin memory\n%s", disk, describeFiles(next.Files))
				}
			}
		})
	}
	if *golden.Update {
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestScenarios: the edits of every scenario at hand lead to the Dockerfile that it tells of.
func TestScenarios(t *testing.T) {
	dir := os.Getenv("LAYERWISE_SCENARIOS")
	if dir == "" {
		t.Skip("LAYERWISE_SCENARIOS is not set")
	}
	list, err := LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		states, err := s.Builds()
		if err != nil {
			t.Error(err)
			continue
		}
		last := states[len(states)-1]
		if last.Dockerfile != s.DockerfileAfter {
			t.Errorf("%s: the Dockerfile after the edits is\n%s", s.ID, last.Dockerfile)
		}
		if len(s.Observed) == 0 {
			t.Errorf("%s: nothing was observed", s.ID)
		}
	}
	t.Logf("%d scenarios", len(list))
}

// describe tells of a state what is not empty.
func describe(st *State) string {
	var b strings.Builder
	b.WriteString(describeFiles(st.Files))
	if len(st.BuildArgs) > 0 {
		fmt.Fprintln(&b, "build args", st.BuildArgs)
	}
	if st.Target != "" {
		fmt.Fprintln(&b, "target", st.Target)
	}
	if len(st.Opts) > 0 {
		fmt.Fprintln(&b, "opts", st.Opts)
	}
	if len(st.Secrets) > 0 {
		fmt.Fprintln(&b, "secrets", st.Secrets)
	}
	if len(st.Images) > 0 {
		images := map[string]string{}
		for name, i := range st.Images {
			c := i.Resolved()
			images[name] = fmt.Sprint(i.RootfsID, " ", i.RootfsExtra, " ", c.User, " ", c.Env)
		}
		fmt.Fprintln(&b, "images", images)
	}
	if len(st.HTTP) > 0 {
		fmt.Fprintln(&b, "http", st.HTTP)
	}
	if len(st.Git) > 0 {
		fmt.Fprintln(&b, "git", st.Git)
	}
	if st.Prune != (Prune{}) {
		fmt.Fprintln(&b, "prune", st.Prune)
	}
	return b.String()
}

func describeFiles(files Files) string {
	var b strings.Builder
	first := map[*File]string{}
	for _, name := range files.Names() {
		f := files[name]
		time := fmt.Sprint(f.MTime.Unix() - 1_700_000_000)
		if f.Link != "" {
			time = "-" // of no concern
		}
		fmt.Fprintf(&b, "%04s %s %s", formatMode(f.Mode), time, name)
		switch {
		case f.Mode.IsDir():
			b.WriteString("/")
		case f.Link != "":
			b.WriteString(" -> " + f.Link)
		default:
			fmt.Fprintf(&b, " %d", len(f.Data))
		}
		if first[f] != "" {
			b.WriteString(" = " + first[f])
		}
		first[f] = name
		if f.UID != 0 || f.GID != 0 {
			fmt.Fprintf(&b, " %d:%d", f.UID, f.GID)
		}
		for _, key := range slices.Sorted(maps.Keys(f.XAttrs)) {
			fmt.Fprintf(&b, " %s=%s", key, f.XAttrs[key])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// readFiles is a folder on disk as Files.
func readFiles(t *testing.T, dir string) Files {
	t.Helper()
	files := Files{}
	inodes := map[uint64]*File{}
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, name)
		if err != nil || rel == "." {
			return err
		}
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		f := &File{Mode: info.Mode(), MTime: info.ModTime(), XAttrs: map[string]string{}}
		stat := info.Sys().(*syscall.Stat_t)
		f.UID, f.GID = int(stat.Uid), int(stat.Gid)
		switch {
		case info.Mode().IsRegular():
			if same := inodes[stat.Ino]; same != nil {
				f = same
				break
			}
			inodes[stat.Ino] = f
			if f.Data, err = os.ReadFile(name); err != nil {
				return err
			}
		case info.Mode()&fs.ModeSymlink != 0:
			f.Link, err = os.Readlink(name)
			if err != nil {
				return err
			}
		}
		if f.Link == "" {
			keys, err := sysx.LListxattr(name)
			if err != nil {
				return err
			}
			for _, key := range keys {
				value, err := sysx.LGetxattr(name, key)
				if err != nil {
					return err
				}
				f.XAttrs[key] = string(value)
			}
		}
		files[filepath.ToSlash(rel)] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestIdentity: an image that spells out the default is the same image.
func TestIdentity(t *testing.T) {
	plain := Image{RootfsID: "a"}
	config := plain.Resolved()
	if (Image{RootfsID: "a", Config: &config, Arch: "amd64"}).Identity() != plain.Identity() {
		t.Error("defaults spelled out make another image")
	}
	config.User = "node"
	for _, other := range []Image{{RootfsID: "b"}, {RootfsID: "a", RootfsExtra: "x"}, {RootfsID: "a", Arch: "386"}, {RootfsID: "a", Config: &config}} {
		if other.Identity() == plain.Identity() {
			t.Errorf("%+v is the same image as %+v", other, plain)
		}
	}
}
