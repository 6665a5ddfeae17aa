package yaml

import (
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestUnmarshal(t *testing.T) {
	var got struct{ A []string }
	if err := Unmarshal("# [[[\na: &x [b, c]\nd: *x\n---\na: [z]\n", &got); err != nil || strings.Join(got.A, " ") != "b c" {
		t.Errorf("%v, error %v", got, err)
	}
	for _, empty := range []string{"", "# only\n", "---\n", "\n\n"} {
		if err := Unmarshal(empty, &got); err != nil {
			t.Errorf("%q: %v", empty, err)
		}
	}
	if err := Unmarshal("a: [", &got); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

func TestPlaceOfMistake(t *testing.T) {
	var mistake *Error
	if _, err := Parse("a: b\nc: [d\n"); !errors.As(err, &mistake) || mistake.Line != 2 {
		t.Errorf("error %v", err)
	}
}

// TestBounded repeats what structures begin with. None of it may need memory out of proportion to the
// length of the text, be it refused or not.
func TestBounded(t *testing.T) {
	const size = maxSize
	const limit = size << 12 // of all that was ever allocated; without the bounds it is a multiple
	texts := map[string]string{"indented": "", "aliases": "a0: &a0 [x]\n"}
	for _, unit := range []string{"- ", "? ", ": ", "[", "{", "{a: ", "[a, ", "!!a ", "&x ", "*x ", "- - a: ", "a: [", "\"", "'", "|\n", ">\n", "---\n", "...\n", "%YAML 1\n", "\t", "#\n", "a: b\n", "- a\n", "? a\n", "a:\n", "\\", "\x00", "\xff", "\r", ", ", "<<: ", "`", "@"} {
		texts[unit] = strings.Repeat(unit, size/len(unit))
		texts["a: "+unit] = "a: " + strings.Repeat(unit, size/len(unit)-2)
	}
	for i := range 350 {
		texts["indented"] += strings.Repeat(" ", i) + "a:\n"
	}
	for i := range 19 {
		prev, next := string(rune('a'+i)), string(rune('b'+i))
		texts["aliases"] += next + ": &" + next + " [" + strings.Repeat("*"+prev+", ", 20) + "]\n"
	}
	for name, text := range texts {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var into any
		_ = Unmarshal(text, &into)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > limit {
			t.Errorf("%q repeated: %d MiB", name, grown>>20)
		}
	}
}

// TestLines: a value has the line on which its text begins, wherever it stands.
func TestLines(t *testing.T) {
	for src, want := range map[string]int{
		"e:\n- docker\n  build\n":       2,
		"e:\n- docker\n  build":         2,
		"e:\n- |\n  docker\n  build\n":  3,
		"e:\n- >-\n  docker\n  build":   3,
		"e:\n- 'docker\n  build'\n":     2,
		"e:\n- docker\n  build\nf: 1\n": 2,
		"e:\n- docker\n  build\n...\n":  2,
		"e:\n- docker\n  build\n\n\n\n": 2,
		"e:\n- a\n- docker\n  build\n":  2,
		"e:\n- - x: docker\n      y\n":  2,
	} {
		docs, err := Documents(src, 1000)
		if err != nil {
			t.Fatal(src, err)
		}
		if got := docs[0].Get("e").List[0].Line; got != want {
			t.Errorf("%q: line %d, want %d", src, got, want)
		}
	}
}

// TestDocumentsWithComments reads texts in which comments stand where the library loses its way if it keeps them.
func TestDocumentsWithComments(t *testing.T) {
	docs, err := Documents("a: {\n  # first\n  b: x\n}\nc: [\n  # first\n  d, # behind\n  e,\n]\nf: # behind\n  g: 1\n", 1000)
	if err != nil {
		t.Fatal(err)
	}
	top := docs[0]
	if top.Get("a", "b").String() != "x" || len(top.Get("c").Strings()) != 2 || top.Get("c").List[1].Line != 8 || top.Get("f", "g").Line != 11 {
		t.Errorf("%+v", top)
	}
}
