// Package cases runs tests that are groups of sections in a text file. It imports nothing of this module, so that
// the tests of every package can use it.
package cases

import (
	"flag"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Update rewrites the files instead of comparing.
var Update = flag.Bool("update", false, "rewrite the golden files")

// Case is a group of files "NAME/…" of a text file of cases.
type Case struct {
	Name  string
	Files map[string]string // by the rest of their names
}

// Without is the files but for the named ones: the build context of a case.
func (c Case) Without(names ...string) map[string]string {
	rest := map[string]string{}
	for name, body := range c.Files {
		rest[name] = body
	}
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

// Run reads the text file of cases, and compares NAME/want of each with what got makes of it. With
// -update it writes that into the file.
func Run(t *testing.T, file string, got func(t *testing.T, c Case) string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for len(archive.Files) > 0 {
		name, _, ok := strings.Cut(archive.Files[0].Name, "/")
		if !ok {
			t.Fatalf("%s: the file %s belongs to no case", file, name)
		}
		c := Case{name, map[string]string{}}
		for len(archive.Files) > 0 {
			f := archive.Files[0]
			rest, mine := strings.CutPrefix(f.Name, name+"/")
			if !mine {
				break
			}
			c.Files[rest] = string(f.Data)
			if rest != "want" {
				out.Files = append(out.Files, f)
			}
			archive.Files = archive.Files[1:]
		}
		t.Run(name, func(t *testing.T) {
			text := got(t, c)
			out.Files = append(out.Files, txtar.File{Name: name + "/want", Data: []byte(text)})
			if want := c.Files["want"]; text != want && !*Update {
				t.Errorf("got\n%s\nwant\n%s", text, want)
			}
		})
	}
	if *Update {
		if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
