package diagnostics

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"layerwise/dockerfile/rewrite"
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

// IgnoreEdit adds patterns to the ignore file in effect, above the lines that bring files back at its
// end, or creates one.
func (p *Pass) IgnoreEdit(patterns []string) FileEdit {
	if ig := p.Context().Ignore; ig != nil {
		return rewrite.AddLines(ig.Abs, ig.Source, patterns)
	}
	return rewrite.CreateLines(filepath.Join(p.Context().Root, ".dockerignore"), patterns)
}
