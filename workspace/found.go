package workspace

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/sources"
	"layerwise/diagnostics"
)

// Knowing is the configuration with what the files of a workspace say about builds.
func (c Config) Knowing(known *sources.Known) Config {
	c.known = known
	return c
}

// made are the images that the workspace makes, and the Dockerfiles, by their absolute paths, that they are made of.
func (c Config) made() map[string]string {
	if c.known == nil {
		return nil
	}
	return c.known.Memo(func() any {
		made := map[string]string{}
		for name, b := range c.known.Made() {
			made[diagnostics.ContextName(name)] = filepath.Join(c.known.Root, filepath.FromSlash(b.Dockerfile))
		}
		return made
	}).(map[string]string)
}

// called is a folder as messages name it: relative to the workspace.
func (c Config) called(folder string) string {
	if c.known == nil {
		return "the folder " + folder
	}
	rel, err := filepath.Rel(c.known.Root, folder)
	if err != nil {
		return "the folder " + folder
	}
	if rel == "." {
		return "the top folder of the workspace"
	}
	return "the folder " + filepath.ToSlash(rel)
}

// foundFor are the builds of a Dockerfile that the workspace's files say, the default one first, with what the
// configuration says of all over them.
func (c Config) foundFor(dockerfile string, base Build) (builds []Build) {
	if c.known == nil || dockerfile == "" {
		return nil
	}
	name, err := filepath.Rel(c.known.Root, dockerfile)
	if err != nil || !filepath.IsLocal(name) {
		return nil
	}
	for _, found := range c.known.Of(filepath.ToSlash(name)) {
		if found.Missing == "" {
			builds = append(builds, c.placed(found, base))
		}
	}
	if chosen := named(builds, c.Build); len(chosen) > 0 && c.Build != "" { // the one that is chosen is the default
		others := slices.DeleteFunc(builds, func(b Build) bool { return b.Name == chosen[0].Name })
		builds = append(chosen, others...)
	}
	return together(builds)
}

// placed is what a source says, with paths of this machine.
func (c Config) placed(found sources.Build, base Build) Build {
	at := func(name string) string { return filepath.Join(c.known.Root, filepath.FromSlash(name)) }
	b := base
	b.found = found
	b.Name = found.ID
	b.Certainty = Found
	b.Source = Source{Kind: FromSource, File: at(found.Place.File), Line: found.Place.Line, Of: found.Place.Kind}
	b.Target, b.Unsure, b.Dev = found.Target, found.Unsure, found.Dev
	if len(found.Platforms) == 1 && b.Platform == "" {
		b.Platform = found.Platforms[0]
	}
	switch found.Kind {
	case sources.Git:
		b.Kind, b.Context = Git, at(found.Context)
	case sources.Generated:
		b.Kind = Generated
	case sources.Remote:
		b.Kind = Remote
	default:
		b.Context = at(found.Context)
	}
	if found.IgnoreFile != "" {
		b.IgnoreFile = at(found.IgnoreFile)
	}
	args := map[string]string{}
	for name, value := range found.Args {
		if value != nil {
			args[name] = *value
		} else if _, said := base.Args[name]; !said {
			b.Unknown = append(b.Unknown, name)
		}
	}
	slices.Sort(b.Unknown)
	contexts := map[string]string{}
	for name, where := range found.Contexts {
		if !Fetched(where) {
			where = at(where)
		}
		contexts[name] = where
	}
	b.Args, b.Contexts = join(args, base.Args), join(contexts, base.Contexts)
	return b
}

// Is reports whether the build is what a source says, or what is common to several builds of which that is one.
func (b Build) Is(found sources.Build) bool {
	return b.Source.Kind == FromSource && b.found.Place == found.Place && b.found.String() == found.String()
}

// NamedBuilds are the builds that a name means.
func NamedBuilds(builds []Build, name string) []Build { return named(builds, name) }

// Short is the service, target or job that the build is for; "" if it has none.
func (b Build) Short() string { return b.found.Name }

// named are the builds that a name means: its own, or, if there is none, that of its file or of its service alone.
func named(builds []Build, name string) []Build {
	for _, means := range []func(Build) bool{
		func(b Build) bool { return b.Name == name },
		func(b Build) bool { return b.found.Name == name && name != "" },
		func(b Build) bool { return b.found.Place.File == name && name != "" },
	} {
		if list := slices.DeleteFunc(slices.Clone(builds), func(b Build) bool { return !means(b) }); len(list) > 0 {
			return list
		}
	}
	return nil
}

// together makes one build of those that differ in nothing but the values of their arguments: what differs is not
// known then. A matrix of twenty versions is one build for the rules, which say nothing that is not true of all.
func together(builds []Build) (kept []Build) {
	type unit struct {
		place        sources.Place
		name, target string
	}
	at := map[unit][]int{} // in kept
	for _, b := range builds {
		u := unit{b.found.Place, b.found.Name, b.Target}
		i := slices.IndexFunc(at[u], func(k int) bool { return kept[k].sameBut(b) })
		if i < 0 {
			at[u] = append(at[u], len(kept))
			kept = append(kept, b)
			continue
		}
		k := &kept[at[u][i]]
		*k = k.common(b)
	}
	return kept
}

// sameBut reports whether two builds differ in their arguments at most.
func (b Build) sameBut(other Build) bool {
	b.Args, b.Unknown = other.Args, other.Unknown
	return b.Alike(other)
}

// common is the build with the arguments that it shares with the other one.
func (b Build) common(other Build) Build {
	args := maps.Clone(b.Args)
	unknown := slices.Concat(b.Unknown, other.Unknown)
	for name, value := range b.Args {
		if v, ok := other.Args[name]; !ok || v != value {
			delete(args, name)
			unknown = append(unknown, name)
		}
	}
	for name := range other.Args {
		if _, ok := b.Args[name]; !ok {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	b.Args, b.Unknown = args, slices.Compact(unknown)
	b.Unsure = b.Unsure || other.Unsure
	return b
}

// Words say in a few words what builds the Dockerfile, for people: "compose.yaml, service api: context ., target prod".
func (b Build) Words() string {
	if b.Source.Kind != FromSource {
		return b.Name
	}
	parts := []string{}
	switch b.Kind {
	case Git:
		parts = append(parts, "context "+b.found.Context+" of the commit")
	case Generated:
		parts = append(parts, "a context that is made for the build")
	case Remote:
		parts = append(parts, "a context that is fetched")
	default:
		parts = append(parts, "context "+b.found.Context)
	}
	if b.Target != "" {
		parts = append(parts, "target "+b.Target)
	}
	who := b.found.Place.File
	if what := units[b.found.Place.Kind]; b.found.Name != "" && what != "" {
		who += ", " + what + " " + b.found.Name
	} else if b.found.Name != "" && b.found.Name != b.found.Place.File {
		who += ", " + b.found.Name
	}
	return who + ": " + strings.Join(parts, ", ")
}

// units are what sources call a build.
var units = map[sources.Kind]string{
	sources.Compose: "service", sources.Bake: "target", sources.GitHubActions: "job", sources.GitLabCI: "job", sources.CircleCI: "job",
	sources.Make: "target", sources.Just: "recipe", sources.Taskfile: "task", sources.PackageJSON: "script", sources.Skaffold: "artifact",
}
