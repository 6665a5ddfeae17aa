package correctness

import (
	"path"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"
)

// A path that is there but for its case tells that the folder is the right one, so that this rule does not doubt it.
var copyCaseMismatch = &diagnostics.Rule{
	Name:     "copy-case-mismatch",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		eachMissing(p, s, func(bc *files.Context, word syntax.Word, source string) {
			if there := inOtherCase(bc, source); there != "" {
				p.Report(diagnostics.Finding{
					Step: s, Span: word.Span,
					Message: diagnostics.Plain("The file is called " + there + ", and only macOS and Windows take both for one: on Linux the build does not find it, and fails; write the name as it is"),
					Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
						return writeSource(p, s, word, source, there)
					},
				})
			}
		})
	},
}

// eachMissing calls fn with the literal sources of a COPY or ADD that the build context lacks, whether or not it is
// doubted.
func eachMissing(p *diagnostics.Pass, s *stages.Step, fn func(bc *files.Context, word syntax.Word, source string)) {
	c, ok := copies.Of(s)
	if !ok {
		return
	}
	bc := p.Context()
	if bc == nil || !bc.Complete() {
		return
	}
	for _, source := range c.Sources {
		if strings.ContainsAny(source, "*?[") || !bc.Lacks(source) || bc.Ignored(source) {
			continue
		}
		for _, w := range s.Instr.Words[:max(0, len(s.Instr.Words)-1)] {
			if v := s.Expand(w.Text); v.Known && files.Rooted(v.Text) == source {
				fn(bc, w, source)
				break
			}
		}
	}
}

// inOtherCase is the path of the context that differs from a missing one by its case only; "" if there is none, or several.
func inOtherCase(bc *files.Context, missing string) string {
	dir := "."
	for _, name := range strings.Split(missing, "/") {
		exact, alike := false, ""
		for _, e := range bc.List(dir) {
			switch base := path.Base(e.Path); {
			case e.Ignored:
			case base == name:
				exact = true
			case strings.EqualFold(base, name):
				if alike != "" {
					return ""
				}
				alike = base
			}
		}
		switch {
		case exact:
			dir = path.Join(dir, name)
		case alike != "":
			dir = path.Join(dir, alike)
		default:
			return ""
		}
	}
	if dir == missing {
		return ""
	}
	return dir
}

// writeSource puts another path in the place of a source that is written as it is.
func writeSource(p *diagnostics.Pass, s *stages.Step, word syntax.Word, source, there string) []diagnostics.Fix {
	n := strings.LastIndex(word.Text, source)
	written := word.Span.Of(s.Instr.Text)
	if n < 0 || strings.Contains(word.Text, "$") || !strings.Contains(written, source) || strings.ContainsAny(there, " \t\"'\\$") {
		return nil
	}
	return p.FixBy("Write "+words.Code(there), diagnostics.Suggested, func(c *rewrite.Change) {
		c.ReplaceWord(s, word.Span, strings.Replace(written, source, there, 1))
	})
}
