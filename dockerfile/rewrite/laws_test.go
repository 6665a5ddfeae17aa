package rewrite

import (
	"slices"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// operations are what the laws are tried with: at steps i and j of the file.
var operations = []struct {
	name string
	do   func(c *Change, g *stages.Graph, s, other *stages.Step)
	law  func(t *testing.T, before, after *stages.Graph, i, j int)
}{
	{"remove", func(c *Change, g *stages.Graph, s, _ *stages.Step) { c.Remove(s, KeepComments) },
		func(t *testing.T, before, after *stages.Graph, i, j int) {
			equal(t, slices.Delete(keys(before), i, i+1), keys(after))
		}},
	{"move above", func(c *Change, g *stages.Graph, s, other *stages.Step) { c.Move(Above(other), s) }, moved},
	{"move below", func(c *Change, g *stages.Graph, s, other *stages.Step) { c.Move(Below(other), s) }, moved},
	{"insert above", func(c *Change, g *stages.Graph, s, _ *stages.Step) { c.Insert(Above(s), "# new\nENV new=1") },
		func(t *testing.T, before, after *stages.Graph, i, j int) {
			equal(t, slices.Insert(keys(before), i, "ENV new=1"), keys(after))
		}},
	{"insert below", func(c *Change, g *stages.Graph, s, _ *stages.Step) { c.Insert(Below(s), "# new\nENV new=1") },
		func(t *testing.T, before, after *stages.Graph, i, j int) {
			equal(t, slices.Insert(keys(before), i+1, "ENV new=1"), keys(after))
		}},
	{"join", func(c *Change, g *stages.Graph, s, other *stages.Step) { c.Join(s, other) },
		func(t *testing.T, before, after *stages.Graph, i, j int) {
			equal(t, commands(before), commands(after))
			if len(after.File.Instructions) != len(before.File.Instructions)-1 {
				t.Error("not one instruction less")
			}
		}},
	{"split", func(c *Change, g *stages.Graph, s, other *stages.Step) {
		list := shell.Of(s.Instr, s.Shell).Commands
		if len(list) < 2 {
			c.fail("nothing to split")
			return
		}
		c.Split(s, list[min(g.Index(other)+1, len(list)-1)])
	}, func(t *testing.T, before, after *stages.Graph, i, j int) {
		equal(t, commands(before), commands(after))
		for _, n := range []int{i, i + 1} {
			if s := after.StepAt(n); !shell.Of(s.Instr, s.Shell).Known() {
				t.Errorf("%q does not parse", s.Instr.Text)
			}
		}
	}},
	{"comment", func(c *Change, g *stages.Graph, s, _ *stages.Step) { c.Comment(s, "# new") }, same},
	{"comment at the top", func(c *Change, g *stages.Graph, s, _ *stages.Step) { c.CommentTop("# new") }, same},
	{"drop a command", func(c *Change, g *stages.Graph, s, other *stages.Step) {
		list := shell.Of(s.Instr, s.Shell).Commands
		if len(list) < 2 {
			c.fail("nothing to drop")
			return
		}
		c.DropCommand(s, list[min(g.Index(other), len(list)-1)])
	}, func(t *testing.T, before, after *stages.Graph, i, j int) {
		if s := after.StepAt(i); !shell.Of(s.Instr, s.Shell).Chained() {
			t.Errorf("%q does not parse", s.Instr.Text)
		}
	}},
}

func same(t *testing.T, before, after *stages.Graph, _, _ int) { equal(t, keys(before), keys(after)) }

func moved(t *testing.T, before, after *stages.Graph, i, j int) {
	a, b := keys(before), keys(after)
	gone := a[i]
	a = slices.Delete(a, i, i+1)
	for n := range b {
		if b[n] == gone && slices.Equal(slices.Delete(slices.Clone(b), n, n+1), a) {
			return
		}
	}
	t.Errorf("%q is not %q with one moved", b, a)
}

// keys are the instructions of a file; a continuation that only the end of the file ended says nothing.
func keys(g *stages.Graph) (list []string) {
	for _, in := range g.File.Instructions {
		list = append(list, key(in))
	}
	return list
}

// commands are the programs and words of all RUNs.
func commands(g *stages.Graph) (list []string) {
	for i, in := range g.File.Instructions {
		s := g.StepAt(i)
		if in.Name != "RUN" {
			continue
		}
		for _, c := range shell.Of(in, s.Shell).Commands {
			line := c.Program
			for _, w := range c.Words {
				line += "\x00" + w.Text
			}
			list = append(list, line)
		}
	}
	return list
}

func equal(t *testing.T, want, got []string) {
	t.Helper()
	if !slices.Equal(want, got) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// apply makes the change; ok says that it can be made.
func apply(src string, op, i, j int) (g *stages.Graph, after string, ok bool) {
	g = graph(src)
	n := len(g.File.Instructions)
	if n == 0 {
		return g, "", false
	}
	c := Of(g)
	operations[op].do(c, g, g.StepAt(i%n), g.StepAt(j%n))
	edit, err := c.Edit()
	if err != nil {
		return g, "", false
	}
	return g, text.Apply(src, edit.Edits), true
}

// laws checks what holds for every operation.
func laws(t *testing.T, src string, op, i, j int) (done bool) {
	src = strings.ReplaceAll(src, "\r", "")
	g, after, ok := apply(src, op, i, j)
	if !ok {
		return false
	}
	n := len(g.File.Instructions)
	next := graph(after)
	operations[op].law(t, g, next, i%n, j%n)
	if _, other, ok := apply(crlf(src), op, i, j); strings.Contains(src, "\n") && (!ok || other != crlf(after)) {
		t.Errorf("with CRLF: %v, got\n%q\nwant\n%q", ok, other, crlf(after))
	}
	kept := Comments(next.File)
	for _, comment := range Comments(g.File) {
		at := slices.Index(kept, comment)
		if at < 0 {
			if operations[op].name == "remove" {
				continue // it was between the lines, or silenced the step
			}
			t.Errorf("the comment %q is lost", comment)
			continue
		}
		kept = slices.Delete(kept, at, at+1)
	}
	if t.Failed() {
		t.Logf("%s %d %d of\n%q\nis\n%q", operations[op].name, i%n, j%n, src, after)
	}
	return true
}

var sources = []string{
	"FROM a\n\n# c\nRUN a && b # d\n\nRUN c; \nCOPY . .\n",
	"#!/usr/bin/env -S docker build . -f\n# syntax=docker/dockerfile:1\nARG x\nFROM a\n\tRUN a \\\n\t# c\n\t && b\nrun b",
	"# escape=`\nFROM a\nSHELL [\"sh\", \"-c\"]\nRUN a `\n  && b\nRUN c | d\n",
	"FROM a\nRUN <<EOF\na\nEOF\nRUN cat <<X > y\nx\nX\nCOPY <<A <<B /\na\nA\nb\nB\nRUN x",
	"FROM a\nRUN --mount=type=cache,target=/x (a; b) && c\nRUN --mount=type=cache,target=/x if a; then b; fi\nCMD [\"x\"]\n# end\n",
	"FROM a\nENV A=b\n\nARG C\nENV H=$C\n\nRUN x && \\\n\n  # y\n  z &\n\n# next\nRUN y \\",
	"\xef\xbb\xbfFROM a\n# hadolint ignore=DL1\nRUN ! a\n# layerwise ignore=x -- why\nRUN a || b && c\nRUN a \\\n  # in\n",
	"FROM a\n  RUN sh -c 'a; b' && exit 0\nRUN [\"a\"]\nHEALTHCHECK CMD a\nONBUILD RUN a\n\n\n\nUSER x\n",
}

// TestLaws tries each operation with all pairs of steps.
func TestLaws(t *testing.T) {
	done := map[string]int{}
	for _, src := range sources {
		n := len(syntax.Parse(src).Instructions)
		for op := range operations {
			for i := range n {
				for j := range n {
					if laws(t, src, op, i, j) {
						done[operations[op].name]++
					}
				}
			}
		}
	}
	for _, op := range operations {
		if done[op.name] == 0 {
			t.Errorf("%s was never possible", op.name)
		}
	}
}

func FuzzLaws(f *testing.F) {
	for _, src := range sources {
		f.Add(src, uint8(0), uint8(1), uint8(2))
	}
	for _, c := range cases {
		f.Add(c.src, uint8(1), uint8(1), uint8(2))
	}
	f.Fuzz(func(t *testing.T, src string, op, i, j uint8) {
		laws(t, src, int(op)%len(operations), int(i), int(j))
	})
}

func FuzzAddLines(f *testing.F) {
	f.Add("a\n!b\n")
	f.Add("# c\r\n\r\n!b")
	f.Fuzz(func(t *testing.T, src string) {
		after := text.Apply(src, AddLines("/x", src, []string{"new"}).Edits)
		lines := strings.Split(strings.ReplaceAll(after, "\r", ""), "\n")
		at := slices.Index(lines, "new")
		if at < 0 && !strings.Contains(src, "new") {
			t.Fatalf("%q: no line of its own in %q", src, after)
		}
		if strings.Contains(src, "new") {
			return
		}
		rest := slices.Delete(lines, at, at+1)
		trim := func(s string) string {
			return strings.TrimRight(strings.ReplaceAll(s, "\r", ""), "\n")
		}
		if trim(strings.Join(rest, "\n")) != trim(src) {
			t.Fatalf("%q: other lines change in %q", src, after)
		}
	})
}
