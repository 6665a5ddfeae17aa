package cache

import (
	"maps"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Invalidates is what runs again, by line, if an instruction is changed: an operation's text or files,
// the value of what ARG or ENV defines, the user, the shell. The instruction itself is not in it.
func (b *Build) Invalidates(g *stages.Graph, s *stages.Step) map[int]State {
	line := g.Line(s)
	if len(b.lines[line]) > 0 {
		return b.Cascade(line)
	}
	var first []*stages.Step
	switch s.Instr.Name {
	case "FROM":
		if s.Stage != nil && s.Stage.Parent == nil {
			return b.Cascade(line)
		}
		first = s.Stage.Steps[1:]
	case "ARG", "ENV":
		for _, name := range Defines(s) {
			first = append(first, Readers(g, s, name)...)
		}
	case "USER", "SHELL":
		first = inEffect(g, s)
	case "WORKDIR": // of the root, which is no operation
		first = inEffect(g, s)
	}
	lines := map[int]State{}
	for _, reader := range first {
		at := g.Line(reader)
		if b.Line(at) == Unreached {
			continue
		}
		lines[at] = Rebuilt
		for l, state := range b.Cascade(at) {
			lines[l] = max(lines[l], state)
		}
	}
	delete(lines, line)
	return lines
}

// Defines are the variables that an ARG or ENV gives a value, or declares.
func Defines(s *stages.Step) (names []string) {
	words := s.Instr.Words
	if s.Instr.Name == "ENV" && len(words) > 0 && !strings.Contains(words[0].Text, "=") {
		return []string{words[0].Text}
	}
	for _, w := range words {
		name, _, _ := strings.Cut(w.Text, "=")
		names = append(names, name)
	}
	return names
}

// Readers are the steps whose cache key the value of a variable is part of that an ARG or ENV defines:
// every RUN for which it is in effect, used or not, and the other operations that use it.
func Readers(g *stages.Graph, def *stages.Step, name string) (readers []*stages.Step) {
	if def.Stage == nil {
		return globalReaders(g, name)
	}
	for _, s := range below(g, def) {
		if !s.MakesLayer() {
			// A definition made of this one hands it on.
			if (s.Instr.Name == "ENV" || s.Instr.Name == "ARG") && isFrom(s, def, name) && mentions(s.Instr.Joined().Line, name) {
				for _, next := range Defines(s) {
					if next != name {
						readers = append(readers, Readers(g, s, next)...)
					}
				}
			}
			continue
		}
		if isFrom(s, def, name) && (s.Instr.Name == "RUN" || strings.Contains(s.Instr.Body.Of(s.Instr.Text), "$"+name) || strings.Contains(s.Instr.Body.Of(s.Instr.Text), "${"+name)) {
			readers = append(readers, s)
		}
	}
	return unique(readers)
}

// isFrom reports whether the value of a variable at a step is the one that def gives it.
func isFrom(s, def *stages.Step, name string) bool {
	scope, ok := s.Vars.Lookup(name)
	if !ok {
		return def.Instr.Name == "ARG" // declared without a value
	}
	return scope.Step == def
}

// globalReaders are the steps that an ARG before the first FROM reaches: through FROM, or where a
// stage declares it again.
func globalReaders(g *stages.Graph, name string) (readers []*stages.Step) {
	for _, stage := range g.Stages {
		if from := stage.Steps[0]; mentions(from.Instr.Joined().Line, name) && strings.Contains(from.Instr.Joined().Line, "$") {
			for _, s := range stage.Steps[1:] {
				if s.MakesLayer() {
					readers = append(readers, s)
				}
			}
		}
		for _, s := range stage.Steps {
			if s.Instr.Name == "ARG" && slices.ContainsFunc(s.Instr.Words, func(w syntax.Word) bool { return w.Text == name }) {
				readers = append(readers, Readers(g, s, name)...)
			}
		}
	}
	return unique(readers)
}

// inEffect are the steps whose cache key what a USER, SHELL or WORKDIR sets is part of, until another
// one of the same kind.
func inEffect(g *stages.Graph, set *stages.Step) (readers []*stages.Step) {
	ended := map[*stages.Stage]bool{}
	for _, s := range below(g, set) {
		if s.N == 1 && s.Stage != set.Stage && ended[s.Stage.Parent] {
			ended[s.Stage] = true
		}
		switch {
		case ended[s.Stage]:
		case s.Instr.Name == set.Instr.Name:
			ended[s.Stage] = true
			if s.Instr.Name == "WORKDIR" {
				readers = append(readers, s)
			}
		case s.Instr.Name == "RUN" && !(set.Instr.Name == "SHELL" && s.Instr.JSON),
			set.Instr.Name == "USER" && s.Instr.Name == "WORKDIR" && s.MakesLayer():
			readers = append(readers, s)
		}
	}
	return readers
}

// below are the steps that come after s in its stage and in the stages that build on it.
func below(g *stages.Graph, s *stages.Step) []*stages.Step {
	steps := slices.Clone(s.Stage.Steps[s.N+1:])
	for queue := g.Children(s.Stage); len(queue) > 0; queue = queue[1:] {
		steps = append(steps, queue[0].Steps[1:]...)
		queue = append(queue, g.Children(queue[0])...)
	}
	return steps
}

func unique(steps []*stages.Step) []*stages.Step {
	seen := map[*stages.Step]bool{}
	return slices.DeleteFunc(steps, func(s *stages.Step) bool {
		had := seen[s]
		seen[s] = true
		return had
	})
}

// Lines are the lines of a map, sorted.
func Lines[V any](m map[int]V) []int { return slices.Sorted(maps.Keys(m)) }
