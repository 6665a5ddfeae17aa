package terminal

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"layerwise/dockerfile/text"

	"github.com/clipperhouse/displaywidth"
)

func TestEscape(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain text", "plain text"},
		{"a\nb\r\tc", `a\nb\r\tc`},
		{"\x1b[2J\x7f\x00", `\x1b[2J\x7f\x00`},
		{"\u009b31m", `\u009b31m`},
		{"\u202e\u2066\u200f\ufeff", `\u202e\u2066\u200f\ufeff`},
		{"\u2028\u00a0", `\u2028\u00a0`},
		{"\xff\xfea", `\xff\xfea`},
		{"é 名 🐳", "é 名 🐳"},
		{"👩‍👩‍👧 e\u0301", "👩‍👩‍👧 e\u0301"},
		{"\u200d", `\u200d`},
		{"\U000e0041", `\U000e0041`},
		{"a" + strings.Repeat("\u0301", 40), "a" + strings.Repeat(`\u0301`, 40)},
	}
	for _, tt := range tests {
		if got := Escape(tt.in); got != tt.want {
			t.Errorf("Escape(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestLayOut(t *testing.T) {
	tests := []struct {
		name, line, mark string
		width            int
		want             string // the text, and the carets below it
	}{
		{"plain", "COPY . .", "COPY", 40, "COPY . .\n^^^^"},
		{"tabs", "\tRUN\tx", "x", 40, "    RUN x\n        ^"},
		{"wide", "名=値 x", "x", 40, "名=値 x\n      ^"},
		{"under wide", "a 名名 b", "名名", 40, "a 名名 b\n  ^^^^"},
		{"emoji", "👩‍👩‍👧 x", "x", 40, "👩‍👩‍👧 x\n   ^"},
		{"escaped", "a\x1bb x", "x", 40, "a\\x1bb x\n       ^"},
		{"cut at the end", "x" + strings.Repeat("0", 50), "x", 20, "x000000000000000000…\n^"},
		{"cut at the start", strings.Repeat("0", 50) + "x", "x", 20, "…000000x\n       ^"},
		{"cut at both", strings.Repeat("0", 50) + "x" + strings.Repeat("1", 50), "x", 20, "…000000x11111111111…\n       ^"},
		{"long mark", strings.Repeat("0", 50) + strings.Repeat("x", 50), strings.Repeat("x", 50), 20, "…000000xxxxxxxxxxxx…\n       ^^^^^^^^^^^^"},
		{"exactly fits", strings.Repeat("0", 19) + "x", "x", 20, strings.Repeat("0", 19) + "x\n" + strings.Repeat(" ", 19) + "^"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := strings.Index(tt.line, tt.mark)
			r := layOut(tt.line, text.Span{Start: start, End: start + len(tt.mark)}, tt.width)
			got := r.text + "\n" + strings.Repeat(" ", r.before) + strings.Repeat("^", r.marked)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// FuzzLayOut: whatever the line, the excerpt fits, its carets stand inside, and nothing in it
// controls the terminal.
func FuzzLayOut(f *testing.F) {
	f.Add("COPY . .", 0, 4, 40)
	f.Add("\tENV 名=👩‍👩‍👧 \x1b[31m\u202e\xff"+strings.Repeat("\u0301", 100), 5, 9, 20)
	f.Add(strings.Repeat("\x00", 300), 200, 250, 30)
	f.Add("\u0301\u0301a", 1, 2, 21)
	f.Fuzz(func(t *testing.T, line string, start, end, width int) {
		if start < 0 || start > end || end > len(line) || width < 20 || width > 300 || strings.ContainsAny(line, "\r\n") {
			t.Skip()
		}
		r := layOut(line, text.Span{Start: start, End: end}, width)
		if w := displaywidth.String(r.text); w > width {
			t.Errorf("%d columns of at most %d: %q", w, width, r.text)
		}
		if r.before < 0 || r.marked < 0 || r.before+r.marked > width {
			t.Errorf("the mark is at %d, %d long, in %d columns", r.before, r.marked, width)
		}
		if !utf8.ValidString(r.text) || strings.IndexFunc(r.text, func(c rune) bool { return !unicode.IsPrint(c) && c != Joiner }) >= 0 {
			t.Errorf("%q is not harmless", r.text)
		}
	})
}
