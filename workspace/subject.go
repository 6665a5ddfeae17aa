package workspace

import (
	"context"

	"layerwise/build/cache"
	"layerwise/build/files"
)

// treeKey is that of the tree that is kept with a listing.
type treeKey struct{}

// Subject is the Dockerfile with all that a build of it reads, as the model of the build cache takes
// it, to ask what a change would do: the files of the contexts are not read. It lists named contexts,
// and outside an editor the first call lists the build context; the listings obey ctx.
func (s *Snapshot) Subject(ctx context.Context) cache.Subject {
	b := s.Build(ctx)
	platform := b.Platform
	if platform == "" {
		platform = cache.PlatformOf(s.Graph())
	}
	subject := cache.Subject{
		Graph:   s.Graph(),
		Options: cache.Options(b.Args, b.Target, platform),
		Ignore:  map[string][]byte{},
		Trees:   map[string]*cache.Tree{},
	}
	if c := s.Context(ctx); c != nil {
		if c.Ignore != nil {
			subject.Ignore[cache.MainContext] = []byte(c.Ignore.Source)
		}
		subject.Trees[cache.MainContext] = c.Memo(treeKey{}, func() any { return cache.NewTree(c, nil) }).(*cache.Tree)
	}
	for name, where := range b.Contexts {
		subject.Options["context:"+name] = attribute(name, where)
		if Fetched(where) {
			continue
		}
		if c, err := new(files.Lister).List(ctx, where, files.Options{}); err == nil {
			if c.Ignore != nil {
				subject.Ignore[name] = []byte(c.Ignore.Source)
			}
			subject.Trees[name] = cache.NewTree(c, nil)
		}
	}
	return subject
}
