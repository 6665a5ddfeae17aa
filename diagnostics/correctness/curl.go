package correctness

import (
	"fmt"
	"path"
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var curlNoFail = &diagnostics.Rule{
	Name:     "curl-no-fail",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		list := transfers(s, func(script *shell.Script, c *shell.Command, saves shell.Saves) bool {
			checked := func(f shell.Fetch) bool { return script.Checks(savedAs(c, f)) } // a wrong file does not get past that
			return !c.Has(shell.FailsOnError) && !saves.Piped && !slices.ContainsFunc(saves.Files, checked)
		})
		reportTransfers(p, s, list, "-f", "If the server answers with an error, %s saves its error page as the file and succeeds; add %s")
	},
}

var curlNoFollow = &diagnostics.Rule{
	Name:      "curl-no-follow",
	Severity:  diagnostics.Info,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"curl-should-follow-redirects"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		list := transfers(s, func(_ *shell.Script, c *shell.Command, saves shell.Saves) bool {
			elsewhere := func(f shell.Fetch) bool { return shell.SurelyRedirects(f.URL.Text) }
			return !c.Has(shell.FollowsRedirects) && slices.ContainsFunc(saves.Files, elsewhere)
		})
		reportTransfers(p, s, list, "-L", "This server says that the file is elsewhere, and %s does not go there: it saves a note, or nothing; add %s")
	},
}

// transfers are the commands of a RUN that save what a server answers, and are found wrong.
func transfers(s *stages.Step, wrong func(*shell.Script, *shell.Command, shell.Saves) bool) (list []*shell.Command) {
	if s.Instr.Name != "RUN" {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if saves, ok := c.SavesFiles(script); ok && wrong(script, c, saves) {
			list = append(list, c)
		}
	}
	return list
}

// savedAs is the name of the file that holds the download.
func savedAs(c *shell.Command, f shell.Fetch) string {
	if f.File.Text != "" {
		return f.File.Text
	}
	for _, r := range c.Redirects {
		if r.Target.Text != "" {
			return r.Target.Text
		}
	}
	return path.Base(f.URL.Text)
}

// reportTransfers reports the first of the commands: the others are the same mistake.
func reportTransfers(p *diagnostics.Pass, s *stages.Step, list []*shell.Command, option, message string) {
	if len(list) == 0 {
		return
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(list[0].Span), Message: diagnostics.Plain(fmt.Sprintf(message, words.Code(list[0].Program), words.Code(option))),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if s.Instr.JSON {
				return nil
			}
			change := p.Change()
			for _, c := range list {
				change.InsertWords(s, c.Words[0].Span, option)
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Add " + words.Code(option), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
