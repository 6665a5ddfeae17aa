package cli

import (
	"context"
	"sync"

	"layerwise/build/sources"
	"layerwise/workspace"
)

// indexes know what builds Dockerfiles, for each workspace that they lie in.
type indexes struct {
	mu    sync.Mutex
	roots map[string]*index // by the workspace's root; guarded by mu
}

type index struct {
	once  sync.Once
	known *sources.Known // nil if the folder cannot be read
}

// known is what the files of a Dockerfile's workspace say about builds; nil for a text that is not on disk.
// The files are read once for each workspace.
func (r *runner) known(ctx context.Context, t target) *sources.Known {
	if t.abs == "" {
		return nil
	}
	root := workspace.RootOf(t.abs, t.root, r.about.Dir)
	return r.knownIn(ctx, root)
}

// knownIn is what the files below a folder say about builds; nil if it cannot be read.
func (r *runner) knownIn(ctx context.Context, root string) *sources.Known {
	if root == "" {
		return nil
	}
	r.indexes.mu.Lock()
	if r.indexes.roots == nil {
		r.indexes.roots = map[string]*index{}
	}
	x := r.indexes.roots[root]
	if x == nil {
		x = &index{}
		r.indexes.roots[root] = x
	}
	r.indexes.mu.Unlock()
	x.once.Do(func() { x.known, _ = sources.NewIndex(root).Update(ctx, nil) })
	return x.known
}
