package diagnostics_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

func input(rules []*diagnostics.Rule, src string) diagnostics.Input {
	return diagnostics.Input{Rules: rules, Graph: stages.Resolve(syntax.Parse(src), stages.Args{}, nil)}
}

// tell is a Step hook that reports every step of a name.
func tell(name string) func(*diagnostics.Pass, *stages.Step) {
	return func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name == name {
			p.Report(diagnostics.Finding{Step: s, Message: diagnostics.Plain("a " + name)})
		}
	}
}

// TestCrash: a rule that crashes, in a hook, a message or a fix, loses its own findings, and says so.
func TestCrash(t *testing.T) {
	crash := func(bool) { panic("oh") }
	healthy := &diagnostics.Rule{Name: "healthy", Severity: diagnostics.Info, Step: tell("RUN")}
	for name, broken := range map[string]*diagnostics.Rule{
		"step":    {Name: "broken", Severity: diagnostics.Info, Step: func(p *diagnostics.Pass, s *stages.Step) { tell("RUN")(p, s); crash(s.N == 2) }},
		"command": {Name: "broken", Severity: diagnostics.Info, Command: func(*diagnostics.Pass, *stages.Step, *shell.Command) { crash(true) }},
		"stage":   {Name: "broken", Severity: diagnostics.Info, Stage: func(*diagnostics.Pass) { crash(true) }},
		"file":    {Name: "broken", Severity: diagnostics.Info, File: func(*diagnostics.Pass) { crash(true) }},
		"message": {Name: "broken", Severity: diagnostics.Info, Stage: func(p *diagnostics.Pass) {
			p.Report(diagnostics.Finding{Step: p.Stage.Steps[0], Message: func(*diagnostics.Pass) string { panic("oh") }})
		}},
	} {
		in := input([]*diagnostics.Rule{broken, healthy}, "FROM a\nRUN b\nRUN c\n")
		res := diagnostics.Run(t.Context(), in, nil)
		res = diagnostics.Run(t.Context(), in, res)
		if got := rules(res.Diagnostics); got != "healthy healthy" {
			t.Errorf("%s: %s", name, got)
		}
		if f := res.Failures(); len(f) != 1 || !strings.Contains(f[0].Error(), "the rule broken has crashed: oh") || !strings.Contains(f[0].Error(), "engine_test.go") {
			t.Errorf("%s: %v", name, f)
		}
	}
}

// TestYields: of two rules that tell the same of a place, one is shown, and the other where it is alone.
func TestYields(t *testing.T) {
	span := func(name string, from, to int) func(*diagnostics.Pass, *stages.Step) {
		return func(p *diagnostics.Pass, s *stages.Step) {
			if s.Instr.Name == name {
				p.Report(diagnostics.Finding{Step: s, Span: text.Span{Start: from, End: to}, Message: diagnostics.Plain("a " + name)})
			}
		}
	}
	says := &diagnostics.Rule{Name: "says", Severity: diagnostics.Info, Step: span("RUN", 4, 6)}
	yields := &diagnostics.Rule{Name: "yields", Severity: diagnostics.Info, Yields: []string{"says"}, Step: func(p *diagnostics.Pass, s *stages.Step) {
		span("RUN", 0, 5)(p, s)
		span("USER", 0, 5)(p, s)
	}}
	beside := &diagnostics.Rule{Name: "beside", Severity: diagnostics.Info, Yields: []string{"says"}, Step: span("RUN", 7, 8)}
	in := input([]*diagnostics.Rule{says, yields, beside}, "FROM a\nRUN abcdef\nUSER abc\n")
	res := diagnostics.Run(t.Context(), in, nil)
	for range 2 {
		if got := rules(res.Diagnostics); got != "says beside yields" {
			t.Error(got)
		}
		res = diagnostics.Run(t.Context(), in, res)
	}
	in.Rules = []*diagnostics.Rule{yields}
	if got := rules(diagnostics.Run(t.Context(), in, nil).Diagnostics); got != "yields yields" {
		t.Error(got)
	}
}

// TestCancelled: a run whose context is done has no result.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rule := &diagnostics.Rule{Name: "slow", Severity: diagnostics.Info, Stage: func(*diagnostics.Pass) { cancel() }}
	if res := diagnostics.Run(ctx, input([]*diagnostics.Rule{rule, catalog.Rules()[0]}, "FROM a\nFROM b\n"), nil); res != nil {
		t.Error("there is a result")
	}
}

// TestOffByDefault: such a rule reports only where its own name or code turns it on; its family can turn it off.
func TestOffByDefault(t *testing.T) {
	rule := &diagnostics.Rule{Name: "picky", Code: "P01", Family: "style", Severity: diagnostics.Hint, Off: true, Step: tell("RUN")}
	tests := []struct {
		set  map[string]diagnostics.Severity
		want diagnostics.Severity
	}{
		{nil, diagnostics.Off},
		{map[string]diagnostics.Severity{"picky": diagnostics.On}, diagnostics.Hint},
		{map[string]diagnostics.Severity{"p01": diagnostics.On}, diagnostics.Hint},
		{map[string]diagnostics.Severity{"picky": diagnostics.Error}, diagnostics.Error},
		{map[string]diagnostics.Severity{"style": diagnostics.Warning}, diagnostics.Off},
		{map[string]diagnostics.Severity{"picky": diagnostics.Off}, diagnostics.Off},
	}
	for _, tt := range tests {
		in := input([]*diagnostics.Rule{rule}, "FROM a\nRUN b\n")
		in.Settings.Severity = tt.set
		got := diagnostics.Off
		if found := diagnostics.Run(t.Context(), in, nil).Diagnostics; len(found) > 0 {
			got = found[0].Severity
		}
		if got != tt.want {
			t.Errorf("%v: %v, want %v", tt.set, got, tt.want)
		}
	}
}

type options struct {
	Word string `json:"word"`
}

// TestOptionsReachTheRule: with the defaults, or the user's values; another value is another result.
func TestOptionsReachTheRule(t *testing.T) {
	rule := &diagnostics.Rule{
		Name: "wordy", Severity: diagnostics.Info, Options: func() any { return &options{"default"} },
		Step: func(p *diagnostics.Pass, s *stages.Step) {
			p.Report(diagnostics.Finding{Step: s, Message: diagnostics.Plain(p.Options().(*options).Word)})
		},
	}
	in := input([]*diagnostics.Rule{rule}, "FROM a\n")
	var res *diagnostics.Results
	for _, want := range []string{"default", "one", "two", "default"} {
		in.Settings = diagnostics.Settings{}
		if want != "default" {
			in.Settings.Options = map[string]any{"wordy": &options{want}}
		}
		if res = diagnostics.Run(t.Context(), in, res); res.Diagnostics[0].Message != want {
			t.Errorf("%q, want %q", res.Diagnostics[0].Message, want)
		}
	}
}

// TestStepIsKept: after an edit in a long stage, only the step that was edited and those with findings are
// looked at again; what is asked is looked at again when its answer changes.
func TestStepIsKept(t *testing.T) {
	looked := 0
	rule := &diagnostics.Rule{Name: "counting", Severity: diagnostics.Info, Step: func(p *diagnostics.Pass, s *stages.Step) {
		looked++
		tell("USER")(p, s)
		if s.Instr.Name == "COPY" {
			p.Context()
		}
	}}
	var g *stages.Graph
	var res *diagnostics.Results
	check := func(src string, bc *files.Context) int {
		f := syntax.Parse(src)
		if g != nil {
			f = g.File.Edit([]text.Edit{text.Difference(g.File.Src, src)})
		}
		g = stages.Resolve(f, stages.Args{}, g)
		looked = 0
		res = diagnostics.Run(t.Context(), diagnostics.Input{Rules: []*diagnostics.Rule{rule}, Graph: g, Build: diagnostics.Build{Context: bc}}, res)
		return looked
	}
	many := strings.Repeat("RUN a\n", 1000)
	with := func(middle string) string { return "FROM a\nCOPY a b\nUSER x\n" + many + middle + many }
	for i, tt := range []struct {
		src    string
		bc     *files.Context
		looked int
	}{
		{with("RUN b\n"), nil, 2004},
		{with("RUN bc\n"), nil, 2},                     // the edited step, and the finding
		{with("RUN bc\nRUN d\n"), nil, 3},              // the new step, the one beside it, which is read again, and the finding
		{with(""), nil, 2},                             // the one beside those that are gone, and the finding
		{with(""), files.InMemory(nil), 2},             // COPY asked for the context; the finding
		{with("ENV A=b\n"), nil, 1 + 1 + 2 + 1000 - 1}, // the new step; what it is in effect for, and COPY and the finding
	} {
		if got := check(tt.src, tt.bc); got != tt.looked {
			t.Errorf("%d: %d steps were looked at, want %d", i, got, tt.looked)
		}
	}
}

// TestFact: what rules of a stage share is computed once, and what it asked for counts for each of them.
func TestFact(t *testing.T) {
	computed := 0
	hook := func(p *diagnostics.Pass) {
		final := p.Fact("final", func(p *diagnostics.Pass) any { computed++; return p.Final() }).(bool)
		p.Report(diagnostics.Finding{Step: p.Stage.Steps[0], Message: diagnostics.Plain(fmt.Sprint("final: ", final))})
	}
	list := []*diagnostics.Rule{{Name: "a", Severity: diagnostics.Info, Stage: hook}, {Name: "b", Severity: diagnostics.Info, Stage: hook}}
	in := input(list, "FROM a\n")
	res := diagnostics.Run(t.Context(), in, nil)
	if computed != 1 {
		t.Errorf("computed %d times", computed)
	}
	in.Graph = stages.Resolve(in.Graph.File.Edit([]text.Edit{{Span: text.Span{Start: 7, End: 7}, New: "FROM b\n"}}), stages.Args{}, in.Graph)
	res = diagnostics.Run(t.Context(), in, res)
	if d := res.Diagnostics; computed != 3 || d[0].Message != "final: false" || d[1].Message != "final: false" {
		t.Errorf("computed %d times: %v", computed, d[0].Message)
	}
}

// tryWith lets an input try its fixes.
func tryWith(in diagnostics.Input) diagnostics.Input {
	in.Try = func(src string, _ map[string]string, _ func(*diagnostics.Rule) bool) *diagnostics.Results {
		return diagnostics.Run(context.Background(), tryWith(input(in.Rules, src)), nil)
	}
	return in
}

// TestFixesAreTried: a fix that leaves its finding, or brings an error, is not offered, and --fix ends.
func TestFixesAreTried(t *testing.T) {
	for name, tt := range map[string]struct {
		insert string
		want   int
	}{
		"it mends":               {"# done\n", 1},
		"it has no effect":       {"# nothing\n", 0},
		"it brings an error":     {"# done\nCOPY x\n", 0},
		"it repeats the finding": {"RUN b\n", 0},
	} {
		rule := &diagnostics.Rule{Name: "undone", Severity: diagnostics.Info, Stage: func(p *diagnostics.Pass) {
			for _, s := range p.Stage.Steps {
				if s.Instr.Name == "RUN" && !strings.Contains(s.Instr.Text, "# done") {
					p.Report(diagnostics.Finding{Step: s, Message: diagnostics.Plain("undone"), Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
						at := text.Span{Start: s.Instr.Body.Start, End: s.Instr.Body.Start}
						return []diagnostics.Fix{{Title: "Do", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{diagnostics.Edit(text.Edit{Span: at.Shift(p.Offset(s)), New: tt.insert})}}}
					}})
				}
			}
		}}
		list := append([]*diagnostics.Rule{rule}, catalog.Find("syntax-error"))
		src := "FROM a\nRUN b\n"
		res := diagnostics.Run(t.Context(), tryWith(input(list, src)), nil)
		i := slices.IndexFunc(res.Diagnostics, func(d diagnostics.Diagnostic) bool { return d.Rule == rule })
		if got := len(res.Diagnostics[i].Fixes()); got != tt.want {
			t.Errorf("%s: %d fixes are offered, want %d", name, got, tt.want)
		}
		// Also where fixes are not tried, as in an engine that is told to believe all of them.
		fixed := diagnostics.FixAll(src, false, func(src string, _ map[string]string) []diagnostics.Diagnostic {
			return diagnostics.Run(t.Context(), input(list, src), nil).Diagnostics
		})
		if len(fixed.Src) > len(src)+len(tt.insert)*2 {
			t.Errorf("%s: it does not end:\n%s", name, fixed.Src)
		}
	}
}

// TestManyFindings: more findings than are shown, and more fixes than are tried, are mended all the same, some at a
// time; and it is said that not all fixes were tried.
func TestManyFindings(t *testing.T) {
	steps := 1050 // more than are shown
	if testing.Short() {
		steps = 350 // more than are tried
	}
	rule := &diagnostics.Rule{Name: "undone", Severity: diagnostics.Info, Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name == "RUN" && !strings.Contains(s.Instr.Text, "done") {
			p.Report(diagnostics.Finding{Step: s, Message: diagnostics.Plain("undone"), Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				at := text.Span{Start: s.Instr.Body.End, End: s.Instr.Body.End}
				return []diagnostics.Fix{{Title: "Do", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{diagnostics.Edit(text.Edit{Span: at.Shift(p.Offset(s)), New: " done"})}}}
			}})
		}
	}}
	src := "FROM a\n" + strings.Repeat("RUN b\n", steps)
	check := func(src string, _ map[string]string) []diagnostics.Diagnostic {
		return diagnostics.Run(t.Context(), tryWith(input([]*diagnostics.Rule{rule}, src)), nil).Diagnostics
	}
	found := check(src, nil)
	if diagnostics.Untried(found) {
		t.Error("nobody has asked for fixes, and some are untried")
	}
	offered := 0
	for i := range found {
		offered += len(found[i].Fixes())
	}
	if offered == 0 || offered == len(found) || !diagnostics.Untried(found) {
		t.Errorf("%d fixes for %d findings, untried: %v; want some, not all, and others untried", offered, len(found), diagnostics.Untried(found))
	}
	fixed := diagnostics.FixAll(src, false, check)
	if done := strings.Count(fixed.Src, " done\n"); fixed.Fixes != steps || done != steps {
		t.Errorf("%d fixes of %d, and %d steps are done", fixed.Fixes, steps, done)
	}
}
