package server_test

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// opens counts what anyone opens below a folder: files that are read, and folders that are listed. Linux tells.
type opens struct {
	t       *testing.T
	file    int
	folders map[int32]string
}

func watchOpens(t *testing.T, root string) *opens {
	t.Helper()
	file, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		t.Skip("files cannot be watched here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Close(file) })
	o := &opens{t, file, map[int32]string{}}
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.IsDir() {
			return err
		}
		watch, err := syscall.InotifyAddWatch(file, path, syscall.IN_OPEN)
		o.folders[int32(watch)] = path
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o.taken() // by the walk itself
	return o
}

// taken is what was opened since the last call.
func (o *opens) taken() (names []string) {
	o.t.Helper()
	buffer := make([]byte, 1<<16)
	for {
		n, err := syscall.Read(o.file, buffer)
		if n <= 0 || err != nil {
			return names
		}
		for rest := buffer[:n]; len(rest) >= syscall.SizeofInotifyEvent; {
			length := int(binary.NativeEndian.Uint32(rest[12:]))
			if binary.NativeEndian.Uint32(rest[4:])&syscall.IN_Q_OVERFLOW != 0 {
				o.t.Fatal("too many files were opened to count them")
			}
			name := strings.TrimRight(string(rest[syscall.SizeofInotifyEvent:syscall.SizeofInotifyEvent+length]), "\x00")
			names = append(names, filepath.Join(o.folders[int32(binary.NativeEndian.Uint32(rest))], name))
			rest = rest[syscall.SizeofInotifyEvent+length:]
		}
	}
}

// TestKeystrokesOpenNoFiles: who types in a Dockerfile waits for no look at the sources, or at the build context. Now and
// then they are looked at beside, which is a few times for all of these keystrokes.
func TestKeystrokesOpenNoFiles(t *testing.T) {
	const keystrokes = 200
	for name, capabilities := range map[string]string{"told": `{}`, "asking": `{"textDocument":{"diagnostic":{}}}`} {
		t.Run(name, func(t *testing.T) {
			dir := apiProject(t)
			uri := "file://" + dir + "/api/Dockerfile"
			c := start(t, capabilities)
			c.open(uri, apiDockerfile)
			c.until("0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n", func() string { return c.lenses(uri) })
			version := 1
			press := func(key string) {
				version++
				c.change(uri, version, fmt.Sprintf(`[{"range":{"start":{"line":3,"character":7},"end":{"line":3,"character":7}},"text":%q}]`, key))
				if name == "told" {
					c.diagnostics(uri, version)
				} else {
					c.result("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
				}
				c.seen = nil
			}
			press("x") // what the rules read of the context, they have read now
			o := watchOpens(t, dir)
			if _, err := os.ReadFile(dir + "/compose.yaml"); err != nil || len(o.taken()) != 1 {
				t.Fatal("a file that is read is not counted", err)
			}
			for range keystrokes {
				press("x")
			}
			if got := o.taken(); len(got) > keystrokes/4 {
				t.Errorf("%d keystrokes open %d files: %q …", keystrokes, len(got), got[:10])
			} else {
				t.Logf("%d keystrokes open %d files: %q", keystrokes, len(got), got)
			}
		})
	}
}
