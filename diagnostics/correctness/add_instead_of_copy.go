package correctness

import (
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var addInsteadOfCopy = &diagnostics.Rule{
	Name:      "add-instead-of-copy",
	Severity:  diagnostics.Info,
	Hadolint:  []string{"DL3020"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0005"}, Checkov: []string{"CKV_DOCKER_4"}, KICS: []string{"9513a694-aa0d-41d8-be61-3271e056f36b"}, Sonar: []string{"S7029"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		add, ok := s.Instr.Cmd().(*instructions.AddCommand)
		if !ok || add.Checksum != "" || add.KeepGitDir != nil || add.Unpack != nil || len(add.SourceContents) > 0 {
			return
		}
		c, ok := copies.Of(s)
		if !ok || len(c.Sources) != len(add.SourcePaths) {
			return // there are addresses, or what is not known
		}
		bc := p.Context()
		if p.ContextDoubted() {
			bc = nil
		}
		plain, surely := false, bc != nil && s.SetByBuild(strings.Join(add.SourcePaths, " ")) == ""
		for _, source := range c.Taken(bc) {
			if packed.MatchString(source) {
				return
			}
			is, known := isArchive(bc, source)
			if is {
				return
			}
			plain, surely = true, surely && known
		}
		if !plain {
			return
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: s.Instr.Keyword,
			Message: diagnostics.Plain("ADD unpacks archives and fetches addresses, of which there are none here; COPY takes files as they are, and is what readers expect"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				safety := diagnostics.Suggested
				if surely {
					safety = diagnostics.Safe
				}
				return p.FixBy("Write COPY", safety, func(c *rewrite.Change) { c.ReplaceWord(s, s.Instr.Keyword, rewrite.Keyword(s, "COPY")) })
			},
		})
	},
}

// packed matches the names of files that ADD may unpack, as far as names tell.
var packed = lazy.New(`(?i)\.(tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|lzma)$|\.tar\.`)

// isArchive reports whether ADD may unpack a file of the context, by its first bytes. known is false if that is not
// certain: what is not there, a link, or a large file.
func isArchive(bc *files.Context, name string) (is, known bool) {
	if bc == nil {
		return false, false
	}
	e, there := bc.Lookup(name)
	switch {
	case !there:
		return false, false
	case e.Mode.IsDir():
		return false, true // what is in a folder stays packed
	case !e.Mode.IsRegular():
		return false, false
	}
	text, err := bc.Read(name)
	if err != nil {
		return false, false
	}
	for _, magic := range []string{"\x1f\x8b", "BZh", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd"} {
		if strings.HasPrefix(text, magic) {
			return true, true
		}
	}
	return len(text) > 262 && text[257:262] == "ustar", true
}
