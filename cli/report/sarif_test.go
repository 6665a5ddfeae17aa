package report

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	textedit "layerwise/dockerfile/text"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"
)

func TestSARIF(t *testing.T) {
	schema := schemaOfSARIF(t)
	oddProject(t)
	out := written(t, "sarif")
	validation, err := gojsonschema.Validate(gojsonschema.NewStringLoader(schema), gojsonschema.NewBytesLoader(out))
	if err != nil {
		t.Fatal(err)
	}
	for _, mistake := range validation.Errors() {
		t.Error(mistake)
	}
	log, err := sarif.FromBytes(out)
	if err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	for i, rule := range run.Tool.Driver.Rules {
		if want := catalog.Rules()[i]; *rule.ID != want.Name || *rule.Help.Markdown != catalog.Page(want) {
			t.Errorf("rule %s has the page %q", *rule.ID, *rule.Help.Markdown)
		}
	}
	path := func(at *sarif.ArtifactLocation) string {
		if *at.URIBaseID != "%SRCROOT%" {
			t.Errorf("%s is relative to %s", *at.URI, *at.URIBaseID)
		}
		u, err := url.Parse(*at.URI)
		if err != nil {
			t.Error(err)
		}
		return u.Path
	}
	var got []read
	prints := map[string]bool{}
	for _, res := range run.Results {
		at := res.Locations[0].PhysicalLocation
		f := read{
			path: path(at.ArtifactLocation), rule: *res.RuleID, severity: res.Level, message: *res.Message.Text,
			line: *at.Region.StartLine, column: *at.Region.StartColumn, endLine: *at.Region.EndLine, endColumn: *at.Region.EndColumn,
		}
		for _, related := range res.RelatedLocations {
			f.remarks += fmt.Sprintf("%d %s\n", *related.PhysicalLocation.Region.StartLine, *related.Message.Text)
		}
		for _, fix := range res.Fixes {
			f.remarks += *fix.Description.Text + "\n"
			for _, change := range fix.ArtifactChanges {
				f.remarks += mended(t, path(change.ArtifactLocation), change.Replacements)
			}
		}
		got = append(got, f)
		prints[f.path+res.PartialFingerprints["layerwise/v1"]] = true
	}
	level := map[diagnostics.Severity]string{diagnostics.Error: "error", diagnostics.Warning: "warning", diagnostics.Info: "note", diagnostics.Hint: "note"}
	text := func(s string) string {
		if s = valid(terminal.Shorten(s)); strings.Contains(s, "](") {
			s = strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`).Replace(s)
		}
		return s
	}
	compare(t, got, expected(t, func(file *File, f *Finding) read {
		at := file.place(f.Span)
		r := read{file.Name, at.Start.Line, at.Start.Column, at.End.Line, at.End.Column, level[f.Severity], f.Rule.Name, text(f.Message), ""}
		for _, related := range f.Related {
			r.remarks += fmt.Sprintf("%d %s\n", file.place(related.Span).Start.Line, text(related.Message))
		}
		for _, fix := range f.Offers {
			r.remarks += text(fix.Title) + "\n"
			for _, edited := range fix.Edits {
				if edited.Path == "" {
					edited.Source = file.Source
				}
				r.remarks += textedit.Apply(edited.Source, edited.Edits)
			}
		}
		return r
	}))
	if len(prints) != len(got) {
		t.Errorf("%d findings have %d fingerprints", len(got), len(prints))
	}
}

// TestHomepage: the pages of rules have addresses once the module has one.
func TestHomepage(t *testing.T) {
	for module, want := range map[string]string{"layerwise": "", "": "", "example.com/you/layerwise": "https://example.com/you/layerwise"} {
		if got := homepage(module); got != want {
			t.Errorf("%q is at %q, want %q", module, got, want)
		}
	}
	driver := sarifDriver("v1.0.0", "https://example.com/you/layerwise")
	for i, rule := range catalog.Rules() {
		page, ok := strings.CutPrefix(*driver.Rules[i].HelpURI, *driver.InformationURI+"/blob/HEAD/")
		if _, err := os.Stat(filepath.Join("..", "..", page)); !ok || err != nil {
			t.Errorf("%s is at %s: %v", rule.Name, *driver.Rules[i].HelpURI, err)
		}
	}
}

// mended is the text of a file after the replacements, made as the standard says: all places are those
// of the text before, in lines and UTF-16 columns.
func mended(t *testing.T, path string, replacements []*sarif.Replacement) string {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(src), "\n")
	offset := func(line, column int) int {
		before := string(utf16.Decode(utf16.Encode([]rune(lines[line-1]))[:column-1]))
		return len(strings.Join(lines[:line-1], "")) + len(before)
	}
	text, from := "", 0
	for _, r := range replacements {
		at := r.DeletedRegion
		text += string(src[from:offset(*at.StartLine, *at.StartColumn)]) + *r.InsertedContent.Text
		from = offset(*at.EndLine, *at.EndColumn)
	}
	return text + string(src[from:])
}

// schemaOfSARIF is the official schema, which the library that reads the log has in its source.
func schemaOfSARIF(t *testing.T) string {
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	literal := file.Decls[0].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0].(*ast.BasicLit)
	schema, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
