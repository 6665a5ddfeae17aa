package workspace

import (
	"context"
	"sync"

	"layerwise/build/cache"
)

// treeMemo is the tree of a listing, made once.
type treeMemo struct {
	once sync.Once
	tree *cache.Tree
}

// Subject is the Dockerfile with all that a build of it reads, as the model of the build cache takes
// it, to ask what a change would do: the files of the context are not read. Outside an editor the
// first call lists the build context; the listing obeys ctx.
func (s *Snapshot) Subject(ctx context.Context) cache.Subject {
	subject := cache.Subject{
		Graph:   s.Graph(),
		Options: cache.Options(s.Config.BuildArgs, s.Config.Target, cache.PlatformOf(s.Graph())),
		Ignore:  map[string][]byte{},
		Trees:   map[string]*cache.Tree{},
	}
	if c := s.Context(ctx); c != nil {
		if c.Ignore != nil {
			subject.Ignore[cache.MainContext] = []byte(c.Ignore.Source)
		}
		s.memo.once.Do(func() { s.memo.tree = cache.NewTree(c, nil) })
		subject.Trees[cache.MainContext] = s.memo.tree
	}
	return subject
}
