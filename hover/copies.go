package hover

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/copies"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
	"layerwise/language"
)

// source is where a COPY or ADD takes its files from.
type source int

const (
	elsewhere  source = iota // it cannot be told
	folder                   // files of the build context
	otherStage               // or another image
	heredoc
	download
)

func sourceOf(s *stages.Step) (source, copies.Copy) {
	c, ok := copies.Of(s)
	switch {
	case flag(s, "from") != "":
		return otherStage, c
	case ok:
		return folder, c
	case len(s.Instr.Heredocs) > 0:
		return heredoc, c
	case s.Instr.Name == "ADD" && strings.Contains(s.Instr.Args.Of(s.Instr.Text), "://"):
		return download, c
	}
	return elsewhere, c
}

// known is the build context, if what it holds says something.
func known(in *language.Document) bool { return in.Context() != nil && !in.Doubted() }

// missing is a file of the context that the step names and does not find.
func missing(in *language.Document, s *stages.Step) string {
	from, c := sourceOf(s)
	if from != folder || !known(in) {
		return ""
	}
	if i := slices.IndexFunc(c.Sources, in.Context().Lacks); i >= 0 {
		return c.Sources[i]
	}
	return ""
}

// takenFrom is what may change: the subject of the first line.
func takenFrom(in *language.Document, s *stages.Step) string {
	from, c := sourceOf(s)
	switch name := s.Instr.Name; from {
	case otherStage:
		return "Changing what this " + name + " takes from " + origin(in, s)
	case download:
		if flag(s, "checksum") == "" {
			return "Changing what this " + name + " downloads"
		}
	case folder:
		if !known(in) {
			return "Changing a file this " + name + " takes"
		}
		sel := c.Select(in.Context())
		if names := c.Sources; sel.Files == len(names) && sel.Files <= maxListed && !slices.ContainsFunc(names, func(n string) bool { return !isFile(in, n) }) {
			return "Changing " + alternatives(names)
		}
		if sel.Files == 1 {
			return "Changing the file this " + name + " takes"
		}
		more := ""
		if !in.Context().Complete() {
			more = "more than "
		}
		return fmt.Sprintf("Changing any of the %s%s this %s takes", more, words.Count(sel.Files, "file"), name)
	}
	return "Changing this " + s.Instr.Name
}

func isFile(in *language.Document, name string) bool {
	e, ok := in.Context().Lookup(strings.Trim(filepath.ToSlash(filepath.Clean(name)), "/"))
	return ok && !e.Mode.IsDir()
}

// alternatives are names in code, joined by "or".
func alternatives(names []string) string {
	shown := make([]string, len(names))
	for i, name := range names {
		shown[i] = code(words.Shorten(name, 40))
	}
	return either(shown)
}

func either(what []string) string {
	if len(what) == 1 {
		return what[0]
	}
	return words.Alternatives(what, "or")
}

// origin is what --from names.
func origin(in *language.Document, s *stages.Step) string {
	ref := flag(s, "from")
	if stage := in.Graph.Find(ref, s.Stage.Index); stage != nil {
		return stageName(stage)
	}
	return code(ref)
}

// copyInputs says what makes a COPY or ADD run again, and how much it takes.
func copyInputs(in *language.Document, s *stages.Step) string {
	from, c := sourceOf(s)
	var what []string
	text := ""
	switch from {
	case otherStage:
		what = []string{"its text", "the content of these files"}
	case heredoc:
		what = []string{"its text (with the heredoc)"}
	case download:
		what = []string{"its text", "the download"}
		if flag(s, "checksum") != "" {
			what = []string{"its text (with the checksum)"}
		}
	default:
		what = []string{"its text", "a file it takes (content, name or mode, not time)"}
		switch {
		case from == folder && in.Doubted():
			text = "The build context is not known: set `context` in `.layerwise.yaml`. "
		case from == folder && in.Context() != nil:
			text = amount(in, c)
		}
	}
	switch {
	case cache.Linked(s):
		text += "It reruns when one of these changes: " + strings.Join(what, "; ") + ". With `--link`, a layer above it only makes BuildKit put the same files on top again."
	case from == folder && in.Graph.Needed(s.Stage) && missing(in, s) == "": // the first line tells of the files
		text += "It also reruns when its text or a layer above it changes; file times do not count."
	default:
		text += rerunsWhen(what...)
	}
	if s.Vars.Any() {
		text += " An ARG or ENV counts only where it is used."
	}
	return text
}

// amount is how much the copy takes from the build context, if it is more than a file.
func amount(in *language.Document, c copies.Copy) string {
	sel := c.Select(in.Context())
	if sel.Files < 2 {
		return ""
	}
	text := "It takes " + words.Size(sel.Bytes)
	if name, err := filepath.Rel(in.Context().Root, in.Path); err == nil && in.Path != "" && c.Whole() {
		name = filepath.ToSlash(name)
		if in.Context().Exists(name) && !in.Context().Ignored(name) && !c.Excludes(name) {
			text += ", this Dockerfile included"
		}
	}
	return text + ". "
}
