package cli

import (
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/dockerfile/stages"
)

// The types of the JSON report, which the other forms are made of too.
type (
	explained struct {
		Path         string                 `json:"path"`
		Layers       int                    `json:"layers"` // that the file adds to the image's base
		Stages       []explainedStage       `json:"stages"`
		Instructions []explainedInstruction `json:"instructions"`
		Unknown      []string               `json:"unknownImages"` // of which nothing is known but the name

		takes []taken
	}
	// taken is a stage without layers that another one begins with or takes files from, by their lines.
	taken struct {
		from, to int
		base     bool
	}
	explainedStage struct {
		Name    string `json:"name"`
		Base    string `json:"base"` // an image or another stage
		Line    int    `json:"line"`
		InImage bool   `json:"inImage"` // its layers are
		Reached bool   `json:"reached"` // the build needs it
	}
	explainedInstruction struct {
		Line        int                `json:"line"`
		EndLine     int                `json:"endLine"`
		Stage       string             `json:"stage"` // empty before the first
		Instruction string             `json:"instruction"`
		Layer       bool               `json:"layer"`
		Number      int                `json:"layerNumber,omitempty"` // among those that the file adds to the image's base, from 1
		Reached     bool               `json:"reached"`
		Inputs      []explainedInput   `json:"inputs"`
		Invalidates []explainedCascade `json:"invalidates"`
		Log         string             `json:"log,omitempty"`     // what became of it in the log: done, cached, failed, canceled or unfinished
		Seconds     *float64           `json:"seconds,omitempty"` // that it took when it ran last
	}
	explainedInput struct {
		Kind   cache.Kind `json:"kind"`
		Name   string     `json:"name"`
		Detail string     `json:"detail"`
		Files  int        `json:"files,omitempty"`
		Bytes  int64      `json:"bytes,omitempty"`
		Unused bool       `json:"unused,omitempty"`
	}
	explainedCascade struct {
		Line  int    `json:"line"`
		State string `json:"state"` // rebuilt or depends
	}
)

// page is what there is to tell.
func (e *explain) page(name string, g *stages.Graph, b *cache.Build) explained {
	page := explained{Path: name, Stages: []explainedStage{}, Instructions: []explainedInstruction{}, Unknown: append([]string{}, b.Graph.Unknown...)}
	for _, s := range g.Stages {
		stage := explainedStage{Name: cache.StageName(s), Base: baseOf(s), Line: g.Line(s.Steps[0]), InImage: g.Exported(s)}
		stage.Reached = stage.InImage || slices.ContainsFunc(s.Steps, func(step *stages.Step) bool { return b.Line(g.Line(step)) != cache.Unreached })
		page.Stages = append(page.Stages, stage)
	}
	for i, in := range g.File.Instructions {
		s := g.StepAt(i)
		item := explainedInstruction{
			Line: g.Line(s), EndLine: g.File.Lines().Line(g.Offset(s)+in.Body.End) + 1, Instruction: in.Joined().Line,
			Reached: true, Inputs: []explainedInput{}, Invalidates: []explainedCascade{},
		}
		if s.Stage != nil {
			item.Stage = cache.StageName(s.Stage)
			item.Layer = s.MakesLayer()
			item.Reached = page.Stages[s.Stage.Index].Reached
		}
		for _, input := range b.Inputs(s, item.Line) {
			item.Inputs = append(item.Inputs, explainedInput(input))
		}
		for _, again := range cache.Reruns(g, s) {
			item.Invalidates = append(item.Invalidates, explainedCascade{g.Line(again.Step), again.State.String()})
		}
		if t, ok := e.times[item.Line]; ok {
			item.Log = t.State.String()
		}
		item.Seconds = e.seconds(item.Line)
		page.Instructions = append(page.Instructions, item)
	}
	page.takes = takes(g, b)
	for i, s := range g.Layers() {
		if page.Layers = i + 1; !s.Triggered() {
			page.Instructions[g.Index(s)].Number = page.Layers
		}
	}
	return page
}

// baseOf is what a stage begins with: as it is written, if a variable of the build decides.
func baseOf(s *stages.Stage) string {
	if s.Base.Known {
		return s.Base.Text
	}
	for _, word := range strings.Fields(s.Steps[0].Instr.Joined().Line)[1:] {
		if !strings.HasPrefix(word, "--") {
			return word
		}
	}
	return ""
}

// takes finds where the images of stages that have no layers of their own go.
func takes(g *stages.Graph, b *cache.Build) (list []taken) {
	heads := map[int]*stages.Stage{}
	for _, s := range g.Stages {
		heads[g.Line(s.Steps[0])] = s
	}
	for i := range g.File.Instructions {
		s := g.StepAt(i)
		if s.Stage == nil || !s.MakesLayer() {
			continue
		}
		to := g.Line(s)
		own := g.Line(s.Stage.Steps[0])
		for _, step := range b.On(to) {
			for n, in := range step.Vertex.Inputs {
				lines := in.Vertex.Lines
				if in.Vertex.Op.GetSource() == nil || len(lines) == 0 || heads[lines[0]] == nil || slices.Contains(lines, own) {
					continue
				}
				if base := n == 0 && !s.Stage.Base.Known; base {
					list = append(list, taken{lines[0], own, true})
				} else if s.Stage.Parent == nil || n > 0 {
					list = append(list, taken{lines[0], to, false})
				}
			}
		}
	}
	return list
}
