package shell

import (
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"

	sh "mvdan.cc/sh/v3/syntax"
)

// TestSignsOfBashisms: a script that has no sign of a form of bash has none of them.
func TestSignsOfBashisms(t *testing.T) {
	check := func(name, src string) {
		for _, in := range syntax.Parse(src).Instructions {
			s := Of(in, nil)
			if s.Malformed || s.src == "" || mayHaveBashisms(s.src) {
				continue
			}
			r := &reader{script: s, src: s.src, at: s.at, end: len(in.Text)}
			file, err := parsers.Get().(*sh.Parser).Parse(strings.NewReader(s.src), "")
			if err != nil {
				t.Fatalf("%s: %v in %q", name, err, s.src)
			}
			if list := r.bashisms(file); len(list) > 0 {
				t.Errorf("%s: no sign of %s in %q", name, list[0].What, s.src)
			}
		}
	}
	for name, src := range corpus.Some(t, 4, corpus.Seed(t)) {
		check(name, src)
	}
	for _, script := range []string{
		`[[ -n $A ]]`, `((A++))`, `let A=1`, `A=(a b)`, `A+=(a)`, `declare -A A`, `cat <(ls)`, `tee >(cat)`, `function f { ls; }`, `cat <<<a`,
		`ls &>a`, `ls &>>a`, `ls |& cat`, `echo ${A/b/c}`, `echo ${A:1}`, `pushd /a`, `source a`, `echo -e a`, `[ a == b ]`, `set -o pipefail`,
		`cp {a,b} c`, `mapfile A`, `shopt -s a`, `typeset A`, `popd`, `readarray A`,
		`cp a{1..3} b`, `echo ${A/${B}/c}`, `echo ${A:$B}`, "echo \\\n  -e a", `echo   -ne a`,
	} {
		if len(Of(syntax.Parse("RUN " + script).Instructions[0], nil).Bashisms()) == 0 {
			t.Errorf("%s: no form of bash is found", script)
		}
	}
}

// TestListed: a word of a list is whole.
func TestListed(t *testing.T) {
	for _, test := range []struct {
		list, word string
		want       bool
	}{
		{"ab cd", "ab", true}, {"ab cd", "cd", true}, {"ab cd", "b", false}, {"abab ab", "ab", true}, {"abab", "ab", false},
		{"ab cd", "ab cd", false}, {"ab cd", "", false}, {"", "ab", false}, {"", "", false}, {"-ab -a", "-a", true}, {"a-b", "b", false},
	} {
		if got := listed(test.list, test.word); got != test.want {
			t.Errorf("listed(%q, %q) = %t", test.list, test.word, got)
		}
	}
}
