package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
)

// start is what a stage starts: the last ENTRYPOINT and CMD of the file.
type start struct {
	argv       []string
	entrypoint bool // the file sets the ENTRYPOINT: that of the base image does not run
}

// startOf reads the steps that set it, the oldest first.
func startOf(seen []diagnostics.Seen) start {
	var steps []*stages.Step
	for _, s := range seen {
		steps = append(steps, s.Step)
	}
	argv, own := copies.EntryOf(steps)
	return start{argv, own}
}

// program is the name of a program without its folder and, on Windows, its ending.
func program(word string) string {
	name := path.Base(strings.ReplaceAll(strings.Trim(word, `"'`), `\`, "/"))
	return strings.TrimSuffix(name, ".exe")
}

// replaces reports whether the file starts something else than the image does: a program that is not the
// image's, with an ENTRYPOINT of its own.
func (s start) replaces(image images.Facts) bool {
	if !s.entrypoint || len(s.argv) == 0 {
		return false
	}
	for _, word := range slices.Concat(image.Entry.Argv, image.Cmd.Argv) {
		if slices.ContainsFunc(s.argv, func(own string) bool { return program(own) == program(word) }) {
			return false
		}
	}
	return true
}

// enters reports whether the image is made to be entered or to be used by hand: it starts a bare shell or
// REPL, or nothing of its own.
func (s start) enters(image images.Facts, known bool) bool {
	switch {
	case len(s.argv) == 0 && known && (image.Kind == images.Server || image.Kind == images.App):
		return false
	case len(s.argv) == 0:
		return true
	case known && !s.entrypoint && len(image.Entry.Argv) == 0 && image.Kind != images.Server && image.Kind != images.App && slices.Equal(s.argv, image.Cmd.Argv):
		return true
	}
	if shell.Idles(s.argv) {
		return true
	}
	return shell.StartsREPL(program(s.argv[0]), s.argv[1:])
}

// archive reports whether the stage only carries a file out: on nothing below, it "starts" an archive or a
// package.
func (s start) archive(stage *stages.Stage) bool {
	return stage.Root().Scratch() && len(s.argv) > 0 && archives.MatchString(s.argv[0])
}

var archives = lazy.New(`(?i)\.(7z|apk|bz2|conf|csv|deb|dmg|gz|ipk|iso|jar|json|md|msi|pkg|qcow2|rpm|sig|so|tar|tbz|tgz|txt|txz|war|wasm|whl|xz|ya?ml|zip|zst)$`)
