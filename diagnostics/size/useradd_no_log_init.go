package size

import (
	"strconv"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// manyUsers is the number of a user from which on the logs of logins are worth a word.
const manyUsers = 100_000

// bytesOfLogin is how much lastlog (292) and faillog (32) hold for each number of a user, in bytes.
const bytesOfLogin = 324

var useraddNoLogInit = &diagnostics.Rule{
	Name:     "useradd-no-log-init",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3046"},
	Command: func(p *diagnostics.Pass, s *stages.Step, c *shell.Command) {
		number, ok := c.LogsUser()
		uid, err := strconv.ParseUint(number.Text, 10, 32)
		if !ok || err != nil || uid < manyUsers || s.Instr.Name != "RUN" || !p.Exported() {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: number.Span,
			Message: diagnostics.Plain("The logs of logins have a place for each user up to this number, which can make the image " + words.Size(int64(uid)*bytesOfLogin) + " larger; add `-l`, which leaves this user out of them"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change := p.Change()
				change.InsertWords(s, c.Words[0].Span, "-l")
				return suggest(change.Edit())("Add `-l`")
			},
		})
	},
}
