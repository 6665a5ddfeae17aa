package files

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// IgnoreFile is the .dockerignore, or the Dockerfile's own NAME.dockerignore, in effect.
type IgnoreFile struct {
	Abs      string // absolute path
	Path     string // its name, for messages
	Source   string
	Patterns []Pattern

	matcher *matcher   // nil if there are no patterns
	without *matcher   // of the lines that do not begin with !; nil if none does
	negated [][]string // the parts of each negated pattern
	stars   int        // in all patterns
}

// matcher serves one caller at a time: patterns are compiled when they are first needed.
type matcher struct {
	mu sync.Mutex
	*patternmatcher.PatternMatcher
}

// at is the same text in another file, or nil if there is none.
func (ig *IgnoreFile) at(abs string) *IgnoreFile {
	if ig == nil || ig.Abs == abs {
		return ig
	}
	moved := *ig
	moved.Abs, moved.Path = abs, path.Base(filepath.ToSlash(abs))
	return &moved
}

// Pattern is one line of an ignore file.
type Pattern struct {
	Line    int // from 0
	Text    string
	Negated bool
	Err     error // why BuildKit rejects it; the others still apply
}

// maxPatterns bounds what one ignore file may ask for: each pattern is a regular expression.
const maxPatterns = 10_000

// maxStars bounds the stars of all patterns times the bytes of a name, which is what it may take to match
// it. What all names of a listing take is looked at between names.
const maxStars = 10_000_000

// tooMuch reports whether the patterns would take too long for a single name.
func (ig *IgnoreFile) tooMuch(name string) bool { return ig != nil && ig.stars*len(name) > maxStars }

// steps is what it may take to match a name, in some five nanoseconds.
func (ig *IgnoreFile) steps(name string) int {
	if ig == nil {
		return 0
	}
	return len(ig.Patterns) + ig.stars*len(name)
}

// parseIgnore reads an ignore file, line by line so that each pattern has its place. The error does not
// name the file.
func parseIgnore(abs, source string) (*IgnoreFile, error) {
	ig := &IgnoreFile{Abs: abs, Path: path.Base(abs), Source: source}
	var good []string
	for i, line := range strings.Split(source, "\n") {
		if len(good) >= maxPatterns {
			return nil, fmt.Errorf("it has more than %d patterns", maxPatterns)
		}
		patterns, err := ignorefile.ReadAll(strings.NewReader(line))
		if err != nil || len(patterns) == 0 {
			continue
		}
		p := Pattern{Line: i, Text: strings.TrimSpace(line), Negated: strings.HasPrefix(patterns[0], "!")}
		if _, p.Err = patternmatcher.New(patterns); p.Err == nil {
			good = append(good, patterns[0])
			ig.stars += strings.Count(patterns[0], "*")
			if p.Negated {
				ig.negated = append(ig.negated, strings.Split(strings.Trim(patterns[0][1:], "/"), "/"))
			}
		}
		ig.Patterns = append(ig.Patterns, p)
	}
	if m, err := patternmatcher.New(good); err == nil && len(good) > 0 {
		ig.matcher = &matcher{PatternMatcher: m}
	}
	if len(ig.negated) > 0 {
		plain := slices.DeleteFunc(slices.Clone(good), func(p string) bool { return strings.HasPrefix(p, "!") })
		if m, err := patternmatcher.New(plain); err == nil {
			ig.without = &matcher{PatternMatcher: m}
		}
	}
	return ig, nil
}

// ParseIgnore reads the text of an ignore file. The error says why it cannot be used.
func ParseIgnore(source string) (*IgnoreFile, error) { return parseIgnore("", source) }

// match decides one entry from what was decided for its directory.
func (ig *IgnoreFile) match(name string, parent patternmatcher.MatchInfo) (bool, patternmatcher.MatchInfo) {
	if ig == nil || ig.matcher == nil || ig.tooMuch(name) {
		return false, patternmatcher.MatchInfo{}
	}
	return ig.matcher.match(name, parent)
}

func (m *matcher) match(name string, parent patternmatcher.MatchInfo) (bool, patternmatcher.MatchInfo) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ignored, info, err := m.MatchesUsingParentResults(name, parent)
	if err != nil {
		return false, info
	}
	return ignored, info
}

// Hides reports whether the ignore file hides a path, by itself or by what it is in. A folder that it hides
// is in the build context all the same if a line brings back something below it.
func (ig *IgnoreFile) Hides(name string) bool {
	return ig != nil && name != "." && !ig.tooMuch(name) && ig.matcher.hides(name)
}

// BringsBack reports whether a line that begins with ! keeps the path: all lines together do not hide it, and
// the others would.
func (ig *IgnoreFile) BringsBack(name string) bool {
	return ig != nil && ig.without != nil && name != "." && !ig.tooMuch(name) && ig.without.hides(name) && !ig.matcher.hides(name)
}

// hides decides any path, from the root down.
func (m *matcher) hides(name string) bool {
	if m == nil {
		return false
	}
	ignored, info := false, patternmatcher.MatchInfo{}
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '/' {
			ignored, info = m.match(name[:i], info)
		}
	}
	return ignored
}

// mayKeep reports whether a negated pattern could bring back something below an ignored directory.
func (ig *IgnoreFile) mayKeep(dir string) bool {
	parts := strings.Split(dir, "/")
	for _, pattern := range ig.negated {
		if reaches(pattern, parts) {
			return true
		}
	}
	return false
}

func reaches(pattern, dir []string) bool {
	for i, part := range dir {
		if i >= len(pattern) {
			return true // the pattern names a directory above
		}
		if strings.Contains(pattern[i], "**") {
			return true
		}
		if ok, err := path.Match(pattern[i], part); err != nil || !ok {
			return false
		}
	}
	return true
}
