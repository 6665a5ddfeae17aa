package moves_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestMoves asks, for the first COPY of each Dockerfile of testdata, whether it may move below each step
// that follows, and, for the first ARG, likewise. Other files of a case are its build context.
func TestMoves(t *testing.T) {
	const name = "testdata/moves.txtar"
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for _, c := range cases(archive) {
		t.Run(c.name, func(t *testing.T) {
			got := verdicts(c.dockerfile, c.context)
			if got != c.want && !*update {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			for _, f := range c.files {
				if strings.HasSuffix(f.Name, "/want") {
					f.Data = []byte(got)
				}
				out.Files = append(out.Files, f)
			}
		})
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type testCase struct {
	name, dockerfile, want string
	context                map[string]string
	files                  []txtar.File
}

func cases(a *txtar.Archive) (list []*testCase) {
	for _, f := range a.Files {
		name, rest, _ := strings.Cut(f.Name, "/")
		if len(list) == 0 || list[len(list)-1].name != name {
			list = append(list, &testCase{name: name, context: map[string]string{}})
		}
		c := list[len(list)-1]
		c.files = append(c.files, f)
		switch rest {
		case "want":
			c.want = string(f.Data)
		case "Dockerfile":
			c.dockerfile = string(f.Data)
			fallthrough
		default:
			c.context[rest] = string(f.Data)
		}
	}
	return list
}

// verdicts are the answers, one a line.
func verdicts(src string, context map[string]string) string {
	var b strings.Builder
	g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
	ctx := files.InMemory(maps.Clone(context))
	judge := moves.Judge{Context: ctx}
	for _, stage := range g.Stages {
		for _, s := range stage.Steps {
			below := stage.Steps[s.N+1:]
			if c, ok := copies.Of(s); ok {
				for _, next := range below {
					part := moves.Part{Step: next, Installs: installs(ctx, c, next)}
					moved := moves.Moved{Copy: c}
					for _, i := range part.Installs {
						moved.First = append(moved.First, i.Inputs.Files...)
					}
					tell(&b, g, "COPY", next, judge.CopyBelow(moved, []moves.Part{part}))
				}
				return b.String()
			}
			if name, isArg := strings.CutPrefix(s.Instr.Body.Of(s.Instr.Text), "ARG "); isArg {
				for _, next := range below {
					if next.Instr.Name == "RUN" {
						tell(&b, g, "ARG", next, judge.VariableBelow(name, []moves.Part{{Step: next}}))
					}
				}
				return b.String()
			}
		}
	}
	return b.String()
}

func installs(ctx *files.Context, c copies.Copy, s *stages.Step) map[*shell.Command]moves.Install {
	known := map[*shell.Command]moves.Install{}
	for _, cmd := range shell.Commands(s.Instr, s.Shell) {
		if inst, ok := cmd.Install(); ok && inst.DepsOnly {
			at := copies.WorkingDir(s, cmd, inst)
			if dir, ok := c.Delivers(at); ok {
				known[cmd] = moves.Install{Inputs: manifests.ReadAt(ctx, dir, at, inst), Dir: dir}
			}
		}
	}
	return known
}

func tell(b *strings.Builder, g *stages.Graph, what string, s *stages.Step, v moves.Verdict) {
	answer := [...]string{"safe", "doubtful", "never"}[v.Answer]
	if v.Why != "" {
		answer += ", " + v.Why
	}
	fmt.Fprintf(b, "%s below %s: %s\n", what, strings.TrimSpace(s.Instr.Body.Of(s.Instr.Text)), answer)
}
