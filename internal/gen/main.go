// Command gen rewrites what is made from the code: the README's table of rules and its picture, the
// JSON schema of .layerwise.yaml, and the settings of the extension for VS Code. It runs in the root of the
// repository. A test fails when they are stale.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"strings"

	"layerwise/diagnostics/catalog"
	"layerwise/workspace"
)

func main() {
	for path, text := range generate() {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

const (
	begin = "<!-- rules: made by make generate -->\n"
	end   = "<!-- end of rules -->\n"
)

// generate returns the generated files by path.
func generate() map[string][]byte {
	const (
		readme    = "README.md"
		extension = "editors/vscode/package.json"
	)
	text := read(readme)
	head, rest, ok := bytes.Cut(text, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		log.Fatalf("%s has no place for the table of rules", readme)
	}
	return map[string][]byte{
		jetbrains:                    jetbrainsSettings(),
		readme:                       []byte(string(head) + begin + table() + end + string(tail)),
		"docs/layerwise.schema.json": workspace.Schema(),
		"docs/check.svg":             picture(),
		"docs/explain.svg":           stages(),
		extension:                    manifest(read(extension)),
	}
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

// table is the README's table of rules.
func table() string {
	var b strings.Builder
	b.WriteString("\n| rule | severity | what it finds |\n|---|---|---|\n")
	for _, r := range catalog.Rules() {
		page := "diagnostics/" + r.Folder() + "/" + strings.ReplaceAll(r.Name, "-", "_") + ".md"
		fmt.Fprintf(&b, "| [`%s`](%s) | %s | %s |\n", r.Name, page, r.Severity, r.Summary())
	}
	b.WriteString("\n")
	return b.String()
}
