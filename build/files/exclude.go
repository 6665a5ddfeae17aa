package files

import "github.com/moby/patternmatcher"

// Matches reports whether patterns of --exclude leave a path out, which is relative to the source of the COPY
// that holds it. Patterns that cannot be read leave nothing out: BuildKit refuses them.
func Matches(patterns []string, name string) bool {
	if len(patterns) == 0 {
		return false
	}
	m, err := patternmatcher.New(patterns)
	if err != nil {
		return false
	}
	out, err := m.MatchesOrParentMatches(name)
	return err == nil && out
}
