package text

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPositions(t *testing.T) {
	tests := []struct {
		name         string
		src          string
		offset       int
		line         int
		utf16, utf8  int
		back16, back int // where Offset leads from there
	}{
		{"start", "ab", 0, 0, 0, 0, 0, 0},
		{"second line", "a\nbc", 3, 1, 1, 1, 3, 3},
		{"after é", "é=1", 2, 0, 1, 2, 2, 2},
		{"inside é", "é=1", 1, 0, 0, 0, 0, 0},
		{"after 🐳", "a🐳b", 5, 0, 3, 5, 5, 5},
		{"inside 🐳", "a🐳b", 3, 0, 1, 1, 1, 1},
		{"between \\r and \\n", "a\r\nb", 2, 0, 1, 1, 1, 1},
		{"after \\r\\n", "a\r\nb", 3, 1, 0, 0, 3, 3},
		{"after a lone \\r", "a\rb", 2, 1, 0, 0, 2, 2},
		{"at an empty last line", "a\n", 2, 1, 0, 0, 2, 2},
		{"past the end", "a\nbc", 99, 1, 2, 2, 4, 4},
		{"before the start", "a\nbc", -7, 0, 0, 0, 0, 0},
		{"after an invalid byte", "a\x80\x80b", 2, 0, 2, 2, 2, 2},
		{"after half a character", "\xf0\x9f\x90b", 3, 0, 3, 3, 3, 3},
		{"empty text", "", 0, 0, 0, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := NewLines(tt.src)
			for _, enc := range []struct {
				Encoding
				column, back int
			}{{UTF16, tt.utf16, tt.back16}, {UTF8, tt.utf8, tt.back}} {
				line, column := l.Position(tt.offset, enc.Encoding)
				if line != tt.line || column != enc.column {
					t.Errorf("Position(%d, %v) = %d:%d, want %d:%d", tt.offset, enc.Encoding, line, column, tt.line, enc.column)
				}
				if back := l.Offset(line, column, enc.Encoding); back != enc.back {
					t.Errorf("Offset(%d, %d, %v) = %d, want %d", line, column, enc.Encoding, back, enc.back)
				}
			}
		})
	}
}

func TestOffsetOutside(t *testing.T) {
	const src = "FROM a\r\nRUN é🐳\n"
	l := NewLines(src)
	tests := []struct {
		line, column int
		want         int
	}{
		{0, 99, 6}, {0, math.MaxInt, 6}, {0, -1, 0}, {-1, 5, 0}, {1, 99, 18}, {2, 0, 19}, {2, 7, 19}, {3, 0, 19}, {math.MaxInt, math.MaxInt, 19},
	}
	for _, tt := range tests {
		for _, enc := range []Encoding{UTF16, UTF8} {
			if got := l.Offset(tt.line, tt.column, enc); got != tt.want {
				t.Errorf("Offset(%d, %d, %v) = %d, want %d", tt.line, tt.column, enc, got, tt.want)
			}
		}
	}
	if got := l.Offset(1, 6, UTF16); got != 14 {
		t.Errorf("the column between the halves of 🐳 leads to %d, want its start, 14", got)
	}
	if got := l.Span(1); got.Of(src) != "RUN é🐳" {
		t.Errorf("line 1 is %q", got.Of(src))
	}
	if got := l.Span(7); got != (Span{19, 19}) {
		t.Errorf("a line past the end is %v", got)
	}
	if l.Count() != 3 {
		t.Errorf("%d lines, want 3", l.Count())
	}
}

func TestApply(t *testing.T) {
	tests := []struct {
		name  string
		edits []Edit
		want  string
	}{
		{"nothing", nil, "0123456789"},
		{"batch out of order", []Edit{{Span{8, 9}, ""}, {Span{0, 2}, "ab"}}, "ab2345679"},
		{"insertions at one place", []Edit{{Span{3, 3}, "x"}, {Span{3, 3}, "y"}}, "012xy3456789"},
		{"insertion before what is replaced", []Edit{{Span{3, 5}, "x"}, {Span{3, 3}, "y"}}, "012yx56789"},
		{"all", []Edit{{Span{0, 10}, ""}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Apply("0123456789", tt.edits); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	s := Span{2, 5}
	if s.Len() != 3 || s.Shift(-2) != (Span{0, 3}) || s.Of("abcdef") != "cde" {
		t.Error("length, shift or text of a span is wrong")
	}
	for offset, want := range map[int]bool{1: false, 2: true, 5: true, 6: false} {
		if s.Contains(offset) != want {
			t.Errorf("Contains(%d) = %v", offset, !want)
		}
	}
	for o, want := range map[Span]bool{{0, 2}: false, {0, 3}: true, {5, 6}: false, {5, 5}: true, {2, 2}: true, {6, 6}: false} {
		if s.Overlaps(o) != want || o.Overlaps(s) != want {
			t.Errorf("Overlaps(%v) = %v", o, !want)
		}
	}
}

// FuzzLines: positions grow with the offset, lead back to the character they came from, and every
// line's text has no line end in it.
func FuzzLines(f *testing.F) {
	for _, src := range []string{"", "a\r\nb\rc\n", "é🐳\r\r\n\xff\x80\n", "\r", "a\u2028b"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		l := NewLines(src)
		for _, enc := range []Encoding{UTF16, UTF8} {
			lastLine, lastColumn := 0, 0
			for offset := 0; offset <= len(src); offset++ {
				line, column := l.Position(offset, enc)
				if line < lastLine || line == lastLine && column < lastColumn {
					t.Fatalf("offset %d is %d:%d, after %d:%d", offset, line, column, lastLine, lastColumn)
				}
				lastLine, lastColumn = line, column
				back := l.Offset(line, column, enc)
				span := l.Span(line)
				if back > offset || back < span.Start || back > span.End {
					t.Fatalf("offset %d leads to %d:%d and back to %d in %v", offset, line, column, back, span)
				}
				if back < offset && offset <= span.End && utf8.RuneStart(src[back]) {
					if _, size := utf8.DecodeRuneInString(src[back:]); back+size <= offset {
						t.Fatalf("offset %d came back as %d, another character", offset, back)
					}
				}
			}
		}
		for i := range l.Count() {
			for _, c := range []byte(l.Span(i).Of(src)) {
				if c == '\n' || c == '\r' {
					t.Fatalf("line %d is %q", i, l.Span(i).Of(src))
				}
			}
		}
	})
}

// FuzzEdits: a text edited in place is the text with the edits applied, two edits joined do what both
// do, and lines brought up to date are those of the new text.
func FuzzEdits(f *testing.F) {
	f.Add("a\r\nb\rc\n", 1, 2, "\r", 2, 3, "\n")
	f.Add("FROM a\n", 6, 6, "b", 7, 7, "c")
	f.Add("abcdef", 2, 4, "", 1, 3, "\r\n\r")
	f.Add("é\r\r\n🐳", 0, 3, "x\ny", 0, 9, "")
	f.Fuzz(func(t *testing.T, src string, a, b int, insert string, c, d int, then string) {
		place := func(src string, a, b int) Span {
			a, b = max(0, min(a, len(src))), max(0, min(b, len(src)))
			return Span{min(a, b), max(a, b)}
		}
		first := Edit{place(src, a, b), insert}
		middle := Apply(src, []Edit{first})
		second := Edit{place(middle, c, d), then}
		want := Apply(middle, []Edit{second})

		buffer := NewBuffer(NewLines(src))
		buffer.Edit(first)
		buffer.Edit(second)
		if got := buffer.String(); got != want {
			t.Fatalf("edited in place: %q, want %q", got, want)
		}
		if got := NewLines(want).starts; !slices.Equal(buffer.starts, got) {
			t.Fatalf("edited in place, the lines of %q start at %v, not at %v", want, buffer.starts, got)
		}
		both, ok := first.Then(second)
		switch {
		case !ok && second.Span.Start <= first.Span.Start+len(insert) && first.Span.Start <= second.Span.End:
			t.Fatalf("%v and %v meet, and are not joined", first, second)
		case ok:
			if got := Apply(src, []Edit{both}); got != want {
				t.Fatalf("%v, then %v, joined as %v: %q, want %q", first, second, both, got, want)
			}
			if got := NewLines(src).Edit([]Edit{both}, want); !slices.Equal(got.starts, NewLines(want).starts) {
				t.Fatalf("the lines of %q start at %v", want, got.starts)
			}
		}
		if diff := Difference(src, want); Apply(src, []Edit{diff}) != want {
			t.Fatalf("the difference of %q and %q is %v", src, want, diff)
		}

		apart := Edit{place(src, c, d), then}
		if first.Span.Overlaps(apart.Span) {
			return
		}
		edits := Sorted([]Edit{first, apart})
		want = Apply(src, edits)
		if got := NewLines(src).Edit(edits, want); !slices.Equal(got.starts, NewLines(want).starts) {
			t.Fatalf("after %v, the lines of %q start at %v", edits, want, got.starts)
		}
	})
}

// TestBraceEnd: braces inside each other, and one that is not closed on its line.
func TestBraceEnd(t *testing.T) {
	for s, want := range map[string]string{
		"{A} b":         "{A}",
		"{A:-${B}} c":   "{A:-${B}}",
		"{A:-{x}":       "",
		"{A\n}":         "",
		"{":             "",
		"{A:-{x}y}{z}}": "{A:-{x}y}",
	} {
		end, closed := BraceEnd(s, 1)
		got := s[:end]
		if !closed {
			got = ""
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}

// TestLongLines: columns in long lines are what is counted from the beginning.
func TestLongLines(t *testing.T) {
	for name, src := range map[string]string{
		"plain":       "FROM a\nRUN " + strings.Repeat("x", 10_000) + "\nRUN y\n",
		"emoji":       "# é\r\nRUN " + strings.Repeat("a😀é", 2000) + "\r\nRUN " + strings.Repeat("ab😀", 1500),
		"invalid":     strings.Repeat("a\xff\xf0\x9f", 3000) + "\n😀",
		"continued":   strings.Repeat("\x80", 5000),
		"no line end": strings.Repeat("😀", 1200),
	} {
		lines, plain := NewLines(src), NewLines(src)
		for offset := -1; offset <= len(src)+1; offset += 1 + len(src)/3000 {
			for _, enc := range []Encoding{UTF16, UTF8} {
				line, column := lines.Position(offset, enc)
				if l, c := plain.index.Position(offset, enc); line != l || column != c {
					t.Fatalf("%s: %d is at %d:%d, want %d:%d", name, offset, line, column, l, c)
				}
			}
		}
	}
}
