package correctness

import (
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// What is missing may be made before the build. So only a name is reported that is nearly that of a file.
var copySourceMissing = &diagnostics.Rule{
	Name:     "copy-source-missing",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		eachMissing(p, s, func(bc *files.Context, word syntax.Word, source string) {
			there := mistyped(bc, source)
			if there == "" || p.ContextDoubted() || inOtherCase(bc, source) != "" {
				return
			}
			p.Report(diagnostics.Finding{
				Step: s, Span: word.Span,
				Message: diagnostics.Plain("The build context has no " + source + ", so that the build fails; did you mean " + there + "?"),
				Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
					return writeSource(p, s, word, source, there)
				},
			})
		})
	},
}

// mistyped is the path that a missing one may have meant: in the same folder, of the same kind, with one or two letters
// that differ. Names that differ by a number are another file of a row.
func mistyped(bc *files.Context, missing string) string {
	dir, name := path.Split(missing)
	if len(name) < 6 {
		return ""
	}
	var near []string
	for _, e := range bc.List(path.Clean(dir)) {
		base := path.Base(e.Path)
		if !e.Ignored && path.Ext(base) == path.Ext(name) && withoutDigits(base) != withoutDigits(name) {
			near = append(near, base)
		}
	}
	if found := syntax.Nearest(name, near); found != "" {
		return path.Join(dir, found)
	}
	return ""
}

func withoutDigits(name string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return -1
		}
		return r
	}, name)
}
