package diagnostics

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/dockerfile/text"
)

// IgnoreFix is the fix that adds patterns to the ignore file in effect, or creates one. There is none
// if a pattern cannot be written.
func (p *Pass) IgnoreFix(title string, patterns []string) []Fix {
	if !writable(patterns) {
		return nil
	}
	return []Fix{{Title: title, Edits: []FileEdit{p.IgnoreEdit(patterns)}}}
}

// NewIgnoreFile describes the file that IgnoreFix creates, for messages: not every editor can create
// files. It is empty if the fix creates none.
func (p *Pass) NewIgnoreFile(patterns []string) string {
	if p.Context().Ignore != nil || !writable(patterns) {
		return ""
	}
	if len(patterns) == 1 {
		return ".dockerignore with the line " + patterns[0]
	}
	last := len(patterns) - 1
	return ".dockerignore with the lines " + strings.Join(patterns[:last], ", ") + " and " + patterns[last]
}

// CreateIgnoreFile is NewIgnoreFile as the end of a message that says what to do.
func (p *Pass) CreateIgnoreFile(patterns []string) string {
	if file := p.NewIgnoreFile(patterns); file != "" {
		return "; create " + file
	}
	return ""
}

// DockerfilePattern matches all Dockerfiles that are called like this one; "" if there is none.
func DockerfilePattern(name string) string {
	for _, pattern := range dockerfilePatterns {
		if ok, _ := path.Match(pattern, name); ok {
			return pattern
		}
	}
	return ""
}

var dockerfilePatterns = []string{"Dockerfile*", "*.Dockerfile", "*.dockerfile"}

// writable reports whether patterns, which are made of names of files, mean these names: names may hold
// wildcards, and even line ends.
func writable(patterns []string) bool {
	for _, pattern := range patterns {
		if slices.Contains(dockerfilePatterns, pattern) {
			continue
		}
		name := strings.TrimPrefix(pattern, "**/")
		if strings.ContainsAny(name, `*?[\`) || strings.TrimSpace(name) != name || strings.HasPrefix(name, "!") || strings.HasPrefix(name, "#") ||
			strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
			return false
		}
	}
	return len(patterns) > 0
}

// IgnoreEdit adds patterns at the end of the ignore file in effect, or creates one.
func (p *Pass) IgnoreEdit(patterns []string) FileEdit {
	lines := strings.Join(patterns, "\n") + "\n"
	ig := p.Context().Ignore
	if ig == nil {
		return FileEdit{
			Path: filepath.Join(p.Context().Root, ".dockerignore"), Create: true,
			Edits: []text.Edit{{New: lines}},
		}
	}
	end := len(ig.Source)
	if end > 0 && !strings.HasSuffix(ig.Source, "\n") {
		lines = "\n" + lines
	}
	return FileEdit{
		Path: ig.Abs, Source: ig.Source,
		Edits: []text.Edit{{Span: text.Span{Start: end, End: end}, New: lines}},
	}
}
