package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file is the part of expensive-below-volatile about a RUN that downloads a certain file to where it cannot be put
// before the sources are there, or what a build makes of them. ADD downloads it apart from the step, so that this may stay
// where it is. There is no fix: a file of ADD has another mode and date.

// download is a RUN that does nothing but download a file that stays the same, of the same name everywhere.
type download struct {
	step    *stages.Step
	command *shell.Command
	name    string // of the file
	mode    string // that the file is to have: that of ADD is 600
}

// takeDownload takes up the RUN if an ADD could do what it does.
func (l *lift) takeDownload(run *stages.Step) bool {
	if l.copy.Step == nil || l.fetches != nil {
		return false
	}
	d := downloadOf(run)
	if d == nil {
		return false
	}
	l.fetches = d
	return true
}

// downloadOf is what the RUN downloads, if it does no more than to make that executable.
func downloadOf(run *stages.Step) *download {
	script := shell.Of(run.Instr, run.Shell)
	if !script.Known() || len(run.Instr.Flags) > 0 {
		return nil
	}
	var d *download
	for _, c := range script.Commands {
		list, ok := c.Downloads()
		mode, _, gives := c.GivesMode()
		switch {
		case ok && d == nil && len(list) == 1 && plainDownload(c, list[0]):
			d = &download{run, c, path.Base(list[0].File.Text), "644"}
		case gives && d != nil && c.Depth == 0:
			d.mode = "755"
			if mode.Literal && strings.Trim(mode.Text, "01234567") == "" {
				d.mode = mode.Text
			}
		default:
			return nil
		}
	}
	return d
}

// plainDownload reports whether the address gives the same file each time, and anybody gets it.
func plainDownload(c *shell.Command, f shell.Fetch) bool {
	if reads := c.Effects().Reads; reads.All || reads.Tree || len(reads.Words) > 0 {
		return false
	}
	return c.Depth == 0 && c.Pipe == 0 && f.File.Text != "" && strings.HasPrefix(f.URL.Text, "https://") && shell.AddressStays(f.URL.Text) &&
		!c.Has(shell.AsksMore) && len(c.Assigns) == 0 && !slices.ContainsFunc(c.Words, func(w shell.Word) bool { return !w.Literal })
}

func (d *download) report(p *diagnostics.Pass, l *lift) {
	changing := "any file"
	if p.Context() != nil && !p.ContextDoubted() {
		changing = anyOf(p.Context(), l.copy.Select(p.Context()).Files)
	}
	p.Report(diagnostics.Finding{
		Step: d.step, Span: d.command.Span, Severity: diagnostics.Info,
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Changing %s that line %d copies makes %s download %s again, which is the same each time; write %s instead: what that has downloaded stays in the cache",
				changing, p.Line(l.volatile), words.Code(d.command.Phrase()), d.name, words.Code("ADD --checksum=sha256:… --chmod="+d.mode))
		},
		Related: []diagnostics.Related{{Step: l.volatile, Span: diagnostics.Line(l.volatile.Instr), Message: "what changes"}},
	})
}
