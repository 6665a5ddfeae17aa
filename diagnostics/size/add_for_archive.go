package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var addForArchive = &diagnostics.Rule{
	Name:       "add-for-archive",
	Production: true,
	Severity:   diagnostics.Info,
	Hadolint:   []string{"DL3010"},
	Stage:      checkArchives,
}

// checkArchives looks for a COPY of an archive that a later RUN of the stage unpacks as ADD would. One that a RUN also
// deletes is what rm-in-later-layer tells.
func checkArchives(p *diagnostics.Pass) {
	found := p.See(archiveKey{}, copiesOrUnpacks)
	if len(found) < 2 || !p.Exported() {
		return
	}
	for i, seen := range found {
		copied, ok := seen.What.(string)
		if !ok {
			continue
		}
		unpacked, doubtful := (*stages.Step)(nil), false
		for _, later := range found[i+1:] {
			if later.Instr.Name != "RUN" {
				continue
			}
			for _, c := range shell.Commands(later.Instr, later.Shell) {
				if file, plain := c.Unpacks(); file.Text != "" && named(later.Step, c, file.Text, copied) {
					unpacked, doubtful = later.Step, doubtful || !plain
				} else if strings.Contains(c.Span.Of(later.Instr.Text), path.Base(copied)) {
					doubtful = true // it is deleted, or checked
				}
			}
		}
		if unpacked == nil || doubtful {
			continue
		}
		s := seen.Step
		p.Report(diagnostics.Finding{
			Step: s, Span: diagnostics.Line(s.Instr),
			Message: diagnostics.Plain("The archive " + path.Base(copied) + " stays in this layer beside what is unpacked from it; " + words.Code("ADD") + " unpacks it on the way, and leaves no archive"),
			Related: []diagnostics.Related{{Step: unpacked, Span: diagnostics.Line(unpacked.Instr), Message: "unpacked here"}},
		})
	}
}

type archiveKey struct{}

// copiesOrUnpacks is where a COPY of one archive of the context puts it, or true for a RUN that unpacks one.
func copiesOrUnpacks(s *stages.Step) any {
	if c, ok := s.Instr.Cmd().(*instructions.CopyCommand); ok && c.From == "" && len(c.SourcePaths) == 1 {
		source, dest := s.Expand(c.SourcePaths[0]), s.Expand(c.DestPath)
		if !source.Known || !dest.Known || strings.ContainsAny(source.Text, "*?[") || !copies.IsArchive(source.Text) {
			return nil
		}
		to := dest.Text
		if !path.IsAbs(to) {
			to = copies.Dir(s) + "/" + to
		}
		if strings.HasSuffix(to, "/") || path.Base(to) == "." || !copies.IsArchive(to) {
			to = path.Join(to, path.Base(source.Text))
		}
		return path.Clean(to)
	}
	if s.Instr.Name == "RUN" && slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), func(c *shell.Command) bool { file, _ := c.Unpacks(); return file.Text != "" }) {
		return true
	}
	return nil
}

// named reports whether the command's word is the file.
func named(s *stages.Step, c *shell.Command, word, file string) bool {
	at, ok := inImage(s, c, word)
	return ok && path.Clean(at) == file
}
