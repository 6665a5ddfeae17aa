package dockergen

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func TestFile(t *testing.T) {
	for _, n := range []int{1, 20, 200, 2000} {
		src := File(n)
		result, err := parser.Parse(strings.NewReader(src))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(result.AST.Children); got != n {
			t.Errorf("File(%d) has %d instructions", n, got)
		}
		if _, _, err := instructions.Parse(result.AST, nil); err != nil {
			t.Errorf("File(%d): %v", n, err)
		}
		if File(n) != src {
			t.Errorf("File(%d) is not the same twice", n)
		}
	}
}
