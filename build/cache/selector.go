package cache

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
)

// Selector is the part of a tree that an operation reads.
type Selector struct {
	Path             string
	Wildcard         bool // Path is a pattern
	FollowLinks      bool
	Include, Exclude []string // patterns, relative to Path
	Required         []string // paths that must be among the included ones
}

func (s Selector) filtered() bool { return s.Wildcard || len(s.Include)+len(s.Exclude) > 0 }

// NotFoundError says that a tree lacks what an operation reads. BuildKit fails then.
type NotFoundError struct{ Path string }

func (e *NotFoundError) Error() string { return fmt.Sprintf("%q is not there", e.Path) }

// Digest is what BuildKit's cache compares of the selected part. Equal digests mean equal contents.
//
// Source: Checksum in cache/contenthash of BuildKit, whose order of records this follows.
func (t *Tree) Digest(ctx context.Context, s Selector) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !s.filtered() {
		return t.plain(ctx, cleaned(s.Path), s.FollowLinks)
	}
	prefix, included, err := t.included(s)
	if err != nil {
		return "", err
	}
	records := make([]int, len(included))
	for i, m := range included {
		records[i] = m.record
	}
	if err := t.take(ctx, records); err != nil {
		return "", err
	}
	digests := make([]string, len(included))
	for i, m := range included {
		digests[i] = t.records[m.record].digest
		if m.follow && t.records[m.record].kind == link {
			if digests[i], err = t.plain(ctx, m.path, s.FollowLinks); err != nil {
				return "", err
			}
		}
	}
	switch {
	case len(included) == 0:
		return "nothing", nil
	case len(included) == 1 && path.Base(cleaned(s.Path)) == path.Base(included[0].path):
		return digests[0], nil
	}
	h := sha256.New()
	for i, m := range included {
		hashStrings(h, strings.TrimPrefix(m.path, prefix), digests[i])
	}
	return string(h.Sum(nil)), nil
}

// Selected are the paths of files and links of the selected part, sorted, with their sizes in bytes.
func (t *Tree) Selected(s Selector) (paths []string, sizes []int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, i := range t.selected(s) {
		if r := &t.records[i]; r.kind == file || r.kind == link {
			paths, sizes = append(paths, r.name()), append(sizes, r.size)
		}
	}
	return paths, sizes
}

// member is a record among those that a pattern selects.
type member struct {
	record             int
	path               string // as the pattern sees it
	follow             bool   // if it is a link
	included           bool
	includes, excludes patternmatcher.MatchInfo
}

// included are the records that a selector with patterns takes, and the part of their paths that does
// not count.
func (t *Tree) included(s Selector) (prefix string, list []*member, err error) {
	m, err := newMatchers(s)
	if err != nil {
		return "", nil, err
	}
	p := cleaned(s.Path)
	start := 0
	prefix = p
	if s.Wildcard {
		var pattern string
		prefix, pattern = splitWildcards(p)
		start, err = t.resolve(prefix, pattern != "")
	} else {
		start, err = t.resolve(p, false)
	}
	if err != nil {
		return "", nil, err
	}
	resolved := ""
	if start >= 0 {
		resolved = t.records[start].path()
	}
	var parents []*member // headers of the directories that lead to the record
	matched := ""         // the directory that the wildcard matched last
	for i := max(start, 0); start >= 0 && i < len(t.records); i++ {
		r := &t.records[i]
		at := r.path()
		if after, ok := strings.CutPrefix(at, resolved); ok {
			at = prefix + after // what a link in the prefix leads to is seen under the link's name
		}
		below := at
		if r.kind == header {
			below += "/"
		}
		for len(parents) > 0 && !strings.HasPrefix(below, parents[len(parents)-1].path+"/") {
			parents = parents[:len(parents)-1]
		}
		var parent *member
		if len(parents) > 0 {
			parent = parents[len(parents)-1]
		}
		if r.kind == header && at == "" && p == "" {
			continue // the root as such does not count
		}
		base := p
		if s.Wildcard {
			if p != "" && (matched == "" || !strings.HasPrefix(at, matched+"/")) {
				ok, err := path.Match(p, at)
				if err != nil {
					return "", nil, err
				}
				if !ok {
					continue
				}
				matched = at
			}
			base = matched
		} else if !strings.HasPrefix(at+"/", p+"/") {
			break
		}
		found := &member{record: i, path: at, follow: parent == nil && s.FollowLinks}
		candidate := strings.TrimSuffix(strings.TrimPrefix(at+"/", base+"/"), "/")
		takes, err := m.take(candidate, found, parent)
		if err != nil {
			return "", nil, err
		}
		if takes && r.kind != directory { // of directories the headers count, and what is in them
			for _, up := range parents {
				if !up.included {
					up.included = true
					list = append(list, up)
				}
			}
			found.included = true
			list = append(list, found)
		}
		if r.kind == header {
			parents = append(parents, found)
		}
	}
	for _, required := range s.Required {
		if !slices.ContainsFunc(list, func(m *member) bool { return strings.HasPrefix(m.path, required) }) {
			return "", nil, &NotFoundError{required}
		}
	}
	return prefix, list, nil
}

// matchers are the patterns of a selector; nil where it has none.
type matchers struct {
	include, exclude *patternmatcher.PatternMatcher
}

func newMatchers(s Selector) (m matchers, err error) {
	if len(s.Include) > 0 {
		if m.include, err = patternmatcher.New(s.Include); err != nil {
			return m, fmt.Errorf("the patterns %q: %w", s.Include, err)
		}
	}
	if len(s.Exclude) > 0 {
		if m.exclude, err = patternmatcher.New(s.Exclude); err != nil {
			return m, fmt.Errorf("the patterns %q: %w", s.Exclude, err)
		}
	}
	return m, nil
}

// take decides one path from what was decided for the directory above, which may be nil.
func (m matchers) take(p string, found, parent *member) (ok bool, err error) {
	if parent == nil {
		parent = &member{}
	}
	if m.include != nil {
		ok, found.includes, err = m.include.MatchesUsingParentResults(p, parent.includes)
		if err != nil || !ok {
			return false, err
		}
	}
	if m.exclude != nil {
		ok, found.excludes, err = m.exclude.MatchesUsingParentResults(p, parent.excludes)
		if err != nil || ok {
			return false, err
		}
	}
	return true, nil
}

// splitWildcards splits a path before its first element with a wildcard.
func splitWildcards(p string) (plain, pattern string) {
	parts := strings.Split(strings.TrimPrefix(p, "/"), "/")
	n := slices.IndexFunc(parts, hasWildcards)
	if n < 0 {
		n = len(parts)
	}
	return cleaned(path.Join(parts[:n]...)), path.Join(parts[n:]...)
}

// hasWildcards reports whether a path is a pattern.
func hasWildcards(p string) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?', '[':
			return true
		case '\\':
			i++
		}
	}
	return false
}
