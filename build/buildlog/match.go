package buildlog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
)

// Times are what the builds of a log tell of a Dockerfile as it is now.
type Times struct {
	Lines map[int]Timing // by the line of the instruction, from 1
	// Strange are the steps of the newest build, as BuildKit prints them, that no instruction makes now.
	Strange []string
}

// Timing is what became of an instruction.
type Timing struct {
	State State         // in the newest build that has it
	Took  time.Duration // in the newest build that ran it; 0 if none did
}

// Match finds the steps of builds in a Dockerfile, whose operations say which instructions are one step.
// It is an error if none is found.
func Match(list []*Build, g *stages.Graph, operations *llb.Graph) (*Times, error) {
	var newest []*alignment // the builds of this Dockerfile, the newest one first
	var best *alignment
	for _, b := range slices.Backward(list) {
		a := align(b, g)
		if best == nil || a.found() > best.found() {
			best = a
		}
		if 2*a.found() >= len(b.Steps) && a.found() > 0 {
			newest = append(newest, a)
		}
	}
	switch {
	case best == nil || best.found() == 0:
		return nil, fmt.Errorf("none of its steps is one of this Dockerfile; the first is %q", list[0].Steps[0].Name)
	case len(newest) == 0: // the Dockerfile was rewritten
		newest = []*alignment{best}
	}
	t := &Times{Lines: map[int]Timing{}, Strange: newest[0].strange()}
	for _, a := range newest {
		for line, steps := range a.lines {
			t.add(line, timing(steps))
		}
	}
	t.share(operations)
	return t, nil
}

// add takes what an older build tells.
func (t *Times) add(line int, more Timing) {
	known, ok := t.Lines[line]
	if !ok {
		known.State = more.State
	}
	if known.Took == 0 && more.State == Done {
		known.Took = more.Took
	}
	t.Lines[line] = known
}

// share gives all instructions that are one step, which the log tells of once, its time.
func (t *Times) share(operations *llb.Graph) {
	for _, v := range operations.Vertices {
		i := slices.IndexFunc(v.Lines, func(line int) bool { _, ok := t.Lines[line]; return ok })
		if i < 0 {
			continue
		}
		for _, line := range v.Lines {
			if _, ok := t.Lines[line]; !ok {
				t.Lines[line] = t.Lines[v.Lines[i]]
			}
		}
	}
}

// timing is what the steps of one instruction come to: one for each platform, and others that fetch, or
// that lay the files of COPY --link on the stage.
func timing(steps []*Step) (t Timing) {
	deciding := slices.DeleteFunc(slices.Clone(steps), func(s *Step) bool { return s.link || !s.inputs })
	if len(deciding) == 0 {
		deciding = steps[len(steps)-1:] // what fetches comes first
	}
	t.State = Cached
	for _, s := range deciding {
		if s.State != Cached {
			t.State = s.State
		}
	}
	byName := map[string]time.Duration{}
	for _, s := range steps {
		place, _, _ := strings.Cut(s.Name, "]")
		byName[place] += s.Took
		t.Took = max(t.Took, byName[place]) // platforms are built at the same time
	}
	return t
}

// alignment is which steps of a build belong to which lines.
type alignment struct {
	build *Build
	lines map[int][]*Step
	taken map[*Step]bool
}

func (a *alignment) found() int { return len(a.taken) }

func (a *alignment) strange() (names []string) {
	for _, s := range a.build.Steps {
		if !a.taken[s] && !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

func (a *alignment) add(s *Step, line int) {
	a.lines[line] = append(a.lines[line], s)
	a.taken[s] = true
}

// align finds the steps of a build in a Dockerfile.
func align(b *Build, g *stages.Graph) *alignment {
	a := &alignment{b, map[int][]*Step{}, map[*Step]bool{}}
	byStage := map[string][]*Step{}
	var names []string
	for _, s := range b.Steps {
		if byStage[s.Stage] == nil {
			names = append(names, s.Stage)
		}
		byStage[s.Stage] = append(byStage[s.Stage], s)
	}
	used := map[*stages.Stage]bool{}
	var unknown []string
	for _, name := range names {
		if stage := called(g, name); stage != nil {
			used[stage] = true
			a.stage(byStage[name], g, stage)
		} else {
			unknown = append(unknown, name)
		}
	}
	// Stages that have got another name, or number.
	for _, name := range unknown {
		var best *stages.Stage
		most := 0
		for _, stage := range g.Stages {
			if used[stage] {
				continue
			}
			if n := len(pairs(byStage[name], g, stage)); n > most {
				best, most = stage, n
			}
		}
		if best != nil {
			used[best] = true
			a.stage(byStage[name], g, best)
		}
	}
	return a
}

// called is the stage with a name as BuildKit prints it; nil if there is none.
func called(g *stages.Graph, name string) *stages.Stage {
	for _, s := range g.Stages {
		if name == s.Name && name != "" || s.Name == "" && name == fmt.Sprintf("stage-%d", s.Index) || name == "" && len(g.Stages) == 1 {
			return s
		}
	}
	return nil
}

func (a *alignment) stage(steps []*Step, g *stages.Graph, stage *stages.Stage) {
	found := pairs(steps, g, stage)
	for _, s := range steps { // in the order of the log
		if line, ok := found[s]; ok {
			a.add(s, line)
		}
	}
}

// pairs are the lines of the instructions of a stage that steps are of. Those with one number belong
// together: one for each platform, and the parts of one instruction.
func pairs(steps []*Step, g *stages.Graph, stage *stages.Stage) map[*Step]int {
	byNumber := map[int][]*Step{}
	for _, s := range steps {
		byNumber[s.N] = append(byNumber[s.N], s)
	}
	lines := map[*Step]int{}
	take := func(n, line int) {
		for _, s := range byNumber[n] {
			lines[s] = line
		}
	}
	from := g.Line(stage.Steps[0])
	var rest []int
	for _, n := range slices.Sorted(maps.Keys(byNumber)) {
		switch text := byNumber[n][0].Text; {
		case strings.HasPrefix(text, "ONBUILD "): // of the base image
			take(n, from)
		case strings.HasPrefix(text, "FROM "):
			if image(stage.Steps[0].Instr.Joined().Line, text) {
				take(n, from)
			}
		default:
			rest = append(rest, n)
		}
	}
	var made []*stages.Step
	for _, s := range stage.Steps[1:] {
		if s.MakesLayer() {
			made = append(made, s)
		}
	}
	const most = 500 // steps of a stage; there cannot be as many layers
	rest, made = rest[:min(len(rest), most)], made[:min(len(made), most)]
	scores := make([][]int, len(rest))
	for i, n := range rest {
		scores[i] = make([]int, len(made))
		for j, s := range made {
			for _, told := range byNumber[n] {
				scores[i][j] = max(scores[i][j], alike(s.Instr.Joined().Line, told.Text, told.cut))
			}
		}
	}
	taken := make([]bool, len(made))
	for i, j := range inOrder(scores) {
		if j >= 0 {
			taken[j] = true
			take(rest[i], g.Line(made[j]))
			scores[i] = nil
		}
	}
	// Those that were moved.
	for i := range scores {
		for j, score := range scores[i] {
			if score == same && !taken[j] {
				taken[j] = true
				take(rest[i], g.Line(made[j]))
				break
			}
		}
	}
	return lines
}

// inOrder pairs the rows with columns of a table of scores so that none cross and the sum is greatest: the
// column for each row, or -1.
func inOrder(scores [][]int) []int {
	columns := 0
	if len(scores) > 0 {
		columns = len(scores[0])
	}
	best := make([][]int, len(scores)+1) // best[i][j] is that of the rows from i and the columns from j
	best[len(scores)] = make([]int, columns+1)
	for i := len(scores) - 1; i >= 0; i-- {
		best[i] = make([]int, columns+1)
		for j := columns - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if scores[i][j] > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+scores[i][j])
			}
		}
	}
	pairs := make([]int, len(scores))
	for i, j := 0, 0; i < len(scores); i++ {
		pairs[i] = -1
		for k := j; k < columns; k++ {
			if scores[i][k] > 0 && best[i][j] == best[i+1][k+1]+scores[i][k] {
				pairs[i], j = k, k+1
				break
			}
			if best[i][k+1] < best[i][j] {
				break
			}
		}
	}
	return pairs
}
