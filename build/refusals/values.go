package refusals

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// uncertain reports whether what BuildKit says of a step may depend on values that the file does not tell:
// those of arguments without a default, of the base image, or of definitions that were taken out.
func (s *search) uncertain(step *stages.Step, message string) bool {
	if strings.Contains(message, `invalid mount target "/"`) && mountsInWorkdir(step) && !step.Workdir.Known {
		return true
	}
	open := s.open(step)
	if step.Stage != nil && step.N == 0 {
		// What the triggers of the parent do wrong, BuildKit says of the FROM that runs them.
		for _, trigger := range step.Stage.Triggers(s.g) {
			if s.uses(trigger, open) {
				return true
			}
			s.define(trigger, open)
		}
	}
	return s.uses(step, open)
}

// uses reports whether the step uses a variable whose value is not known, or open.
func (s *search) uses(step *stages.Step, open map[string]bool) bool {
	for _, name := range variables(step) {
		if s.torn || open[name] || !step.Expand("${"+name+"}").Known {
			return true
		}
	}
	return false
}

// mountsInWorkdir reports whether a mount of the step has its place in the directory in effect.
func mountsInWorkdir(step *stages.Step) bool {
	mounts, err := step.Mounts()
	return err == nil && slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return !path.IsAbs(m.Target) })
}

// open are the variables before a step whose values a build argument may decide that has no default, or an empty one,
// and those made of them.
func (s *search) open(step *stages.Step) map[string]bool {
	open := map[string]bool{}
	last := len(s.g.Global)
	if step.Stage == nil {
		last = step.N
	}
	for _, global := range s.g.Global[:last] {
		s.define(global, open)
	}
	if step.Stage == nil || step.N == 0 {
		return open
	}
	for _, stage := range slices.Backward(step.Stage.Chain()) {
		steps := stage.Steps
		if stage == step.Stage {
			steps = steps[:step.N]
		}
		for _, above := range slices.Concat(stage.Triggers(s.g), steps) {
			s.define(above, open)
		}
	}
	return open
}

// define notes which of the variables that a step defines are open.
func (s *search) define(step *stages.Step, open map[string]bool) {
	for _, d := range step.Defines() {
		_, given := s.options["build-arg:"+d.Name]
		switch {
		case given && step.Instr.Name == "ARG":
			open[d.Name] = false
		case slices.ContainsFunc(d.Uses, func(name string) bool { return open[name] }):
			open[d.Name] = true
		case d.Empty && step.Instr.Name == "ARG":
			open[d.Name] = true // as in FROM image@${DIGEST}: the build is to say it
		case d.HasValue:
			open[d.Name] = false
		case step.Stage == nil:
			open[d.Name] = true
		default: // a global one may have a default
			_, global := s.g.GlobalVars().Lookup(d.Name)
			open[d.Name] = open[d.Name] || !global
		}
	}
}

// variables are those that BuildKit expands in a step, also those of the flags of RUN.
func variables(step *stages.Step) []string {
	names := step.Uses()
	if in := step.Instr; in.Name == "RUN" {
		for _, f := range in.Flags {
			for _, m := range variable.FindAllStringSubmatch(f.Value.Of(in.Text), -1) {
				names = append(slices.Clip(names), m[1])
			}
		}
	}
	return names
}

var variable = regexp.MustCompile(`\$\{?(\w+)`)
