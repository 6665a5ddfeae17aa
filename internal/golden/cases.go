package golden

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Section is a group of files "NAME/…" of a text file of cases.
type Section struct {
	Name  string
	Files map[string]string // by the rest of their names
}

// Without is the files but for the named ones: the build context of a case.
func (s Section) Without(names ...string) map[string]string {
	rest := map[string]string{}
	for name, body := range s.Files {
		rest[name] = body
	}
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

// Sections reads the text file of cases, and compares NAME/want of each with what got makes of it. With
// -update it writes that into the file.
func Sections(t *testing.T, file string, got func(t *testing.T, s Section) string) {
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
		s := Section{name, map[string]string{}}
		for len(archive.Files) > 0 {
			f := archive.Files[0]
			rest, mine := strings.CutPrefix(f.Name, name+"/")
			if !mine {
				break
			}
			s.Files[rest] = string(f.Data)
			if rest != "want" {
				out.Files = append(out.Files, f)
			}
			archive.Files = archive.Files[1:]
		}
		t.Run(name, func(t *testing.T) {
			text := got(t, s)
			out.Files = append(out.Files, txtar.File{Name: name + "/want", Data: []byte(text)})
			if want := s.Files["want"]; text != want && !*Update {
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
