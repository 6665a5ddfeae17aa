package security

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// start is what a stage starts: the last ENTRYPOINT and CMD of the file.
type start struct {
	argv       []string
	entrypoint bool // the file sets the ENTRYPOINT: that of the base image does not run
}

// startOf reads the stage, and those that it builds on.
func startOf(s *stages.Stage) start {
	var entrypoint, cmd []string
	own := false
	for _, stage := range s.Chain() {
		for _, step := range stage.Steps {
			if step.Instr.Name != "ENTRYPOINT" && step.Instr.Name != "CMD" {
				continue
			}
			switch c := step.Instr.Cmd().(type) {
			case *instructions.EntrypointCommand:
				entrypoint, cmd, own = fields(c.CmdLine), nil, true
			case *instructions.CmdCommand:
				cmd = fields(c.CmdLine)
			}
		}
	}
	return start{append(slices.Clone(entrypoint), cmd...), own}
}

func fields(line []string) []string { return strings.Fields(strings.Join(line, " ")) }

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
	switch line := strings.Join(s.argv, " "); {
	case line == "sleep infinity", line == "tail -f /dev/null":
		return true
	}
	if !interactive.MatchString(program(s.argv[0])) {
		return false
	}
	return len(s.argv) == 1 || len(s.argv) == 2 && strings.HasPrefix(s.argv[1], "-") && s.argv[1] != "-c"
}

// interactive matches programs that, without arguments, wait for what someone types. They may have a
// version in their name.
var interactive = regexp.MustCompile(`(?i)^(ash|bash|cmd|csh|dash|fish|ksh|nu|powershell|pwsh|sh|tcsh|zsh|` +
	`clj|clojure|deno|erl|ghci|gosh|groovysh|guile|iex|ipython|irb|jruby|jshell|julia|lua|luajit|node|nodejs|ocaml|octave|perl|php|pry|psysh|pypy|python|` +
	`r|racket|ruby|sbcl|scala|swipl|tclsh|utop)[0-9.-]*$`)

// archive reports whether the stage only carries a file out: on nothing below, it "starts" an archive or a
// package.
func (s start) archive(stage *stages.Stage) bool {
	return stage.Root().Scratch() && len(s.argv) > 0 && archives.MatchString(s.argv[0])
}

var archives = regexp.MustCompile(`(?i)\.(7z|apk|bz2|conf|csv|deb|dmg|gz|ipk|iso|jar|json|md|msi|pkg|qcow2|rpm|sig|so|tar|tbz|tgz|txt|txz|war|wasm|whl|xz|ya?ml|zip|zst)$`)
