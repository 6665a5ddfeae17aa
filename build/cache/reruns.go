package cache

import (
	"maps"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Rerun is a step that runs again after a change.
type Rerun struct {
	Step *stages.Step
	// State is Rebuilt, or Depends where the step does so only if the files that it takes from a stage
	// come out different.
	State State
}

// Reruns are the steps that run again, in the order of the file, when a step is changed; or, if names
// are given, when these of the variables that it defines get other values. The step itself, metadata and
// stages that the build does not need are not among them.
//
// It reads only the stage graph, so it can be asked at any time, of any file. Its answers are compared
// with the model's in the tests.
func Reruns(g *stages.Graph, changed *stages.Step, names ...string) (list []Rerun) {
	if names == nil {
		for _, d := range changed.Defines() {
			names = append(names, d.Name)
		}
	}
	c := change{g: g, step: changed, ends: make([]effect, len(g.Stages))}
	start := 0
	if changed.Stage == nil {
		c.global.add(names...)
		for _, s := range g.Global[changed.N+1:] {
			c.redefine(s, &c.global)
		}
	} else {
		start = changed.Stage.Index
	}
	for _, stage := range g.Stages[start:] {
		var at effect
		steps := stage.Steps
		if triggers := stage.Triggers(g); len(triggers) > 0 {
			steps = slices.Concat(steps[:1], triggers, steps[1:])
		}
		switch {
		case stage == changed.Stage:
			is := func(s *stages.Step) bool { return s.Instr == changed.Instr } // a trigger has no other identity
			steps = steps[slices.IndexFunc(steps, is)+1:]
			at = c.first(names)
		case stage.Parent != nil:
			at = c.ends[stage.Parent.Index]
			at.differ = maps.Clone(at.differ)
			if changed.Instr.Name == "ONBUILD" && stage.Parent == changed.Stage {
				at.state = Rebuilt
			}
		}
		for _, s := range steps {
			if state := c.of(s, &at); state > Cached && s.MakesLayer() && g.Needed(stage) {
				list = append(list, Rerun{s, state})
			}
		}
		c.ends[stage.Index] = at
	}
	return list
}

// change is a step that is changed, and what that does to each stage.
type change struct {
	g      *stages.Graph
	step   *stages.Step
	ends   []effect // of the stages, by index
	global effect   // on the global scope
}

// effect is what a change has done down to a place of a stage.
type effect struct {
	state    State           // of the layers above
	differ   map[string]bool // the variables with other values
	inherits bool            // the USER or SHELL that was changed is in effect
	moved    bool            // the working directory is another one
}

func (e *effect) add(names ...string) {
	if e.differ == nil {
		e.differ = map[string]bool{}
	}
	for _, name := range names {
		e.differ[name] = true
	}
}

// on reports whether one of the variables has another value.
func (e *effect) on(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return e.differ[name] })
}

// first is the effect just below the step that is changed.
func (c *change) first(names []string) (at effect) {
	switch name := c.step.Instr.Name; {
	case name == "WORKDIR":
		at.state, at.moved = Rebuilt, true
	case c.step.MakesLayer(), name == "FROM":
		at.state = Rebuilt
	case name == "USER", name == "SHELL":
		at.inherits = true
	}
	at.add(names...)
	return at
}

// of is what becomes of a step; at is taken from above it to below it.
func (c *change) of(s *stages.Step, at *effect) State {
	own := Cached
	switch name := s.Instr.Name; {
	case name == "FROM":
		if c.global.on(s.Uses()) {
			at.state = Rebuilt
		}
		return at.state
	case name == "ARG" || name == "ENV":
		c.redefine(s, at)
		return Cached
	case !s.MakesLayer():
		if name == c.step.Instr.Name {
			at.inherits = false // it takes the place of the one that was changed
		}
		at.moved = at.moved && name != "WORKDIR"
		return Cached
	case name == "RUN":
		if len(at.differ) > 0 || at.inherits && (c.step.Instr.Name == "USER" || !s.Instr.JSON) {
			own = Rebuilt
		}
	case at.on(s.Uses()), at.moved && relative(s), name == "WORKDIR" && at.inherits && c.step.Instr.Name == "USER":
		own = Rebuilt
	}
	if s.Instr.Name == "WORKDIR" {
		at.moved = at.on(s.Uses()) || at.moved && relative(s)
	}
	for _, source := range c.g.Sources(s) {
		own = max(own, min(Depends, c.ends[source.Index].state)) // what it takes counts by content
	}
	above := at.state
	if s.Instr.Name == "RUN" && c.mountsItsBase(s) {
		above = min(above, Depends)
	}
	at.state = max(above, own)
	if Linked(s) {
		return own
	}
	return at.state
}

// mountsItsBase reports whether a RUN mounts the very state that it starts from: BuildKit takes the two
// for one input, which counts by content.
func (c *change) mountsItsBase(s *stages.Step) bool {
	return slices.Contains(c.g.Sources(s), s.Stage.Parent) && !slices.ContainsFunc(slices.Concat(s.Stage.Triggers(c.g), s.Stage.Steps[:s.N]), (*stages.Step).MakesLayer)
}

// redefine notes what an ARG or ENV does to the variables with other values.
func (c *change) redefine(s *stages.Step, at *effect) {
	type result struct {
		name    string
		differs bool
	}
	var results []result
	note := func(r result) {
		if r.differs {
			at.add(r.name)
		} else {
			delete(at.differ, r.name)
		}
	}
	for _, d := range s.Defines() {
		r := result{d.Name, at.on(d.Uses) || s.Stage != nil && !d.HasValue && c.global.differ[d.Name]}
		switch {
		case !r.differs && !d.HasValue:
		case s.Instr.Name == "ENV": // all of it is expanded with the values above it
			results = append(results, r)
		default:
			note(r)
		}
	}
	for _, r := range results {
		note(r)
	}
}

// relative reports whether a COPY, ADD or WORKDIR names a directory below the working directory.
func relative(s *stages.Step) bool {
	var to string
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		to = c.DestPath
	case *instructions.AddCommand:
		to = c.DestPath
	case *instructions.WorkdirCommand:
		to = c.Path
	}
	path := s.Expand(to)
	return path.Known && !strings.HasPrefix(path.Text, "/")
}

// Linked reports whether the step copies with --link, so that layers above it do not make it copy again.
// BuildKit does not link where modes are changed.
func Linked(s *stages.Step) bool {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		return c.Link && c.Chmod == ""
	case *instructions.AddCommand:
		return c.Link && c.Chmod == ""
	}
	return false
}
