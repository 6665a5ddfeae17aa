package workspace

import (
	"context"
	"path/filepath"

	"layerwise/build/cache"
	"layerwise/build/copies"
)

// SourceEdit is what an edit of a typical source of a stage does to the next run of the default build.
type SourceEdit struct {
	Stage   int    // its index
	File    string // the source, relative to the build context
	Steps   int    // of the stage that the build reaches
	Rebuilt int    // of these
	Depends int    // of these: those that rerun only if what they take from another stage comes out different
}

const (
	maxEdited      = 1000 // instructions of a Dockerfile that is converted while someone types
	maxSourceEdits = 8    // sources that are asked about
)

// SourceEdits says for each stage that takes sources itself what an edit of one of them reruns: what Impacts says of
// saving that file. It is worked out once. There is nothing to say if the build context is not known, or doubted,
// or if BuildKit refuses the Dockerfile.
func (s *Snapshot) SourceEdits(ctx context.Context) []SourceEdit {
	if known := s.edits.Load(); known != nil {
		return *known
	}
	var edits []SourceEdit
	bc := s.Context(ctx)
	if bc == nil || len(s.File.Instructions) > maxEdited || s.ContextDoubted(ctx) {
		return nil
	}
	g := s.Graph()
	stageOf := map[int]int{}
	for _, stage := range g.Stages {
		for _, step := range stage.Steps {
			stageOf[g.Line(step)] = stage.Index
		}
	}
	compared := map[string]*cache.Comparison{}
	for _, stage := range g.Stages {
		if ctx.Err() != nil {
			return nil
		}
		file, ok := copies.TypicalSource(bc, stage)
		if !ok || !g.Needed(stage) {
			continue
		}
		c, known := compared[file]
		if !known {
			if len(compared) == maxSourceEdits {
				break
			}
			c, _ = s.saved(ctx, filepath.Join(bc.Root, filepath.FromSlash(file))) // what BuildKit refuses has a diagnostic
			compared[file] = c
		}
		if c == nil {
			continue
		}
		edit := SourceEdit{Stage: stage.Index, File: file}
		for _, e := range c.Effects {
			if at, ok := stageOf[e.Line]; !ok || at != stage.Index || e.State == cache.Unreached {
				continue
			}
			edit.Steps++
			switch e.State {
			case cache.Rebuilt:
				edit.Rebuilt++
			case cache.Depends:
				edit.Depends++
			}
		}
		if edit.Rebuilt+edit.Depends > 0 {
			edits = append(edits, edit)
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	s.edits.Store(&edits)
	return edits
}
