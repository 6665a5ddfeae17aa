package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
)

// The types of the JSON report. Lines and columns count from 1, columns in UTF-16 code units; the
// end of a range is exclusive. Paths are relative to the working directory, with slashes.
type (
	jsonFile struct {
		Path        string           `json:"path"`
		Diagnostics []jsonDiagnostic `json:"diagnostics"`
	}
	jsonDiagnostic struct {
		Rule     string        `json:"rule"`
		Family   string        `json:"family"`
		Severity string        `json:"severity"`
		Message  string        `json:"message"`
		Range    jsonRange     `json:"range"`
		Related  []jsonRelated `json:"related"`
		Fixes    []jsonFix     `json:"fixes"`
		Builds   []string      `json:"builds,omitempty"` // for which it holds, if it does not hold for all
	}
	jsonRange struct {
		Start jsonPosition `json:"start"`
		End   jsonPosition `json:"end"`
	}
	jsonPosition struct {
		Line   int `json:"line"`
		Column int `json:"column"`
	}
	jsonRelated struct {
		Path    string    `json:"path"`
		Range   jsonRange `json:"range"`
		Message string    `json:"message"`
	}
	jsonFix struct {
		Title string     `json:"title"`
		Safe  bool       `json:"safe"`
		Edits []jsonEdit `json:"edits"`
	}
	jsonEdit struct {
		Path    string    `json:"path"`
		Range   jsonRange `json:"range"`
		NewText string    `json:"newText"`
	}
	jsonSummary struct {
		Files   int `json:"files"`
		Error   int `json:"error"`
		Warning int `json:"warning"`
		Info    int `json:"info"`
		Hint    int `json:"hint"`
		Fixable int `json:"fixable"`
	}
	// These two are there only with --baseline and --statistics.
	jsonBaseline struct {
		Known int `json:"known"`
	}
	jsonStatistic struct {
		Rule     string `json:"rule"`
		Family   string `json:"family"`
		Findings int    `json:"findings"`
		Fixable  int    `json:"fixable"`
		Files    int    `json:"files"`
	}
)

// newJSON is one object, with a line for each file.
func newJSON(r *Run, _ terminal.Screen) Form {
	return Form{head: `{"files":[`, first: "\n", next: ",\n", part: r.jsonFile, end: r.jsonEnd}
}

func (r *Run) jsonEnd(c totals) string {
	var b strings.Builder
	if c.parts > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, `],"summary":%s`, JSON(jsonSummary{
		Files:   c.Files,
		Error:   c.Severity[diagnostics.Error],
		Warning: c.Severity[diagnostics.Warning],
		Info:    c.Severity[diagnostics.Info],
		Hint:    c.Severity[diagnostics.Hint],
		Fixable: c.Fixable,
	}))
	if r.Baseline {
		fmt.Fprintf(&b, `,"baseline":%s`, JSON(jsonBaseline{c.Known}))
	}
	if r.Statistics {
		rows := []jsonStatistic{}
		for _, row := range c.ranking() {
			rows = append(rows, jsonStatistic{row.rule.Name, row.rule.Family, row.findings, row.fixable, row.files})
		}
		fmt.Fprintf(&b, `,"statistics":%s`, JSON(rows))
	}
	return b.String() + "}\n"
}

// jsonFile is the object about one file.
func (r *Run) jsonFile(file *File) []byte {
	out := jsonFile{Path: file.Name, Diagnostics: make([]jsonDiagnostic, 0, len(file.Findings))}
	for _, f := range file.Findings {
		item := jsonDiagnostic{
			Rule: f.ID(), Family: f.Rule.Family, Severity: f.Severity.String(), Message: f.Message,
			Range: file.place(f.Span), Related: []jsonRelated{}, Fixes: []jsonFix{}, Builds: f.Builds,
		}
		for _, related := range f.Related {
			item.Related = append(item.Related, jsonRelated{file.Name, file.place(related.Span), related.Message})
		}
		for _, fix := range f.Offers {
			item.Fixes = append(item.Fixes, r.jsonFix(file, fix))
		}
		out.Diagnostics = append(out.Diagnostics, item)
	}
	return JSON(out)
}

func (r *Run) jsonFix(file *File, fix diagnostics.Fix) jsonFix {
	out := jsonFix{Title: fix.Title, Safe: fix.Safety == diagnostics.Safe, Edits: []jsonEdit{}}
	for _, edited := range fix.Edits {
		path, at := file.Name, file.Lines
		if edited.Path != "" {
			path, at = r.Show(edited.Path), text.NewLines(edited.Source)
		}
		for _, e := range edited.Edits {
			out.Edits = append(out.Edits, jsonEdit{path, rangeOf(at, e.Span), e.New})
		}
	}
	return out
}

func rangeOf(lines *text.Lines, span text.Span) jsonRange {
	return jsonRange{positionOf(lines, span.Start), positionOf(lines, span.End)}
}

func positionOf(lines *text.Lines, offset int) jsonPosition {
	line, column := lines.Position(offset, text.UTF16)
	return jsonPosition{line + 1, column + 1}
}

// JSON is the JSON of a value. All that is not printable in its strings is escaped: the standard
// library leaves the control characters beyond ASCII, and the marks that change the direction of text.
func JSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // the types of this file can be encoded
	}
	body := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	unsafe := func(r rune) bool { return r > unicode.MaxASCII && !unicode.IsPrint(r) || r == 0x7f }
	if bytes.IndexFunc(body, unsafe) < 0 {
		return body
	}
	out := make([]byte, 0, len(body)+64)
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		switch {
		case !unsafe(r):
			out = append(out, body[:size]...)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		}
		body = body[size:]
	}
	return out
}
