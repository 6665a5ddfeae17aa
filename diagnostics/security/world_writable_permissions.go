package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var worldWritablePermissions = &diagnostics.Rule{
	Name:       "world-writable-permissions",
	Severity:   diagnostics.Warning,
	Production: true,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"world-writable-state-path-workaround"}, Sonar: []string{"S2612"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		switch s.Instr.Name {
		case "RUN":
			commands := shell.Commands(s.Instr, s.Shell)
			for _, c := range commands {
				mode, files, ok := c.GivesMode()
				if ok && opensToAll(mode.Text) && !onlyDevices(files) && p.Exported() {
					severity := diagnostics.Hint // X is written by who has thought about it, for users that nobody knows
					if !strings.Contains(mode.Text, "X") && (c.Recursive() || slices.ContainsFunc(files, isProgramOrSetting)) {
						severity = diagnostics.Warning
					}
					switch {
					case severity == diagnostics.Hint && !c.Recursive() && areMade(commands, c, files):
						reportShared(p, s, mode)
					case severity == diagnostics.Hint && !c.Recursive():
						reportOpen(p, s, mode.Span, mode.Text, severity, ", or give a folder for all the mode "+words.Code(sticky(mode.Text)))
					default:
						reportOpen(p, s, mode.Span, mode.Text, severity, "")
					}
				}
			}
		case "COPY", "ADD":
			for _, f := range s.Instr.Flags {
				if f.Name.Of(s.Instr.Text) == "chmod" && opensToAll(f.Value.Of(s.Instr.Text)) && p.Exported() {
					reportOpen(p, s, f.Value, f.Value.Of(s.Instr.Text), diagnostics.Warning, "")
				}
			}
		}
	},
}

// areMade reports whether the files are folders that the same RUN makes.
func areMade(commands []*shell.Command, c *shell.Command, files []shell.Word) bool {
	made := map[string]bool{}
	for _, other := range commands {
		for _, dir := range other.MakesDirs() {
			made[strings.TrimRight(dir.Text, "/")] = true
		}
		if other == c {
			break
		}
	}
	return !slices.ContainsFunc(files, func(w shell.Word) bool { return !made[strings.TrimRight(w.Text, "/")] })
}

// reportShared is about a new folder for whatever user comes: the sticky bit is what it lacks.
func reportShared(p *diagnostics.Pass, s *stages.Step, mode shell.Word) {
	owners := sticky(mode.Text)
	p.Report(diagnostics.Finding{
		Step: s, Span: mode.Span, Severity: diagnostics.Hint,
		Message: diagnostics.Plain("With mode " + words.Code(mode.Text) + " every user of the container can remove and replace what others put into this folder; with " + words.Code(owners) + " only the owner of a file can"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if mode.Span.Of(s.Instr.Text) != mode.Text {
				return nil
			}
			return p.FixBy("Let only owners remove files: "+words.Code(owners), diagnostics.Suggested, func(c *rewrite.Change) {
				c.ReplaceWord(s, mode.Span, owners)
			})
		},
	})
}

// sticky is the mode with the sticky bit: of a folder with it, only its owner removes a file.
func sticky(mode string) string {
	if !octalMode.MatchString(mode) {
		return mode + ",+t"
	}
	digits := strings.Repeat("0", max(0, 4-len(mode))) + mode
	n := len(digits) - 4
	return digits[:n] + string('0'+(digits[n]-'0')|1) + digits[n+1:]
}

// reportOpen reports a mode; or is what else may be done.
func reportOpen(p *diagnostics.Pass, s *stages.Step, span text.Span, mode string, severity diagnostics.Severity, or string) {
	p.Report(diagnostics.Finding{
		Step: s, Span: span, Severity: severity,
		Message: diagnostics.Plain("Mode " + words.Code(mode) + " lets every user of the container change these files: a flaw in any program of it is enough to replace them; give them to the user that writes them, with chown or `--chown`" + or),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			narrow := narrowed(mode)
			if narrow == "" || span.Of(s.Instr.Text) != mode {
				return nil
			}
			change := p.Change()
			change.ReplaceWord(s, span, narrow)
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Let only the owner and the group write: " + words.Code(narrow), Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}

var (
	octalMode = lazy.New(`^[0-7]{3,5}$`)
	clause    = lazy.New(`^([ugoa]*)[+=]([rwxXstugo]*)$`)
)

// opensToAll reports whether a mode lets everybody write, and does not say that only owners remove: 777, 0666, a+w, o+rw.
// Without a letter for whom, the umask decides.
func opensToAll(mode string) bool {
	if octalMode.MatchString(mode) {
		sticky := len(mode) > 3 && (mode[len(mode)-4]-'0')&1 != 0
		return !sticky && (mode[len(mode)-1]-'0')&2 != 0
	}
	open := false
	for part := range strings.SplitSeq(mode, ",") {
		m := clause.FindStringSubmatch(part)
		if m == nil {
			return false
		}
		if strings.Contains(m[2], "t") {
			return false
		}
		open = open || strings.ContainsAny(m[1], "oa") && strings.Contains(m[2], "w")
	}
	return open
}

// narrowed is the mode without the right of others to write, if it is a number; "" otherwise.
func narrowed(mode string) string {
	if !octalMode.MatchString(mode) {
		return ""
	}
	return mode[:len(mode)-1] + string('0'+(mode[len(mode)-1]-'0')&^2)
}

// isProgramOrSetting reports whether the path is that of something that is run or read as a setting. A folder for data, opened
// alone, is how images serve a user whom nobody knows before.
func isProgramOrSetting(w shell.Word) bool {
	return path.Ext(w.Text) != "" || programOrSetting.MatchString(w.Text)
}

var programOrSetting = lazy.New(`(^|/)(bin|sbin|etc|lib|lib64|libexec)(/|$)|^/(root|usr|opt)?/?$`)

// onlyDevices reports whether the files are devices, which everybody is to write to.
func onlyDevices(files []shell.Word) bool {
	for _, w := range files {
		if !strings.HasPrefix(w.Text, "/dev/") {
			return false
		}
	}
	return len(files) > 0
}
