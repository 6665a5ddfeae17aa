package copies

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Entry is what the stage starts: its last ENTRYPOINT and CMD, those of its parents if it has none, as
// words. own reports whether the file sets the ENTRYPOINT.
func Entry(s *stages.Stage) (argv []string, own bool) {
	var steps []*stages.Step
	for _, stage := range s.Chain() {
		steps = append(steps, stage.Steps...)
	}
	return EntryOf(steps)
}

// EntryOf is Entry for steps of a stage's chain, the oldest first; only ENTRYPOINT and CMD count.
func EntryOf(steps []*stages.Step) (argv []string, own bool) {
	var entrypoint, cmd []string
	for _, step := range steps {
		switch c := step.Instr.Cmd().(type) {
		case *instructions.EntrypointCommand:
			entrypoint, cmd, own = fields(c.CmdLine), nil, true
		case *instructions.CmdCommand:
			cmd = fields(c.CmdLine)
		}
	}
	return append(slices.Clone(entrypoint), cmd...), own
}

func fields(line []string) []string { return strings.Fields(strings.Join(line, " ")) }

// CopiedFile is the text of the file of the build context that a COPY of the stage, or of one that it
// builds on, puts at a path of the image. A name without a slash may be in any directory, as the program
// of an ENTRYPOINT that is found through PATH.
func CopiedFile(bc *files.Context, s *stages.Stage, name string) (body string, ok bool) {
	if bc == nil {
		return "", false
	}
	chain := s.Chain()
	last := s.Steps[len(s.Steps)-1]
	at := name
	if !path.IsAbs(at) {
		at = path.Join(Dir(last), at)
	}
	for _, stage := range slices.Backward(chain) {
		if source, found := OriginOf(bc, stage.Steps, path.Clean(at)); found {
			text, err := bc.Read(source)
			return text, err == nil
		}
	}
	for _, stage := range chain {
		for _, step := range stage.Steps {
			c, isCopy := Of(step)
			if !isCopy {
				continue
			}
			for _, source := range c.Sources {
				if to, known := c.Landing(source); known && (to == name || path.Base(to) == name) {
					if text, err := bc.Read(source); err == nil {
						body, ok = text, true
					}
				}
			}
		}
	}
	return body, ok
}
