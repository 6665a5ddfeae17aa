package occurrences_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	sh "mvdan.cc/sh/v3/syntax"
)

// TestRealFiles: in real Dockerfiles, the names agree with the stage graph, with BuildKit's own expansion of the
// instructions, and with what a parser of shell scripts sees.
func TestRealFiles(t *testing.T) {
	builder, shell := 0, 0
	for name, src := range corpus.Files(t) {
		f := syntax.Parse(src)
		g := stages.Resolve(f, stages.Args{}, nil)
		table := occurrences.Of(g)
		agreesWithGraph(t, name, table, g)
		for i := range f.Instructions {
			builder += agreesWithBuildKit(t, name, table, g, i)
			shell += agreesWithShell(t, name, table, g, i)
		}
	}
	if builder < 1000 || shell < 1000 {
		t.Errorf("only %d words of BuildKit and %d scripts were compared", builder, shell)
	}
}

func agreesWithGraph(t *testing.T, name string, table *occurrences.Table, g *stages.Graph) {
	for i := range g.File.Instructions {
		step := g.StepAt(i)
		if step.Stage == nil || step.Instr.Cmd() == nil {
			continue
		}
		var sources []*stages.Stage
		for _, r := range table.In(i) {
			if r.Kind != occurrences.Stage || r.Defines || r.Onbuild {
				continue
			}
			stage, ok := table.StageOf(r)
			if r.Place == occurrences.InFrom {
				if (step.Stage.Parent != nil) != ok || ok && step.Stage.Parent.Index != stage {
					t.Errorf("%s:%d: FROM %s is the stage %d (%v), the graph has %+v", name, g.Line(step), r.Name, stage, ok, step.Stage.Parent)
				}
			} else if ok && stage < step.Stage.Index { // a later one is refused
				sources = append(sources, g.Stages[stage])
			}
		}
		if want := g.Sources(step); !slices.Equal(sources, want) {
			t.Errorf("%s:%d: takes files from %v, the graph has %v", name, g.Line(step), sources, want)
		}
	}
}

// recorder is an environment that remembers what it is asked for.
type recorder map[string]bool

func (r recorder) Get(name string) (string, bool) {
	if occurrences.IsVariableName(name) {
		r[name] = true
	}
	return "x", true
}

func (r recorder) Keys() []string { return nil }

// agreesWithBuildKit compares the variables of an instruction with those that BuildKit looks up when it expands it.
func agreesWithBuildKit(t *testing.T, name string, table *occurrences.Table, g *stages.Graph, i int) int {
	in := g.File.Instructions[i]
	if !strings.Contains(in.Text, "$") || strings.ContainsRune(in.Text, 0) || !utf8.ValidString(in.Text) || in.Name == "ONBUILD" {
		return 0
	}
	want, ok := expandedNames(in, g.File.Escape)
	if !ok {
		return 0
	}
	got := recorder{}
	for _, r := range table.In(i) {
		if r.Kind == occurrences.Variable && !r.Defines && r.By == occurrences.Builder {
			got[r.Name] = true
		}
	}
	if !equalSets(got, want) {
		t.Errorf("%s: %q: BuildKit expands %v, found are %v", name, in.Text, keys(want), keys(got))
	}
	return len(want)
}

// expandedNames are the variables that BuildKit looks up; ok is false if it refuses the instruction.
func expandedNames(in *syntax.Instruction, escape byte) (names recorder, ok bool) {
	names = recorder{}
	failed := false
	expand := func(lex *shell.Lex) func(string) (string, error) {
		return func(word string) (string, error) {
			text, _, err := lex.ProcessWord(word, names)
			failed = failed || err != nil
			return text, err
		}
	}
	words := expand(shell.NewLex(rune(escape)))
	cmd := in.Retype()
	switch c := cmd.(type) {
	case nil:
		return nil, false
	case *instructions.Stage:
		words(c.BaseName)
		words(c.Platform)
		return names, !failed
	case *instructions.ExposeCommand:
		for _, port := range c.Ports {
			words(port)
		}
		return names, !failed
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			if kv.Value != nil {
				words(*kv.Value)
			}
		}
		return names, !failed
	}
	if c, ok := cmd.(instructions.SupportsSingleWordExpansion); ok && c.Expand(words) != nil {
		return nil, false
	}
	if c, ok := cmd.(instructions.SupportsSingleWordExpansionRaw); ok {
		lex := shell.NewLex('\\')
		lex.SkipProcessQuotes = true
		if c.ExpandRaw(expand(lex)) != nil {
			return nil, false
		}
	}
	return names, !failed
}

// agreesWithShell compares the variables of a RUN's script with the parameters that a parser of scripts sees.
func agreesWithShell(t *testing.T, name string, table *occurrences.Table, g *stages.Graph, i int) int {
	in := g.File.Instructions[i]
	if in.Name != "RUN" || in.JSON || len(in.Heredocs) > 0 || !strings.Contains(in.Text, "$") || g.StepAt(i).Shell[0] != "/bin/sh" {
		return 0
	}
	joined := in.Joined()
	script := joined.Line[joined.Index(in.Args.Start):]
	file, err := sh.NewParser(sh.Variant(sh.LangBash)).Parse(strings.NewReader(script), "")
	if err != nil {
		return 0
	}
	want, got := recorder{}, recorder{}
	sh.Walk(file, func(n sh.Node) bool {
		if p, ok := n.(*sh.ParamExp); ok && p.Param != nil {
			want.Get(p.Param.Value)
		}
		return true
	})
	for _, r := range table.In(i) {
		if (r.Kind == occurrences.Variable || r.Kind == occurrences.Local) && !r.Defines && r.By == occurrences.BuildShell {
			got[r.Name] = true
		}
	}
	for _, n := range keys(got) {
		if !want[n] && (strings.Contains(script, "((") || strings.Contains(script, "export "+n)) {
			delete(got, n) // a name alone, in arithmetic, or exported
		}
	}
	if !equalSets(got, want) {
		t.Errorf("%s: %q: a shell expands %v, found are %v", name, script, keys(want), keys(got))
	}
	return 1
}

func equalSets(a, b recorder) bool { return slices.Equal(keys(a), keys(b)) }

func keys(r recorder) (list []string) {
	for name := range r {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// FuzzNames looks at the names of any text: each stands in its instruction, and they come in order; the variables
// that BuildKit would expand are those that it does.
func FuzzNames(f *testing.F) {
	f.Add("ARG A=1\nFROM a AS b\nARG A\nRUN A=2; echo $A '$B' \"${C:-$D}\" `x $E` $(y $F) $((G+1))\nCOPY --from=b --chown=$A:x [\"$A\", \"/\"]\n")
	f.Add("# escape=`\nFROM $A\nRUN --mount=from=b,target=$X cat <<E <<-'F'\n$A\nE\n\tF\nONBUILD COPY <<A /\n$x\nA\nHEALTHCHECK CMD [\"sh\",\"-c\",\"\\u0024A\"]\n")
	f.Add("FROM a\nENV A 1 $B\nLABEL \"a b\"=$c ${d/x/$e}\nUSER a:b\nRUN for i in $x; do case $i in a) `b`;; esac; done <<X\n$i\nX\n")
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return
		}
		file := syntax.Parse(src)
		g := stages.Resolve(file, stages.Args{}, nil)
		table := occurrences.Of(g)
		for i, in := range file.Instructions {
			last := 0
			for _, r := range table.In(i) {
				if r.Span.Start < last || r.Span.End < r.Span.Start || r.Span.End > len(in.Text) {
					t.Fatalf("%q: %+v after %d", in.Text, *r.Occurrence, last)
				}
				last = r.Span.Start
				for _, def := range table.Definitions(r) {
					if !def.Defines {
						t.Fatalf("%q: the definition of %+v is %+v", src, *r.Occurrence, *def.Occurrence)
					}
				}
				if r.Span.Len() > 0 && !slices.ContainsFunc(table.All(r), r.Same) {
					t.Fatalf("%q: %+v is not among all of its name", src, *r.Occurrence)
				}
			}
			agreesWithBuildKit(t, "fuzz", table, g, i)
		}
	})
}
