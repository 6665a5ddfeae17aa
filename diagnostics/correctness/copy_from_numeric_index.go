package correctness

import (
	"fmt"
	"strconv"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyFromNumericIndex = &diagnostics.Rule{
	Name:      "copy-from-numeric-index",
	Severity:  diagnostics.Info,
	Elsewhere: diagnostics.Elsewhere{KICS: []string{"68a51e22-ae5a-4d48-8e87-b01a323605c9"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
		if !ok {
			return
		}
		if _, err := strconv.Atoi(c.From); err != nil {
			return
		}
		source := sourceStage(p, s, c.From)
		if source == nil {
			return
		}
		from := p.Froms()[source.Index]
		p.Report(diagnostics.Finding{
			Step: s, Span: fromSpan(s),
			Message: func(p *diagnostics.Pass) string {
				what := "give it a name of its own, and write that"
				if namedAlone(p, s, source) {
					what = "write its name, " + source.Name
				}
				return fmt.Sprintf("%s means the stage of line %d only until another stage is put above it; %s", words.Code("--from="+c.From), p.Line(from), what)
			},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				if source.Name != "" {
					return nameInstead(p, s, source.Name)
				}
				return nameIt(p, s, from)
			},
		})
	},
}

// namedAlone reports whether the stage has a name, and no other has it.
func namedAlone(p *diagnostics.Pass, s *stages.Step, source *stages.Stage) bool {
	return source.Name != "" && sourceStage(p, s, source.Name) == source
}

// nameInstead replaces the number by the stage's name, which is that of no other.
func nameInstead(p *diagnostics.Pass, s *stages.Step, name string) []diagnostics.Fix {
	if sourceStage(p, s, name) == nil || !stageName.MatchString(name) {
		return nil
	}
	return p.FixBy("Write "+words.Code("--from="+name), diagnostics.Safe, func(c *rewrite.Change) { c.ReplaceWord(s, fromSpan(s), name) })
}

// nameIt gives the stage a name, and puts it in the place of all numbers that mean the stage.
func nameIt(p *diagnostics.Pass, s, from *stages.Step) []diagnostics.Fix {
	if len(from.Instr.Words) != 1 {
		return nil
	}
	name := freeName(p)
	as := " AS "
	if from.Instr.Keyword.Of(from.Instr.Text) == "from" {
		as = " as "
	}
	return p.FixBy("Call the stage "+words.Code(name), diagnostics.Suggested, func(c *rewrite.Change) {
		c.ReplaceWord(from, from.Instr.Words[0].Span, from.Instr.Words[0].Span.Of(from.Instr.Text)+as+name)
		for _, stage := range p.Stages() {
			for _, other := range stage.Steps {
				if copied, ok := other.Instr.Cmd().(*instructions.CopyCommand); ok && copied.From != "" && sourceStage(p, other, copied.From) == from.Stage {
					c.ReplaceWord(other, fromSpan(other), name)
				}
			}
		}
	})
}

// freeName is a name for a stage that stands nowhere in the file yet.
func freeName(p *diagnostics.Pass) string {
	text := strings.ToLower(p.File().Src)
	for n := 1; ; n++ {
		name := "build"
		if n > 1 {
			name += strconv.Itoa(n)
		}
		if !strings.Contains(text, "from="+name) && !strings.Contains(text, " "+name) {
			return name
		}
	}
}
