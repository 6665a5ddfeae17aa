package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/history"
	"layerwise/workspace"
)

// addContexts gives both states their named contexts.
func (m *impact) addContexts(ctx context.Context, before, after *cache.Subject) error {
	for _, name := range slices.Sorted(maps.Keys(m.chosen.Contexts)) {
		if err := m.addContext(ctx, after, name, m.chosen.Contexts[name], nil); err != nil {
			return err
		}
		if _, other := m.otherContexts[name]; other {
			continue
		}
		var was map[string]files.Old
		if dir := m.abs(m.chosen.Contexts[name]); m.since != "" && !workspace.Fetched(m.chosen.Contexts[name]) {
			state, err := history.At(ctx, m.since, dir, m.abs(m.file()))
			if err != nil {
				return fmt.Errorf("the context %s: --since %s: %w (--build-context-before says what it was)", name, m.since, err)
			}
			was = state.Before
		}
		if err := m.addContext(ctx, before, name, m.chosen.Contexts[name], was); err != nil {
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
