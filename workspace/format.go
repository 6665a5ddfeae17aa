package workspace

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/files"

	"github.com/editorconfig/editorconfig-core-go/v2"
)

// Format says how Dockerfiles are to be formatted. What is empty is not said.
type Format struct {
	KeywordCase    string // upper, lower or keep
	Indent         string // of continuation lines: a number of blanks, or tab
	RunIndentation string // true or false: whether those of RUN are indented too

	byFile bool // Indent is that of a .layerwise.yaml
}

// FormatOptions are how one Dockerfile is to be formatted, as the formatter takes them.
type FormatOptions struct {
	KeywordCase    string // upper, lower or keep; empty for the default
	Indent         string // blanks or one tab; empty for what the file has
	RunIndentation bool
}

// formatKeys are the names of what Format holds, with what it may be.
var formatKeys = map[string][]string{
	"keywordCase":    {"upper", "lower", "keep"},
	"indent":         append([]string{"tab"}, numbers(maxIndent)...),
	"runIndentation": {"true", "false"},
}

// maxIndent is how many blanks an indentation has at most.
const maxIndent = 16

// formatProperties are those of the schema.
func formatProperties() map[string]any {
	return map[string]any{
		"keywordCase": map[string]any{
			"description": "The case of instructions and AS: upper, which is the default, lower, or keep for as they are.",
			"type":        "string", "enum": formatKeys["keywordCase"],
		},
		"indent": map[string]any{
			"description": "The indentation of continuation lines: tab, or a number of blanks. By default it is what the file has, or 4 blanks if that is not one. A .editorconfig wins over an editor's setting, and .layerwise.yaml over both.",
			"type":        []string{"integer", "string"}, "minimum": 1, "maximum": maxIndent, "pattern": "^tab$",
		},
		"runIndentation": map[string]any{
			"description": "Indents the continuation lines of RUN too. They are a part of its cache key: each RUN that changes reruns once, with the steps below it.",
			"type":        "boolean",
		},
	}
}

// numbers are those from 1 on.
func numbers(n int) (list []string) {
	for i := range n {
		list = append(list, strconv.Itoa(i+1))
	}
	return list
}

// set gives one of the keys a value, and says what is wrong with it; "" if nothing is.
func (f *Format) set(key, value string) string {
	values, known := formatKeys[key]
	switch {
	case !known:
		return fmt.Sprintf("format has no %q%s", quoted(key), suggestion(key, []string{"keywordCase", "indent", "runIndentation"}))
	case key == "indent" && !slices.Contains(values, value):
		return fmt.Sprintf("the indent of format must be tab or a number of blanks from 1 to %d, not %q", maxIndent, quoted(value))
	case !slices.Contains(values, value):
		return fmt.Sprintf("the %s of format must be %s, not %q", key, strings.Join(values[:len(values)-1], ", ")+" or "+values[len(values)-1], quoted(value))
	}
	switch key {
	case "keywordCase":
		f.KeywordCase = value
	case "indent":
		f.Indent = value
	case "runIndentation":
		f.RunIndentation = value
	}
	return ""
}

// fromJSON reads the keys of an editor's settings. null says nothing.
func (f *Format) fromJSON(raw json.RawMessage) (problems []error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return []error{Problem{Message: "the setting format has the wrong type"}}
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if object[key] == nil {
			continue
		}
		if problem := f.set(key, fmt.Sprint(object[key])); problem != "" {
			problems = append(problems, Problem{Message: problem})
		}
	}
	return problems
}

// over is what below says, with what f says in its place.
func (f Format) over(below Format) Format {
	if f.KeywordCase != "" {
		below.KeywordCase = f.KeywordCase
	}
	if f.Indent != "" {
		below.Indent, below.byFile = f.Indent, f.byFile
	}
	if f.RunIndentation != "" {
		below.RunIndentation = f.RunIndentation
	}
	return below
}

// FormatOf is how the Dockerfile at an absolute path, or "" for one that is not on disk, is to be formatted. For the
// indentation, .layerwise.yaml wins over the .editorconfig files of its folder and those above it, and these win over
// an editor's settings. The files are read each time.
func (c Config) FormatOf(path string) FormatOptions {
	indent := c.Format.Indent
	if !c.Format.byFile && path != "" {
		if said := editorconfigIndent(path); said != "" {
			indent = said
		}
	}
	options := FormatOptions{KeywordCase: c.Format.KeywordCase, RunIndentation: c.Format.RunIndentation == "true"}
	if n, err := strconv.Atoi(indent); err == nil {
		options.Indent = strings.Repeat(" ", n)
	} else if indent == "tab" {
		options.Indent = "\t"
	}
	return options
}

const (
	editorconfigName = ".editorconfig"
	maxEditorconfig  = 64 << 10 // bytes
	maxAbove         = 100      // folders that are looked into
)

// editorconfigIndent is the indentation that .editorconfig files say for a file: tab, a number of blanks, or "".
// Those of the folders above count up to one that says that it is the root, or to the root of the repository.
func editorconfigIndent(path string) string {
	dir := filepath.Dir(path)
	trusted := trustedOwners(dir)
	style, size, width := "", "", 0
	for at, n := dir, 0; n < maxAbove; n++ {
		info, err := os.Lstat(filepath.Join(at, editorconfigName))
		if err == nil && trusted(info) {
			def, root := readEditorconfig(at, path)
			if style == "" {
				style = def.IndentStyle
			}
			if size == "" {
				size = def.IndentSize
			}
			if width == 0 {
				width = def.TabWidth
			}
			if root {
				break
			}
		}
		parent := filepath.Dir(at)
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil || parent == at {
			break
		}
		at = parent
	}
	if style == editorconfig.IndentStyleTab {
		return "tab"
	}
	if size == editorconfig.IndentStyleTab {
		size = strconv.Itoa(width)
	}
	if slices.Contains(formatKeys["indent"], size) {
		return size
	}
	return ""
}

// readEditorconfig is what the .editorconfig of a folder says for a file below it. One that cannot be read says
// nothing.
func readEditorconfig(dir, path string) (def editorconfig.Definition, root bool) {
	src, err := files.ReadRegular(dir, editorconfigName, maxEditorconfig)
	name, errName := filepath.Rel(dir, path)
	if err != nil || errName != nil || strings.Contains(src, "%(") {
		return def, false // %(name)s is none of the format's, but the parser would put values into each other
	}
	file, _, err := editorconfig.ParseGraceful(strings.NewReader(src))
	if err != nil {
		return def, false
	}
	found, err := file.GetDefinitionForFilename(filepath.ToSlash(name))
	if err != nil {
		return def, file.Root
	}
	return *found, file.Root
}
