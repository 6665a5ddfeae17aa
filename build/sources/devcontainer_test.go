package sources

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestDevcontainerTexts(t *testing.T) {
	for name, c := range map[string]struct {
		src    string
		builds int
		note   string
	}{
		"byte order mark and carriage returns": {"\ufeff{\r\n// x\r\n\"build\": {\"dockerfile\": \"Dockerfile\",},\r\n}", 1, ""},
		"brackets":                             {strings.Repeat("[", 500_000), 0, "this file was not read"},
		"objects in objects":                   {strings.Repeat(`{"build":`, 50_000), 0, "this file was not read"},
		"many keys":                            {"{" + strings.Repeat("\"a\": 1,\n", 100_000) + `"build": {"dockerfile": "Dockerfile"}}`, 1, ""},
		"more than the size":                   {`{"build": {"dockerfile": "Dockerfile"}}` + strings.Repeat(" ", maxSource), 0, "it is larger than 1024 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			r := readTexts(map[string]string{".devcontainer.json": c.src, "Dockerfile": "FROM x\n"}, ".devcontainer.json")
			if len(r.Builds) != c.builds || (c.note == "") != (len(r.Notes) == 0) || c.note != "" && !hasNote(r, c.note) {
				t.Errorf("%v, %v", r.Builds, r.Notes)
			}
		})
	}
}

// FuzzDevcontainer reads made-up files, and checks the laws of all sources.
func FuzzDevcontainer(f *testing.F) {
	for _, c := range seeds(f, "testdata/devcontainer.txtar", "devcontainer.json") {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if !isKnown(src) {
			t.Skip()
		}
		checkLaws(t, map[string]string{
			".devcontainer/devcontainer.json": src, "a/.devcontainer.json": src, "Dockerfile": "FROM x\n",
			"compose.yaml": "services: {a: {build: {context: ., target: x}}}\n",
		})
	})
}

// seeds are the files of a name in a text file of cases.
func seeds(f *testing.F, file, name string) (texts []string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		f.Fatal(err)
	}
	for _, one := range archive.Files {
		if strings.HasSuffix(one.Name, name) {
			texts = append(texts, string(one.Data))
		}
	}
	return texts
}
