package workspace

import (
	"fmt"
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
	return c.known.Memo(madeKey{}, func() any {
		made := map[string]string{}
		for name, b := range c.known.Made() {
			made[diagnostics.ContextName(name)] = filepath.Join(c.known.Root, filepath.FromSlash(b.Dockerfile))
		}
		return made
	}).(map[string]string)
}

type madeKey struct{}

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
	for _, name := range []string{c.chosen, c.Build} {
		if chosen := named(builds, name); len(chosen) > 0 && name != "" { // the one that is chosen is the default
			others := slices.DeleteFunc(builds, func(b Build) bool { return b.Name == chosen[0].Name })
			return append(chosen, others...)
		}
	}
	return builds
}

// Unfound tells of the builds that the configuration chooses, and that no file of the workspace says.
func (c Config) Unfound() (problems []Problem) {
	if c.known == nil {
		return nil
	}
	tell := func(name string, at place, builds []sources.Build) {
		if name == "" || at.file == "" || len(problems) == maxProblems {
			return
		}
		var all []Build
		for _, b := range builds {
			all = append(all, Build{Name: b.ID, found: b})
		}
		if len(named(all, name)) == 0 {
			problems = append(problems, Problem{Path: at.file, Line: at.line, Column: at.column, Warning: true,
				Message: fmt.Sprintf("no file of the workspace says a build %q, so the first one counts%s", quoted(name), namesOf(all))})
		}
	}
	tell(c.Build, c.build, c.known.Builds)
	for _, b := range c.Builds {
		if rel, err := filepath.Rel(c.known.Root, b.Dockerfile); err == nil && b.Build != "" {
			tell(b.Build, b.build, c.known.Of(filepath.ToSlash(rel)))
		}
	}
	return problems
}

// ownPlatform is how sources name the platform of the machine that builds.
const ownPlatform = "local"

// placed is what a source says, with paths of this machine.
func (c Config) placed(found sources.Build, base Build) Build {
	at := func(name string) string { return filepath.Join(c.known.Root, filepath.FromSlash(name)) }
	b := base
	b.found = found
	b.Name = found.ID
	b.Certainty = Found
	b.Source = Source{Kind: FromSource, File: at(found.Place.File), Line: found.Place.Line, Of: found.Place.Kind}
	b.Target, b.Unsure, b.Dev, b.Published = found.Target, found.Unsure, found.Dev, found.ForUsers()
	b.Export = diagnostics.CacheExport{All: found.Export == sources.ExportAll, Inline: found.Export == sources.ExportInline, Where: found.ExportedAt()}
	if t := found.At.Target; t.Line > 0 && !t.Shared {
		b.TargetAt = Source{Kind: FromSource, File: at(t.File), Line: t.Line, Of: found.Place.Kind}
	}
	for name, t := range found.At.Contexts {
		if b.ContextsAt == nil {
			b.ContextsAt = map[string]Source{}
		}
		b.ContextsAt[name] = Source{Kind: FromSource, File: at(t.File), Line: t.Line, Of: found.Place.Kind}
	}
	if len(found.Platforms) == 1 && found.Platforms[0] != ownPlatform && b.Platform == "" {
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
			if slices.Contains(found.Changing, name) {
				b.Changing = append(b.Changing, name)
			}
		}
	}
	slices.Sort(b.Unknown)
	slices.Sort(b.Changing)
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

// exportsToo is the build with what one that is like it hands on of the build cache: who hands on all steps does so for both.
func (b Build) exportsToo(other Build) Build {
	if b.Export.Where == "" || other.Export.All {
		b.Export = other.Export
	}
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
	changing := slices.Concat(b.Changing, other.Changing)
	slices.Sort(changing)
	b.Changing = slices.Compact(changing)
	b.Unsure = b.Unsure || other.Unsure
	return b
}

// Words say in a few words what builds the Dockerfile, for people: "compose.yaml, service api: context ., target prod".
func (b Build) Words() string {
	if b.Source.Kind != FromSource {
		return b.Name
	}
	parts := []string{}
	context, kind := b.ContextWords()
	if context != "" {
		parts = append(parts, strings.TrimSpace("context "+context+" "+kind))
	} else {
		parts = append(parts, kind)
	}
	if b.Target != "" {
		parts = append(parts, "target "+b.Target)
	}
	return b.Who() + ": " + strings.Join(parts, ", ")
}

// ContextWords are the build context as the source has it, and what else is to be known of it, for people.
func (b Build) ContextWords() (folder, kind string) {
	switch b.Kind {
	case Git:
		return b.found.Context, "of the commit"
	case Generated:
		return "", "a context that is made for the build"
	case Remote:
		return "", "a context that is fetched"
	}
	return b.found.Context, ""
}

// Who says who builds the Dockerfile: "compose.yaml, service api".
func (b Build) Who() string {
	file, unit, name := WhoBuilds(b.found)
	switch {
	case name == "" || name == file:
		return file
	case unit == "":
		return file + ", " + name
	}
	return file + ", " + unit + " " + name
}

// Found is what the source says; zero if the build is from elsewhere.
func (b Build) Found() sources.Build { return b.found }

// WhoBuilds is the file that says a build, what files of its kind call one, "" if they have no word for it, and its name.
func WhoBuilds(b sources.Build) (file, unit, name string) {
	return b.Place.File, units[b.Place.Kind], b.Name
}

// Maker is what makes an image that a FROM or COPY names, if the workspace makes it.
func (s *Snapshot) Maker(image string) (made sources.Build, root string, ok bool) {
	known := s.Config.known
	if known == nil {
		return made, "", false
	}
	name := diagnostics.ContextName(image)
	for context, where := range s.builds[0].Contexts {
		if diagnostics.ContextName(context) != name {
			continue
		}
		for _, prefix := range []string{"service:", "target:"} {
			if of, is := strings.CutPrefix(where, prefix); is {
				made, ok = known.Named(s.builds[0].found.Place, of)
				return made, known.Root, ok
			}
		}
		return made, "", false // it stands for something else in this build
	}
	if made, ok = known.Image(image); !ok {
		made, ok = known.Image(name)
	}
	return made, known.Root, ok && made.Missing == ""
}

// units are what sources call a build.
var units = map[sources.Kind]string{
	sources.Compose: "service", sources.Bake: "target", sources.GitHubActions: "job", sources.GitLabCI: "job", sources.CircleCI: "job",
	sources.Make: "target", sources.Just: "recipe", sources.Taskfile: "task", sources.PackageJSON: "script", sources.Skaffold: "artifact",
}
