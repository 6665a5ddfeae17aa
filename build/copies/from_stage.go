package copies

import (
	"path"
	"strings"

	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// FromStage is the stage or image, as the flag names it, and the path in it of the file that a COPY --from puts at a path
// of the image, if the names alone tell that.
func FromStage(s *stages.Step, file string) (from, at string, ok bool) {
	c, isCopy := s.Instr.Cmd().(*instructions.CopyCommand)
	if !isCopy || c.From == "" || len(c.ExcludePatterns) > 0 || c.Parents {
		return "", "", false
	}
	to := s.Expand(c.DestPath)
	dest := s.Join(to.Text)
	if !to.Known || !dest.Known {
		return "", "", false
	}
	isDir := strings.HasSuffix(to.Text, "/") || len(c.SourcePaths) > 1
	for _, word := range c.SourcePaths {
		source := s.Expand(word)
		if !source.Known || strings.ContainsAny(source.Text, "*?[") {
			continue
		}
		name := path.Clean("/" + source.Text)
		switch rest, inside := strings.CutPrefix(file, strings.TrimSuffix(path.Clean(dest.Text), "/")+"/"); {
		case !isDir && path.Clean(dest.Text) == file, isDir && inside && rest == path.Base(name):
			return c.From, name, true
		case inside && path.Ext(name) == "":
			return c.From, path.Join(name, rest), true // of a folder
		}
	}
	return "", "", false
}
