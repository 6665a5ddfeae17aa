package golden

import (
	"context"
	"maps"
	"slices"

	"layerwise/build/sources"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
)

// found is what the first file of a case that builds its Dockerfile says of the build, apart from its context, its target
// and the arguments that it knows: which arguments have other values with each commit, and what of the
// build cache it exports, and whether it publishes what users get.
func found(tree map[string]string, dockerfile string, args *stages.Args) (b diagnostics.Build) {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(tree)), func(name string) bool { return !sources.IsSource(name) })
	if len(names) == 0 {
		return b
	}
	for _, build := range sources.Read(context.Background(), sources.InMemory(tree), names).Builds {
		if build.Dockerfile == dockerfile {
			b.Changing, b.Published = build.Changing, build.ForUsers()
			b.Export = diagnostics.CacheExport{All: build.Export == sources.ExportAll, Inline: build.Export == sources.ExportInline, Where: build.ExportedAt()}
			args.Unknown = slices.Clone(build.Changing)
			break
		}
	}
	return b
}
