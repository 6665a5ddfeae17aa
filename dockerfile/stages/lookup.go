package stages

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// parent is the stage that FROM names. BuildKit keeps names in lower case, and FROM, unlike --from, looks for them
// as they are written.
func (g *Graph) parent(base Value) *Stage {
	if !base.Known || base.Text != strings.ToLower(base.Text) {
		return nil
	}
	return g.byName(base.Text, len(g.Stages))
}

// byName is the last stage of that name before the stage with index before.
func (g *Graph) byName(name string, before int) *Stage {
	indices := g.named[strings.ToLower(name)]
	if i := sort.SearchInts(indices, before); i > 0 {
		return g.Stages[indices[i-1]]
	}
	return nil
}

func (g *Graph) target() *Stage {
	if len(g.Stages) == 0 {
		return nil
	}
	if g.args.Target != "" {
		if s := g.Find(g.args.Target, len(g.Stages)); s != nil {
			return s
		}
	}
	return g.Stages[len(g.Stages)-1]
}

// Offset is the place in the file's source at which the step's instruction Text begins: add a span
// of the instruction to it.
func (g *Graph) Offset(s *Step) int { return g.File.Start(g.Index(s)) }

// Index is the number of the step's instruction in the file.
func (g *Graph) Index(s *Step) int {
	if s.Stage == nil {
		return s.N
	}
	return g.first[s.Stage.Index] + s.N
}

// Line is the line, from 1, on which the step's keyword stands, as editors count; for a trigger, that of
// FROM. It is for people: BuildKit's lines are BuildLine's.
func (g *Graph) Line(s *Step) int {
	return g.File.Lines().Line(g.keyword(s)) + 1
}

// keyword is the place of the step's keyword in the source; for a trigger, that of FROM.
func (g *Graph) keyword(s *Step) int {
	if s.Triggered() {
		s = s.Stage.Steps[s.N]
	}
	return g.Offset(s) + s.Instr.Start()
}

// BuildLine is the line, from 1, by which BuildKit names the step in its graph, its errors and its log.
// It differs from Line in a file with a carriage return alone, which ends a line for editors, but not
// for BuildKit, and where lines with nothing but a continuation stand before the keyword.
func (g *Graph) BuildLine(s *Step) int {
	if s.Triggered() {
		s = s.Stage.Steps[s.N]
	}
	return g.buildLineAt(g.Offset(s) + beginning(s.Instr.Text, s.Instr.Start(), g.File.Escape))
}

func (g *Graph) buildLineAt(at int) int {
	return g.File.Lines().Line(at) + 1 - sort.SearchInts(g.strays(), at)
}

// beginning is the place of the first line of an instruction that is neither blank nor a comment.
func beginning(text string, keyword int, escape byte) int {
	if strings.IndexByte(text[:keyword], escape) < 0 {
		return keyword
	}
	at := 0
	for line := range strings.SplitAfterSeq(text[:keyword], "\n") {
		if words := strings.TrimSpace(line); words != "" && words[0] != '#' {
			return at
		}
		at += len(line)
	}
	return keyword
}

// AtBuildLine is the number of the instruction on a line of BuildKit's, or of the first one below it; -1
// if there is none.
func (g *Graph) AtBuildLine(line int) int {
	n := len(g.File.Instructions)
	i := sort.Search(n, func(i int) bool {
		return g.buildLineAt(g.File.Start(i)+g.File.Instructions[i].Body.End) >= line
	})
	if i == n {
		return -1
	}
	return i
}

// strays are the places of the carriage returns that end a line alone.
func (g *Graph) strays() []int {
	return g.Memo(straysKey{}, func() any {
		src := g.File.Src
		var places []int
		for at := strings.IndexByte(src, '\r'); at >= 0; {
			if at+1 == len(src) || src[at+1] != '\n' {
				places = append(places, at)
			}
			next := strings.IndexByte(src[at+1:], '\r')
			if next < 0 {
				break
			}
			at += 1 + next
		}
		return places
	}).([]int)
}

type straysKey struct{}

// StepAt is the step of instruction i of the file.
func (g *Graph) StepAt(i int) *Step {
	if i < len(g.Global) {
		return g.Global[i]
	}
	stage := sort.SearchInts(g.first, i+1) - 1
	return g.Stages[stage].Steps[i-g.first[stage]]
}

// Find is the stage that a name or an index (as in COPY --from) means, seen from the stage with
// index before; nil if it is an image, a named context, or not there.
func (g *Graph) Find(ref string, before int) *Stage {
	if i, err := strconv.Atoi(ref); err == nil {
		if 0 <= i && i < before && i < len(g.Stages) {
			return g.Stages[i]
		}
		return nil
	}
	return g.byName(ref, before)
}

// Layers are the steps whose layers the file adds to the image's base, from the lowest on: those of the
// target and of the stages that it builds on, the triggers that they run among them.
func (g *Graph) Layers() (steps []*Step) {
	if g.Target == nil {
		return nil
	}
	for _, stage := range g.Target.Chain() {
		for _, step := range slices.Concat(stage.Triggers(g), stage.Steps) {
			if step.MakesLayer() {
				steps = append(steps, step)
			}
		}
	}
	return steps
}

// Triggered reports whether the step is one that the ONBUILD of another stage makes this one run. It has
// no place of its own in the file.
func (s *Step) Triggered() bool { return s.Stage != nil && s.Stage.Steps[s.N] != s }

// Exported reports whether the stage's layers are in the image: it is the target, or one of the
// stages that the target builds on by FROM.
func (g *Graph) Exported(s *Stage) bool { return s != nil && g.exported[s.Index] }

// Children are the stages that build on s by FROM.
func (g *Graph) Children(s *Stage) []*Stage { return g.children[s.Index] }
