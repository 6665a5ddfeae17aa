package correctness

import (
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copySourceOutsideContext = &diagnostics.Rule{
	Name:     "copy-source-outside-context",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.CopyCommand:
			if c.From != "" {
				return
			}
		case *instructions.AddCommand:
		default:
			return
		}
		for _, w := range s.Instr.Words[:max(0, len(s.Instr.Words)-1)] {
			v := s.Expand(w.Text)
			if !v.Known || !leadsOut(v.Text) && !ofMachine.MatchString(v.Text) && !ofMachine.MatchString(w.Text) {
				continue
			}
			inside := files.Rooted(v.Text)
			f := diagnostics.Finding{Step: s, Span: w.Span}
			bc := p.Context()
			known := bc != nil && !p.ContextDoubted()
			switch {
			case leadsOut(v.Text) && inside != "." && known && bc.Exists(inside):
				f.Severity = diagnostics.Info
				f.Message = diagnostics.Plain("Nothing leads out of the build context, so that " + words.Code(v.Text) + " is the same as " + words.Code(inside) + "; write that")
			case leadsOut(v.Text):
				f.Message = diagnostics.Plain("Nothing leads out of the build context: " + words.Code(v.Text) + " is looked for as " + words.Code(inside) + " in it; build with a folder above as the context, or add one by " + words.Code("--build-context"))
			case known && bc.Exists(inside):
				continue
			default:
				f.Message = diagnostics.Plain(words.Code(v.Text) + " is looked for in the build context, not on the machine that builds; put the file into the context, or add its folder by " + words.Code("--build-context"))
			}
			p.Report(f)
		}
	},
}

// leadsOut reports whether a source begins above the build context.
func leadsOut(source string) bool {
	clean := path.Clean(source)
	return clean == ".." || strings.HasPrefix(clean, "../")
}

// ofMachine are paths of somebody's own files, which no build context has.
var ofMachine = lazy.New(`^(/home/[^/$]+/|/Users/[^/$]+/|~/|[A-Za-z]:[\\/])`)
