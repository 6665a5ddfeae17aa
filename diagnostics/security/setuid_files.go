package security

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

var setuidFiles = &diagnostics.Rule{
	Name:       "setuid-files",
	Severity:   diagnostics.Hint,
	Off:        true,
	Production: true,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		switch s.Instr.Name {
		case "RUN":
			for _, c := range shell.Commands(s.Instr, s.Shell) {
				if mode, _, ok := c.GivesMode(); ok && len(c.MakesDirs()) == 0 && setsUser(mode.Text) && p.Exported() {
					reportSetuid(p, s, mode.Span, mode.Text)
				}
			}
		case "COPY", "ADD":
			for _, f := range s.Instr.Flags {
				if mode := f.Value.Of(s.Instr.Text); f.Name.Of(s.Instr.Text) == "chmod" && setsUser(mode) && p.Exported() {
					reportSetuid(p, s, f.Value, mode)
				}
			}
		}
	},
}

func reportSetuid(p *diagnostics.Pass, s *stages.Step, span text.Span, mode string) {
	p.Report(diagnostics.Finding{Step: s, Span: span, Message: diagnostics.Plain(
		"Mode " + words.Code(mode) + " lets every user of the container run the file with its owner's rights: a flaw in it gives them away; start the program as the user that it needs, or give it the one capability")})
}

// setsUser reports whether a mode makes files run as their owner: 4755, 6711, u+s. The bit of the group alone is for folders.
func setsUser(mode string) bool {
	if octalMode.MatchString(mode) {
		return len(mode) > 3 && (mode[len(mode)-4]-'0')&4 != 0
	}
	for part := range strings.SplitSeq(mode, ",") {
		m := clause.FindStringSubmatch(part)
		if m != nil && (m[1] == "" || strings.ContainsAny(m[1], "ua")) && strings.Contains(m[2], "s") {
			return true
		}
	}
	return false
}
