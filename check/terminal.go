package check

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// terminal is what is known about where the output goes.
type terminal struct {
	color bool      // of the report
	width int       // of the report's lines
	tty   bool      // the report goes to a terminal
	err   io.Writer // standard error if it is a terminal, for the progress bar; else nil
}

const defaultWidth = 120

func newTerminal(color string, streams Streams) terminal {
	t := terminal{color: color == "always", width: defaultWidth}
	if fd, ok := terminalOf(streams.Out); ok {
		t.tty = true
		if color == "auto" {
			t.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		}
		if w, _, err := term.GetSize(fd); err == nil {
			t.width = min(max(w, 40), 200)
		}
	}
	if _, ok := terminalOf(streams.Err); ok && os.Getenv("TERM") != "dumb" {
		t.err = streams.Err
	}
	return t
}

func terminalOf(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// The styles of the report, as SGR parameters.
const (
	bold    = "1"
	dim     = "2"
	red     = "31"
	green   = "32"
	cyan    = "36"
	boldRed = "1;31"
	yellow  = "1;33"
	blue    = "1;34"
)

// paint gives the text a style, if the report has colours.
func (t terminal) paint(style, text string) string {
	if !t.color || text == "" || style == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// progress shows how far a long run is.
type progress struct {
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

func newProgress(t terminal, total int) *progress {
	p := &progress{total: total, drawn: time.Now()}
	if total > manyFiles {
		p.to = t.err
	}
	return p
}

// step counts one more file.
func (p *progress) step() {
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

// clear removes the bar, to make room for output.
func (p *progress) clear() {
	if p.visible {
		p.visible = false
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
