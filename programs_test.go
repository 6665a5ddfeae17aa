package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestRulesNameNoProgram holds that what a program does stands in the table of dockerfile/shell alone: no
// rule compares a command's Program with a name, looks it up in a list of its own, or holds a map or pattern
// of programs.
func TestRulesNameNoProgram(t *testing.T) {
	for _, dir := range []string{"diagnostics", "build", "dockerfile/rewrite", "hover", "codeactions"} {
		err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			for _, at := range programNames(t, file, nil) {
				t.Errorf("%s: ask dockerfile/shell what the command does, not for its name", at)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestProgramNamesAreFound shows the ways to name a program that the test above sees.
func TestProgramNamesAreFound(t *testing.T) {
	for code, want := range map[string]int{
		`var x = c.Program == "rm"`:                                                  1,
		`var x = "rm" != c.Program`:                                                  1,
		`var x = c.Program == ""`:                                                    0,
		`var x = c.Program == other`:                                                 0,
		`var x = strings.HasPrefix(c.Program, "pip")`:                                1,
		`var x = slices.Contains([]string{"a", "npm"}, c.Program)`:                   1,
		`var m = map[string]bool{"npm": true}; var x = m[c.Program]`:                 1,
		`var m = map[string]bool{}; var x = m[c.Program]`:                            0,
		`var r = regexp.MustCompile("^npm$"); var x = r.MatchString(c.Program)`:      1,
		`func f() { switch c.Program { case "a-name", "curl": } }`:                   1,
		`func f() { switch c.Program { case "no-program-of-the-table": } }`:          0,
		`func f() { report(c.Program, []any{c.Program}) }`:                           0,
		`var tools = map[string]bool{"npm": true, "yarn": true, "vite": true}`:       1,
		`var ecosystems = []string{"npm", "yarn", "pip"}`:                            0,
		`var tools = regexp.MustCompile("^(npx|tsc|vite|grunt)$")`:                   1,
		`var files = map[string]int{"package.json": 1, "yarn": 2, "pip": 1, "a": 2}`: 0,
		`var words = regexp.MustCompile("(build|test|install|dev)")`:                 0,
	} {
		if got := programNames(t, "x.go", "package x\n"+code); len(got) != want {
			t.Errorf("%s: found %v, want %d", code, got, want)
		}
	}
}

// programNames are the places of the file (read from src if it is not nil) that compare a Program with a
// name of the table.
func programNames(t *testing.T, file string, src any) (places []string) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range tree.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				if v := spec.(*ast.ValueSpec); len(v.Values) == 1 && listsPrograms(v.Values[0]) {
					places = append(places, set.Position(v.Pos()).String())
				}
			}
		}
	}
	lists := map[string]bool{} // variables of the file that hold names of programs
	for _, d := range tree.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Values) == 1 && (namesOne(v.Values[0]) || calls(v.Values[0], "MustCompile")) {
					lists[v.Names[0].Name] = true
				}
			}
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		found := false
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				found = isProgram(n.X) && namesOne(n.Y) || isProgram(n.Y) && namesOne(n.X)
			}
		case *ast.SwitchStmt:
			found = isProgram(n.Tag) && slices.ContainsFunc(n.Body.List, func(s ast.Stmt) bool {
				return slices.ContainsFunc(s.(*ast.CaseClause).List, func(e ast.Expr) bool { return namesOne(e) })
			})
		case *ast.IndexExpr:
			list, ok := n.X.(*ast.Ident)
			found = ok && lists[list.Name] && isProgram(n.Index)
		case *ast.CallExpr:
			if slices.ContainsFunc(n.Args, isProgram) {
				found = slices.ContainsFunc(n.Args, func(e ast.Expr) bool { return namesOne(e) })
				if method, ok := n.Fun.(*ast.SelectorExpr); ok {
					list, ok := method.X.(*ast.Ident)
					found = found || ok && lists[list.Name]
				}
				for _, arg := range n.Args {
					list, ok := arg.(*ast.Ident)
					found = found || ok && lists[list.Name]
				}
			}
		}
		if found {
			places = append(places, set.Position(n.Pos()).String())
		}
		return true
	})
	return places
}

// listsPrograms reports whether the value of a variable is a map or pattern of programs, whatever it is for:
// three of its words or more, and three of four, are names of the table, and no words for other things.
func listsPrograms(e ast.Expr) bool {
	list, ok := e.(*ast.CompositeLit)
	if ok {
		_, ok = list.Type.(*ast.MapType) // slices hold ecosystems, which are named like their programs
	}
	if !ok && !calls(e, "MustCompile") {
		return false
	}
	all, known := 0, 0
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("^$()|?:\\[]+*{} ", r) }) {
				all++
				if shell.IsProgram(word) && !slices.Contains(ambiguous, word) {
					known++
				}
			}
		}
		return true
	})
	return known >= 3 && 4*known >= 3*all
}

// ambiguous are names of programs that are words for other things, too.
var ambiguous = []string{"test", "install", "dev", "file", "named", "next", "init", "time", "export"}

// isProgram reports whether the expression is a field Program.
func isProgram(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Program"
}

// namesOne reports whether a string in the expression is a name of the table.
func namesOne(e ast.Expr) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			found = found || shell.IsProgram(s)
		}
		return true
	})
	return found
}

// calls reports whether the expression is a call of a function of the name.
func calls(e ast.Expr, name string) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := call.Fun.(*ast.SelectorExpr)
	return ok && s.Sel.Name == name
}
