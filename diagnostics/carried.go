package diagnostics

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// TakenOver reports whether a file that the step puts at a path of its stage (absolute and clean) surely comes into the
// image by COPY --from: a stage of the image takes it, or the folder that it is in, directly or by way of
// other stages. It is not sure if a later RUN of the stage removes a file of that name.
func (p *Pass) TakenOver(s *stages.Step, file string) bool {
	p.asked |= askedExported | askedStages
	return p.taken(s, file, 0)
}

// maxCarried bounds the stages that a file goes through.
const maxCarried = 10

func (p *Pass) taken(by *stages.Step, file string, depth int) bool {
	if depth > maxCarried || removedLater(by, file) {
		return false
	}
	for _, stage := range p.graph.Stages[by.Stage.Index+1:] {
		for _, s := range stage.Steps {
			c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
			if !ok || c.From == "" || !buildsOn(p.graph.Find(c.From, stage.Index), by.Stage) {
				continue
			}
			to, ok := landsAt(s, c, file)
			if ok && (p.graph.Exported(stage) || p.taken(s, to, depth+1)) {
				return true
			}
		}
	}
	return false
}

// buildsOn reports whether a stage is the other one, or is built on it by FROM.
func buildsOn(s, on *stages.Stage) bool { return s != nil && slices.Contains(s.Chain(), on) }

// landsAt is where a COPY --from puts a file of the other stage.
func landsAt(s *stages.Step, c *instructions.CopyCommand, file string) (to string, ok bool) {
	dest := s.Expand(c.DestPath)
	at := s.Join(dest.Text)
	if !dest.Known || len(c.ExcludePatterns) > 0 {
		return "", false
	}
	for _, word := range c.SourcePaths {
		source := s.Expand(word)
		dir := path.Clean("/" + source.Text)
		switch {
		case !source.Known || strings.ContainsAny(source.Text, "*?["):
		case dir == file && (strings.HasSuffix(dest.Text, "/") || len(c.SourcePaths) > 1):
			return path.Join(at.Text, path.Base(file)), true
		case dir == file:
			return at.Text, true
		case dir == "/" || strings.HasPrefix(file, dir+"/"):
			return path.Join(at.Text, strings.TrimPrefix(file, dir)), true
		}
	}
	return "", false
}

// removedLater reports whether a RUN below the step, in its stage, removes a file of that name.
func removedLater(by *stages.Step, file string) bool {
	for _, s := range by.Stage.Steps[by.N+1:] {
		if s.Instr.Name != "RUN" {
			continue
		}
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			if slices.ContainsFunc(c.Removes(), func(w shell.Word) bool {
				return path.Base(w.Text) == path.Base(file) || !w.Literal || strings.HasPrefix(file, strings.TrimSuffix(path.Clean(w.Text), "/")+"/")
			}) {
				return true
			}
		}
	}
	return false
}
