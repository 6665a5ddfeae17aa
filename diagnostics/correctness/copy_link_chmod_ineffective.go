package correctness

import (
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Source: dispatchCopy in BuildKit's convert_copy.go takes the way of --link only without --chmod.
var copyLinkChmodIneffective = &diagnostics.Rule{
	Name:     "copy-link-chmod-ineffective",
	Code:     "C18",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		link, chmod := false, ""
		switch c := s.Instr.Cmd().(type) {
		case *instructions.CopyCommand:
			link, chmod = c.Link, c.Chmod
		case *instructions.AddCommand:
			link, chmod = c.Link, c.Chmod
		}
		if !link || chmod == "" {
			return
		}
		flag, ok := flagOf(s, "link")
		if !ok {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: flag.Span,
			Message: diagnostics.Plain("With `--chmod`, BuildKit ignores `--link`: the layer is made anew whenever one below it changes; drop one of the two"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return p.FixBy("Drop `--link`, which has no effect", diagnostics.Suggested, func(c *rewrite.Change) { c.DropFlag(s, flag) })
			},
		})
	},
}

// flagOf is the first flag of that name.
func flagOf(s *stages.Step, name string) (f syntax.Flag, ok bool) {
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == name {
			return f, true
		}
	}
	return f, false
}
