package grammar_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// moduleDir is the folder of a module of go.mod.
var moduleDir = sync.OnceValue(func() map[string]string {
	dirs := map[string]string{}
	for _, module := range []string{"github.com/moby/buildkit", "github.com/moby/sys/signal"} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			panic(err)
		}
		dirs[module] = strings.TrimSpace(string(out))
	}
	return dirs
})

// upstream is a file of BuildKit's frontend/dockerfile.
func upstream(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join(moduleDir()["github.com/moby/buildkit"], "frontend", "dockerfile", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

// goFile parses a Go file of BuildKit's frontend/dockerfile.
func goFile(t *testing.T, name string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, upstream(t, name), 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// function is the declaration of a function in BuildKit's code.
func function(t *testing.T, file, name string) *ast.FuncDecl {
	t.Helper()
	for _, d := range goFile(t, file).Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			return f
		}
	}
	t.Fatalf("%s has no function %s any more: look where it went", file, name)
	return nil
}

// literals are the values of the string literals below a node that keep accepts, in order.
func literals(n ast.Node, keep func(string) bool) (list []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && keep(s) {
				list = append(list, s)
			}
		}
		return true
	})
	return list
}
