package moves_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
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
// that follows, and, without a COPY, the first ARG, ENV or LABEL, likewise; or the one below "# moves". Other files of a case are its build context.
func TestMoves(t *testing.T) { golden(t, "testdata/moves.txtar", verdicts) }

// TestRuns asks whether RUNs may be joined, split, and moved into one another.
func TestRuns(t *testing.T) {
	golden(t, "testdata/join.txtar", joins)
	golden(t, "testdata/split.txtar", splits)
	golden(t, "testdata/into.txtar", intos)
}

// TestAbove asks of the last RUN of each Dockerfile, and of one more of the steps above it each time, the nearest first.
func TestAbove(t *testing.T) { golden(t, "testdata/above.txtar", aboves) }

// TestTaken asks of the last COPY from elsewhere of each Dockerfile, and of one more of the steps above it each time.
func TestTaken(t *testing.T) { golden(t, "testdata/taken.txtar", takens) }

// TestMounts asks whether the first COPY of each Dockerfile may be a mount of the last RUN.
func TestMounts(t *testing.T) { golden(t, "testdata/mount.txtar", mounts) }

func golden(t *testing.T, name string, ask func(src string, context map[string]string) string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := &txtar.Archive{Comment: archive.Comment}
	for _, c := range cases(archive) {
		t.Run(c.name, func(t *testing.T) {
			got := ask(c.dockerfile, c.context)
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
	judge := judgeOf(ctx)
	lines := strings.Split(src, "\n")
	marked := slices.Contains(lines, "# moves")
	hasCopy := slices.ContainsFunc(g.Stages[0].Steps, func(s *stages.Step) bool { _, ok := copies.Of(s); return ok })
	for _, stage := range g.Stages {
		for _, s := range stage.Steps {
			below := stage.Steps[s.N+1:]
			if line := g.Line(s); marked && (line < 2 || lines[line-2] != "# moves") {
				continue
			}
			if c, ok := copies.Of(s); ok {
				for _, next := range below {
					part := moves.Part{Step: next, Installs: installs(ctx, c, next)}
					moved := moves.Moved{Copy: c}
					for _, i := range part.Installs {
						moved.First = append(moved.First, i.Inputs.Files...)
					}
					tell(&b, "COPY", next, judge.CopyBelow(moved, []moves.Part{part}))
				}
				return b.String()
			}
			if s.Instr.Name == "LABEL" && (marked || !hasCopy) {
				for _, next := range below {
					tell(&b, "LABEL", next, judge.LabelBelow(s, []moves.Part{{Step: next}}))
				}
				return b.String()
			}
			if list := s.Defines(); len(list) > 0 && (marked || !hasCopy) {
				d := list[0]
				v := moves.Variable{Name: d.Name, Uses: d.Uses, BuildNumber: strings.HasSuffix(d.Name, "SHA")}
				for _, next := range below {
					tell(&b, s.Instr.Name, next, judge.VariableBelow(v, []moves.Part{{Step: next}}))
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
				known[cmd] = moves.Install{Inputs: manifests.ReadWith(ctx, inst, manifests.Options{Dir: dir, Workdir: at}), Dir: dir}
			}
		}
	}
	return known
}

func judgeOf(ctx *files.Context) moves.Judge {
	return moves.Judge{Context: ctx, Inputs: func(s *stages.Step) []manifests.Inputs { return copies.InstallInputs(ctx, s) }}
}

func tell(b *strings.Builder, what string, s *stages.Step, v moves.Verdict) {
	fmt.Fprintf(b, "%s below %s: %s\n", what, oneLine(s), answer(v))
}

func oneLine(s *stages.Step) string {
	return strings.ReplaceAll(strings.TrimSpace(s.Instr.Body.Of(s.Instr.Text)), "\n", `\n`)
}

func answer(v moves.Verdict) string {
	text := [...]string{"safe", "doubtful", "never"}[v.Answer]
	if v.Why != "" {
		text += ", " + v.Why
	}
	return text
}

// runs are the RUNs of a Dockerfile's stages, in order.
func runs(src string) (list []*stages.Step) {
	for _, stage := range stages.Resolve(syntax.Parse(src), stages.Args{}, nil).Stages {
		for _, s := range stage.Steps {
			if s.Instr.Name == "RUN" {
				list = append(list, s)
			}
		}
	}
	return list
}

// joins asks of the first RUN and the second, the third and the fourth, and so on.
func joins(src string, _ map[string]string) string {
	var b strings.Builder
	list := runs(src)
	for i := 0; i+1 < len(list); i += 2 {
		fmt.Fprintf(&b, "%s && %s: %s\n", oneLine(list[i]), oneLine(list[i+1]), answer(moves.Join(list[i], list[i+1])))
	}
	return b.String()
}

// splits asks of each RUN, before its last command.
func splits(src string, _ map[string]string) string {
	var b strings.Builder
	for _, s := range runs(src) {
		commands := shell.Of(s.Instr, s.Shell).Commands
		again, v := moves.Split(s, commands[len(commands)-1])
		fmt.Fprintf(&b, "%s: %s", oneLine(s), answer(v))
		if len(again) > 0 {
			fmt.Fprintf(&b, "; again %s", strings.Join(again, ", "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// intos asks of the first RUN and each one below it.
func intos(src string, context map[string]string) string {
	var b strings.Builder
	list := runs(src)
	for _, into := range list[1:] {
		fmt.Fprintf(&b, "into %s: %s\n", oneLine(into), answer(judgeOf(files.InMemory(maps.Clone(context))).RunInto(list[0], into)))
	}
	return b.String()
}

// mounts asks of the first COPY and the last RUN.
func mounts(src string, context map[string]string) string {
	list := runs(src)
	last := list[len(list)-1]
	for _, s := range last.Stage.Steps {
		if c, ok := copies.Of(s); ok {
			return answer(judgeOf(files.InMemory(maps.Clone(context))).MountInstead(c, last)) + "\n"
		}
	}
	return ""
}

// aboves asks of the last RUN.
func aboves(src string, context map[string]string) string {
	var b strings.Builder
	list := runs(src)
	run := list[len(list)-1]
	for n := run.N - 1; n >= 0 && run.Stage.Steps[n].Instr.Name != "FROM"; n-- {
		over := run.Stage.Steps[n:run.N]
		fmt.Fprintf(&b, "above %s: %s\n", oneLine(over[0]), answer(judgeOf(files.InMemory(maps.Clone(context))).RunAbove(run, over)))
	}
	return b.String()
}

// takens asks of the last step.
func takens(src string, context map[string]string) string {
	var b strings.Builder
	g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
	list := g.Stages[len(g.Stages)-1].Steps
	last := list[len(list)-1]
	for n := last.N - 1; n > 0; n-- {
		fmt.Fprintf(&b, "above %s: %s\n", oneLine(list[n]), answer(judgeOf(files.InMemory(maps.Clone(context))).TakenAbove(last, list[n:last.N])))
	}
	return b.String()
}
