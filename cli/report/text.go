package report

import (
	"fmt"
	"strconv"
	"strings"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// textReport is the report for people.
type textReport struct {
	*Run
	screen terminal.Screen
}

func newText(r *Run, screen terminal.Screen) Form {
	t := &textReport{r, screen}
	return Form{part: t.file, end: t.end}
}

func (t *textReport) end(c totals) string {
	if c.Files == 0 && c.failed {
		return "" // what went wrong is told, and there is nothing else to say
	}
	var b strings.Builder
	if t.Statistics {
		t.statistics(&b, c.ranking())
	}
	if c.Fixes > 0 && !t.Patch {
		fmt.Fprintf(&b, "Applied %s in %s\n", fixes(c.Fixes), words.Count(c.FixedFiles, "file"))
	}
	b.WriteString(c.summary() + "\n")
	return b.String()
}

// Beside is what is told beside a patch.
func Beside() Form {
	return Form{part: func(*File) []byte { return nil }, end: func(c totals) string {
		switch {
		case c.Files == 0 && c.failed:
			return ""
		case c.Fixes == 0:
			return fmt.Sprintf("Nothing to fix in %s\n", words.Count(c.Files, "file"))
		}
		return fmt.Sprintf("--fix would apply %s in %s\n", fixes(c.Fixes), words.Count(c.FixedFiles, "file"))
	}}
}

func fixes(n int) string {
	if n == 1 {
		return "1 fix"
	}
	return fmt.Sprintf("%d fixes", n)
}

// file is the text about one file's findings. Hints of one rule are told at the first, with the lines of the others: they are
// read once, if at all, and would hide what matters more.
func (t *textReport) file(file *File) []byte {
	hints := map[string][]string{} // by the rule: the lines
	for i := range file.Findings {
		if f := &file.Findings[i]; f.Severity == diagnostics.Hint {
			hints[f.ID()] = append(hints[f.ID()], strconv.Itoa(file.place(f.Span).Start.Line))
		}
	}
	var b strings.Builder
	source := file.shown()
	for i := range file.Findings {
		f := &file.Findings[i]
		lines := hints[f.ID()]
		if f.Severity == diagnostics.Hint {
			if lines == nil {
				continue // told
			}
			delete(hints, f.ID())
		} else {
			lines = nil
		}
		t.finding(&b, file, source, f, lines)
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

var severityStyle = [...]string{
	diagnostics.Error: terminal.BoldRed, diagnostics.Warning: terminal.Yellow, diagnostics.Info: terminal.Blue, diagnostics.Hint: terminal.Cyan,
}

var remarkStyle = map[string]string{"note": terminal.Cyan, "fix": terminal.Green, "suggestion": terminal.Green}

// finding is the text about one, with its lines of the source; lines are the numbers of all that are like it.
func (t *textReport) finding(b *strings.Builder, file *File, source string, f *Finding, lines []string) {
	at := file.place(f.Span).Start
	style := severityStyle[f.Severity]
	fmt.Fprintf(b, "%s: %s: %s %s\n",
		t.screen.Paint(terminal.Bold, fmt.Sprintf("%s:%d:%d", terminal.Escape(file.Name), at.Line, at.Column)),
		t.screen.Paint(style, f.Severity.String()),
		t.screen.Paint(terminal.Bold, terminal.Escape(terminal.Shorten(f.Message))),
		t.screen.Paint(terminal.Dim, "["+f.ID()+"]"))
	gutter := t.screen.Excerpt(b, source, file.Lines, f.Span, style)
	for _, m := range file.remarks(f) {
		fmt.Fprintf(b, "%s %s %s\n", t.screen.Paint(terminal.Blue, strings.Repeat(" ", gutter)+" ="),
			t.screen.Paint(remarkStyle[m.label], m.label+":"), m.text)
	}
	if n := len(lines) - 1; n > 0 {
		others := lines[n]
		if n > 1 {
			others = words.Alternatives(lines[1:], "and")
		}
		fmt.Fprintf(b, "%s %s the same in %s %s\n", t.screen.Paint(terminal.Blue, strings.Repeat(" ", gutter)+" ="),
			t.screen.Paint(remarkStyle["note"], "note:"),
			words.For(n, "line", "lines"), others)
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
	fmt.Fprintln(b, t.screen.Paint(terminal.Bold, fmt.Sprintf("%-*s  findings  fixable  files", width, "rule")))
	for _, row := range rows {
		fmt.Fprintf(b, "%-*s  %8d  %7d  %5d\n", width, row.rule.Name, row.findings, row.fixable, row.files)
	}
	b.WriteByte('\n')
}
