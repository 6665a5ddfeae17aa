package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
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
