package moves

import (
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// FromStageBelow judges whether a COPY of another stage or image may move below the parts, which stand directly below it.
// What it brings is not known, so that there may be anything in its destination.
func (j Judge) FromStageBelow(s *stages.Step, over []Part) Verdict {
	cmd, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok || cmd.From == "" {
		return never("it is no COPY of a stage")
	}
	to := destination(s, cmd.DestPath)
	if to.all || len(to.places) != 1 {
		return never("it is not known where the COPY writes")
	}
	c := copies.Copy{Step: s, Dest: to.places[0].path, Vars: strings.Contains(s.Instr.Text, "$")}
	moved := copied{written: newWritten(to, to), owned: true, folders: []string{copies.Dir(s)}}
	verdict := safe
	if link := linkInto(c, moved); link != "" {
		verdict = doubt("%s is a link: the copied files have another path, too", link)
	}
	for _, part := range over {
		if other, ok := copies.Of(part.Step); ok && to.meets(j.copied(Moved{Copy: other}).all) == apart {
			continue // what the other brings is known by name
		}
		if part.Step.Instr.Name == "RUN" {
			verdict = verdict.Worse(bringsProgram(shell.Of(part.Step.Instr, part.Step.Shell).Commands, to, s))
		}
		if verdict = verdict.Worse(crossCopy(c, moved, part)); verdict.Answer == Never {
			break
		}
	}
	return verdict
}
