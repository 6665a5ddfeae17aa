package lazy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestRight compiles every expression of the program that is written in one piece: those that are wrong would be found
// only when they are needed.
func TestRight(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			lit, isLit := call.Args[0].(*ast.BasicLit)
			if !ok || !isLit || fun.Sel.Name != "New" {
				return true
			}
			if pkg, ok := fun.X.(*ast.Ident); !ok || pkg.Name != "lazy" {
				return true
			}
			found++
			expr, err := strconv.Unquote(lit.Value)
			if err == nil {
				_, err = regexp.Compile(expr)
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return true
		})
		return nil
	})
	if err != nil || found < 100 {
		t.Fatalf("%d expressions found: %v", found, err)
	}
}

func TestRegexp(t *testing.T) {
	r := New(`(\w)=(\d)`)
	if got := r.ReplaceAllString("a=1 b=2", "$2"); got != "1 2" {
		t.Errorf("replaced: %q", got)
	}
	if got := r.FindAllStringSubmatch("a=1 b=2", -1); len(got) != 2 || got[1][1] != "b" {
		t.Errorf("found: %q", got)
	}
}
