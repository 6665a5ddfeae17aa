package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/history"
	"layerwise/internal/words"
	"layerwise/workspace"
)

// errNew is that there is nothing to compare a Dockerfile with.
var errNew = errors.New("it is new, so the next build runs all of it")

// revision is the state at a revision of git, and that of now.
func (m *impact) revision(ctx context.Context, s *workspace.Snapshot, listed *files.Context) (before, after cache.Subject, err error) {
	name := m.show(s.Path)
	state, err := history.At(ctx, m.since, listed.Root, s.Path)
	switch {
	case ctx.Err() != nil:
		return before, after, errors.New("interrupted")
	case errors.Is(err, history.ErrNoDockerfile):
		return before, after, fmt.Errorf("%s is not in %s: %w", name, m.since, errNew)
	case err != nil:
		return before, after, fmt.Errorf("--since %s: %w", m.since, err)
	}
	old := s.Earlier(state.Dockerfile, state.Before)
	was, err := m.context(ctx, old, name+" at "+m.since)
	if err != nil {
		return before, after, err
	}
	if len(state.Unsure) > 0 {
		m.note(fmt.Sprintf("a filter of git writes %s, which is not run: taken to be as in %s", words.Some(state.Unsure), m.since))
	}
	return m.subject(ctx, old, was), m.subject(ctx, s, listed), nil
}

// noteHistory says so if a step copies the repository's own files, which every commit changes.
func (m *impact) noteHistory(ctx context.Context, s cache.Subject) error {
	committed := s
	committed.Trees = maps.Clone(s.Trees)
	tree, missing := s.Trees[cache.MainContext].Touched([]string{".git"})
	if len(missing) > 0 {
		return nil
	}
	committed.Trees[cache.MainContext] = tree
	c, err := cache.Compare(ctx, s, committed)
	if err != nil {
		return err
	}
	for _, e := range c.Effects {
		if e.State == cache.Rebuilt {
			where := fmt.Sprintf("line %d", e.Line)
			if m.among != nil {
				where += " of " + m.show(m.abs(m.file()))
			}
			m.note(where + " copies .git, which is taken to be as it is, though every commit changes it: ignore it in .dockerignore")
			break
		}
	}
	return nil
}
