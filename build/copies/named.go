package copies

import (
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// namedBy are the paths of the context that COPY, ADD and bind mounts of the stages take by name: what a line
// of the ignore file must not take away from them.
func namedBy(bc *files.Context, all []*stages.Stage) (paths []string) {
	for _, stage := range all {
		for _, s := range takers(stage) {
			if c, ok := Of(s); ok {
				paths = append(paths, c.Taken(bc)...)
				continue
			}
			paths = append(paths, ContextMounts(s)...)
		}
	}
	return paths
}

type takersKey struct{}

// takers are the steps of a stage that take something of the context by name. They are kept with the stage:
// each line of an ignore file is judged by those of all stages.
func takers(stage *stages.Stage) []*stages.Step {
	return stage.Steps[0].Memo(takersKey{}, func() any {
		var list []*stages.Step
		for _, s := range stage.Steps {
			if _, ok := Of(s); ok || len(ContextMounts(s)) > 0 {
				list = append(list, s)
			}
		}
		return list
	}).([]*stages.Step)
}

// ContextMounts are the sources of a RUN's bind mounts of the build context, in the context's terms.
func ContextMounts(s *stages.Step) (sources []string) {
	mounts, err := s.Mounts()
	if err != nil {
		return nil
	}
	for _, m := range mounts {
		if m.Type == instructions.MountTypeBind && m.From == "" && !strings.Contains(m.Source, "$") {
			sources = append(sources, files.Rooted(m.Source))
		}
	}
	return sources
}

// IgnoreLine judges a line that is added to the ignore file of the context, whose text is then after: whether it
// hides anything, and whether it takes away what is wanted. That is what a line with ! brings back, and what a
// step takes by its name; or all, if the file cannot be used then.
func IgnoreLine(bc *files.Context, all []*stages.Stage, line, after string) (hides, loses bool) {
	does := bc.Forget(line, after)
	switch {
	case does.After == nil:
		return false, true
	case !does.Hides || does.Loses != "":
		return does.Hides, does.Loses != ""
	}
	return true, slices.ContainsFunc(namedBy(bc, all), func(name string) bool { return bc.Exists(name) && does.After.Hides(name) })
}
