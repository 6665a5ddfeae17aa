package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// With --link, a COPY makes its layer on its own: it makes the folders above its destination anew, for root, and does not
// follow links of the image. The rule speaks only where none of that can matter, as far as the file tells, and where a RUN
// above may make another layer.
var copyLinkOpportunity = &diagnostics.Rule{
	Name:     "copy-link-opportunity",
	Code:     "C17",
	Severity: diagnostics.Hint,
	Off:      true,
	Stage: func(p *diagnostics.Pass) {
		seen := p.See(linkKey{}, linkable)
		if len(seen) == 0 || !p.Final() || p.Stage.Windows {
			return
		}
		ran := false
		var written []string // where COPYs above put something
		for _, next := range seen {
			if next.What == nil {
				continue
			}
			dest, isCopy := next.What.(string)
			if !isCopy {
				ran = true
				continue
			}
			if ran && !slices.ContainsFunc(written, func(dir string) bool { return copies.Below(dest, dir) }) {
				reportLink(p, next.Step)
			}
			written = append(written, dest)
		}
	},
}

type linkKey struct{}

// linkable is the destination of a COPY from elsewhere that could have --link, true for a RUN that installs or downloads, or
// nil.
func linkable(s *stages.Step) any {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.RunCommand:
		if _, ok := dear(s); ok {
			return true
		}
	case *instructions.CopyCommand:
		dest := s.Expand(c.DestPath)
		to := s.Join(dest.Text)
		if c.From == "" || c.Link || c.Chmod != "" || c.Chown != "" && !numericOwner.MatchString(c.Chown) || !dest.Known || !to.Known {
			return nil
		}
		clean := path.Clean(to.Text)
		if strings.Count(clean, "/") < 2 || !slices.Contains([]string{"/app", "/opt", "/srv"}, "/"+strings.SplitN(clean, "/", 3)[1]) && !strings.HasPrefix(clean, "/usr/local/") {
			return nil // folders that systems have as links, or with rights of their own
		}
		return clean
	}
	return nil
}

var numericOwner = lazy.New(`^(\d+|root)(:(\d+|root))?$`)

func reportLink(p *diagnostics.Pass, s *stages.Step) {
	p.Report(diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: diagnostics.Plain("This COPY reruns whenever a layer below it changes; with " + words.Code("--link") + " its layer stays as it is, and is pulled and pushed once"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Add "+words.Code("--link")+" (check first: no folder above the destination may be a link, or belong to anybody but root)", diagnostics.Suggested, func(c *rewrite.Change) { c.AddFlag(s, "--link") })
		},
	})
}
