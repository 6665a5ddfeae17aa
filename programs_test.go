package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// ofTable are the files of dockerfile/shell that are the table of programs, or are named in its rows, and why they name
// programs and options.
var ofTable = map[string]string{
	"archives.go":        "how tar and unzip read their words, for their rows",
	"asking.go":          "how package managers ask, for their rows",
	"bashisms.go":        "what the own commands of shells take in different ways",
	"binaries.go":        "a table: packages of npm whose programs have other names",
	"cacheoff.go":        "a table: how programs are told to use no cache",
	"caches.go":          "a table: where programs keep their caches",
	"downloads.go":       "how programs download, for their rows",
	"ecosystems.go":      "how installs are read, for their rows",
	"extra.go":           "what data cannot say of a program, for its row",
	"fetches.go":         "a table: builds that download what they depend on",
	"habits.go":          "a table: what programs do about rights, downloads and what they are given",
	"meanings.go":        "a table: variables that hold options",
	"moving.go":          "what programs fetch of which there will be a newer one, for their rows",
	"pins.go":            "a table: how programs are told which version of a package they install",
	"packages.go":        "how package managers are used, for their rows; the options of pacman are its sub-commands",
	"phrases.go":         "a table: commands that are usual",
	"secrets.go":         "in which words programs are given credentials, for their rows",
	"signatures.go":      "how package managers are told not to check signatures, for their rows",
	"shells.go":          "a table: what shells can do",
	"table_languages.go": "the table",
	"table_system.go":    "the table",
	"testing.go":         "a table: what programs do that only test, and how builds are told not to",
	"tls.go":             "how programs are told not to check certificates, for their rows",
	"tools.go":           "how installs are read, for their rows",
	"varying.go":         "a table: whose output differs each time",
}

// TestRulesNameNoProgram holds that what a program does stands in the table of dockerfile/shell alone: no
// rule compares a command's Program with a name, looks it up in a list of its own, or holds a map, slice, case
// or pattern of programs. Nor does the rest of dockerfile/shell.
func TestRulesNameNoProgram(t *testing.T) {
	for _, dir := range []string{"build", "cli", "codeactions", "diagnostics", "dockerfile", "hover", "language", "workspace"} {
		sources(t, dir, func(file, src string) {
			if strings.HasPrefix(file, "build/sources/") || inTable(file) {
				return // the commands of sources build images: they are none of a RUN
			}
			for _, at := range programNames(t, file, src) {
				t.Errorf("%s: ask dockerfile/shell what the command does, not for its name", at)
			}
		})
	}
}

// formats are the files that name options because a format has them, and why. The list can only become shorter.
var formats = map[string]string{
	"build/manifests/maven.go":    "files that hold options for Maven and Java",
	"build/manifests/pip.go":      "lines of requirements files: a format with options of its own",
	"build/manifests/python.go":   "lines of the same format in lists of other files",
	"dockerfile/shell/effects.go": "--version and --help, which all programs have",
	"dockerfile/shell/list.go":    "-e and -o of the shells: their grammar, in SHELL",
	"dockerfile/shell/parse.go":   "-e and -o of the shells: their grammar, behind set",
}

// asksOption are the ways to ask a command for an option by its name.
var asksOption = regexp.MustCompile("\\.(HasFlag|Flag|flags?|values?)\\([\"`]-|[Ff]lags?\\b.*range \\[\\]string\\{\"-")

// comparesOption are the ways to compare a word with an option, where commands are read.
var comparesOption = regexp.MustCompile("([!=]= |case .*|Prefix\\(\\w+, )\"--?[A-Za-z]")

// TestRulesNameNoOption holds that dockerfile/shell alone knows what options mean, and its table alone what they are called:
// who asks, asks for a Meaning.
func TestRulesNameNoOption(t *testing.T) {
	for code, want := range map[string]bool{
		`c.HasFlag("-c")`:                           true,
		`cmd.Flag("--without")`:                     true,
		`r.values("-t", "--to")`:                    true,
		`for _, flag := range []string{"--omit"} {`: true,
		`if w.Text == "--from" {`:                   true,
		`case w.Text == "", w.Text == "-m":`:        true,
		`case "--omit":`:                            true,
		`strings.HasPrefix(w, "-s")`:                true,
		`c.Has(shell.NoScripts)`:                    false,
		`w.Text == "-"`:                             false,
		`case w == "--":`:                           false,
	} {
		if found := asksOption.MatchString(code) || comparesOption.MatchString(code); found != want {
			t.Errorf("%s: found %t, want %t", code, found, want)
		}
	}
	used := map[string]bool{}
	for _, dir := range []string{"build", "cli", "codeactions", "diagnostics", "dockerfile", "hover", "language", "workspace"} {
		sources(t, dir, func(file, src string) {
			if strings.HasPrefix(file, "build/sources/") || inTable(file) {
				return
			}
			for n, line := range strings.Split(src, "\n") {
				reads := strings.HasPrefix(file, "build/manifests/") || strings.HasPrefix(file, "dockerfile/shell/")
				switch {
				case !asksOption.MatchString(line) && !(reads && comparesOption.MatchString(line)):
				case formats[file] != "":
					used[file] = true
				default:
					t.Errorf("%s:%d: ask dockerfile/shell what the command does, not for its options", file, n+1)
				}
			}
		})
	}
	for file := range formats {
		if !used[file] {
			t.Errorf("%s names no options any more: take it off the list", file)
		}
	}
}

// programAlone are the messages that mean a program, whatever it is called with, and why.
var programAlone = map[string]string{
	"diagnostics/caching/pkg_index_refresh_alone.go": "what yum does by itself when it installs, the refresh does not",
	"diagnostics/security/pipe_to_shell.go":          "the shell that runs what it is sent",
	"diagnostics/security/tls_verify_disabled.go":    "the program with the option",
	"diagnostics/security/unsigned_packages.go":      "the program with the option",
}

// TestMessagesNamePhrases holds that messages call a command as Command.Phrase does: `pip install`, not `pip`.
func TestMessagesNamePhrases(t *testing.T) {
	alone := regexp.MustCompile(`(Code|code)\(\w+\.Program\b|"\*\*" \+ \w+\.Program\b`)
	if !alone.MatchString("words.Code(c.Program) + \" reruns\"") {
		t.Error("a message that names a program is not found")
	}
	for _, dir := range []string{"build", "cli", "codeactions", "diagnostics", "hover", "language", "server"} {
		sources(t, dir, func(file, src string) {
			if alone.MatchString(src) != (programAlone[file] != "") {
				t.Errorf("%s: a message calls a command as Command.Phrase does; one that means the program is in the list above", file)
			}
		})
	}
}

// inTable reports whether the file is one of the table's.
func inTable(file string) bool {
	name, ok := strings.CutPrefix(file, "dockerfile/shell/")
	return ok && ofTable[name] != ""
}

// sources calls do for each file of Go below the folder, without tests.
func sources(t *testing.T, dir string, do func(file, src string)) {
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		src, err := os.ReadFile(file)
		do(filepath.ToSlash(file), string(src))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestProgramNamesAreFound shows the ways to name a program that the test above sees.
func TestProgramNamesAreFound(t *testing.T) {
	for code, want := range map[string]int{
		`var x = c.Program == "rm"`:                                                  1,
		`var x = "rm" != c.Program`:                                                  1,
		`var x = p.name == "rm"`:                                                     1,
		`func f() { if program != "su" && program != "runuser" {} }`:                 2,
		`func f() { switch program { case "printf": } }`:                             1,
		`var x = r.eco.name == "npm"`:                                                0,
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
		`var tools = []string{"npm", "yarn", "make"}`:                                1,
		`var compilers = map[string]string{"go": "Go", "cargo": "Rust", "sbt": ""}`:  1,
		`func f() { switch name { case "go", "mvn", "gradlew": } }`:                  1,
		`func f() { switch ecosystem { case "npm", "yarn", "pnpm": } }`:              0,
		`func f() { slices.Contains([]string{"go", "mvn", "gradlew"}, name) }`:       1,
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
		case *ast.CompositeLit:
			found = listsPrograms(n, file)
		case *ast.CaseClause:
			found = arePrograms(texts(n.List...))
		case *ast.SwitchStmt:
			found = isProgram(n.Tag) && slices.ContainsFunc(n.Body.List, func(s ast.Stmt) bool {
				return slices.ContainsFunc(s.(*ast.CaseClause).List, func(e ast.Expr) bool { return namesOne(e) })
			})
		case *ast.IndexExpr:
			list, ok := n.X.(*ast.Ident)
			found = ok && lists[list.Name] && isProgram(n.Index)
		case *ast.CallExpr:
			found = calls(n, "MustCompile") && arePrograms(texts(n))
			if slices.ContainsFunc(n.Args, isProgram) {
				found = found || slices.ContainsFunc(n.Args, func(e ast.Expr) bool { return namesOne(e) })
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

// listsPrograms reports whether the map or slice holds names of programs, whatever it is for. What a map says of
// ecosystems stands in build/manifests alone, too.
func listsPrograms(list *ast.CompositeLit, file string) bool {
	switch list.Type.(type) {
	case *ast.MapType:
		var keys []ast.Expr
		for _, e := range list.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok {
				keys = append(keys, pair.Key)
			}
		}
		words := texts(keys...)
		return arePrograms(words) || mostly(words, isTool) && !strings.HasPrefix(file, "build/manifests/")
	case *ast.ArrayType:
		if slices.ContainsFunc(list.Elts, func(e ast.Expr) bool { _, ok := e.(*ast.BasicLit); return !ok }) {
			return false // rows of a table
		}
		return arePrograms(texts(list.Elts...))
	}
	return false
}

// texts are the words of the strings in the expressions.
func texts(list ...ast.Expr) (words []string) {
	for _, e := range list {
		ast.Inspect(e, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				s, _ := strconv.Unquote(lit.Value)
				words = append(words, strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("^$()|?:\\[]+*{} ", r) })...)
			}
			return true
		})
	}
	return words
}

// arePrograms reports whether most of the words name programs, and one of them is no ecosystem: those are
// named like their programs.
func arePrograms(words []string) bool {
	return mostly(words, isTool) && slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(ecosystems, w) })
}

// mostly reports whether three of the words or more, and three of four, are such.
func mostly(words []string, such func(string) bool) bool {
	known := 0
	for _, w := range words {
		if such(w) {
			known++
		}
	}
	return known >= 3 && 4*known >= 3*len(words)
}

// isTool reports whether the word is a name of the table, and no word for other things.
func isTool(word string) bool { return shell.IsProgram(word) && !slices.Contains(ambiguous, word) }

// ecosystems are names of programs that are names of ecosystems, too.
var ecosystems = []string{"ansible", "bun", "cabal", "cargo", "composer", "conan", "conda", "deno", "dotnet", "gleam", "go", "gradle",
	"julia", "lein", "mill", "mix", "npm", "opam", "pdm", "pip", "pipenv", "pnpm", "poetry", "sbt", "stack", "swift", "uv", "yarn",
	"bundler", "clojure", "crystal", "maven"}

// ambiguous are names of programs that are words for other things, too.
var ambiguous = []string{"test", "install", "dev", "file", "named", "next", "init", "time", "export"}

// isProgram reports whether the expression is a field Program, the name of a row of the table, or a variable that is called
// like one.
func isProgram(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		row, ok := e.X.(*ast.Ident)
		return e.Sel.Name == "Program" || ok && row.Name == "p" && e.Sel.Name == "name"
	case *ast.Ident:
		return e.Name == "program"
	}
	return false
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
