package words

import (
	"fmt"
	"testing"
)

func TestWords(t *testing.T) {
	tests := []struct{ got, want string }{
		{Count(0, "file"), "0 files"},
		{Count(1, "file"), "1 file"},
		{Count(2, "file"), "2 files"},
		{"2 steps " + For(2, "is", "are"), "2 steps are"},
		{Alternatives([]string{"text", "json"}, "or"), "text or json"},
		{Alternatives([]string{"text", "json", "svg"}, "and"), "text, json and svg"},
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
