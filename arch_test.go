package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed are the imports inside this module, from the top of the house down. What a package's list
// does not name it must not import.
var allowed = map[string][]string{
	"layerwise":                             {"build/shellcheck", "cli", "cli/terminal", "diagnostics/catalog", "server"},
	"layerwise/server":                      {"build/cache", "build/files", "build/shellcheck", "build/sources", "codeactions", "diagnostics", "diagnostics/catalog", "dockerfile/text", "hover", "internal/words", "language", "language/completion", "language/formatting", "language/hints", "language/links", "language/navigation", "language/outline", "language/refactorings", "language/renames", "language/signature", "language/tokens", "workspace"},
	"layerwise/language/formatting":         {"dockerfile/syntax", "dockerfile/text"},
	"layerwise/language/refactorings":       {"build/images", "dockerfile/grammar", "dockerfile/occurrences", "dockerfile/rewrite", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/words", "language", "language/formatting"},
	"layerwise/language/tokens":             {"dockerfile/grammar", "dockerfile/occurrences", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text"},
	"layerwise/language/cursor":             {"dockerfile/grammar", "dockerfile/syntax", "dockerfile/text"},
	"layerwise/language/completion":         {"build/copies", "build/files", "build/images", "dockerfile/grammar", "dockerfile/occurrences", "dockerfile/rewrite", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/words", "language", "language/cursor"},
	"layerwise/language/hints":              {"build/copies", "build/images", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/words", "language"},
	"layerwise/language/links":              {"build/images", "diagnostics", "diagnostics/catalog", "dockerfile/grammar", "dockerfile/occurrences", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "language", "language/navigation"},
	"layerwise/language/signature":          {"dockerfile/grammar", "dockerfile/syntax", "dockerfile/text", "language/cursor"},
	"layerwise/language/renames":            {"dockerfile/occurrences", "dockerfile/rewrite", "dockerfile/stages", "dockerfile/text"},
	"layerwise/language/outline":            {"dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/words"},
	"layerwise/cli":                         {"build/buildlog", "build/cache", "build/files", "build/gitignore", "build/history", "build/llb", "build/shellcheck", "build/sources", "cli/report", "cli/terminal", "diagnostics", "diagnostics/catalog", "dockerfile/names", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "editors", "internal/words", "language/formatting", "workspace"},
	"layerwise/cli/report":                  {"cli/terminal", "diagnostics", "diagnostics/catalog", "dockerfile/text", "internal/words"},
	"layerwise/cli/terminal":                {"dockerfile/text"},
	"layerwise/editors":                     {},
	"layerwise/workspace":                   {"build/cache", "build/copies", "build/files", "build/gitignore", "build/sources", "build/images", "build/refusals", "build/shellcheck", "diagnostics", "diagnostics/catalog", "dockerfile/grammar", "dockerfile/names", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/words", "internal/yaml"},
	"layerwise/codeactions":                 {"build/files", "diagnostics", "dockerfile/rewrite", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text"},
	"layerwise/hover":                       {"build/cache", "build/copies", "build/files", "build/images", "diagnostics", "diagnostics/catalog", "dockerfile/grammar", "dockerfile/occurrences", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/markdown", "internal/words", "language", "language/cursor"},
	"layerwise/language":                    {"build/files", "dockerfile/grammar", "dockerfile/occurrences", "dockerfile/rewrite", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text"},
	"layerwise/language/navigation":         {"build/files", "dockerfile/grammar", "dockerfile/occurrences", "dockerfile/rewrite", "dockerfile/shell", "dockerfile/stages", "dockerfile/text", "language"},
	"layerwise/dockerfile/occurrences":      {"dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text"},
	"layerwise/diagnostics/catalog":         {"diagnostics", "diagnostics/caching", "diagnostics/correctness", "diagnostics/maintainability", "diagnostics/security", "diagnostics/size", "diagnostics/style", "internal/words"},
	"layerwise/diagnostics":                 {"build/copies", "build/files", "build/images", "build/moves", "build/refusals", "build/shellcheck", "dockerfile/names", "dockerfile/occurrences", "dockerfile/rewrite", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/lazy", "internal/words"},
	"layerwise/build/gitignore":             {"build/files"},
	"layerwise/dockerfile/names":            {"internal/lazy"},
	"layerwise/build/manifests":             {"build/files", "dockerfile/shell", "dockerfile/syntax", "internal/lazy", "internal/words", "internal/yaml"},
	"layerwise/build/moves":                 {"build/copies", "build/files", "build/images", "build/manifests", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/words"},
	"layerwise/build/images":                {"dockerfile/stages"},
	"layerwise/build/copies":                {"build/files", "build/manifests", "dockerfile/names", "dockerfile/shell", "dockerfile/stages"},
	"layerwise/build/cache":                 {"build/files", "build/llb", "dockerfile/stages", "dockerfile/syntax"},
	"layerwise/build/buildlog":              {"build/llb", "dockerfile/stages", "dockerfile/text"},
	"layerwise/build/history":               {"build/files"},
	"layerwise/build/llb":                   {},
	"layerwise/build/shellcheck":            {"build/images", "dockerfile/shell", "dockerfile/stages", "dockerfile/text", "internal/lazy", "internal/words"},
	"layerwise/build/refusals":              {"build/images", "build/llb", "dockerfile/stages", "dockerfile/syntax"},
	"layerwise/build/files":                 {},
	"layerwise/build/sources":               {"build/gitignore", "dockerfile/names", "internal/lazy", "internal/words", "internal/yaml"},
	"layerwise/dockerfile/rewrite":          {"dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text"},
	"layerwise/dockerfile/shell":            {"dockerfile/syntax", "dockerfile/text", "internal/lazy"},
	"layerwise/dockerfile/stages":           {"dockerfile/grammar", "dockerfile/syntax", "dockerfile/text", "internal/words"},
	"layerwise/dockerfile/syntax":           {"dockerfile/grammar", "dockerfile/text", "internal/lazy", "internal/words"},
	"layerwise/dockerfile/grammar":          {},
	"layerwise/dockerfile/text":             {},
	"layerwise/diagnostics/caching":         family,
	"layerwise/diagnostics/correctness":     append(slices.Clone(family), "build/refusals", "build/shellcheck", "dockerfile/grammar", "dockerfile/occurrences"),
	"layerwise/diagnostics/maintainability": family,
	"layerwise/diagnostics/security":        family,
	"layerwise/diagnostics/size":            family,
	"layerwise/diagnostics/style":           family,
}

var family = []string{"build/cache", "build/copies", "build/files", "build/gitignore", "build/images", "build/manifests", "build/moves", "diagnostics", "dockerfile/grammar", "dockerfile/names", "dockerfile/rewrite", "dockerfile/shell", "dockerfile/stages", "dockerfile/syntax", "dockerfile/text", "internal/lazy", "internal/words"}

// outside are modules that only the named packages may import.
var outside = map[string][]string{
	"go.lsp.dev/":       {"layerwise/server"},
	"github.com/spf13/": {"layerwise", "layerwise/cli"},
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb": {"layerwise/build/llb"},
	"github.com/moby/buildkit/client/llb":                         {"layerwise/build/llb"},
	"github.com/owenrumney/":                                      {"layerwise/cli/report"},
	"github.com/distribution/":                                    {"layerwise/build/images"},
	"mvdan.cc/sh/":                                                {"layerwise/build/sources", "layerwise/dockerfile/shell"},
	"github.com/hashicorp/":                                       {"layerwise/build/sources"},
	"github.com/zclconf/":                                         {"layerwise/build/sources"},
	"go.starlark.net/":                                            {"layerwise/build/sources"},
	"github.com/compose-spec/":                                    {}, // the tests' oracle; linking it costs each start 10 ms
	"github.com/tailscale/":                                       {"layerwise/build/sources"},
	"go.uber.org/zap":                                             {"layerwise", "layerwise/server"},
	"github.com/editorconfig/":                                    {"layerwise/workspace"},
	"github.com/goccy/":                                           {"layerwise/workspace"}, // its tree; the text goes through internal/yaml
	"net":                                                         {},
	"net/http":                                                    {},
	"os/exec":                                                     {"layerwise/build/history", "layerwise/build/shellcheck"},
}

// TestImports keeps the data flowing one way.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		fields := strings.Fields(line)
		pkg := fields[0]
		if strings.HasPrefix(pkg, "layerwise/internal/") || strings.HasPrefix(pkg, "layerwise/editors/") {
			continue
		}
		list, known := allowed[pkg]
		if !known {
			t.Errorf("%s is not in the table of allowed imports", pkg)
		}
		for _, imported := range fields[1:] {
			if inside, ok := strings.CutPrefix(imported, "layerwise/"); ok && !slices.Contains(list, inside) {
				t.Errorf("%s must not import %s", pkg, inside)
			}
			for module, owners := range outside {
				if (imported == module || strings.HasSuffix(module, "/") && strings.HasPrefix(imported, module)) && !slices.Contains(owners, pkg) {
					t.Errorf("%s must not import %s", pkg, imported)
				}
			}
		}
	}
}

// editors are the files outside dockerfile/rewrite and dockerfile/text that make edits of text by
// themselves, and why. The list can only become shorter.
var editors = map[string]string{
	"language/formatting/formatting.go": "blanks and the case of keywords, whose law is that BuildKit makes the same of it",
	"language/formatting/indent.go":     "the same, while one types",
	"server/sync.go":                    "what the client typed",
	"workspace/draft.go":                "what the client typed",
	"diagnostics/fix.go":                "puts the edits of several fixes together",
}

// TestEdits keeps fixes from cutting text by themselves.
func TestEdits(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "dockerfile/rewrite/") || strings.HasPrefix(path, "dockerfile/text/") || strings.HasPrefix(path, "internal/") {
			return err
		}
		src, err := os.ReadFile(path)
		if strings.Contains(string(src), "text.Edit{") {
			found[path] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range found {
		if _, ok := editors[path]; !ok {
			t.Errorf("%s makes edits of text by itself: dockerfile/rewrite is for that", path)
		}
	}
	for path := range editors {
		if !found[path] {
			t.Errorf("%s makes no edits any more: take it off the list", path)
		}
	}
}

// TestSmall: what is released links no template that runs, which would keep each exported method of each type: a fifth of
// the program.
func TestSmall(t *testing.T) {
	out, err := exec.Command("go", "list", "-tags=grpcnotrace", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range strings.Fields(string(out)) {
		if pkg == "html/template" || pkg == "golang.org/x/net/trace" {
			t.Errorf("the program links %s", pkg)
		}
	}
	for _, file := range []string{"Makefile", "action.yml", "editors/vscode/scripts/package.mjs"} {
		text, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "build") && strings.Contains(line, "-trimpath") && !strings.Contains(line, "grpcnotrace") {
				t.Errorf("%s builds without the tag grpcnotrace: %s", file, line)
			}
		}
	}
}

// TestNoBuildResults: the repository holds what people write, not what a tool makes of it. A clone carries each large file for
// ever, also one that a later commit takes away.
func TestNoBuildResults(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skip("this is no clone")
	}
	for _, file := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		info, err := os.Lstat(file)
		if err == nil && info.Size() > 1<<20 {
			t.Errorf("%s has %d bytes: is it a program or an archive that got in by git add?", file, info.Size())
		}
		if kinds := []string{".go", ".md", ".mod", ".sum", ".yaml", ".yml", "Makefile", "LICENSE", ".gitignore"}; !strings.Contains(file, "/") &&
			!slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasSuffix(file, kind) }) {
			t.Errorf("%s lies at the top, which is the map of the project: is it the output of some command?", file)
		}
	}
}
