package diagnostics

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/build/copies"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// IgnoreFix is the fix that adds patterns to the ignore file in effect, or creates one. Patterns that
// IgnoreLines leaves out are not added; there is no fix if none is left, or if one cannot be written.
func (p *Pass) IgnoreFix(title string, patterns []string) []Fix {
	patterns = p.IgnoreLines(patterns)
	if !writable(patterns) || p.Context().Commit {
		return nil
	}
	return []Fix{{Title: title, Edits: []FileEdit{p.IgnoreEdit(patterns)}}}
}

// IgnoreLines are those of the lines that may be added to the ignore file in effect: that hide something, and
// nothing that the file brings back or that a step of any stage takes by its name. Of a file that is
// to be created, a line may also be about what is not there yet.
func (p *Pass) IgnoreLines(lines []string) (kept []string) {
	bc := p.Context()
	before := ""
	if bc.Ignore != nil {
		before = bc.Ignore.Source
	}
	for _, line := range lines {
		edit := rewrite.AddLines("", before, append(slices.Clone(kept), line))
		after := text.Apply(before, edit.Edits)
		if hides, loses := copies.IgnoreLine(bc, p.Stages(), line, after); !loses && (hides || bc.Ignore == nil) {
			kept = append(kept, line)
		}
	}
	return kept
}

// NewIgnoreFile describes the file that IgnoreFix creates, for messages: not every editor can create
// files. It is empty if the fix creates none, as for a commit, to which the builder applies no ignore file.
func (p *Pass) NewIgnoreFile(patterns []string) string {
	if p.Context().Ignore != nil || p.Context().Commit || !writable(patterns) {
		return ""
	}
	if len(patterns) == 1 {
		return p.NewIgnoreName() + " with the line " + words.Code(patterns[0])
	}
	var lines []string
	for _, pattern := range patterns {
		lines = append(lines, words.Code(pattern))
	}
	return p.NewIgnoreName() + " with the lines " + words.Alternatives(lines, "and")
}

// NewIgnoreName is the name of the file that IgnoreFix creates, as seen from the Dockerfile: .dockerignore,
// ../.dockerignore.
func (p *Pass) NewIgnoreName() string {
	const name = ".dockerignore"
	rel, err := filepath.Rel(filepath.Dir(p.Path()), p.Context().Root)
	if err != nil || p.Path() == "" {
		return name
	}
	return path.Join(filepath.ToSlash(rel), name)
}

// CreateIgnoreFile is NewIgnoreFile as the end of a message that says what to do.
func (p *Pass) CreateIgnoreFile(patterns []string) string {
	if file := p.NewIgnoreFile(patterns); file != "" {
		return "; create a " + file
	}
	return ""
}

// DockerfilePattern matches all Dockerfiles of the folder that are called like this one; "" if there is none.
func DockerfilePattern(name string) string {
	for _, pattern := range dockerfilePatterns {
		if ok, _ := path.Match(pattern, path.Base(name)); ok {
			return path.Join(path.Dir(name), pattern)
		}
	}
	return ""
}

var dockerfilePatterns = []string{"Dockerfile*", "*.Dockerfile", "*.dockerfile"}

// writable reports whether patterns, which are made of names of files, mean these names: names may hold
// wildcards, and even line ends.
func writable(patterns []string) bool {
	for _, pattern := range patterns {
		name := strings.TrimPrefix(pattern, "**/")
		if slices.Contains(dockerfilePatterns, path.Base(pattern)) {
			name = path.Dir(pattern)
		}
		if strings.ContainsAny(name, `*?[\`) || strings.TrimSpace(name) != name || strings.HasPrefix(name, "!") || strings.HasPrefix(name, "#") ||
			strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
			return false
		}
	}
	return len(patterns) > 0
}

// IgnoreEdit adds patterns to the ignore file in effect, above the lines that bring files back at its
// end, or creates one.
func (p *Pass) IgnoreEdit(patterns []string) FileEdit {
	if ig := p.Context().Ignore; ig != nil {
		return rewrite.AddLines(ig.Abs, ig.Source, patterns)
	}
	return rewrite.CreateLines(filepath.Join(p.Context().Root, ".dockerignore"), patterns)
}
