// Package names tells Dockerfiles, ignore files and compose files by their names, and a Dockerfile from
// something else of such a name by its text.
package names

import (
	"path/filepath"
	"regexp"
	"strings"

	"layerwise/internal/lazy"
)

// IsIgnoreFile reports whether a path names an ignore file: .dockerignore, or one of a single
// Dockerfile, such as Dockerfile.dockerignore, which editors take for a Dockerfile.
func IsIgnoreFile(path string) bool { return strings.HasSuffix(path, ".dockerignore") }

// IsCompose reports whether a path has the name of a compose file: compose.yaml, docker-compose.test.yml.
func IsCompose(path string) bool { return compose.MatchString(filepath.Base(path)) }

var compose = regexp.MustCompile(`^(docker-)?compose([^a-z].*)?\.ya?ml$`)

// IsDockerfile reports whether a path has the name of a Dockerfile: Dockerfile or Containerfile, with
// another word before or behind it. Dockerfile.go may be that of a Go service; dockerfile.go is source,
// and Dockerfile.j2 a template. Where the name is Doubtful, the text decides.
func IsDockerfile(path string) bool { return HasWord(path) && !isOther(path) }

// HasWord reports whether a path speaks of a Dockerfile, though it may be another file all the same, such
// as a template of one.
func HasWord(path string) bool { return word.MatchString(filepath.Base(path)) }

// The word stands alone, or is set off from another by a sign or by capitals: Dockerfile-fpm,
// DemoDockerfile.
var word = regexp.MustCompile(`^(?i:dockerfile|containerfile)([._-].*)?$|[._-](?i:dockerfile|containerfile)$|` +
	`^(Dockerfile|Containerfile)[A-Z0-9]|[A-Za-z0-9](Dockerfile|Containerfile)$`)

// isOther reports whether a path with the word is that of another file all the same.
func isOther(path string) bool {
	base := filepath.Base(path)
	return IsIgnoreFile(base) || others.MatchString(base) || sources.MatchString(base)
}

var (
	others  = regexp.MustCompile(`(?i)\.(ejs|erb|html|in|j2|jinja2?|json|md|mustache|rst|tmpl|tpl|template|tt|toml|xml|ya?ml)$`)
	sources = regexp.MustCompile(`(^(dockerfile|containerfile)|^(?i:dockerfile|containerfile).+)\.(c|cc|clj|cpp|cs|css|dart|erl|ex|exs|go|groovy|h|hcl|hs|java|js|jsx|kt|kts|lua|mjs|ml|php|pl|ps1|py|rb|rs|scala|sh|swift|tf|ts|tsx|vim|zig)$`)
)

// Doubtful reports whether the name has another word beside Dockerfile: dockerfile.exs may be a program,
// and Dockerfile.txt a note. Such a file is one only if it HoldsInstructions. As an extension, the word is
// sure.
func Doubtful(path string) bool { return HasWord(path) && !sure.MatchString(filepath.Base(path)) }

var sure = regexp.MustCompile(`(?i)(^|\.)(dockerfile|containerfile)$`)

// IsTemplate reports whether a program makes Dockerfiles of a text: where an instruction should begin, or in a FROM, it
// has marks of a language of templates. BuildKit never sees it as it is.
func IsTemplate(src string) bool {
	continued := false
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case continued:
		case (line[0] == '{' || line[0] == '<' || line[0]|0x20 == 'f' && strings.ContainsAny(line, "{<%@") || strings.Contains(line, "<%=")) && templateMark.MatchString(line):
			return true
		case strings.Contains(line, "<<"):
			return false // the lines of a here-document may be anything
		}
		continued = strings.HasSuffix(line, `\`) || strings.HasSuffix(line, "`")
	}
	return false
}

// The marks are those of Go, Jinja, jq and ERB; in a FROM also those that official images and autoconf replace.
var templateMark = lazy.New(`^(\{\{|\{%|<%)|^(?i:arg|env)[ \t].*<%=|^(?i:from)[ \t].*(\{\{|\{%|<%|%%[A-Za-z_-]+%%|@[A-Z_]+@)`)

// HoldsInstructions reports whether a text has a line that only a Dockerfile has: FROM with an image, or
// another instruction in capitals. What is wrong with the lines does not matter.
func HoldsInstructions(src string) bool { return instruction.MatchString(src) }

// Programs have lines that begin with "from", but no image and nothing else on it; notes have sentences
// that begin with "Run".
var instruction = regexp.MustCompile(`(?m)^[ \t]*((?i:from)([ \t]+--\S+)*[ \t]+[\w$][\w./:@$"'{}-]*([ \t]+(?i:as)[ \t]+\S+)?[ \t]*\r?$|` +
	`(FROM|ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)[ \t]+\S)`)
