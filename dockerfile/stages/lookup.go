package stages

import (
	"sort"
	"strconv"
	"strings"
)

func (g *Graph) parent(base Value) *Stage {
	if !base.Known {
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

// Line is the line, from 1, on which the step's keyword stands; for a trigger, that of FROM.
func (g *Graph) Line(s *Step) int {
	if s.Stage != nil && s.Stage.Steps[s.N] != s {
		s = s.Stage.Steps[0]
	}
	return g.File.Lines().Line(g.Offset(s)+s.Instr.Start()) + 1
}

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

// Exported reports whether the stage's layers are in the image: it is the target, or one of the
// stages that the target builds on by FROM.
func (g *Graph) Exported(s *Stage) bool { return s != nil && g.exported[s.Index] }

// Children are the stages that build on s by FROM.
func (g *Graph) Children(s *Stage) []*Stage { return g.children[s.Index] }
