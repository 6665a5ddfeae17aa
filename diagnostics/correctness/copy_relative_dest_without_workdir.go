package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var copyRelativeDestWithoutWorkdir = &diagnostics.Rule{
	Name:     "copy-relative-dest-without-workdir",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3045"},
	Stage: func(p *diagnostics.Pass) {
		seen := slices.DeleteFunc(slices.Clone(p.See(relativeDestKey{}, seeRelativeDest)), func(s diagnostics.Seen) bool { return s.What == nil })
		if len(seen) == 0 || !beginsInRoot(p.Stage) {
			return
		}
		end := len(p.Stage.Steps)
		for _, workdir := range p.SeeChain(workdirKey{}, seeWorkdir) {
			if workdir.Step.Instr.Name != "WORKDIR" {
				continue
			}
			if workdir.Step.Stage != p.Stage {
				return
			}
			end = min(end, workdir.Step.N)
		}
		if seen[0].Step.N > end {
			return
		}
		first, dest := seen[0].Step, seen[0].What.(string)
		f := diagnostics.Finding{Step: first, Span: destSpan(first), Severity: diagnostics.Info}
		if !p.Exported() {
			f.Severity = diagnostics.Hint // nobody meets the files there
		}
		if slices.ContainsFunc(seen, func(s diagnostics.Seen) bool { return s.Step.N < end && takesAll(s.Step) }) {
			f.Severity = diagnostics.Warning
		}
		if path.Clean(dest) == "." {
			f.Message = diagnostics.Plain("Without a WORKDIR, " + words.Code(dest) + " is the root of the image, so that the files land among those of the system; write " + words.Code("WORKDIR /app") + " above")
		} else {
			f.Message = diagnostics.Plain("Without a WORKDIR, " + words.Code(dest) + " means " + words.Code(path.Join("/", dest)) + ", until the base image or somebody sets one; write it with a / in front")
		}
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
			if path.Clean(dest) == "." {
				return p.FixBy("Work in /app from here on", diagnostics.Suggested, func(c *rewrite.Change) {
					c.Insert(rewrite.Above(first), rewrite.Keyword(first, "WORKDIR")+" /app")
				})
			}
			return nil
		}
		p.Report(f)
	},
}

type relativeDestKey struct{}

// seeRelativeDest is the destination of a COPY or ADD that depends on the directory in effect.
func seeRelativeDest(s *stages.Step) any {
	sd, ok := pathsOf(s)
	if !ok {
		return nil
	}
	dest := s.Expand(sd.DestPath)
	if !dest.Known || dest.Text == "" || dest.Text[0] == '/' || strings.HasPrefix(dest.Text, "~") || s.Stage.Windows {
		return nil
	}
	return dest.Text
}

// takesAll reports whether a COPY or ADD takes the whole build context.
func takesAll(s *stages.Step) bool {
	c, ok := copies.Of(s)
	return ok && c.Whole()
}

// beginsInRoot reports whether the base image surely sets no directory, and has files of a system in the root.
func beginsInRoot(stage *stages.Stage) bool {
	facts, ok := images.Of(stage)
	return ok && facts.Tagged && !facts.Recalled && !facts.Windows && (facts.Workdir == "" || facts.Workdir == "/") && !stage.Root().Scratch()
}
