package hover

import (
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// change is an edit of a step, or a new value for the variables that it defines.
type change struct {
	step  *stages.Step
	names []string // of the variables
}

// rerun are the layers that the change runs again: in its stage, and in those that build on it, the
// first that depends on the step, and all below that one.
func (c change) rerun(g *stages.Graph) (again []*stages.Step) {
	type branch struct {
		steps []*stages.Step
		stage *stages.Stage
		on    bool     // a layer above runs again
		names []string // the variables that have another value here
	}
	s := c.step
	queue := []branch{{s.Stage.Steps[s.N+1:], s.Stage, s.MakesLayer() || s.Instr.Name == "FROM", c.names}}
	for len(queue) > 0 {
		b := queue[0]
		queue = queue[1:]
		replaced := false
		for _, step := range b.steps {
			name := step.Instr.Name
			if replaced = !b.on && name == s.Instr.Name && (name == "USER" || name == "SHELL"); replaced {
				break
			}
			if (name == "ARG" || name == "ENV") && c.uses(step, b.names) {
				b.names = append(slices.Clip(b.names), defined(step)...)
			}
			if !step.MakesLayer() {
				continue
			}
			depends := c.reaches(step, b.names)
			if depends || b.on && !keepsCopy(step) {
				again = append(again, step)
			}
			b.on = b.on || depends
		}
		if replaced {
			continue
		}
		for _, child := range g.Children(b.stage) {
			queue = append(queue, branch{slices.Concat(child.Triggers(g), child.Steps[1:]), child, b.on, b.names})
		}
	}
	return again
}

// reaches reports whether the step itself depends on what changes.
func (c change) reaches(step *stages.Step, names []string) bool {
	run := step.Instr.Name == "RUN"
	switch c.step.Instr.Name {
	case "USER":
		return run || step.Instr.Name == "WORKDIR"
	case "SHELL":
		return run && !step.Instr.JSON
	case "ARG", "ENV":
		if !run {
			return c.uses(step, names)
		}
		return slices.ContainsFunc(names, func(name string) bool { return !c.hidden(step, name) })
	}
	return false
}

var variable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// uses reports whether the step's text expands one of the variables.
func (c change) uses(step *stages.Step, names []string) bool {
	body := step.Instr.Body.Of(step.Instr.Text)
	if !strings.Contains(body, "$") {
		return false
	}
	for _, m := range variable.FindAllStringSubmatch(body, -1) {
		if slices.Contains(names, m[1]) && !c.hidden(step, m[1]) {
			return true
		}
	}
	return false
}

// hidden reports whether the file gives the variable another value between the change and the step.
func (c change) hidden(step *stages.Step, name string) bool {
	if !slices.Contains(c.names, name) {
		return false // it takes its value from one of them
	}
	def, ok := step.Vars.Lookup(name)
	if !ok || def.Step == nil || def.Step == c.step {
		return false
	}
	if value := variable.FindAllStringSubmatch(def.Step.Instr.Body.Of(def.Step.Instr.Text), -1); len(value) > 0 {
		return false // perhaps made from the old one
	}
	at, from := def.Step, c.step
	return at.Stage.Index > from.Stage.Index || at.Stage == from.Stage && at.N > from.N
}

// defined are the variables that an ARG or ENV defines.
func defined(s *stages.Step) (names []string) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.ArgCommand:
		for _, kv := range c.Args {
			names = append(names, kv.Key)
		}
	case *instructions.EnvCommand:
		for _, kv := range c.Env {
			names = append(names, kv.Key)
		}
	}
	return names
}

// keepsCopy reports whether the step copies with --link, so that layers above it do not make it copy
// again. BuildKit does not link where modes are changed.
func keepsCopy(s *stages.Step) bool {
	link := flagOf(s, "link")
	return link != nil && (!link.HasValue || link.Value.Of(s.Instr.Text) == "true") && flagOf(s, "chmod") == nil
}
