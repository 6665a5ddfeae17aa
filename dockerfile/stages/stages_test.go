package stages_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/cases"
	"layerwise/internal/dockergen"
)

// TestResolve reads testdata/stages.txtar: NAME/in is a Dockerfile, NAME/args the build's arguments
// (NAME=VALUE, target=STAGE, or platform=PLATFORM), NAME/want what is in effect at each step.
func TestResolve(t *testing.T) {
	cases.Run(t, "testdata/stages.txtar", func(t *testing.T, c cases.Case) string {
		args := stages.Args{Build: map[string]string{}, Image: someImages}
		for _, line := range strings.Fields(c.Files["args"]) {
			key, value, _ := strings.Cut(line, "=")
			switch key {
			case "target":
				args.Target = value
			case "platform":
				args.Platform = value
			default:
				args.Build[key] = value
			}
		}
		return describe(stages.Resolve(syntax.Parse(c.Files["in"]), args, nil))
	})
}

// someImages knows two images.
func someImages(ref, platform string) (stages.Base, bool) {
	tools := "/opt/tools"
	switch {
	case ref == "tools:1" && strings.HasPrefix(platform, "windows"):
		return stages.Base{Windows: true}, true
	case ref == "tools:1":
		return stages.Base{
			Workdir: "/srv/", User: "app", Shell: []string{"/bin/bash", "-o", "pipefail", "-c"},
			Env: map[string]*string{"TOOLS": &tools, "TOOLS_VERSION": nil},
		}, true
	case ref == "windows-tools:1":
		return stages.Base{Windows: true, Workdir: `C:\`, User: "ContainerAdministrator", Shell: []string{"powershell", "-Command"}}, true
	}
	return stages.Base{}, false
}

func describe(g *stages.Graph) string {
	var b strings.Builder
	for _, s := range g.Stages {
		fmt.Fprintf(&b, "stage %d %q on %s", s.Index, s.Name, value(s.Base))
		if s.Parent != nil {
			fmt.Fprintf(&b, " (stage %d)", s.Parent.Index)
		}
		if g.Exported(s) {
			b.WriteString(", in the image")
		}
		b.WriteString("\n")
		for _, step := range s.Steps {
			fmt.Fprintf(&b, "  line %d %s: dir %s, user %s, shell %s", g.Line(step), step.Instr.Name, value(step.Workdir), value(step.User), strings.Join(step.Shell, " "))
			if step.MakesLayer() {
				b.WriteString(", layer")
			}
			step.Vars.All(func(v *stages.Scope) bool {
				if v.Step != nil {
					fmt.Fprintf(&b, ", %s=%s", v.Name, value(v.Value))
				}
				return true
			})
			b.WriteString("\n")
		}
	}
	return b.String()
}

func value(v stages.Value) string {
	if !v.Known {
		return "?" + v.Text
	}
	return fmt.Sprintf("%q", v.Text)
}

// FuzzShare resolves a text and an edited one: sharing stages must change nothing but the cost.
func FuzzShare(f *testing.F) {
	f.Add("ARG A=1\nFROM a AS b\nENV X=$A\nFROM b\nRUN x\n", 20, "RUN y\n")
	f.Add(dockergen.File(40), 300, "FROM x AS y\n")
	f.Add("FROM scratch\nARG A=$B$B\nARG B=${A:-x}${C:?no}\n", 5, "")
	f.Fuzz(func(t *testing.T, src string, at int, insert string) {
		if at < 0 || at > len(src) || len(src)+len(insert) > 1<<16 {
			return
		}
		before := syntax.Parse(src)
		old := stages.Resolve(before, stages.Args{}, nil)
		after := before.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: insert}})
		shared := stages.Resolve(after, stages.Args{}, old)
		fresh := stages.Resolve(syntax.Parse(after.Src), stages.Args{}, nil)
		if got, want := describe(shared), describe(fresh); got != want {
			t.Fatalf("shared:\n%s\nfresh:\n%s", got, want)
		}
	})
}

// TestSharing checks that an edit of one stage leaves the others as they are.
func TestSharing(t *testing.T) {
	src := "FROM a AS one\nRUN x\nFROM b AS two\nRUN y\nFROM one\nRUN z\n"
	before := syntax.Parse(src)
	old := stages.Resolve(before, stages.Args{}, nil)
	at := strings.Index(src, "y")
	g := stages.Resolve(before.Edit([]text.Edit{{Span: text.Span{Start: at, End: at + 1}, New: "w"}}), stages.Args{}, old)
	for i, shared := range []bool{true, false, true} {
		if (g.Stages[i] == old.Stages[i]) != shared {
			t.Errorf("stage %d: shared %v, want %v", i, !shared, shared)
		}
	}
}

func BenchmarkResolveAfterEdit(b *testing.B) {
	src := dockergen.File(10_000)
	before := syntax.Parse(src)
	old := stages.Resolve(before, stages.Args{}, nil)
	at := len(src) / 2
	after := before.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
	for b.Loop() {
		stages.Resolve(after, stages.Args{}, old)
	}
}

// TestLongValues repeats what makes values long: what the graph keeps may not follow their product.
func TestLongValues(t *testing.T) {
	const repeats, limit = 5000, 64 << 20
	long := "FROM a\nENV A=" + strings.Repeat("a", 60_000) + "\n"
	for name, src := range map[string]string{
		"values":      long + strings.Repeat("ENV B=$A\n", repeats),
		"directories": long + strings.Repeat("WORKDIR $A\n", repeats),
		"relative":    "FROM a\n" + strings.Repeat("WORKDIR "+strings.Repeat("d", 200)+"\n", repeats),
		"unknown":     "FROM a\n" + strings.Repeat("WORKDIR $X"+strings.Repeat("d", 200)+"\n", repeats),
		"doubling":    "FROM a\nENV A=aaaaaaaa\n" + strings.Repeat("ENV A=$A$A\n", repeats),
	} {
		f := syntax.Parse(src)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		g := stages.Resolve(f, stages.Args{}, nil)
		for _, s := range g.Stages {
			for _, step := range s.Steps {
				step.Expand("$A$B")
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > limit {
			t.Errorf("%s: %d MiB", name, grown>>20)
		}
		runtime.KeepAlive(g)
	}
}

// TestNeededByAnUnknownName: a stage that another one may build on, by a name with a variable, may be needed.
func TestNeededByAnUnknownName(t *testing.T) {
	for from, want := range map[string]string{
		"build-$TARGETARCH":      "build-amd64 build-arm64",
		"build-${TARGETARCH}":    "build-amd64 build-arm64",
		"Build-a$TARGETVARIANT":  "build-amd64 build-arm64",
		"$TARGETARCH":            "build-amd64 build-arm64 tools",
		"build-arm64":            "build-arm64",
		"$X/build-amd64":         "",
		"build-${X}:latest":      "",
		"other-$TARGETARCH":      "",
		"tools${TARGETARCH:-/a}": "tools",
	} {
		g := stages.Resolve(syntax.Parse("ARG X\nFROM a AS build-amd64\nFROM b AS build-arm64\nFROM c AS tools\nFROM "+from+"\nRUN x\n"), stages.Args{}, nil)
		var needed []string
		for _, s := range g.Stages[:3] {
			if g.Needed(s) {
				needed = append(needed, s.Name)
			}
		}
		if got := strings.Join(needed, " "); got != want {
			t.Errorf("FROM %s needs %q, want %q", from, got, want)
		}
	}
}

// TestNamesOfStages: FROM finds a stage by its name in lower case only; a number is a stage for COPY, not for a mount.
func TestNamesOfStages(t *testing.T) {
	g := stages.Resolve(syntax.Parse("FROM a AS Base\nFROM base\nFROM Base\nCOPY --from=BASE x y\nRUN --mount=from=BASE,target=/x true\nCOPY --from=0 x y\nRUN --mount=from=0,target=/x true\n"), stages.Args{}, nil)
	if g.Stages[1].Parent != g.Stages[0] || g.Stages[2].Parent != nil {
		t.Errorf("FROM base builds on %v, FROM Base on %v", g.Stages[1].Parent, g.Stages[2].Parent)
	}
	for n, want := range []int{1, 1, 1, 0} {
		if step := g.Stages[2].Steps[1+n]; len(g.Sources(step)) != want {
			t.Errorf("%q takes files from %d stages, want %d", step.Instr.Text, len(g.Sources(step)), want)
		}
	}
}

// TestSourceAmongStagesOfOneName: it is the last one of the file, as the converter has it, or none if that comes too late.
func TestSourceAmongStagesOfOneName(t *testing.T) {
	for src, want := range map[string]string{
		"FROM a AS x\nFROM b AS x\nFROM c\nCOPY --from=x a b\nRUN --mount=from=x,target=/x true\n": "1 1",
		"FROM a AS x\nFROM b\nCOPY --from=x a b\nRUN --mount=from=x,target=/x true\nFROM c AS x\n": "",
		"FROM a AS x\nFROM b AS x\nCOPY --from=x a b\n":                                            "",
	} {
		g := stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
		var got []string
		for i := range g.File.Instructions {
			for _, stage := range g.Sources(g.StepAt(i)) {
				got = append(got, strconv.Itoa(stage.Index))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q takes files from %q, want %q", src, strings.Join(got, " "), want)
		}
	}
}
