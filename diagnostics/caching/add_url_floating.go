package caching

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Without a checksum, BuildKit has to ask the server whether the file is still the one of the cache. Where there may be a
// newer one under the address, that is what ADD is for.
var addURLFloating = &diagnostics.Rule{
	Name:     "add-url-floating",
	Code:     "C13",
	Severity: diagnostics.Info,
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		add, ok := s.Instr.Cmd().(*instructions.AddCommand)
		if !ok || add.Checksum != "" || len(add.SourcePaths) != 1 || len(add.SourceContents) > 0 || s.Triggered() {
			return
		}
		address := s.Expand(add.SourcePaths[0])
		host, ok := strings.CutPrefix(address.Text, "https://")
		host, file, _ := strings.Cut(host, "/")
		if !ok || !address.Known || strings.HasSuffix(file, ".git") || strings.Contains(file, ".git#") || shell.AddressMoves(address.Text) || !namesVersion.MatchString(file) {
			return // cleartext-download says it of http; what has no version may have another content at any time, on purpose
		}
		if names, _ := s.FromBuild(add.SourcePaths[0]); len(names) > 0 || forPlatform(add.SourcePaths[0]) {
			return // one checksum would not do
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.Words[0].Span,
			Message: diagnostics.Plain("Every build asks " + host + " whether this file has changed, even if all else is in the cache, and fails if that does not answer; with " +
				words.Code("--checksum=sha256:…") + " it need not ask, and another file than the one that you have tried is refused"),
		})
	},
}

// namesVersion matches addresses with a version or a commit, which lead to the same file for ever.
var namesVersion = lazy.New(`\d[._]\d|[0-9a-f]{12}`)

// forPlatform reports whether the text names a variable with the platform of the builder or of the target.
func forPlatform(text string) bool {
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		if grammar.FindVariable(grammar.PlatformArgs, m[1]) != nil {
			return true
		}
	}
	return false
}
