package cli

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/hover"
	"layerwise/internal/corpus"
	"layerwise/internal/projects"
	"layerwise/internal/scenario"
	"layerwise/language"
)

// described is a Dockerfile to be described in three ways.
type described struct {
	name, src string
	args      map[string]string
	target    string
	tree      map[string]string
}

// describedFiles are scenarios of builds, made-up projects, and real files where there are any; in short mode, fewer of
// each.
func describedFiles(t *testing.T) iter.Seq[described] {
	seed := corpus.Seed(t)
	list, err := scenario.LoadDir("../build/cache/testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	part, count := 1, uint64(100)
	if testing.Short() {
		part, count = 4, 25
	}
	random := rand.New(rand.NewPCG(seed, 0))
	return func(yield func(described) bool) {
		for _, s := range list {
			if random.IntN(part) > 0 {
				continue
			}
			if !yield(described{s.ID, s.Dockerfile, s.BuildArgs, s.Target, nil}) {
				return
			}
		}
		for n := range count {
			p := projects.Random(rand.New(rand.NewPCG(seed, n)))
			if !yield(described{fmt.Sprintf("project %d of LAYERWISE_SEED=%d", n, seed), p.Dockerfile, p.Args, "", p.Context}) {
				return
			}
		}
		if !corpus.Given() {
			return
		}
		for name, src := range corpus.Some(t, 6, seed) {
			if !yield(described{name, src, nil, "", nil}) {
				return
			}
		}
	}
}

// TestHoverExplainImpactAgree: about each instruction, the three say the same: on which lines it stands, whether it
// makes a layer, which one, of how many, and what runs again after it.
func TestHoverExplainImpactAgree(t *testing.T) {
	compared := 0
	for d := range describedFiles(t) {
		// A comment with a carriage return alone is two lines to an editor, and one to BuildKit.
		for _, src := range []string{d.src, "# a stray\rreturn\n" + d.src} {
			n, wrong := d.disagree(t, src, nil)
			compared += n
			if wrong != "" {
				t.Errorf("%s: %s\nof\n%s", d.name, wrong, src)
				break
			}
		}
	}
	t.Logf("%d instructions compared", compared)
	if compared < 3_000 && !testing.Short() {
		t.Error("too few are compared")
	}
}

// TestDisagreementShows: what one of them counts or places otherwise is found out.
func TestDisagreementShows(t *testing.T) {
	d := described{src: "FROM alpine AS base\nONBUILD RUN echo hi\nFROM base\nRUN echo two\nCOPY --from=alpine /a /b\n"}
	for name, spoil := range map[string]func(*explained){
		"the number of layers": func(e *explained) { e.Layers++ },
		"a layer's number":     func(e *explained) { e.Instructions[3].Number++ },
		"whether it is a layer": func(e *explained) {
			e.Instructions[3].Layer = false
		},
		"a line":           func(e *explained) { e.Instructions[4].Line++ },
		"what runs again":  func(e *explained) { e.Instructions[3].Invalidates = nil },
		"whether it is in": func(e *explained) { e.Stages[1].InImage = false },
	} {
		if _, wrong := d.disagree(t, d.src, spoil); wrong == "" {
			t.Errorf("another answer about %s is not found out", name)
		}
	}
	if n, wrong := d.disagree(t, d.src, nil); wrong != "" || n != 5 {
		t.Errorf("%d compared: %s", n, wrong)
	}
}

// disagree describes a text, and says what is not the same. Files that BuildKit refuses are left out.
func (d described) disagree(t *testing.T, src string, spoil func(*explained)) (compared int, wrong string) {
	t.Helper()
	f := syntax.Parse(src)
	g := stages.Resolve(f, stages.Args{Build: d.args, Target: d.target, Image: images.Base}, nil)
	c := files.InMemory(d.tree)
	subject := cache.Subject{Graph: g, Options: cache.Options(d.args, d.target, cache.PlatformOf(g))}
	b, err := cache.Predict(t.Context(), subject)
	if err != nil {
		return 0, ""
	}
	same, err := cache.Compare(t.Context(), subject, subject)
	if err != nil {
		return 0, ""
	}
	page := (&explain{build: newBuild()}).page("Dockerfile", g, b)
	if spoil != nil {
		spoil(&page)
	}
	effects := map[int]jsonStep{}
	for _, step := range (&impact{build: newBuild()}).json("Dockerfile", same).Steps {
		effects[step.Line] = step
	}
	in := map[string]bool{}
	for _, s := range page.Stages {
		in[s.Name] = s.InImage
	}
	for i, about := range page.Instructions {
		step := g.StepAt(i)
		if step.Instr.Cmd() == nil {
			continue
		}
		compared++
		at := g.Offset(step) + step.Instr.Keyword.Start
		shown, _, _ := hover.At(&language.Document{File: f, Graph: g, Listed: func() *files.Context { return c }}, at)
		// Where an argument of the platform chooses a stage, explain speaks of one platform, and a hover of all.
		chosen := slices.ContainsFunc(g.Stages, func(s *stages.Stage) bool { return !s.Base.Known })
		if why := about.unlike(shown, page.Layers, in[about.Stage], chosen); why != "" {
			return compared, fmt.Sprintf("line %d: %s\nhover:\n%s\nexplain: %+v", g.Line(step), why, shown, about)
		}
		if line := f.Lines().Line(at) + 1; line != about.Line {
			return compared, fmt.Sprintf("explain puts line %d at %d", line, about.Line)
		}
		effect, ok := effects[about.Line]
		delete(effects, about.Line)
		told := effect.Layer == about.Layer && effect.EndLine == about.EndLine && effect.Stage == about.Stage && (effect.State == "unreached") != about.Reached
		if about.Layer && !ok || ok && !told {
			return compared, fmt.Sprintf("line %d: impact: %+v\nexplain: %+v", about.Line, effect, about)
		}
	}
	if len(effects) > 0 {
		return compared, fmt.Sprintf("impact tells of lines where nothing stands: %v", slices.Sorted(maps.Keys(effects)))
	}
	return compared, ""
}

var (
	numbered  = regexp.MustCompile(`makes layer (\d+) of the (\d+) `)
	fileAdds  = regexp.MustCompile(`This stage is the image: the file adds (\w+) layers?`)
	rerunLine = regexp.MustCompile(`(?m)^(?:Changing|A new|Another|Any) .*? reruns (.*)$`)
	maybe     = regexp.MustCompile(`\. Lines? \d`)
	onLine    = regexp.MustCompile(`\(line (\d+)\)`)
	more      = regexp.MustCompile(` and (\d+) more`)
)

// unlike says how what explain tells of an instruction differs from a hover.
func (about explainedInstruction) unlike(shown string, layers int, inImage, chosen bool) string {
	if m := numbered.FindStringSubmatch(shown); m != nil {
		if m[1] != fmt.Sprint(about.Number) || m[2] != fmt.Sprint(layers) {
			return "the layer's number"
		}
	} else if about.Number > 0 {
		return "the hover has no number"
	}
	if strings.Contains(shown, "it makes no layer") && about.Layer {
		return "whether it makes a layer"
	}
	if strings.Contains(shown, "** makes a layer") && (!about.Layer || inImage) {
		return "whether it makes a layer that is in the image"
	}
	skips := strings.Contains(shown, "A build skips ")
	if skips == about.Reached && about.Stage != "" && about.Number == 0 && (skips || !chosen) {
		return "whether the build needs it"
	}
	if head := strings.Contains(shown, "This stage is the image") || strings.Contains(shown, "Its layers are in the image"); strings.Contains(shown, "**FROM** ") && head != inImage {
		return "whether the stage is in the image"
	}
	if m := fileAdds.FindStringSubmatch(shown); m != nil && m[1] != fmt.Sprint(layers) && (m[1] != "no" || layers != 0) {
		return "how many layers the file adds"
	}
	m := rerunLine.FindStringSubmatch(shown)
	if m == nil {
		return ""
	}
	sure, state := m[1], cache.Rebuilt
	if strings.Contains(sure, ", but only if the files") {
		state = cache.Depends
	} else if i := maybe.FindStringIndex(sure); i != nil {
		sure = sure[:i[0]]
	}
	var told, explained []string
	for _, line := range onLine.FindAllStringSubmatch(sure, -1) {
		told = append(told, line[1])
	}
	for _, again := range about.Invalidates {
		if again.State == state.String() {
			explained = append(explained, fmt.Sprint(again.Line))
		}
	}
	if n := more.FindStringSubmatch(sure); n != nil {
		if n[1] != fmt.Sprint(len(explained)-len(told)) {
			return "how much runs again"
		}
		explained = explained[:min(len(told), len(explained))]
	}
	if !slices.Equal(told, explained) {
		return fmt.Sprintf("what runs again: hover %v, explain %v", told, explained)
	}
	return ""
}
