package cli

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"layerwise/build/files"
)

// Bounds on what .gitignore files may ask for: the size of one, the patterns that apply to a folder
// (the rest is left out), and the time that all of them may take in one search.
const (
	maxIgnoreFile     = 1 << 20
	maxIgnorePatterns = 10_000
	maxIgnoring       = 4 * time.Second
)

// ignoreList holds the patterns of the .gitignore files that apply to a folder, the strongest last.
type ignoreList []ignorePattern

// ignorePattern is one line of a .gitignore. It becomes a regular expression, which Go matches in
// time linear in the path, whatever the pattern.
type ignorePattern struct {
	dir        string // absolute; the pattern applies below it
	path       *regexp.Regexp
	negated    bool
	folderOnly bool
}

// repository is the root of the repository that a folder is in; empty if it is in none.
func repository(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// ignoresAbove are the patterns that the folder's repository has above the folder.
func ignoresAbove(folder string) ignoreList {
	root := repository(folder)
	if root == "" {
		return nil
	}
	var above []string
	for dir := folder; dir != root; {
		dir = filepath.Dir(dir)
		above = append(above, dir)
	}
	var list ignoreList
	for _, dir := range slices.Backward(above) {
		if entries, err := os.ReadDir(dir); err == nil {
			list = list.with(dir, entries)
		}
	}
	return list
}

// with adds the patterns of a folder's own .gitignore. Like git, it does not follow a link there.
func (l ignoreList) with(dir string, entries []fs.DirEntry) ignoreList {
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" && e.Type().IsRegular() }) {
		return l
	}
	src, err := files.ReadRegular(dir, ".gitignore", maxIgnoreFile)
	if err != nil {
		return l
	}
	return append(l[:len(l):len(l)], parseGitignore(dir, src, maxIgnorePatterns-len(l))...)
}

// ignores reports whether the last pattern that matches the path says so.
func (l ignoreList) ignores(abs string, folder bool) bool {
	for _, p := range slices.Backward(l) {
		if p.folderOnly && !folder {
			continue
		}
		rel, err := filepath.Rel(p.dir, abs)
		if err == nil && p.path.MatchString(filepath.ToSlash(rel)) {
			return !p.negated
		}
	}
	return false
}

// parseGitignore reads at most limit patterns.
func parseGitignore(dir, src string, limit int) (list ignoreList) {
	src = strings.TrimPrefix(src, "\ufeff")
	for line := range strings.Lines(src) {
		if len(list) >= limit {
			break
		}
		if p, ok := parsePattern(strings.TrimRight(line, "\r\n")); ok {
			p.dir = dir
			list = append(list, p)
		}
	}
	return list
}

func parsePattern(line string) (p ignorePattern, ok bool) {
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
