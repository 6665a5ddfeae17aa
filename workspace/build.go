package workspace

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/sources"
	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// Build is one way in which a Dockerfile is built. All that depends on a build context, a target or
// build arguments hangs on a build, not on the file.
type Build struct {
	Name       string // "" if nobody has given it one; of one that a source says, such as compose.yaml#api
	Dockerfile string // absolute; "" for a text that is not on disk
	Kind       Kind
	Context    string            // absolute; "" without Dockerfile, and if Kind is neither Folder nor Git
	IgnoreFile string            // absolute; "" for the one that the builder looks for
	Contexts   map[string]string // named contexts: absolute folders, or what BuildKit fetches
	Target     string            // the stage to export; "" for the last
	TargetAt   Source            // the line of a source that says Target, and of no other Dockerfile; zero if it is not known
	ContextsAt map[string]Source // the lines of sources that name the named contexts, as far as they are known
	Args       map[string]string
	Unknown    []string // names of arguments with values that only the run knows; sorted
	Changing   []string // those of them that have another value with each commit; sorted
	Export     diagnostics.CacheExport
	Unsure     bool   // there may be more arguments, or another target
	Platform   string // "" for the machine's own
	Dev        bool   // it is for developing or testing only
	Published  bool   // it publishes what users get, however the Dockerfile and its stages are called
	Source     Source // where it was read
	Certainty  Certainty

	found sources.Build // what the source says; zero if the build is from elsewhere
}

// Kind says what the build context is.
type Kind int

// The kinds of contexts. What comes from git, or from nowhere, is no folder to look into.
const (
	Folder    Kind = iota
	Git            // a folder of a commit of this repository, to which BuildKit applies no ignore file
	Generated      // made for the build, or none: there is nothing to look into
	Remote         // fetched from elsewhere
)

// Certainty says how sure it is that Context is the one.
type Certainty int

// The certainties, least first.
const (
	Supposed  Certainty = iota // nobody has said anything: the Dockerfile's own folder
	Inferred                   // nobody has said anything, but the files that it names are there
	Inherited                  // a configuration above says it for all Dockerfiles below
	Found                      // a source of the workspace says it: it is as sure as one that was Named
	Named                      // it was said of this Dockerfile
)

// Source is where a build was read: for people.
type Source struct {
	Kind SourceKind
	File string // absolute; "" unless it is a file
	Line int    // from 1; 0 if there is none
	// Of is what kind of file a FromSource was read in.
	Of sources.Kind
}

// SourceKind is a kind of places in which builds are read.
type SourceKind int

// The kinds of sources.
const (
	FromNowhere SourceKind = iota
	FromSettings
	FromFile
	FromFlags
	FromSource // a file of the workspace that builds it
	FromFiles  // nowhere: the files that the Dockerfile names are there
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

// Fetched reports whether a named context is no folder, but something that BuildKit fetches, that another build
// makes, or that only the run knows: "".
func Fetched(where string) bool {
	return where == "" || strings.Contains(where, "://") || strings.HasPrefix(where, "target:") || strings.HasPrefix(where, "service:") || strings.HasPrefix(where, "git@")
}

// attribute is a named context as BuildKit's frontend gets it. The tools that build several targets give it what
// another one makes; that is an image to it, as any.
func attribute(name, where string) string {
	switch {
	case where == "", strings.HasPrefix(where, "target:"), strings.HasPrefix(where, "service:"):
		return "docker-image://of-another-build"
	case Fetched(where):
		return where
	}
	return "local:" + name
}

// BuildsOf are the ways in which a Dockerfile is built, the default one first; there is always one.
// dockerfile is its absolute path, or "" for a text that is not on disk. This is the only place that
// decides: flags win over the configuration file, which wins over the editor's settings. The error
// says that the build that the flags name is none of them.
func (c Config) BuildsOf(dockerfile string) ([]Build, error) {
	asked, _, err := c.buildsOf(dockerfile)
	return asked, err
}

// buildsOf are the builds that BuildsOf tells, and the others that there are, if the flags name some of them only.
func (c Config) buildsOf(dockerfile string) (builds, others []Build, err error) {
	base := Build{Target: c.Target, Args: c.BuildArgs, Platform: c.Platform, Contexts: c.Contexts, Source: c.source}
	if c.Context != "" {
		base.Context, base.Certainty = c.Context, Named
		if c.source.Kind == FromFile && dockerfile != "" && filepath.Dir(c.source.File) != filepath.Dir(dockerfile) {
			base.Certainty = Inherited
		}
	}
	for _, entry := range c.Builds {
		if dockerfile == "" || filepath.Clean(entry.Dockerfile) != filepath.Clean(dockerfile) {
			continue
		}
		if entry.Build != "" {
			c.Build = entry.Build
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
	if len(builds) == 0 && c.Context == "" && c.Target == "" && c.flags.Context == "" {
		builds = c.foundFor(dockerfile, base)
	}
	if len(builds) == 0 {
		if c.inferred != "" && base.Context == "" {
			base.Context, base.Source = c.inferred, Source{Kind: FromFiles}
			if c.inferred != filepath.Dir(dockerfile) {
				base.Certainty = Inferred
			}
		}
		builds = []Build{base}
	}
	if name := c.flags.Build; name != "" {
		if asked := named(builds, name); len(asked) > 0 {
			others = slices.DeleteFunc(slices.Clone(builds), func(b Build) bool { return slices.ContainsFunc(asked, b.is) })
			builds = asked
		} else {
			err = fmt.Errorf("there is no build %q of it%s", name, namesOf(builds))
		}
	}
	for i := range builds {
		builds[i] = c.flags.over(builds[i])
		builds[i].place(dockerfile)
	}
	for i := range others {
		others[i].place(dockerfile)
	}
	return builds, others, err
}

// is reports whether both are the same entry of the same source.
func (b Build) is(other Build) bool {
	return b.Name == other.Name && b.Source == other.Source
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
		return ": neither .layerwise.yaml nor another file names one"
	}
	return ": there are " + words.Some(slices.Compact(names))
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
	if b.Kind == Folder || b.Kind == Git {
		b.Context = at(b.Context)
	}
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
	b.Context, b.Certainty, b.Kind, b.IgnoreFile = filepath.Dir(b.Dockerfile), Supposed, Folder, ""
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

// Alike reports whether the builds differ in nothing but where they were read and their names.
func (b Build) Alike(other Build) bool {
	return b.Context == other.Context && b.Target == other.Target && b.Platform == other.Platform && b.Kind == other.Kind &&
		b.IgnoreFile == other.IgnoreFile && b.Dev == other.Dev && b.Published == other.Published && slices.Equal(b.Unknown, other.Unknown) &&
		(b.Certainty == Supposed) == (other.Certainty == Supposed) && maps.Equal(b.Args, other.Args) && maps.Equal(b.Contexts, other.Contexts)
}

// roots are the folders that must be known to tell what the build's context is.
func (b Build) roots() []folder {
	var roots []folder
	if b.listable() {
		roots = append(roots, b.folder())
	}
	if own := b.own(); b.Certainty == Inherited && own.Context != b.Context && own.listable() {
		roots = append(roots, own.folder())
	}
	return roots
}

// folder is one that may have to be listed, and how.
type folder struct {
	root       string // absolute
	noIgnore   bool
	ignoreFile string // absolute; "" for the one that is looked for
}

func (b Build) folder() folder { return folder{b.Context, b.Kind == Git, b.IgnoreFile} }

func (f folder) options(dockerfile string, overlay map[string]string) files.Options {
	return files.Options{Dockerfile: dockerfile, Overlay: overlay, NoIgnore: f.noIgnore, IgnoreFile: f.ignoreFile}
}

// listable reports whether the context may be looked into: a whole file system or a home folder is
// listed only if it was named.
func (b Build) listable() bool {
	return b.Dockerfile != "" && b.Context != "" && (b.Certainty > Inferred || !tooBroad(b.Context))
}

// tooBroad reports whether the folder is the root of a file system, or the user's home folder.
func tooBroad(folder string) bool {
	if filepath.Dir(folder) == folder {
		return true
	}
	home, err := os.UserHomeDir()
	return err == nil && filepath.Clean(home) == folder
}
