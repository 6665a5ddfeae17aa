package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFormatOf: the indentation is that of .layerwise.yaml, else of the .editorconfig files, else of the editor.
func TestFormatOf(t *testing.T) {
	for _, test := range []struct{ name, files, settings, want string }{
		{"nothing is said", "", "", " "},
		{"settings", "", `{"format": {"keywordCase": "lower", "indent": 2, "runIndentation": true}}`, "lower ·· run"},
		{"a tab by settings", "", `{"format": {"indent": "tab"}}`, " →"},
		{"the folder's own", "app/.editorconfig: [*]\nindent_size=2", `{"format": {"indent": 8}}`, " ··"},
		{"by its name", "app/.editorconfig: [*]\nindent_size=2\n[Dockerfile]\nindent_size=3", "", " ···"},
		{"not that of other files", "app/.editorconfig: [*.go]\nindent_style=tab", "", " "},
		{"tabs", "app/.editorconfig: [{Dockerfile,*.mk}]\nindent_style=tab\nindent_size=8", "", " →"},
		{"the size of a tab", "app/.editorconfig: [*]\nindent_style=space\nindent_size=tab\ntab_width=2", "", " ··"},
		{"from above", ".editorconfig: [app/**]\nindent_size=2", "", " ··"},
		{"the nearer one", ".editorconfig: [*]\nindent_size=2; app/.editorconfig: [*]\nindent_size=3", "", " ···"},
		{"not above a root", ".editorconfig: [*]\nindent_size=2; app/.editorconfig: root=true", "", " "},
		{"not above the repository", ".editorconfig: [*]\nindent_size=2; app/.git/HEAD: x", "", " "},
		{"our own file", "app/.editorconfig: [*]\nindent_size=2; .layerwise.yaml: format: { indent: 3, keywordCase: keep }", "", "keep ···"},
		{"our own file, of something else", "app/.editorconfig: [*]\nindent_size=2; .layerwise.yaml: format: { keywordCase: keep }", `{"format": {"indent": 8}}`, "keep ··"},
		{"what is no indentation", "app/.editorconfig: [*]\nindent_size=100", "", " "},
		{"what is no such file", "app/.editorconfig: [*", `{"format": {"indent": 1}}`, " ·"},
		{"values in each other", "app/.editorconfig: [*]\na=2\nindent_size=%(a)s", "", " "},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, file := range strings.Split(test.files, "; ") {
				if name, body, ok := strings.Cut(file, ": "); ok {
					path := filepath.Join(dir, filepath.FromSlash(name))
					if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, []byte(body+"\n"), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			cfg, err := FromJSON([]byte(test.settings))
			if err != nil {
				t.Fatal(err)
			}
			file, problems := LoadConfig(filepath.Join(dir, ".layerwise.yaml"), map[string]string{filepath.Join(dir, ".layerwise.yaml"): read(dir)})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			o := Merge(cfg, file).FormatOf(filepath.Join(dir, "app", "Dockerfile"))
			got := o.KeywordCase + " " + strings.NewReplacer(" ", "·", "\t", "→").Replace(o.Indent)
			if o.RunIndentation {
				got += " run"
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// read is the text of the folder's configuration; empty if it has none.
func read(dir string) string {
	src, _ := os.ReadFile(filepath.Join(dir, ".layerwise.yaml"))
	return string(src)
}

// TestFormatMistakes: what format cannot be is told at its place, and the rest applies.
func TestFormatMistakes(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"keywordCase: shouting", `c:2:3: the keywordCase of format must be upper, lower or keep, not "shouting"`},
		{"indent: 17", `c:2:3: the indent of format must be tab or a number of blanks from 1 to 16, not "17"`},
		{"runIndentation: yes", `c:2:3: the runIndentation of format must be true or false, not "yes"`},
		{"indnt: 2", `c:2:3: format has no "indnt"; did you mean "indent"?`},
	} {
		key, value, _ := strings.Cut(test.src, ": ")
		other := "indent: 2"
		if key == "indent" {
			other = "keywordCase: keep"
		}
		cfg, problems := ParseConfig("c", "format:\n  "+test.src+"\n  "+other+"\n")
		if len(problems) == 0 || problems[0].Error() != test.want {
			t.Errorf("%s: %v", test.src, problems)
		}
		if cfg.Format.Indent != "2" && cfg.Format.KeywordCase != "keep" {
			t.Errorf("%s: the rest does not apply: %+v", test.src, cfg.Format)
		}
		if _, err := FromJSON([]byte(`{"format": {"` + key + `": "` + value + `"}}`)); err == nil || err.Error() != strings.TrimPrefix(test.want, "c:2:3: ") {
			t.Errorf("%s in JSON: %v", test.src, err)
		}
	}
	if _, err := FromJSON([]byte(`{"format": "upper"}`)); err == nil || !strings.Contains(err.Error(), "wrong type") {
		t.Errorf("no object: %v", err)
	}
}
