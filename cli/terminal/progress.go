package terminal

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Progress shows how far a long run is.
type Progress struct {
	to          io.Writer // nil: nowhere
	done, total int
	drawn       time.Time
	visible     bool
}

// manyFiles is how many files make a run long, and drawInterval how often the bar changes.
const (
	manyFiles    = 100
	drawInterval = 100 * time.Millisecond
	barWidth     = 30
)

// NewProgress is a bar for a run over so many files, on standard error if that is a terminal.
func NewProgress(s Screen, total int) *Progress {
	p := &Progress{total: total, drawn: time.Now()}
	if total > manyFiles {
		p.to = s.errors
	}
	return p
}

// Step counts one more file.
func (p *Progress) Step() {
	p.done++
	if p.to == nil || time.Since(p.drawn) < drawInterval {
		return
	}
	p.drawn, p.visible = time.Now(), true
	full := barWidth * p.done / p.total
	fmt.Fprintf(p.to, "\r\x1b[K%s %d of %d files", bar(full), p.done, p.total)
}

func bar(full int) string {
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", barWidth-full) + "]"
}

// Clear removes the bar, to make room for output.
func (p *Progress) Clear() {
	if p.visible {
		p.visible = false
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
