package report

import (
	"fmt"
	"strings"

	"layerwise/cli/terminal"
)

// maxTable bounds the rows of the table, so that a report can be a comment on GitHub, which has
// 65,536 characters at most.
const maxTable = 60_000

const tableHead = "| severity | where | finding | rule |\n|---|---|---|---|\n"

// newMarkdown is a table, with what else there is to say below it.
func newMarkdown(r *Run, _ terminal.Screen) Form {
	return Form{head: "### Layerwise\n\n", first: tableHead, part: markdownFile, end: r.markdownEnd, limit: maxTable}
}

func markdownFile(file *File) []byte {
	var b strings.Builder
	for i := range file.Findings {
		f := &file.Findings[i]
		message := file.account(f)
		for i := range message {
			message[i] = markdown(message[i])
		}
		fmt.Fprintf(&b, "| %s | %s:%d | %s | %s |\n", f.Severity, markdown(terminal.Escape(file.Name)), file.place(f.Span).Start.Line,
			strings.Join(message, "<br>"), markdown(f.ID()))
	}
	return []byte(b.String())
}

func (r *Run) markdownEnd(c totals) string {
	var b strings.Builder
	if c.parts > 0 {
		b.WriteByte('\n')
	}
	if c.cut > 0 {
		fmt.Fprintf(&b, "The table would be too long with all findings: it lacks %d.\n\n", c.cut)
	}
	fmt.Fprintf(&b, "%s.\n", markdown(c.summary()))
	if c.failed {
		b.WriteString("\nNot everything could be checked: the log says why.\n")
	}
	if rows := c.ranking(); r.Statistics && len(rows) > 0 {
		b.WriteString("\n| rule | findings | fixable | files |\n|---|--:|--:|--:|\n")
		for _, row := range rows {
			fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", markdown(row.rule.Name), row.findings, row.fixable, row.files)
		}
	}
	return b.String()
}

var escapeMarkdown = func() *strings.Replacer {
	pairs := []string{
		": ", ": ", // neither the end of a scheme nor the begin of an emoji
		"www.", `www\.`,
	}
	for _, c := range "\\`*_[]<>|~&$:" {
		pairs = append(pairs, string(c), `\`+string(c))
	}
	// What would call someone, or refer to an issue, is looked for after the backslashes are gone.
	for _, c := range "@#" {
		pairs = append(pairs, string(c), string(c)+"<!-- -->")
	}
	return strings.NewReplacer(pairs...)
}()

// markdown is a text of one line in a cell of a table.
func markdown(s string) string { return escapeMarkdown.Replace(s) }
