package words

import (
	"fmt"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	tests := []struct{ got, want string }{
		{Count(0, "file"), "0 files"},
		{Count(1, "file"), "1 file"},
		{Count(2, "file"), "2 files"},
		{Count(999, "file"), "999 files"},
		{Count(1234567, "file"), "1,234,567 files"},
		{Size(1), "1 byte"},
		{Size(999), "999 bytes"},
		{Size(1000), "1 kB"},
		{Size(999_499), "999 kB"},
		{Size(999_500), "1.0 MB"},
		{Size(4_250_000), "4.2 MB"},
		{Size(999_960_000), "1.0 GB"},
		{Shorten("abc", 3), "abc"},
		{Shorten("abcd", 3), "ab…"},
		{Shorten("ééé", 3), "ééé"},
		{Shorten("éééé", 3), "éé…"},
		{Shorten("🐳🐳🐳🐳🐳🐳🐳", 3), "🐳🐳…"},
		{Shorten("\xff\xff", 3), "\uFFFD"},
		{"2 steps " + For(2, "is", "are"), "2 steps are"},
		{Alternatives([]string{"text", "json"}, "or"), "text or json"},
		{Alternatives([]string{"text", "json", "svg"}, "and"), "text, json and svg"},
		{Code("npm ci"), "`npm ci`"},
		{Code("echo `date`"), "echo `date`"},
		{Some([]string{"a", "b", "c"}), "a, b, c"},
		{Some([]string{"a", "b", "c", "d", "e"}), "a, b, c and 2 more"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

// TestShortenAnyLength: texts of any length are cut to as many characters as are asked for.
func TestShortenAnyLength(t *testing.T) {
	for _, letter := range []string{"a", "é", "🐳"} {
		for n := range 60 {
			if got, want := len([]rune(Shorten(strings.Repeat(letter, n), 5))), min(n, 5); got != want {
				t.Errorf("%d times %s has %d characters, want %d", n, letter, got, want)
			}
		}
	}
}
