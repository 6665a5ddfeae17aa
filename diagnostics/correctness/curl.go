package correctness

import (
	"path"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var curlNoFail = &diagnostics.Rule{
	Name:     "curl-no-fail",
	Severity: diagnostics.Warning,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		eachTransfer(s, func(script *shell.Script, c *shell.Command, saves shell.Saves) {
			if c.Has(shell.FailsOnError) || saves.Piped {
				return
			}
			for _, f := range saves.Files {
				if file := savedAs(c, f); script.Checks(file) {
					return // a wrong file does not get past that
				}
			}
			reportTransfer(p, s, c, "-f", "If the server answers with an error, "+words.Code(c.Program)+" saves its error page as the file and succeeds; add "+words.Code("-f"))
		})
	},
}

var curlNoFollow = &diagnostics.Rule{
	Name:     "curl-no-follow",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		eachTransfer(s, func(_ *shell.Script, c *shell.Command, saves shell.Saves) {
			for _, f := range saves.Files {
				if !c.Has(shell.FollowsRedirects) && shell.SurelyRedirects(f.URL.Text) {
					reportTransfer(p, s, c, "-L", "This server says that the file is elsewhere, and "+words.Code(c.Program)+" does not go there: it saves a note, or nothing; add "+words.Code("-L"))
					return
				}
			}
		})
	},
}

// eachTransfer calls check with the commands of a RUN that save what a server answers.
func eachTransfer(s *stages.Step, check func(*shell.Script, *shell.Command, shell.Saves)) {
	if s.Instr.Name != "RUN" {
		return
	}
	script := shell.Of(s.Instr, s.Shell)
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if saves, ok := c.SavesFiles(script); ok {
			check(script, c, saves)
		}
	}
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

func reportTransfer(p *diagnostics.Pass, s *stages.Step, c *shell.Command, option, message string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: c.Span, Message: diagnostics.Plain(message),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if s.Instr.JSON {
				return nil
			}
			change := p.Change()
			change.InsertWords(s, c.Words[0].Span, option)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Add " + words.Code(option), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
