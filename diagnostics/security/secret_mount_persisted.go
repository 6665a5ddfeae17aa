package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var secretMountPersisted = &diagnostics.Rule{
	Name:     "secret-mount-persisted",
	Severity: diagnostics.Error,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		if s.Instr.Name != "RUN" || !strings.Contains(s.Instr.Text, "secret") {
			return
		}
		mounts, _ := s.Mounts()
		m := mountedSecrets(mounts)
		if len(m.files)+len(m.variables) == 0 {
			return
		}
		commands := shell.Commands(s.Instr, s.Shell)
		for n, c := range commands {
			if c.Effects().Shell&shell.RunsAtExit != 0 {
				return // a trap may clean up
			}
			m.assign(c)
			if at, file, ok := m.persisted(commands, n); ok && !removed(commands[n+1:], c, file) {
				reportPersisted(p, s, at, file)
				return
			}
		}
	},
}

func reportPersisted(p *diagnostics.Pass, s *stages.Step, at text.Span, file string) {
	where := "into " + file
	if file == "" {
		where = "to the settings of the program"
	}
	who := "it stays in the build cache, and goes wherever that is pushed"
	if p.Exported() {
		who = "everyone who has the image has it"
	}
	p.Report(diagnostics.Finding{Step: s, Span: at, Message: diagnostics.Plain(
		"The step writes the mounted secret " + where + ", which is part of the layer: " + who + "; mount the secret where the program reads it, with " + words.Code("target=…") + " or " + words.Code("env=…") + ", or remove it in the same step")})
}

// secrets are where the secrets of a step are: files that mounts bring, and variables that hold them.
type secrets struct {
	files     []string
	variables []string
	elsewhere []string // targets of all mounts: what is written there is not in the layer
}

func mountedSecrets(mounts []*instructions.Mount) (m secrets) {
	for _, mount := range mounts {
		target := mount.Target
		if mount.Type == instructions.MountTypeSecret {
			switch {
			case target != "":
			case mount.Env != nil:
			case mount.CacheID != "":
				target = "/run/secrets/" + path.Base(mount.CacheID)
			case mount.Source != "":
				target = "/run/secrets/" + path.Base(mount.Source)
			}
			if target != "" {
				m.files = append(m.files, target)
			}
			if mount.Env != nil && *mount.Env != "" {
				m.variables = append(m.variables, *mount.Env)
			}
		}
		if target != "" && mount.Type != instructions.MountTypeBind {
			m.elsewhere = append(m.elsewhere, target)
		}
	}
	return m
}

// assign notes the variables that the command sets to a secret: TOKEN=$(cat /run/secrets/token).
func (m *secrets) assign(c *shell.Command) {
	list := c.Exports()
	if len(c.Words) == 0 {
		list = append(list, c.Assigns...)
	}
	for _, a := range list {
		if m.holds(a.Value) {
			m.variables = append(m.variables, a.Name)
		}
	}
}

// holds reports whether the word is made of a secret.
func (m *secrets) holds(w shell.Word) bool {
	for _, file := range m.files {
		if strings.Contains(w.Text, "$(cat "+file) || strings.Contains(w.Text, "$(<"+file) || strings.Contains(w.Text, "$(< "+file) || strings.Contains(w.Text, "`cat "+file) {
			return true
		}
	}
	return slices.ContainsFunc(variable.FindAllStringSubmatch(w.Text, 20), func(name []string) bool { return slices.Contains(m.variables, name[1]) })
}

// names reports whether the word is the file of a secret.
func (m *secrets) names(w shell.Word) bool {
	return slices.ContainsFunc(m.files, func(file string) bool { return path.Clean(w.Text) == file })
}

// persisted reports whether the command at place n writes a secret to the layer: the place in the script, and the file; ""
// if the program chooses it.
func (m *secrets) persisted(commands []*shell.Command, n int) (at text.Span, file string, ok bool) {
	c := commands[n]
	if c.InSubst {
		return text.Span{}, "", false
	}
	given := slices.ContainsFunc(c.Words, m.holds)
	shown := c.PassesOn() && (given || slices.ContainsFunc(c.Words, m.names) || slices.ContainsFunc(c.Redirects, func(r shell.Redirect) bool { return r.Op == "<" && m.names(r.Target) }))
	for _, before := range commands[:n] {
		shown = shown || c.Pipe != 0 && before.Pipe == c.Pipe && c.PassesOn() && before.PassesOn() && slices.ContainsFunc(before.Words, func(w shell.Word) bool { return m.holds(w) || m.names(w) })
	}
	if shown {
		for _, r := range c.Redirects {
			if strings.HasPrefix(r.Op, ">") && r.Op != ">&" && m.inLayer(c, r.Target) {
				return r.Span, r.Target.Text, true
			}
		}
		for _, w := range c.Fills() {
			if m.inLayer(c, w) {
				return w.Span, w.Text, true
			}
		}
	}
	if from, to, copied := c.Copies(); copied && slices.ContainsFunc(from, m.names) && m.inLayer(c, to) {
		return to.Span, to.Text, true
	}
	for _, w := range c.EditsFiles() {
		if given && m.inLayer(c, w) {
			return w.Span, w.Text, true
		}
	}
	for _, secret := range c.Secrets() {
		if secret.Kept && (m.holds(secret.Word) && !secret.File || secret.File && m.names(shell.Word{Text: secret.Value})) {
			return secret.Word.Span, "", true
		}
	}
	for _, w := range c.Words {
		_, address, _ := strings.Cut(w.Text, "://")
		if user, _, ok := strings.Cut(address, "@"); ok && c.KeepsAddress() && m.holds(shell.Word{Text: user}) {
			return w.Span, "", true
		}
	}
	return text.Span{}, "", false
}

// inLayer reports whether what is written to the file stays in the layer.
func (m *secrets) inLayer(c *shell.Command, file shell.Word) bool {
	at := path.Join("/", c.Dir, file.Text)
	if path.IsAbs(file.Text) {
		at = path.Clean(file.Text)
	}
	return file.Text != "" && !strings.HasPrefix(at, "/dev/") && !strings.HasPrefix(at, "/proc/") && !slices.ContainsFunc(m.elsewhere, func(target string) bool {
		return at == path.Clean(target) || strings.HasPrefix(at, strings.TrimSuffix(path.Clean(target), "/")+"/")
	})
}

// removed reports whether a later command removes the file or its folder, or makes the program forget. Of a file that the program
// chooses, any file that begins with a point may be the one.
func removed(later []*shell.Command, c *shell.Command, file string) bool {
	for _, l := range later {
		for _, w := range append(l.Removes(), l.Moves()...) {
			name := strings.TrimSuffix(w.Text, "/")
			if file != "" && (path.Base(name) == path.Base(file) || strings.HasPrefix(file, name+"/") || !w.Literal) || file == "" && (strings.Contains(name, "/.") || strings.HasPrefix(name, ".")) {
				return true
			}
		}
		if file == "" && l.Program == c.Program && l.Forgets() {
			return true
		}
	}
	return false
}
