package editors_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"layerwise/dockerfile/names"
	"layerwise/workspace"

	"github.com/xeipuuv/gojsonschema"
)

// template is a template.json as LSP4IJ reads it.
type template struct {
	ID               string            `json:"id"`
	Name             string            `json:"name"`
	URL              string            `json:"url"`
	ProgramArgs      map[string]string `json:"programArgs"`
	LanguageMappings []struct {
		Language   string `json:"language"`
		LanguageID string `json:"languageId"`
	} `json:"languageMappings"`
	FileTypeMappings []struct {
		FileType struct {
			Name     string   `json:"name"`
			Patterns []string `json:"patterns"`
		} `json:"fileType"`
		LanguageID string `json:"languageId"`
	} `json:"fileTypeMappings"`
}

// readTemplate reads a folder as LSP4IJ's importer does. That one passes over what it does not know and
// fails late; here each such thing is an error.
func readTemplate(dir string) (t template, problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	entries, err := os.ReadDir(dir)
	if err != nil {
		return t, []string{err.Error()}
	}
	into := map[string]any{
		"template.json":              &t,
		"settings.json":              new(map[string]any),
		"settings.schema.json":       new(map[string]any),
		"initializationOptions.json": new(map[string]any),
		"experimental.json":          new(map[string]any),
		"clientSettings.json":        new(clientSettings),
		"README.md":                  nil,
	}
	for _, entry := range entries {
		value, known := into[entry.Name()]
		if !known {
			problem("%s: the importer does not read this", entry.Name())
			continue
		}
		if value == nil {
			continue
		}
		f, err := os.Open(path.Join(dir, entry.Name()))
		if err != nil {
			problem("%v", err)
			continue
		}
		decoder := json.NewDecoder(f)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(value); err != nil {
			problem("%s: %v", entry.Name(), err)
		}
		f.Close()
	}
	if t.ID == "" || t.Name == "" {
		problem("template.json: id and name are required")
	}
	if t.ProgramArgs["default"] == "" {
		problem("template.json: programArgs needs a default")
	}
	for system, command := range t.ProgramArgs {
		if !slices.Contains([]string{"default", "windows", "mac", "unix"}, system) {
			problem("template.json: programArgs has no operating system %q", system)
		}
		if strings.Count(command, `"`)%2 != 0 {
			problem("template.json: an open quote in %s", command)
		}
	}
	if len(t.FileTypeMappings) == 0 {
		problem("template.json: no file is opened with this server")
	}
	for _, m := range t.LanguageMappings {
		if m.Language == "" || m.LanguageID == "" {
			problem("template.json: a language mapping needs language and languageId")
		}
	}
	for _, m := range t.FileTypeMappings {
		if m.FileType.Name == "" && len(m.FileType.Patterns) == 0 || m.LanguageID == "" {
			problem("template.json: a file type mapping needs a name or patterns, and a languageId")
		}
	}
	return t, problems
}

// clientSettings are those of LSP4IJ that this template may set.
type clientSettings struct {
	CaseSensitive     bool   `json:"caseSensitive"`
	LineCommentPrefix string `json:"lineCommentPrefix"`
}

func TestJetBrainsTemplate(t *testing.T) {
	read, problems := readTemplate("jetbrains/template")
	for _, problem := range problems {
		t.Error(problem)
	}
	for _, m := range read.FileTypeMappings {
		for _, name := range []string{
			"Dockerfile", "Dockerfile.prod", "api.Dockerfile", "api.dockerfile", "Dockerfile-fpm", "Dockerfile_dev", "DemoDockerfile",
			"Containerfile", "Containerfile.prod", "api.Containerfile", "api.containerfile", "Containerfile-fpm", "DemoContainerfile",
		} {
			if !names.IsDockerfile(name) {
				t.Errorf("the server does not take %s for a Dockerfile", name)
			}
			if !matches(t, m.FileType.Patterns, name) {
				t.Errorf("%s is not opened with the server", name)
			}
		}
		for _, name := range []string{"compose.yaml", "mydockerfile", "Makefile", "dockerfile.go"} {
			if matches(t, m.FileType.Patterns, name) {
				t.Errorf("%s is opened with the server", name)
			}
		}
	}
}

// TestJetBrainsSettings compares what the editor lets people write with what the server takes.
func TestJetBrainsSettings(t *testing.T) {
	schema, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(read(t, "jetbrains/template/settings.schema.json")))
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(read(t, "jetbrains/template/README.md"), "```json\n")
	example, _, _ = strings.Cut(example, "```")
	for text, good := range map[string]bool{
		read(t, "jetbrains/template/settings.json"): true,
		example: true,
		`{"layerwise": {"context": "..", "buildArgs": {"A": "1"}, "rules": {"size": "hint"}}}`: true,
		`{"layerwise": {"rules": {"final-user-missing": "loud"}}}`:                             false,
		`{"layerwise": {"rules": {"no-such-rule": "off"}}}`:                                    false,
		`{"layerwise": {"targets": "release"}}`:                                                false,
	} {
		result, err := schema.Validate(gojsonschema.NewStringLoader(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var settings struct{ Layerwise json.RawMessage }
		if err := json.Unmarshal([]byte(text), &settings); err != nil || settings.Layerwise == nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if _, err := workspace.FromJSON(settings.Layerwise); result.Valid() != good || (err == nil) != good {
			t.Errorf("the editor takes it: %v; the server: %v; want %v\n%s", result.Errors(), err, good, text)
		}
	}
}

func matches(t *testing.T, patterns []string, name string) bool {
	t.Helper()
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		return ok
	})
}

// TestJetBrainsTemplateRefused keeps the checker honest.
func TestJetBrainsTemplateRefused(t *testing.T) {
	const good = `{"id": "a", "name": "A", "programArgs": {"default": "a"}, "fileTypeMappings": [{"fileType": {"patterns": ["A"]}, "languageId": "a"}]}`
	for name, c := range map[string]struct{ file, text, want string }{
		"nothing wrong":  {"template.json", good, ""},
		"no template":    {"settings.json", `{}`, "id and name are required"},
		"unknown file":   {"installer.sh", ``, "installer.sh: the importer does not read this"},
		"unknown member": {"template.json", strings.Replace(good, `"id"`, `"Key": 1, "id"`, 1), `unknown field "Key"`},
		"no JSON":        {"settings.json", `{`, "unexpected EOF"},
		"system":         {"template.json", strings.Replace(good, `"default": "a"`, `"default": "a", "linux": "a"`, 1), `no operating system "linux"`},
		"no default":     {"template.json", strings.Replace(good, `"default"`, `"unix"`, 1), "programArgs needs a default"},
		"quote":          {"template.json", strings.Replace(good, `"default": "a"`, `"default": "sh -c \"a"`, 1), "an open quote"},
		"no patterns":    {"template.json", strings.Replace(good, `["A"]`, `[]`, 1), "needs a name or patterns"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{"template.json": good, c.file: c.text} {
				if name == "no template" && file != c.file {
					continue
				}
				if err := os.WriteFile(path.Join(dir, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, problems := readTemplate(dir)
			if got := strings.Join(problems, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
