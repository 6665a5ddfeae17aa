package shell_test

import (
	"slices"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
)

// TestVariables shows which variables each form of the shell reads and sets: "reads", "sets" in some shell of
// the script, and "leaves" set for what follows. ANY stands for variables that cannot be told.
func TestVariables(t *testing.T) {
	empty := shell.Of(syntax.Parse("FROM a\nRUN true\n").Instructions[1], sh)
	own := empty.Sets()
	if !own.Has("RANDOM") || !own.Has("PWD") {
		t.Fatal("the shell sets RANDOM and PWD by itself")
	}
	for _, c := range []struct{ script, reads, sets, leaves string }{
		{"f=1", "", "f", "f"},
		{"f=1 make $f", "f", "", ""},
		{"f=1 eval x", "ANY", "ANY f", "ANY f"},
		{"g() { :; }; f=1 g", "", "f", "f"},
		{"f[1]=x", "", "f", "f"},
		{"f=($a)", "a", "f", "f"},
		{"f+=x", "", "f", "f"},
		{"for f in $a b; do rm $f; done", "a f", "f", "f"},
		{"select f in a b; do rm $f; done", "f", "REPLY f", "REPLY f"},
		{"for ((i=0; i<n; i++)); do :; done", "i n", "i", "i"},
		{"while read -r f rest; do :; done < list", "", "REPLY f rest", "REPLY f rest"},
		{"IFS= read -p $p f", "p", "REPLY f", "REPLY f"},
		{"mapfile -t f < list", "", "MAPFILE f", "MAPFILE f"},
		{"getopts ab: f", "", "f", "f"},
		{"printf -v f %s x", "", "f", "f"},
		{"printf %s $f", "f", "", ""},
		{"unset -v f g", "", "f g", "f g"},
		{"read $f", "f", "ANY REPLY", "ANY REPLY"},
		{"export f=1 g", "g", "f g", "f g"},
		{"readonly f=$a", "a", "f", "f"},
		{"declare -i f=1", "", "f", "f"},
		{"declare -n f=g", "ANY", "ANY f", "ANY f"},
		{`export "$f"`, "f", "ANY", "ANY"},
		{": ${f:=x} ${g=y} ${h:-z} ${i:+$j}", "f g h i j", "f g", "f g"},
		{"echo ${#f} ${f%x} ${f//$a/b} ${f:$n}", "a f n", "", ""},
		{"echo ${!f}", "ANY", "", ""},
		{"echo ${!GIT*}", "ANY", "", ""},
		{"(( f = g + 1 ))", "f g", "f", "f"},
		{"(( f > 1 ))", "f", "", ""},
		{"let f++ g-=1", "f g", "f g", "f g"},
		{"echo $((f *= 2)) $((g == 1))", "f g", "f", "f"},
		{"[[ -v f && $g == *.py ]]", "f g", "", ""},
		{"test -v f", "f", "", ""},
		{"(f=1); $(g=1); h=1 & i=1", "", "f g h i", "i"},
		{"sh -c 'f=1; echo $g'", "g", "f", ""},
		{"exec {fd}> log", "", "fd", "fd"},
		{"coproc f { cat; }", "", "COPROC f", "COPROC f"},
		{"local f; typeset g=1", "f", "f g", "f g"},
		{". ./env", "ANY", "ANY", "ANY"},
		{"trap 'f=1' DEBUG", "ANY", "ANY", "ANY"},
		{"command read f", "", "REPLY f", "REPLY f"},
		{"cat <<< $f", "f", "", ""},
		{"case $f in $g) h=1;; esac", "f g", "h", "h"},
		{"if ", "ANY", "ANY", "ANY"},
	} {
		in := syntax.Parse("FROM a\nRUN " + c.script + "\n").Instructions[1]
		s := shell.Of(in, sh)
		end := len(in.Text)
		sets := s.Sets()
		sets.Names = slices.DeleteFunc(slices.Clone(sets.Names), func(name string) bool { return slices.Contains(own.Names, name) })
		got := [3]string{namesLine(s.ReadsIn(0, end)), namesLine(sets), namesLine(s.SetsIn(0, end))}
		if want := [3]string{c.reads, c.sets, c.leaves}; got != want {
			t.Errorf("%s: got %q, want %q", c.script, got, want)
		}
		if s.ReadsAny() != strings.Contains(c.reads, "ANY") {
			t.Errorf("%s: ReadsAny is %v", c.script, s.ReadsAny())
		}
	}
}

func namesLine(v shell.Vars) string {
	names := v.Names
	if v.All {
		names = append([]string{"ANY"}, names...)
	}
	return strings.Join(names, " ")
}
