package check

import (
	"fmt"
	"strings"

	"layerwise/diagnostics"
)

// textReport is the report for people.
type textReport struct {
	*runner
	term terminal
}

func newText(r *runner, term terminal) form {
	t := &textReport{r, term}
	return form{part: t.file, end: t.end}
}

func (t *textReport) end(c totals) string {
	if c.files == 0 && t.failed {
		return "" // what went wrong is told, and there is nothing else to say
	}
	var b strings.Builder
	if t.Statistics {
		t.statistics(&b, c.ranking())
	}
	if c.fixes > 0 && !t.Diff {
		fmt.Fprintf(&b, "Applied %s in %s\n", fixes(c.fixes), plural(c.fixedFiles, "file"))
	}
	b.WriteString(c.summary() + "\n")
	return b.String()
}

// patchForm is what is told beside a patch.
func (r *runner) patchForm() form {
	return form{part: func(*result) []byte { return nil }, end: func(c totals) string {
		switch {
		case c.files == 0 && r.failed:
			return ""
		case c.fixes == 0:
			return fmt.Sprintf("Nothing to fix in %s\n", plural(c.files, "file"))
		}
		return fmt.Sprintf("--fix would apply %s in %s\n", fixes(c.fixes), plural(c.fixedFiles, "file"))
	}}
}

func fixes(n int) string {
	if n == 1 {
		return "1 fix"
	}
	return fmt.Sprintf("%d fixes", n)
}

// file is the text about one file's findings.
func (t *textReport) file(res *result) []byte {
	var b strings.Builder
	for i := range res.found {
		t.finding(&b, res, &res.found[i])
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

var severityStyle = [...]string{
	diagnostics.Error: boldRed, diagnostics.Warning: yellow, diagnostics.Info: blue, diagnostics.Hint: cyan,
}

var remarkStyle = map[string]string{"note": cyan, "fix": green, "suggestion": green}

func (t *textReport) finding(b *strings.Builder, res *result, f *finding) {
	at := res.place(f.Span).Start
	style := severityStyle[f.Severity]
	fmt.Fprintf(b, "%s: %s: %s %s\n",
		t.term.paint(bold, fmt.Sprintf("%s:%d:%d", Escape(res.name), at.Line, at.Column)),
		t.term.paint(style, f.Severity.String()),
		t.term.paint(bold, Escape(shorten(f.Message))),
		t.term.paint(dim, "["+f.Rule.Name+"]"))
	gutter := t.term.excerpt(b, res.src, res.snapshot.Lines(), f.Span, style)
	for _, m := range res.remarks(f) {
		fmt.Fprintf(b, "%s %s %s\n", t.term.paint(blue, strings.Repeat(" ", gutter)+" ="),
			t.term.paint(remarkStyle[m.label], m.label+":"), m.text)
	}
}

// statistics is the table of --statistics.
func (t *textReport) statistics(b *strings.Builder, rows []ruleCount) {
	if len(rows) == 0 {
		return
	}
	width := 0
	for _, row := range rows {
		width = max(width, len(row.rule.Name))
	}
	fmt.Fprintln(b, t.term.paint(bold, fmt.Sprintf("%-*s  findings  fixable  files", width, "rule")))
	for _, row := range rows {
		fmt.Fprintf(b, "%-*s  %8d  %7d  %5d\n", width, row.rule.Name, row.findings, row.fixable, row.files)
	}
	b.WriteByte('\n')
}
