package shell

import (
	"os"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"

	parser "mvdan.cc/sh/v3/syntax"
)

// TestEveryCommandIsRead holds that each command of a script is read, wherever it stands: in conditions, arrays,
// here-documents, patterns, arithmetic and redirections.
func TestEveryCommandIsRead(t *testing.T) {
	scripts := []string{
		"[[ -f $(a) && x == $(b) ]] && c", "x=($(a) b) y[$(c)]=1", "declare x=($(a))", "case $(a) in $(b)) c;; esac > $(d)",
		"for ((i=$(a); i<$(b); i++)); do c; done", "((x=$(a)))", "let x=$(a)", "> $(a)", "{ a; } > $(b) 2> `c`", "export x=$(a) > $(b)",
		"cat <<E > x\n$(a) `b`\nE", "sh <<E\na $(b)\nE", "sh x.sh <<E\n$(a)\nE", "cat <<'E'\n$(a)\nE", "x=$(a) b", "x=$(a)", "f() { a; }", "coproc x { a; }", "time a",
		"! a | b", "echo ${x:-$(a)} ${x/$(b)/$(c)} ${x[$(d)]} $((1+$(e)))", "a <(b) >(c)", "until a; do b; done", "select x in $(a); do b; done", "sh -c 'a $(b)'", "(a; b) & c",
		"while read x; do a; done < <(b)", "if [[ $(a) ]]; then b; elif c; then d; else e; fi",
	}
	data, err := os.ReadFile("testdata/effects.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if line != "" && line[0] != '\t' && line[0] != '#' {
			scripts = append(scripts, line)
		}
	}
	for _, src := range scripts {
		file, err := parser.NewParser(parser.Variant(parser.LangBash)).Parse(strings.NewReader(src), "")
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		s := parse(src, func(i int) int { return i }, len(src))
		parser.Walk(file, func(n parser.Node) bool {
			switch n.(type) {
			case *parser.CallExpr, *parser.DeclClause, *parser.TestClause, *parser.ArithmCmd, *parser.LetClause:
			default:
				return true
			}
			times := 0
			from, to := int(n.Pos().Offset()), int(n.End().Offset())
			for _, c := range s.Commands {
				if c.Span.Start == from && len(c.Wrappers) == 0 || len(c.Wrappers) > 0 && from <= c.Span.Start && c.Span.Start < to {
					times++
				}
			}
			if times == 0 {
				t.Errorf("%q: %q is not read", src, src[from:to])
			}
			return true
		})
	}
}

// TestConditions shows which files conditions read.
func TestConditions(t *testing.T) {
	for script, want := range map[string]string{
		"[[ -f app.py && ! -d src ]]": "app.py src",
		"[[ $x == *.py ]]":            "",
		"[[ ( a -nt b ) ]]":           "a b",
		"(( x == 1 ))":                "",
	} {
		in := syntax.Parse("FROM a\nRUN " + script + "\n").Instructions[1]
		var got []string
		for _, c := range Of(in, nil).Commands {
			e := c.Effects()
			if !e.Known {
				got = append(got, "UNKNOWN")
			}
			got = append(got, Texts(e.Reads.Words)...)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: reads %q, want %q", script, got, want)
		}
	}
}
