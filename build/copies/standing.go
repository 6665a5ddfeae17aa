package copies

import (
	"slices"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// Standing are those of the paths of the image, in the form of Dir, at which something may stand when the command of
// the step begins: the steps above, or the commands before it, bring it from the build context or from elsewhere, or
// may make it. Of the others it is certain that nothing of the stage puts a file there; the base image may.
func Standing(bc *files.Context, s *stages.Step, cmd *shell.Command, paths []string) (standing []string) {
	var m made
	var brought []Copy
	for _, stage := range s.Stage.Chain() {
		for _, above := range stage.Steps {
			if stage == s.Stage && above.N > s.N {
				break
			}
			if c, ok := Of(above); ok {
				brought = append(brought, c)
			}
			m.step(above)
			if above.Instr.Name != "RUN" {
				continue
			}
			script := shell.Of(above.Instr, above.Shell)
			m.any = m.any || script.Partial
			for _, c := range script.Commands {
				if c == cmd {
					break
				}
				m.command(above, WorkingDir(above, c, nil), c)
			}
		}
	}
	for _, name := range paths {
		if m.file(name) || slices.ContainsFunc(brought, func(c Copy) bool { return c.mayBring(bc, name) }) {
			standing = append(standing, name)
		}
	}
	return standing
}

// mayBring reports whether the copy puts a file at the path of the image, or may.
func (c Copy) mayBring(bc *files.Context, to string) bool {
	_, inside := below(c.Dest, to)
	if c.Parents && inside || inside && slices.ContainsFunc(c.Taken(bc), c.Unpacks) {
		return true
	}
	if _, ok := c.Origin(bc, to); ok {
		return true
	}
	// A destination that is not written as a directory may be one that is there.
	c.IsDir = true
	_, ok := c.Origin(bc, to)
	return ok
}
