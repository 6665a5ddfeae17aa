// Command gen rewrites what is made from the code: the README's table of rules and its picture, the page of all rules, the
// table for those who come from hadolint, the JSON schema of .layerwise.yaml, and the settings of the extension for VS
// Code. It runs in the root of the repository. A test fails when they are stale.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"slices"
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
		moving    = "docs/hadolint.md"
		extension = "editors/vscode/package.json"
	)
	return map[string][]byte{
		jetbrains:                    jetbrainsSettings(),
		readme:                       filled(readme, table()),
		moving:                       filled(moving, crosswalk()),
		"docs/rules.md":              rules(),
		"docs/layerwise.schema.json": workspace.Schema(),
		"docs/check.svg":             picture(),
		"docs/explain.svg":           stages(),
		extension:                    manifest(read(extension)),
	}
}

// filled is a page with a table in the place that is marked for it.
func filled(path, table string) []byte {
	head, rest, ok := bytes.Cut(read(path), []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		log.Fatalf("%s has no place for the table of rules", path)
	}
	return []byte(string(head) + begin + table + end + string(tail))
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	return text
}

// families say what each family of rules is about.
var families = map[string]string{
	"cache":           "what makes builds slow: steps that rerun though nothing that they need has changed",
	"security":        "secrets that stay in the image, downloads that nobody checks, containers that run as root",
	"size":            "what makes the image larger, and is not needed in it",
	"correctness":     "what does not build, or does something else than it seems to",
	"maintainability": "what drifts or ages: images and packages without a version, and those that nobody mends",
	"style":           "what BuildKit asks for, and changes nothing in what is built",
}

// table is the README's table of the families of rules.
func table() string {
	on, off := map[string]int{}, map[string]int{}
	for _, r := range catalog.Rules() {
		if r.Off {
			off[r.Family]++
		} else {
			on[r.Family]++
		}
	}
	var b strings.Builder
	b.WriteString("\n| family | on | off | what it is about |\n|---|--:|--:|---|\n")
	for _, family := range familiesInOrder() {
		fmt.Fprintf(&b, "| [%s](docs/rules.md#%s) | %d | %d | %s |\n", family, family, on[family], off[family], families[family])
	}
	b.WriteString("\n")
	return b.String()
}

// familiesInOrder are the families as the catalog has them.
func familiesInOrder() (all []string) {
	for _, r := range catalog.Rules() {
		if !slices.Contains(all, r.Family) {
			all = append(all, r.Family)
		}
	}
	return all
}

// aboutShellCheck is for those who look for what hadolint brings with it.
const aboutShellCheck = `
## ShellCheck

If [ShellCheck](https://www.shellcheck.net) is installed, so that PATH has ` + "`shellcheck`" + `, the scripts of RUN are checked with it, in editors and
by ` + "`layerwise check`" + `: the rule [` + "`shellcheck`" + `](../diagnostics/correctness/shellcheck.md). Its findings have names of their own:

` + "```yaml" + `
rules:
  shellcheck/SC2086: off      # this one, in all files
  shellcheck: off             # all, so that ShellCheck is not run; on the command line: --skip shellcheck
` + "```" + `

` + "```dockerfile" + `
# layerwise ignore=shellcheck/SC2086
# shellcheck disable=SC2086
` + "```" + `

Comments and settings of hadolint that name such a code count, too. Where ShellCheck is not installed, nothing is missed:
` + "`layerwise lsp --verbose`" + ` says in its log which one it has found.
`

// rules is the page of all rules.
func rules() []byte {
	var b strings.Builder
	b.WriteString("# Rules\n\nMade by `make generate`; `layerwise rules --format markdown` prints the same with the ids of other tools.\n" +
		"A rule that is off reports where `.layerwise.yaml` turns it on: `rules: { NAME: on }`.\n")
	b.WriteString(aboutShellCheck)
	for _, family := range familiesInOrder() {
		fmt.Fprintf(&b, "\n## %s\n\nThis family is about %s.\n\n| rule | by default | what it finds | hadolint, BuildKit |\n|---|---|---|---|\n", family, families[family])
		for _, r := range catalog.Rules() {
			if r.Family != family {
				continue
			}
			page := "../diagnostics/" + r.Folder() + "/" + strings.ReplaceAll(r.Name, "-", "_") + ".md"
			severity := r.Severity.String()
			if r.Off {
				severity = "off"
			}
			fmt.Fprintf(&b, "| [`%s`](%s) | %s | %s | %s |\n", r.Name, page, severity, strings.ReplaceAll(r.Summary(), "|", `\|`), strings.Join(slices.Concat(r.Hadolint, r.BuildKit), ", "))
		}
	}
	return []byte(b.String())
}
