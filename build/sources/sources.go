// Package sources reads from the files of a workspace how its Dockerfiles are built: compose and bake
// files, workflows of CI, scripts, Makefiles and their like. Nothing is run or fetched, nothing outside
// the workspace is read, and the environment of this process decides nothing: a variable without a value
// in the files is not known. What cannot be known is a note at its place, never a guess.
//
// There is a file for each kind of source. A reader is a pure function of files: of the one that it is
// given, and of those that this one names. Readers share reading.go (what a reader has found), value.go
// (texts of which parts are not known) and files.go (the files of the workspace).
package sources

import (
	"slices"
	"strings"

	"layerwise/internal/yaml"
)

// Kind is a kind of source, as reports spell it.
type Kind string

// The kinds of sources.
const (
	Azure         Kind = "azure"
	Bake          Kind = "bake"
	CircleCI      Kind = "circleci"
	CloudBuild    Kind = "cloudbuild"
	Compose       Kind = "compose"
	Devcontainer  Kind = "devcontainer"
	GitHubActions Kind = "github-actions"
	GitLabCI      Kind = "gitlab-ci"
	GoReleaser    Kind = "goreleaser"
	Jenkins       Kind = "jenkins"
	Just          Kind = "just"
	Make          Kind = "make"
	PackageJSON   Kind = "package.json"
	Shell         Kind = "shell"
	Skaffold      Kind = "skaffold"
	Taskfile      Kind = "taskfile"
	Tilt          Kind = "tilt"
	Woodpecker    Kind = "woodpecker"
)

// ContextKind is what a build context is.
type ContextKind string

// The kinds of build contexts.
const (
	Folder    ContextKind = "folder"    // of the workspace, or outside of it
	Git       ContextKind = "git"       // a commit of this repository: BuildKit applies no ignore file, and sees committed files only
	Generated ContextKind = "generated" // made for the build, or none: nobody can look into it
	Remote    ContextKind = "remote"    // fetched from elsewhere
)

// Place is where something stands in a source.
type Place struct {
	File string // relative to the workspace's root, with slashes
	Line int    // from 1
	Kind Kind
}

// Build is one way in which a Dockerfile is built, as a source says it. Paths are relative to the root of
// the workspace, with slashes; "." is the root.
type Build struct {
	// Name is what the source calls it: the service, the target, the job. It need not be unique.
	Name string
	// ID names it among the builds of its Dockerfile, and is the same as long as the source says the same:
	// compose.yaml#api. An Index gives it.
	ID         string
	Dockerfile string // "" if its text is Inline
	Inline     string // the text of a Dockerfile that stands in the source
	// Elsewhere: the Dockerfile is fetched with the context, and is none of the workspace: its path counts from there.
	Elsewhere bool

	Kind    ContextKind
	Context string // of Folder and Git: a path, which for Folder may lead out of the workspace, "../x"; of Remote: what is fetched; of Generated: ""
	// IgnoreFile is the file of patterns that is used in place of those that the builder looks for; empty
	// if none was named.
	IgnoreFile string

	Target string             // the stage to export; "" for the last one, or if Unsure
	Args   map[string]*string // build arguments; nil for a value that only the run knows
	// Changing are the names of arguments that have another value with each commit or each run; sorted.
	Changing []string
	Contexts map[string]string // named contexts: paths, or what is fetched: docker-image://…, service:NAME, target:NAME; "" if only the run knows
	Secrets  []string          // their ids, sorted
	SSH      []string          // the ids of the SSH agents and keys that it passes, sorted
	// Platforms are those that the build is for; none stands for the machine's own.
	Platforms []string
	// Export is how much of the build cache it hands on to builds elsewhere.
	Export Export
	Images []string // the names under which the result is known, as they are spelled
	partly []string // other such names, of which only the run knows a part; see partlyNamed

	Place Place
	At    Attributes // where it says what the build is made of
	// Released: the result is what users get: it is pushed by CI.
	Released bool
	// Dev: by the source's name, the build is for developing or testing.
	Dev bool
	// Unsure: there may be more arguments or another target, which only the run knows.
	Unsure bool
	// Default: of several builds of its source, it is one that runs when none is named.
	Default bool
	// Missing says what the build names that is not there, for a message; "" if all is.
	Missing string
}

// Note says what could not be read, and why.
type Note struct {
	File    string // relative to the workspace's root, with slashes
	Line    int    // from 1
	Message string // without the place
	Word    string // of the line, that it is about, if it stands there once; "" for all of the line
	// Wrong: it is a mistake in the source; else it is something that cannot be known.
	Wrong bool
}

// Call is a source's call of another one, which decides how that one is read: `docker compose -f a -f b
// build`, `docker buildx bake -f docker/bake.hcl`.
type Call struct {
	Kind    Kind     // Compose or Bake
	Files   []string // in their order, relative to the root; none for those that the tool looks for by itself
	Dir     string   // the folder that it is called in, relative to the root
	Project string   // the folder that compose's paths count from, if the call names it
	// EnvFiles are read in place of .env, if the call names them, relative to the root.
	EnvFiles []string
	Targets  []string           // services or targets; none for the default ones
	Args     map[string]*string // of Compose
	// Env are the variables that the source hands over, by what it exports or says of the environment; see variable.
	Env  map[string]string
	sets []bakeSet
	// Git: the files are those of a commit of this repository, and so are the contexts that they name.
	Git bool
	// Released: what is built is pushed by CI.
	Released bool
	Place    Place
	Unsure   bool // more files take part, which only the run knows
}

// secretWords are in the names of arguments whose values are not for others to see.
var (
	secretWords = []string{"TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "KEY", "CREDENTIAL", "PWD", "AUTH"}
	secretParts = []string{"PASS", "PAT"} // between underscores: no part of another word
)

// LooksSecret reports whether the value of a build argument may be a secret, by its name: then it is not shown.
func LooksSecret(name string) bool {
	upper := strings.ToUpper(name)
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(upper, word) }) ||
		slices.ContainsFunc(strings.Split(upper, "_"), func(part string) bool { return slices.Contains(secretParts, part) })
}

// reader reads the sources of a kind.
type reader struct {
	kind Kind
	// takes reports whether a file is one of the kind, by its path, relative to the root, with slashes.
	takes func(path string) bool
	read  func(r *reading)
}

// maxSource is the size of the largest source that is read, in bytes; of scripts, maxScript.
const (
	maxSource = 1 << 20
	maxScript = 256 << 10
)

// documents are the YAML documents of the reading's own source. A mistake in it is a note, and there are
// none then.
func (r *reading) documents() []*yaml.Node {
	_, docs, _ := r.parsed()
	return docs
}

// parsed is the reading's own source with its documents. Without ok it cannot be read, which is a note.
func (r *reading) parsed() (src string, docs []*yaml.Node, ok bool) {
	if src, ok = r.source(maxSource); !ok {
		return "", nil, false
	}
	docs, err := yaml.Documents(src, maxSource)
	if err != nil {
		r.mistake(err)
		return "", nil, false
	}
	return src, docs, true
}
