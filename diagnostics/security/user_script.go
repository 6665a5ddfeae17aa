package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
)

// This file looks into what a container starts: a program or a script may give up root by itself.

// dropsRoot reports whether a program that is started may give up root itself, or needs it. What is called an entrypoint mostly does,
// unless it is a script that can be read.
func dropsRoot(p *diagnostics.Pass, argv []string) bool {
	return shell.Serves(argv) || slices.ContainsFunc(argv, func(word string) bool {
		name := program(word)
		if shell.GivesUpRoot(name) || shell.SwitchesUser(name) || shell.StartsOthers(name) || shell.RunsAsRoot(name) {
			return true
		}
		if !strings.Contains(path.Base(word), "entrypoint") {
			return false
		}
		body, copied := startedScript(p, word)
		return !copied || !strings.HasPrefix(body, "#!")
	})
}

// startedScript is the text of the file of the build context that a word of the command line names: a COPY of the stage
// brings it, or one of another stage from which it is taken.
func startedScript(p *diagnostics.Pass, word string) (body string, ok bool) {
	if body, ok = copies.CopiedFile(p.Context(), p.Stage, word); ok || !path.IsAbs(word) {
		return body, ok
	}
	for _, s := range slices.Backward(p.Stage.ChainSteps()) {
		if name, at, found := copies.FromStage(s, path.Clean(word)); found {
			if from := p.From(name); from != nil {
				return copies.CopiedFile(p.Context(), from, at)
			}
			return "", false
		}
	}
	return "", false
}

// runsUnknownScript reports whether the stage starts by a script that drops root, or that cannot be
// read: one that comes with the base image, or that a RUN writes.
func runsUnknownScript(p *diagnostics.Pass, argv []string) bool {
	for _, word := range argv {
		body, copied := startedScript(p, word)
		switch {
		case copied && strings.HasPrefix(body, "#!") || copied && strings.HasSuffix(word, ".sh"):
			if givesUpRoot(body) {
				return true
			}
		case strings.HasSuffix(word, ".sh"):
			return true
		}
	}
	return false
}

// givesUpRoot reports whether a line of a script, in whatever language, names a program that runs others as
// another user, or an entrypoint that may, or that a server is to take the place of the script.
func givesUpRoot(script string) bool {
	for line := range strings.Lines(script) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return !isLetterOrDigit(r) && !strings.ContainsRune("_.-", r) })
		if slices.ContainsFunc(words, shell.SwitchesUser) || slices.ContainsFunc(words, isEntrypoint) || slices.Contains(words, "exec") && slices.ContainsFunc(words, shell.IsServer) {
			return true
		}
	}
	return false
}

func isEntrypoint(word string) bool {
	return strings.HasSuffix(word, "entrypoint.sh") || word == "docker-entrypoint"
}

// startsBesideServer reports whether the line or the script that the container starts runs a server in the background that works
// as another user, and last a program of its own, which stays what the container was started as: nginx && gunicorn app.
func startsBesideServer(p *diagnostics.Pass, argv []string) bool {
	text := strings.Join(argv, " ")
	for _, word := range argv {
		if strings.ContainsRune(word, ' ') {
			text = word // of sh -c
		}
		if body, copied := startedScript(p, word); copied && (strings.HasPrefix(body, "#!") || strings.HasSuffix(word, ".sh")) {
			text = body
		}
	}
	if text == "" || strings.HasPrefix(text, "#!") && !shellScript.MatchString(text) {
		return false
	}
	script := shell.Source(text)
	if len(script.Commands) < 2 || script.Partial {
		return false
	}
	last := script.Commands[len(script.Commands)-1]
	beside := slices.ContainsFunc(script.Commands[:len(script.Commands)-1], func(c *shell.Command) bool { return shell.IsServer(c.Program) })
	return beside && !last.Background && staysRoot(last) && !definesFunction(text, last.Program)
}

// definesFunction reports whether the script has a function of that name, whose last command is not the last one read.
func definesFunction(script, name string) bool {
	for line := range strings.Lines(script) {
		words := strings.Fields(strings.ReplaceAll(line, "(", " ("))
		if len(words) > 1 && (words[0] == name && strings.HasPrefix(words[1], "(") || words[0] == "function" && words[1] == name) {
			return true
		}
	}
	return false
}

// staysRoot reports whether the last command that a container starts is a program that works, for all that can be seen, as the user
// that it is started as: no server, no tool for files, nothing that others run with, and no option that names a user.
func staysRoot(c *shell.Command) bool {
	name := c.Program
	_, runsScript := c.ScriptName()
	if name == "" || !c.Words[0].Literal || strings.HasSuffix(name, ".sh") || isEntrypoint(name) || c.IsShell() || c.Effects().Known && !runsScript {
		return false
	}
	if shell.GivesUpRoot(name) || shell.SwitchesUser(name) || shell.StartsOthers(name) || shell.RunsAsRoot(name) || slices.ContainsFunc(c.Wrappers, shell.SwitchesUser) {
		return false
	}
	return !slices.ContainsFunc(c.Words[1:], func(w shell.Word) bool {
		return strings.HasPrefix(w.Text, "-u") || strings.Contains(strings.ToLower(w.Text), "user")
	})
}

// shellScript matches the first line of scripts of a shell.
var shellScript = lazy.New(`^#!\S*/(env )?(ba|da|a|k|z)?sh\b`)
