package hover

import (
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

func flagOf(s *stages.Step, name string) *syntax.Flag {
	for i := range s.Instr.Flags {
		if f := &s.Instr.Flags[i]; f.Name.Of(s.Instr.Text) == name {
			return f
		}
	}
	return nil
}

// flag is the value of a flag; empty without it.
func flag(s *stages.Step, name string) string {
	if f := flagOf(s, name); f != nil {
		return f.Value.Of(s.Instr.Text)
	}
	return ""
}

// sources are the stages and images that the step takes files from, by --from and by mounts.
func sources(s *stages.Step) (refs []string) {
	for _, f := range s.Instr.Flags {
		value := f.Value.Of(s.Instr.Text)
		switch f.Name.Of(s.Instr.Text) {
		case "from":
			refs = append(refs, value)
		case "mount":
			for _, field := range strings.Split(value, ",") {
				if ref, ok := strings.CutPrefix(field, "from="); ok {
					refs = append(refs, ref)
				}
			}
		}
	}
	return refs
}

// readersOf are the steps that take files from one of the stages.
func readersOf(g *stages.Graph, of map[*stages.Stage]bool) (steps []*stages.Step) {
	if len(of) == 0 {
		return nil
	}
	for _, stage := range g.Stages {
		for _, step := range stage.Steps {
			for _, ref := range sources(step) {
				if of[g.Find(ref, stage.Index)] {
					steps = append(steps, step)
					break
				}
			}
		}
	}
	return steps
}

// unneeded reports whether the image surely takes nothing from the stage.
func unneeded(g *stages.Graph, s *stages.Stage) bool {
	needed := map[*stages.Stage]bool{g.Target: true}
	for queue := []*stages.Stage{g.Target}; len(queue) > 0; queue = queue[1:] {
		add := func(stage *stages.Stage) {
			if stage != nil && !needed[stage] {
				needed[stage] = true
				queue = append(queue, stage)
			}
		}
		add(queue[0].Parent)
		for _, step := range queue[0].Steps {
			if step.Instr.Name == "ONBUILD" {
				return false // it may take files from any stage
			}
			for _, ref := range sources(step) {
				if strings.Contains(ref, "$") {
					return false
				}
				add(g.Find(ref, queue[0].Index))
			}
		}
	}
	return !needed[s]
}
