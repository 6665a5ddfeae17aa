package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/internal/golden"
	"layerwise/workspace"

	"github.com/joshdk/go-junit"
	"github.com/yuin/goldmark"
	markast "github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	marktext "github.com/yuin/goldmark/text"
	markutil "github.com/yuin/goldmark/util"
)

// Every format is read back by a parser that is not ours, from a project whose paths and texts hold
// what the formats must escape.

// odd is a text with the signs of all formats, a control sequence and a byte that is not UTF-8.
const odd = "<&>\"'`|*_[x](y)@me#1,%0A::error::\x1b[2J\xff\u202e"

// oddProject makes the project the working directory.
func oddProject(t *testing.T) {
	t.Chdir(t.TempDir())
	files := map[string]string{
		"a\n" + odd + "/Dockerfile": "FROM alpine:3.22\nMAINTAINER 🐳é\nUSER 1000\nCOPY --" + odd + "=1 a b\n" + odd + " c\nENV 🐳=1 API_TOKEN=0123456789abcdef0123\n",
		"app/Dockerfile":            "FROM node:latest\nRUN apt-get \\\n  update\nWORKDIR /app\nCOPY . .\nRUN npm ci --ignore-scripts && \\\n    curl -k https://example.com/@scope/a#1\nCMD [\"node\", \"index.js\"]\n",
		"app/package.json":          `{"name": "app", "version": "1.0.0"}`,
		"app/package-lock.json":     `{"name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "app", "version": "1.0.0"}}}`,
		"app/.dockerignore":         "Dockerfile\n.dockerignore\nnode_modules\n",
		"app/id_rsa":                "",
		"clean/Dockerfile":          "FROM alpine:3.22\nUSER 1000\nCMD [\"true\"]\n",
	}
	for name, body := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// read is what a reader finds out about a finding. Fields that its format does not have stay empty.
type read struct {
	path                             string
	line, column, endLine, endColumn int
	severity, rule, message, remarks string
}

// project are the Dockerfiles of the working directory with what the rules find in them, in order of
// path.
func project(t *testing.T) (run *Run, all []*File) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() != "Dockerfile" {
			return err
		}
		src, err := os.ReadFile(path)
		abs := filepath.Join(dir, path)
		s := workspace.NewFileSnapshot(abs, string(src), workspace.Config{}, nil)
		file := &File{Name: filepath.ToSlash(path), Path: abs, Source: string(src), Lines: s.Lines()}
		found := s.Diagnostics(t.Context())
		prints := Fingerprints(file.Source, file.Lines, found)
		for i, d := range found {
			file.Findings = append(file.Findings, Finding{d, d.Fixes(), prints[i]})
		}
		all = append(all, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return &Run{Dir: dir, Project: dir, FailLevel: diagnostics.Warning}, all
}

// expected is what the rules find in the working directory, each as view sees it.
func expected(t *testing.T, view func(file *File, f *Finding) read) (want []read) {
	_, all := project(t)
	for _, file := range all {
		for i := range file.Findings {
			want = append(want, view(file, &file.Findings[i]))
		}
	}
	if len(want) < 8 {
		t.Fatalf("%d findings", len(want))
	}
	return want
}

// written is the report of the working directory in a format.
func written(t *testing.T, format string) []byte {
	t.Helper()
	run, all := project(t)
	var out bytes.Buffer
	w := NewWriter(Named(format).Form(run, terminal.File(false)), &out)
	var counts Counts
	errs := []error{w.Begin()}
	for _, file := range all {
		counts.Add(Count(file.Findings, 0))
		errs = append(errs, w.Add(w.Part(file)))
	}
	if err := errors.Join(append(errs, w.End(counts, false))...); err != nil {
		t.Fatal(err)
	}
	if i := strings.IndexFunc(out.String(), func(c rune) bool { return !unicode.IsPrint(c) && c != '\n' }); i >= 0 || !utf8.Valid(out.Bytes()) {
		t.Errorf("the report holds %q", out.String()[max(0, i-20):i+10])
	}
	return out.Bytes()
}

func compare(t *testing.T, got, want []read) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing: %+v", want[i])
		case i >= len(want):
			t.Errorf("one too many: %+v", got[i])
		case got[i] != want[i]:
			t.Errorf("\ngot  %+v\nwant %+v", got[i], want[i])
		}
	}
}

// valid is the text as JSON can hold it.
func valid(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\x00"), "\x00", "\uFFFD")
}

// shown is a text that is made for people.
func shown(s string) string { return terminal.Escape(terminal.Shorten(s)) }

func remarksOf(file *File, f *Finding) string {
	var lines []string
	for _, related := range f.Related {
		lines = append(lines, fmt.Sprintf("note: line %d: %s", file.place(related.Span).Start.Line, shown(related.Message)))
	}
	for _, fix := range f.Offers {
		lines = append(lines, map[diagnostics.Safety]string{diagnostics.Safe: "fix: ", diagnostics.Suggested: "suggestion: "}[fix.Safety]+shown(fix.Title))
	}
	return strings.Join(lines, "\n")
}

// workflowCommand reads a command as GitHub's documentation and the source of its runner have it: a line
// that begins with :: and a name; what follows the next :: is the message; % is unescaped last.
func workflowCommand(t *testing.T, line string) (name string, properties map[string]string, message string) {
	unescape := func(s string, escapes ...string) string {
		for _, e := range append(escapes, "%0D\r", "%0A\n", "%25%") {
			s = strings.ReplaceAll(s, e[:3], e[3:])
		}
		return s
	}
	head, message, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
	name, list, withProperties := strings.Cut(head, " ")
	if !ok || !withProperties || !strings.HasPrefix(line, "::") || strings.ContainsAny(line, "\r\n") {
		t.Fatalf("no command: %q", line)
	}
	properties = map[string]string{}
	for _, property := range strings.Split(list, ",") {
		key, value, ok := strings.Cut(property, "=")
		if _, twice := properties[key]; !ok || twice || value == "" {
			t.Errorf("property %q in %q", property, line)
		}
		properties[key] = unescape(value, "%3A:", "%2C,")
	}
	return name, properties, unescape(message)
}

func TestGitHub(t *testing.T) {
	oddProject(t)
	var got []read
	lines := strings.Split(strings.TrimSuffix(string(written(t, "github")), "\n"), "\n")
	for _, line := range lines[:len(lines)-1] {
		command, values, message := workflowCommand(t, line)
		number := func(name string) int {
			value, ok := values[name]
			n, err := strconv.Atoi(value)
			if ok && err != nil {
				t.Error(err)
			}
			return n
		}
		f := read{
			path: values["file"], severity: command, rule: strings.TrimPrefix(values["title"], "layerwise "),
			line: number("line"), column: number("col"), endLine: number("endLine"), endColumn: number("endColumn"),
		}
		f.message, f.remarks, _ = strings.Cut(message, "\n")
		got = append(got, f)
	}
	level := map[diagnostics.Severity]string{diagnostics.Error: "error", diagnostics.Warning: "warning", diagnostics.Info: "notice", diagnostics.Hint: "notice"}
	compare(t, got, expected(t, func(file *File, f *Finding) read {
		at := file.place(f.Span)
		if at.Start.Line != at.End.Line { // the runner refuses columns then
			at.Start.Column, at.End.Column = 0, 0
		}
		// Line ends can be said, other control characters are shown.
		path := strings.ReplaceAll(terminal.Escape(strings.ReplaceAll(file.Name, "\n", "<newline>")), "<newline>", "\n")
		return read{path, at.Start.Line, at.Start.Column, at.End.Line, at.End.Column, level[f.Severity], f.Rule.Name, shown(f.Message), remarksOf(file, f)}
	}))
	if summary := lines[len(lines)-1]; strings.Contains(summary, "::") || !strings.Contains(summary, "findings") {
		t.Errorf("the last line is %q", summary)
	}
}

// TestGitLab reads the report with the fields that GitLab requires and no others.
func TestGitLab(t *testing.T) {
	oddProject(t)
	var issues []struct {
		Description string
		CheckName   string `json:"check_name"`
		Fingerprint string
		Severity    string
		Location    struct {
			Path  string
			Lines struct{ Begin, End int }
		}
	}
	d := json.NewDecoder(bytes.NewReader(written(t, "gitlab")))
	d.DisallowUnknownFields()
	if err := d.Decode(&issues); err != nil {
		t.Fatal(err)
	}
	var got []read
	prints := map[string]bool{}
	for _, i := range issues {
		got = append(got, read{path: i.Location.Path, line: i.Location.Lines.Begin, endLine: i.Location.Lines.End, severity: i.Severity, rule: i.CheckName, message: i.Description})
		prints[i.Fingerprint] = true
	}
	if len(prints) != len(got) {
		t.Errorf("%d findings have %d fingerprints", len(got), len(prints))
	}
	severity := map[diagnostics.Severity]string{diagnostics.Error: "critical", diagnostics.Warning: "major", diagnostics.Info: "minor", diagnostics.Hint: "info"}
	compare(t, got, expected(t, func(file *File, f *Finding) read {
		at := file.place(f.Span)
		return read{path: valid(file.Name), line: at.Start.Line, endLine: at.End.Line, severity: severity[f.Severity], rule: f.Rule.Name, message: valid(terminal.Shorten(f.Message))}
	}))
}

func TestCheckstyle(t *testing.T) {
	oddProject(t)
	var doc struct {
		XMLName xml.Name `xml:"checkstyle"`
		Files   []struct {
			Name   string `xml:"name,attr"`
			Errors []struct {
				Line     int    `xml:"line,attr"`
				Column   int    `xml:"column,attr"`
				Severity string `xml:"severity,attr"`
				Message  string `xml:"message,attr"`
				Source   string `xml:"source,attr"`
			} `xml:"error"`
		} `xml:"file"`
	}
	if err := xml.Unmarshal(written(t, "checkstyle"), &doc); err != nil {
		t.Fatal(err)
	}
	var got []read
	for _, f := range doc.Files {
		for _, e := range f.Errors {
			got = append(got, read{path: f.Name, line: e.Line, column: e.Column, severity: e.Severity, rule: e.Source, message: e.Message})
		}
	}
	compare(t, got, expected(t, func(file *File, f *Finding) read {
		at := file.place(f.Span).Start
		return read{path: terminal.Escape(file.Name), line: at.Line, column: at.Column, severity: f.Severity.String(), rule: "layerwise." + f.Rule.Family + "." + f.Rule.Name, message: shown(f.Message)}
	}))
}

func TestJUnit(t *testing.T) {
	golden.Freeze(t)
	oddProject(t)
	suites, err := junit.Ingest(written(t, "junit"))
	if err != nil {
		t.Fatal(err)
	}
	var got []read
	var clean []string
	for _, suite := range suites {
		failed := 0
		for _, test := range suite.Tests {
			if test.Name == "no findings" {
				clean = append(clean, string(test.Status)+" "+suite.Name)
				continue
			}
			f := read{path: suite.Name, severity: string(test.Status), rule: test.Name, message: test.Message, remarks: test.SystemOut}
			if test.Status == junit.StatusFailed {
				failed++
				f.remarks = test.Error.Error()
			}
			if test.Classname != suite.Name || test.Properties["file"] != suite.Name {
				t.Errorf("%s is in %s", test.Classname, suite.Name)
			}
			got = append(got, f)
		}
		if suite.Totals.Failed != failed || suite.Totals.Tests != len(suite.Tests) {
			t.Errorf("%s: totals %+v", suite.Name, suite.Totals)
		}
	}
	if want := []string{"passed clean/Dockerfile"}; !slices.Equal(clean, want) {
		t.Errorf("without findings: %q, want %q", clean, want)
	}
	compare(t, got, expected(t, func(file *File, f *Finding) read {
		at := file.place(f.Span).Start
		text := strings.TrimSpace(fmt.Sprintf("%s:%d:%d: %s: %s\n%s", terminal.Escape(file.Name), at.Line, at.Column, f.Severity, shown(f.Message), remarksOf(file, f)))
		r := read{path: terminal.Escape(file.Name), severity: "passed", rule: fmt.Sprintf("%s at %d:%d", f.Rule.Name, at.Line, at.Column), remarks: text}
		if f.Severity >= diagnostics.Warning {
			r.severity, r.message = "failed", shown(f.Message)
		}
		return r
	}))
}

func TestMarkdown(t *testing.T) {
	oddProject(t)
	var got []read
	for _, row := range tableRows(t, written(t, "markdown")) {
		place := row[1]
		colon := strings.LastIndexByte(place, ':')
		line, err := strconv.Atoi(place[colon+1:])
		if err != nil {
			t.Error(err)
		}
		message, remarks, _ := strings.Cut(row[2], "\n")
		got = append(got, read{path: place[:colon], line: line, severity: row[0], message: message, remarks: remarks, rule: row[3]})
	}
	compare(t, got, expected(t, func(file *File, f *Finding) read {
		return read{path: terminal.Escape(file.Name), line: file.place(f.Span).Start.Line, severity: f.Severity.String(), rule: f.Rule.Name, message: shown(f.Message), remarks: remarksOf(file, f)}
	}))
}

// tableRows are the texts of the cells of the first table, as a reader sees them.
func tableRows(t *testing.T, src []byte) (rows [][]string) {
	document := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(marktext.NewReader(src))
	err := markast.Walk(document, func(n markast.Node, entering bool) (markast.WalkStatus, error) {
		if row, ok := n.(*extast.TableRow); ok && entering {
			var cells []string
			for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
				cells = append(cells, plainText(t, cell, src))
			}
			rows = append(rows, cells)
		}
		return markast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// plainText is a text without any markup but line ends, and comments, which nobody sees.
func plainText(t *testing.T, n markast.Node, src []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *markast.Text:
			b.Write(markutil.UnescapePunctuations(c.Value(src)))
		case *markast.RawHTML:
			switch html := string(c.Segments.Value(src)); html {
			case "<br>":
				b.WriteByte('\n')
			case "<!-- -->":
			default:
				t.Errorf("HTML %q", html)
			}
		default:
			t.Errorf("%T in %q", c, src)
		}
	}
	return b.String()
}

// FuzzTexts puts any text into each format, and reads it again.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", odd, "a: b", "http://x", "www.x.y", "a@b.c", "\\|", "`|`", "&amp;", "C:\\", "%250A", ":,%3A", "<!-- -->", "a\n\r\t", " - x ", "../a", "a:b", "]]>", "~~a~~", "[^1]", "\u200d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		safe := terminal.Escape(s)

		_, properties, message := workflowCommand(t, "::error file=x"+githubProperty(s)+",line=1::"+githubData(safe))
		if message != safe || properties["line"] != "1" || len(properties) != 2 {
			t.Errorf("github: %q and %q of %q", properties, message, s)
		}
		if file := properties["file"]; safe == s && file != "x"+s {
			t.Errorf("github: file %q of %q", file, s)
		}

		var file checkstyleFile
		if err := xml.Unmarshal(encodeXML(checkstyleFile{Name: safe}), &file); err != nil || file.Name != safe {
			t.Errorf("xml: %q of %q: %v", file.Name, s, err)
		}

		rows := tableRows(t, []byte("| a | b |\n|---|---|\n| "+markdown(safe)+" | b |\n"))
		if len(rows) != 1 || len(rows[0]) != 2 || rows[0][0] != strings.Trim(safe, " ") || rows[0][1] != "b" {
			t.Errorf("markdown: %q of %q", rows, s)
		}

		at := (&Run{}).sarifLocation(&File{Name: "x/" + s})
		if u, err := url.Parse(*at.URI); err != nil || u.Path != "x/"+s {
			t.Errorf("sarif: %q of %q: %v", *at.URI, s, err)
		}
	})
}
