package check

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/history"
)

// addContexts gives both states their named contexts.
func (m *impact) addContexts(ctx context.Context, before, after *cache.Subject) error {
	for _, name := range slices.Sorted(maps.Keys(m.contexts)) {
		if err := m.addContext(ctx, after, name, m.contexts[name], nil); err != nil {
			return err
		}
		if _, other := m.otherContexts[name]; other {
			continue
		}
		var was map[string]files.Old
		if dir := m.abs(m.contexts[name]); m.since != "" && !fetched(m.contexts[name]) {
			state, err := history.At(ctx, m.since, dir, m.abs(m.file()))
			if err != nil {
				return fmt.Errorf("the context %s: --since %s: %w (--build-context-before says what it was)", name, m.since, err)
			}
			was = state.Before
		}
		if err := m.addContext(ctx, before, name, m.contexts[name], was); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.otherContexts)) {
		if err := m.addContext(ctx, before, name, m.otherContexts[name], nil); err != nil {
			return err
		}
	}
	return nil
}

// fetched reports whether a named context is no folder.
func fetched(where string) bool { return strings.Contains(where, "://") }

// addContext gives a state a named context. was is how it differed from what is on disk now.
func (m *impact) addContext(ctx context.Context, s *cache.Subject, name, where string, was map[string]files.Old) error {
	if fetched(where) {
		s.Options["context:"+name] = where
		return nil
	}
	listed, err := files.Earlier(was).List(ctx, m.abs(where), files.Options{})
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil:
		return fmt.Errorf("the context %s, %s: %w", name, where, plain(err))
	case !listed.Complete():
		return fmt.Errorf("the context %s, %s, is too large: %s", name, where, listed.Stop)
	}
	s.Options["context:"+name] = "local:" + name
	if listed.Ignore != nil {
		s.Ignore[name] = []byte(listed.Ignore.Source)
	}
	s.Trees[name] = cache.NewTree(listed, &m.hasher)
	return nil
}

// parseContexts reads named contexts as docker buildx build does.
func parseContexts(flag string, given []string) (map[string]string, error) {
	contexts := map[string]string{}
	for _, text := range given {
		name, where, ok := strings.Cut(text, "=")
		if !ok || name == "" || where == "" {
			return nil, fmt.Errorf("%s must be NAME=FOLDER, not %q", flag, text)
		}
		contexts[name] = where
	}
	return contexts, nil
}
