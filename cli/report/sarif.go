package report

import (
	"bytes"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strings"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/text"

	"github.com/owenrumney/go-sarif/v2/sarif"
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

	// sourceRoot is what paths are relative to. Readers know the name and where it is.
	sourceRoot = "%SRCROOT%"

	// fingerprintKey names the way that fingerprints are made in.
	fingerprintKey = "layerwise/v1"
)

var sarifLevel = [...]string{
	diagnostics.Error: "error", diagnostics.Warning: "warning", diagnostics.Info: "note", diagnostics.Hint: "note",
}

// newSARIF is a log with one run, whose results are written one by one.
func newSARIF(r *Run, _ terminal.Screen) Form {
	bases := map[string]*sarif.ArtifactLocation{
		sourceRoot: sarif.NewArtifactLocation().WithDescription(sarif.NewTextMessage("The root of the project.")),
	}
	head := fmt.Sprintf(`{"version":"2.1.0","$schema":%s,"runs":[{"tool":%s,"originalUriBaseIds":%s,"columnKind":"utf16CodeUnits","results":[`,
		JSON(sarifSchema), JSON(sarif.Tool{Driver: sarifDriver(r.Version, homepage(module()))}), JSON(bases))
	return Form{head: head, first: "\n", next: ",\n", part: r.sarifFile, end: func(c totals) string {
		return fmt.Sprintf("\n"+`],"invocations":[{"executionSuccessful":%t}]}]}`+"\n", !c.failed)
	}}
}

// sarifDriver describes this program and all of its rules. Without a home, rules have no address; their
// pages are here all the same.
func sarifDriver(version, home string) *sarif.ToolComponent {
	driver := &sarif.ToolComponent{Name: "Layerwise", Version: &version}
	if home != "" {
		driver.InformationURI = &home
	}
	for _, rule := range catalog.Rules() {
		page := catalog.Page(rule)
		descriptor := sarif.NewRule(rule.Name).
			WithShortDescription(sarif.NewMultiformatMessageString(rule.Summary())).
			WithFullDescription(sarif.NewMultiformatMessageString(rule.Summary())).
			WithHelp(&sarif.MultiformatMessageString{Text: &page, Markdown: &page}).
			WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(sarifLevel[rule.Severity])).
			WithProperties(sarif.Properties{"tags": []string{rule.Family}})
		if home != "" {
			descriptor.WithHelpURI(home + "/blob/HEAD/diagnostics/" + rule.Folder() + "/" + strings.ReplaceAll(rule.Name, "-", "_") + ".md")
		}
		driver.Rules = append(driver.Rules, descriptor)
	}
	return driver
}

// module is the path of this program's module.
func module() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Path
	}
	return ""
}

// homepage is the address of a module, if its path is one.
func homepage(module string) string {
	if host, _, _ := strings.Cut(module, "/"); !strings.Contains(host, ".") {
		return ""
	}
	return "https://" + module
}

// sarifFile is the results about one file. What is suppressed is not among them.
func (r *Run) sarifFile(file *File) []byte {
	var results [][]byte
	for i := range file.Findings {
		results = append(results, JSON(r.sarifResult(file, &file.Findings[i])))
	}
	return bytes.Join(results, []byte(",\n"))
}

func (r *Run) sarifResult(file *File, f *Finding) *sarif.Result {
	where := r.sarifLocation(file)
	out := sarif.NewRuleResult(f.ID()).
		WithLevel(sarifLevel[f.Severity]).
		WithMessage(sarif.NewTextMessage(sarifText(f.Message))).
		WithLocations([]*sarif.Location{sarifPlace(where, file.Lines, f.Span)}).
		WithPartialFingerPrints(map[string]any{fingerprintKey: fmt.Sprintf("%s:%d", f.Print.of, f.Print.nth)})
	for i, related := range f.Related {
		place := sarifPlace(where, file.Lines, related.Span).WithId(i + 1).WithMessage(sarif.NewTextMessage(sarifText(related.Message)))
		out.RelatedLocations = append(out.RelatedLocations, place)
	}
	for _, fix := range f.Offers {
		if changed := r.sarifFix(where, file.Lines, fix); changed != nil {
			out.Fixes = append(out.Fixes, changed)
		}
	}
	return out
}

// sarifFix is nil for a fix that creates a file: there is no way to say that.
func (r *Run) sarifFix(where *sarif.ArtifactLocation, lines *text.Lines, fix diagnostics.Fix) *sarif.Fix {
	out := sarif.NewFix().WithDescription(sarif.NewTextMessage(sarifText(fix.Title)))
	out.Properties = sarif.Properties{"safe": fix.Safety == diagnostics.Safe}
	for _, file := range fix.Edits {
		if file.Create {
			return nil
		}
		path, at := where, lines
		if file.Path != "" {
			path, at = r.sarifLocation(&File{Name: r.Show(file.Path), Path: file.Path}), text.NewLines(file.Source)
		}
		change := sarif.NewArtifactChange(path)
		for _, e := range file.Edits {
			change.WithReplacement(sarif.NewReplacement(sarifRegion(at, e.Span)).WithInsertedContent(sarif.NewArtifactContent().WithText(e.New)))
		}
		out.ArtifactChanges = append(out.ArtifactChanges, change)
	}
	return out
}

// sarifLocation names a file, by its path in the project if it has one.
func (r *Run) sarifLocation(file *File) *sarif.ArtifactLocation {
	name := r.inProject(file)
	if file.Path != "" && !filepath.IsLocal(filepath.FromSlash(name)) {
		return sarif.NewSimpleArtifactLocation((&url.URL{Scheme: "file", Path: filepath.ToSlash(file.Path)}).String())
	}
	path := (&url.URL{Path: name}).EscapedPath()
	return sarif.NewSimpleArtifactLocation(strings.ReplaceAll(path, ":", "%3A")).WithUriBaseId(sourceRoot) // what stands before a colon is a scheme
}

func sarifPlace(where *sarif.ArtifactLocation, lines *text.Lines, span text.Span) *sarif.Location {
	return sarif.NewLocationWithPhysicalLocation(sarif.NewPhysicalLocation().WithArtifactLocation(where).WithRegion(sarifRegion(lines, span)))
}

func sarifRegion(lines *text.Lines, span text.Span) *sarif.Region {
	at := rangeOf(lines, span)
	return sarif.NewSimpleRegion(at.Start.Line, at.End.Line).WithStartColumn(at.Start.Column).WithEndColumn(at.End.Column)
}

// sarifText is a text that holds no link: readers make one of [text](target), which may come from
// the name of a file.
func sarifText(s string) string {
	s = terminal.Shorten(s)
	if !strings.Contains(s, "](") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(s)
}
