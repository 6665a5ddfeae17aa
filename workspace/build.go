package workspace

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Build is one way in which a Dockerfile is built. All that depends on a build context, a target or
// build arguments hangs on a build, not on the file.
type Build struct {
	Name       string // "" if nobody has given it one
	Dockerfile string // absolute; "" for a text that is not on disk
	Kind       Kind
	Context    string            // absolute; "" without Dockerfile
	Contexts   map[string]string // named contexts: absolute folders, or what BuildKit fetches
	Target     string            // the stage to export; "" for the last
	Args       map[string]string
	Platform   string // "" for the machine's own
	Source     Source // where it was read
	Certainty  Certainty
}

// Kind says what the build context is.
type Kind int

// The kinds of contexts. What comes from git, or from nowhere, is no folder to look into.
const (
	Folder Kind = iota
)

// Certainty says how sure it is that Context is the one.
type Certainty int

// The certainties, least first.
const (
	Supposed  Certainty = iota // nobody has said anything: the Dockerfile's own folder
	Inherited                  // a configuration above says it for all Dockerfiles below
	Named                      // it was said of this Dockerfile
)

// Source is where a build was read: for people.
type Source struct {
	Kind SourceKind
	File string // absolute; "" unless it is a file
	Line int    // from 1; 0 if there is none
}

// SourceKind is a kind of places in which builds are read.
type SourceKind int

// The kinds of sources.
const (
	FromNowhere SourceKind = iota
	FromSettings
	FromFile
	FromFlags
)

// Flags say how Dockerfiles are built, for one run of the program. They win over configurations.
type Flags struct {
	Build    string            // the name of the build that counts; "" for all
	Context  string            // absolute
	Contexts map[string]string // absolute folders, or what BuildKit fetches
	Args     map[string]string
	Target   string
	Platform string
}

// With is the configuration with flags over it.
func (c Config) With(flags Flags) Config {
	c.flags = flags
	return c
}

// Fetched reports whether a named context is no folder, but something that BuildKit fetches.
func Fetched(where string) bool {
	return strings.Contains(where, "://") || strings.HasPrefix(where, "target:") || strings.HasPrefix(where, "git@")
}

// BuildsOf are the ways in which a Dockerfile is built, the default one first; there is always one.
// dockerfile is its absolute path, or "" for a text that is not on disk. This is the only place that
// decides: flags win over the configuration file, which wins over the editor's settings. The error
// says that the build that the flags name is none of them.
func (c Config) BuildsOf(dockerfile string) ([]Build, error) {
	base := Build{Target: c.Target, Args: c.BuildArgs, Platform: c.Platform, Contexts: c.Contexts, Source: c.source}
	if c.Context != "" {
		base.Context, base.Certainty = c.Context, Named
		if c.source.Kind == FromFile && dockerfile != "" && filepath.Dir(c.source.File) != filepath.Dir(dockerfile) {
			base.Certainty = Inherited
		}
	}
	var builds []Build
	for _, entry := range c.Builds {
		if dockerfile == "" || filepath.Clean(entry.Dockerfile) != filepath.Clean(dockerfile) {
			continue
		}
		b := base
		b.Name, b.Source = entry.Name, entry.source
		b.Args, b.Contexts = join(base.Args, entry.BuildArgs), join(base.Contexts, entry.Contexts)
		if entry.Context != "" {
			b.Context, b.Certainty = entry.Context, Named
		}
		if entry.Target != "" {
			b.Target = entry.Target
		}
		if entry.Platform != "" {
			b.Platform = entry.Platform
		}
		builds = append(builds, b)
	}
	if len(builds) == 0 {
		builds = []Build{base}
	}
	var err error
	if name := c.flags.Build; name != "" {
		named := slices.DeleteFunc(slices.Clone(builds), func(b Build) bool { return b.Name != name })
		if len(named) > 0 {
			builds = named
		} else {
			err = fmt.Errorf("there is no build %q of it%s", name, namesOf(builds))
		}
	}
	for i := range builds {
		builds[i] = c.flags.over(builds[i])
		builds[i].place(dockerfile)
	}
	return builds, err
}

// namesOf ends a message with the names that there are.
func namesOf(builds []Build) string {
	var names []string
	for _, b := range builds {
		if b.Name != "" {
			names = append(names, b.Name)
		}
	}
	if len(names) == 0 {
		return ": .layerwise.yaml names none"
	}
	return ": .layerwise.yaml has " + strings.Join(names, ", ")
}

// over is the build with what the flags say.
func (f Flags) over(b Build) Build {
	if f.Context != "" || f.Target != "" || f.Platform != "" || len(f.Args) > 0 || len(f.Contexts) > 0 {
		b.Source = Source{Kind: FromFlags}
	}
	if f.Context != "" {
		b.Context, b.Certainty = f.Context, Named
	}
	if f.Target != "" {
		b.Target = f.Target
	}
	if f.Platform != "" {
		b.Platform = f.Platform
	}
	b.Args, b.Contexts = join(b.Args, f.Args), join(b.Contexts, f.Contexts)
	return b
}

// place makes the build's paths absolute: those from an editor's settings count from the Dockerfile.
func (b *Build) place(dockerfile string) {
	if b.Dockerfile = dockerfile; dockerfile == "" {
		return
	}
	at := func(folder string) string {
		if filepath.IsAbs(folder) {
			return filepath.Clean(folder)
		}
		return filepath.Join(filepath.Dir(dockerfile), filepath.FromSlash(folder))
	}
	b.Context = at(b.Context)
	contexts := map[string]string{}
	for name, where := range b.Contexts {
		if !Fetched(where) {
			where = at(where)
		}
		contexts[name] = where
	}
	if len(contexts) > 0 {
		b.Contexts = contexts
	}
}

// Own is the same build with the Dockerfile's own folder as its context, which is supposed.
func (b Build) own() Build {
	b.Context, b.Certainty = filepath.Dir(b.Dockerfile), Supposed
	return b
}

// label is what messages call the build.
func (b Build) label() string {
	switch {
	case b.Name != "":
		return b.Name
	case b.Target != "":
		return "of " + b.Target
	case b.Source.Line > 0:
		return fmt.Sprintf("on line %d of %s", b.Source.Line, filepath.Base(b.Source.File))
	}
	return "without a name"
}

// alike reports whether the builds differ in nothing but where they were read and their names.
func (b Build) alike(other Build) bool {
	return b.Context == other.Context && b.Target == other.Target && b.Platform == other.Platform && b.Kind == other.Kind &&
		(b.Certainty == Supposed) == (other.Certainty == Supposed) && maps.Equal(b.Args, other.Args) && maps.Equal(b.Contexts, other.Contexts)
}

// roots are the folders that must be known to tell what the build's context is.
func (b Build) roots() []string {
	var roots []string
	if b.listable() {
		roots = append(roots, b.Context)
	}
	if own := b.own(); b.Certainty == Inherited && own.Context != b.Context && own.listable() {
		roots = append(roots, own.Context)
	}
	return roots
}

// listable reports whether the context may be looked into: a whole file system or a home folder is
// listed only if it was named.
func (b Build) listable() bool {
	return b.Dockerfile != "" && (b.Certainty != Supposed || !tooBroad(b.Context))
}

// tooBroad reports whether the folder is the root of a file system, or the user's home folder.
func tooBroad(folder string) bool {
	if filepath.Dir(folder) == folder {
		return true
	}
	home, err := os.UserHomeDir()
	return err == nil && filepath.Clean(home) == folder
}
