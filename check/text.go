package check

import (
	"fmt"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/text"
)

// report writes what a run finds.
type report interface {
	file(*result) error
	end(counts) error
}

func (r *runner) newReport() report {
	if r.Format == "json" {
		return &jsonReport{runner: r}
	}
	return &textReport{runner: r}
}

// textReport is the report for people.
type textReport struct{ *runner }

func (t *textReport) file(res *result) error {
	_, err := t.reportTo().Write(res.report)
	return err
}

func (t *textReport) end(c counts) error {
	var lines []string
	switch {
	case c.files == 0 && t.failed:
		return nil // what went wrong is told, and there is nothing else to say
	case t.Diff && c.fixes == 0:
		lines = append(lines, "Nothing to fix in "+plural(c.files, "file"))
	case t.Diff:
		lines = append(lines, fmt.Sprintf("--fix would apply %s in %s", fixes(c.fixes), plural(c.fixedFiles, "file")))
	default:
		if c.fixes > 0 {
			lines = append(lines, fmt.Sprintf("Applied %s in %s", fixes(c.fixes), plural(c.fixedFiles, "file")))
		}
		lines = append(lines, c.summary())
	}
	to := t.reportTo()
	if t.Diff {
		to = t.streams.Err // standard output is a patch
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(to, line); err != nil {
			return err
		}
	}
	return nil
}

func fixes(n int) string {
	if n == 1 {
		return "1 fix"
	}
	return fmt.Sprintf("%d fixes", n)
}

// textFile is the text about one file's findings.
func (r *runner) textFile(res *result, fixes [][]diagnostics.Fix) []byte {
	if len(res.found) == 0 {
		return nil
	}
	var b strings.Builder
	lines := res.snapshot.Lines()
	for i := range res.found {
		r.textFinding(&b, res, lines, &res.found[i], fixes[i])
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

var severityStyle = [...]string{
	diagnostics.Error: boldRed, diagnostics.Warning: yellow, diagnostics.Info: blue, diagnostics.Hint: cyan,
}

func (r *runner) textFinding(b *strings.Builder, res *result, lines *text.Lines, d *diagnostics.Diagnostic, fixes []diagnostics.Fix) {
	line, column := lines.Position(d.Span.Start, text.UTF16)
	style := severityStyle[d.Severity]
	fmt.Fprintf(b, "%s: %s: %s %s\n",
		r.term.paint(bold, fmt.Sprintf("%s:%d:%d", Escape(res.name), line+1, column+1)),
		r.term.paint(style, d.Severity.String()),
		r.term.paint(bold, Escape(shorten(d.Message))),
		r.term.paint(dim, "["+d.Rule.Name+"]"))
	gutter := r.term.excerpt(b, res.src, lines, d.Span, style)
	for _, place := range d.Related {
		line, _ := lines.Position(place.Span.Start, text.UTF16)
		r.footnote(b, gutter, cyan, "note", fmt.Sprintf("line %d: %s", line+1, place.Message))
	}
	for _, fix := range fixes {
		if fix.Safety == diagnostics.Safe {
			r.footnote(b, gutter, green, "fix", fix.Title)
		} else {
			r.footnote(b, gutter, green, "suggestion", fix.Title)
		}
	}
}

func (r *runner) footnote(b *strings.Builder, gutter int, style, label, message string) {
	fmt.Fprintf(b, "%s %s %s\n", r.term.paint(blue, strings.Repeat(" ", gutter)+" ="),
		r.term.paint(style, label+":"), Escape(shorten(message)))
}
