package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var legacyKeyValue = &diagnostics.Rule{
	Name:      "legacy-key-value",
	Severity:  diagnostics.Hint,
	BuildKit:  []string{"LegacyKeyValueFormat"},
	Tag:       diagnostics.Deprecated,
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6574"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		var pairs instructions.KeyValuePairs
		switch c := s.Instr.Cmd().(type) {
		case *instructions.EnvCommand:
			pairs = c.Env
		case *instructions.LabelCommand:
			pairs = c.Labels
		}
		if len(pairs) == 0 || !pairs[0].NoDelim || len(s.Instr.Words) != 2 {
			return
		}
		key, value := s.Instr.Words[0], s.Instr.Words[1]
		f := diagnostics.Finding{Step: s, Span: s.Instr.FirstLine(s.Instr.Args)}
		if strings.HasPrefix(value.Text, "=") {
			f.Message = diagnostics.Plain("The value of " + key.Text + " begins with =, since a blank stands before it; write " + words.Code(words.Shorten(key.Text+"="+strings.TrimSpace(value.Text[1:]), 40)))
			f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return dropBlank(p, s) }
		} else {
			f.Message = diagnostics.Plain("The form " + words.Code(s.Instr.Name+" key value") + " is deprecated, and takes all that follows for the one value; write " + words.Code(words.Shorten(key.Text, 40)+"=…"))
			f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
				return p.FixBy("Write it with an equals sign", diagnostics.Safe, func(c *rewrite.Change) { c.EqualsSign(s) })
			}
		}
		p.Report(f)
	},
}

// dropBlank takes away the blank before the equals sign, which is another value.
func dropBlank(p *diagnostics.Pass, s *stages.Step) []diagnostics.Fix {
	key, value := s.Instr.Words[0], s.Instr.Words[1]
	if rest := value.Text[1:]; len(s.Instr.Inner) > 0 || strings.TrimSpace(rest) != rest || strings.ContainsAny(rest, " \t\"'") {
		return nil
	}
	return p.FixBy("Remove the blank before = (the value changes)", diagnostics.Suggested, func(c *rewrite.Change) {
		c.ReplaceWord(s, text.Span{Start: key.Span.End, End: value.Span.Start}, "")
	})
}
