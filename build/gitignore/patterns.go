package gitignore

import (
	"path"
	"regexp"
	"strings"
)

// maxPatterns is how many patterns may apply to a folder; the rest is left out.
const maxPatterns = 10_000

// List holds the patterns of the ignore files that apply to a folder, the strongest last.
type List []pattern

// pattern is one line of an ignore file. Most are a name, or an end of names, such as *.log; another becomes a regular
// expression, which Go matches in time linear in the path, whatever the pattern.
type pattern struct {
	dir        string // with a slash at the end, or empty for all paths; the pattern applies below it
	name       string // the last element of the path is this
	suffix     string // or it ends with this
	literal    string // or the path is this
	path       *regexp.Regexp
	negated    bool
	folderOnly bool
}

// matches reports whether the pattern is about a path below its folder, and what it took: bytes that a regular
// expression looked at.
func (p *pattern) matches(rel string) (yes bool, took int) {
	switch {
	case p.name != "":
		return path.Base(rel) == p.name, 0
	case p.suffix != "":
		return strings.HasSuffix(path.Base(rel), p.suffix), 0
	case p.literal != "":
		return rel == p.literal, 0
	}
	return p.path.MatchString(rel), len(rel)
}

// Ignores reports whether the last pattern that matches a path says so. The path has slashes, and is
// absolute if the folders of the ignore files are.
func (l List) Ignores(path string, folder bool) bool {
	ignored, _ := l.ignores(path, folder)
	return ignored
}

// ignores is Ignores, with what it took.
func (l List) ignores(path string, folder bool) (ignored bool, took int) {
	for i := len(l) - 1; i >= 0; i-- {
		p := &l[i]
		if p.folderOnly && !folder {
			continue
		}
		rel, below := strings.CutPrefix(path, p.dir)
		if !below {
			continue
		}
		yes, bytes := p.matches(rel)
		if took += bytes; yes {
			return !p.negated, took
		}
	}
	return false, took
}

// With adds the text of an ignore file that applies below a folder. The folder is a path with slashes,
// "." or empty for the one that paths are relative to.
func (l List) With(dir, src string) List {
	switch {
	case dir == ".":
		dir = ""
	case dir != "":
		dir = strings.TrimSuffix(dir, "/") + "/"
	}
	list := l[:len(l):len(l)]
	src = strings.TrimPrefix(src, "\ufeff")
	for line := range strings.Lines(src) {
		if len(list) >= maxPatterns {
			break
		}
		if p, ok := parsePattern(strings.TrimRight(line, "\r\n")); ok {
			p.dir = dir
			list = append(list, p)
		}
	}
	return list
}

func parsePattern(line string) (p pattern, ok bool) {
	if strings.HasPrefix(line, "#") {
		return p, false
	}
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.folderOnly = strings.CutSuffix(line, "/")
	if line == "" {
		return p, false
	}
	// A slash at the start or inside ties the pattern to the folder; otherwise it is for names.
	anchored := strings.Contains(line, "/")
	const special = `*?[\`
	end := strings.TrimLeft(line, "*")
	switch {
	case anchored && !strings.ContainsAny(line, special):
		p.literal = strings.TrimPrefix(line, "/")
		return p, p.literal != ""
	case !strings.ContainsAny(line, special):
		p.name = line
		return p, true
	case !anchored && end != line && end != "" && !strings.ContainsAny(end, special):
		p.suffix = end
		return p, true
	}
	expr, ok := patternExpr(strings.TrimPrefix(line, "/"))
	if !ok {
		return p, false
	}
	if !anchored {
		expr = "(?:.*/)?" + expr
	}
	re, err := regexp.Compile("^(?s:" + expr + ")$")
	p.path = re
	return p, err == nil
}

// patternExpr is the regular expression of a pattern. ok is false if it matches nothing.
func patternExpr(pattern string) (expr string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		atStart := i == 0 || pattern[i-1] == '/'
		switch {
		case atStart && strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 3
		case atStart && rest == "**":
			b.WriteString(".*")
			i += 2
		case rest[0] == '*':
			b.WriteString("[^/]*")
			i += len(rest) - len(strings.TrimLeft(rest, "*"))
		case rest[0] == '?':
			b.WriteString("[^/]")
			i++
		case rest[0] == '[':
			end := classEnd(rest)
			if end == 0 {
				return "", false
			}
			b.WriteString(classExpr(rest[1:end]))
			i += end + 1
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			i += 2
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			i++
		}
	}
	return b.String(), true
}

// classEnd is the place of the bracket that closes a character class; 0 if there is none.
func classEnd(s string) int {
	start := 1
	if len(s) > 1 && (s[1] == '!' || s[1] == '^') {
		start = 2
	}
	// A bracket that comes first is one of the characters.
	if i := strings.IndexByte(s[min(start+1, len(s)):], ']'); i >= 0 {
		return start + 1 + i
	}
	return 0
}

func classExpr(class string) string {
	negated := class[0] == '!' || class[0] == '^'
	if negated {
		class = class[1:]
	}
	class = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`, `~`, `\~`).Replace(class)
	if negated {
		return "[^/" + class + "]"
	}
	return "[" + class + "]"
}
