// Package terminal makes text for people: harmless, in colours, as wide as the screen.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Screen is what is known about where text for people goes.
type Screen struct {
	Color  bool      // text has colours
	Width  int       // columns of a line
	TTY    bool      // it is a terminal, not a file or a pipe
	errors io.Writer // standard error if it is a terminal, for the progress bar; else nil
}

// DefaultWidth is the width of lines where there is no terminal to ask, in columns.
const DefaultWidth = 120

// File is the screen of text that goes to a file.
func File(color bool) Screen { return Screen{Color: color, Width: DefaultWidth} }

// New looks at where the standard streams go. color is auto, always or never.
func New(color string, out, err io.Writer) Screen {
	s := File(color == "always")
	if fd, ok := terminalOf(out); ok {
		s.TTY = true
		if color == "auto" {
			s.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		}
		if w, _, err := term.GetSize(fd); err == nil {
			s.Width = min(max(w, 40), 200)
		}
	}
	if _, ok := terminalOf(err); ok && os.Getenv("TERM") != "dumb" {
		s.errors = err
	}
	return s
}

func terminalOf(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// The styles of text, as SGR parameters.
const (
	Bold    = "1"
	Dim     = "2"
	Red     = "31"
	Green   = "32"
	Cyan    = "36"
	BoldRed = "1;31"
	Yellow  = "1;33"
	Blue    = "1;34"
)

// Paint gives the text a style, if the screen has colours.
func (s Screen) Paint(style, text string) string {
	if !s.Color || text == "" || style == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}
