package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"

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
