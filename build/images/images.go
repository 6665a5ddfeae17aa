// Package images knows what common base images are: which user, directory, shell and variables they
// set, what they start, which distribution they hold. It asks nobody: the facts are a table in the program
// (table.txt, with their sources and dates). What an image is that the table does not name is not known.
package images

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Facts are what is known of an image. An empty field is one of which nothing is known; of flags and of
// lists it means none, but only if Tagged.
type Facts struct {
	Name   string // the name of the table: node, gcr.io/distroless/static
	Tag    string // "latest" if the reference has neither tag nor digest, "" if it has only a digest
	Tagged bool   // the tag is known; if not, the facts are those that all tags share

	User  string // as the image's USER says it: root, 1000:0. Empty if not known, or if UserMoves
	Kind  Kind
	Users map[string]*int // the users that the image makes, with their numbers; nil if the number changes
	// SystemUsers are those of its distribution.
	SystemUsers map[string]*int
	// UserMoves says that the tag had another user once: which one a machine has depends on its age.
	UserMoves bool
	DropsRoot string // how the program that it starts gives up root: gosu, su-exec, self …
	NeedsRoot bool   // it starts containers or services: without root it does not work

	Family         string // the distribution: debian, alpine, windows-servercore
	Distro         string // with its version, where the tag or the table tells it: debian:12
	DistroInTag    bool   // the tag says which version, so that another one never stands behind it
	PackageManager string // apt, apk, dnf …; none
	Shells         []string
	Distroless     bool // neither shell nor package manager
	Windows        bool
	BuildTools     bool // has a C compiler
	Development    bool // made to work in: a dev container

	Env      map[string]*string // variables that all builds of such a tag set; nil if the value changes
	EnvMaybe []string           // variables that some builds set
	Workdir  string
	Shell    []string // the SHELL, if it is not the default
	Entry    Command  // the ENTRYPOINT
	Cmd      Command
	Expose   []string // ports: 80/tcp
	Volume   []string

	Source   string // where the facts are from
	AsOf     string // and of which day: 2026-08-21
	Recalled bool   // well known, but not read anywhere: too little to report a mistake
}

// Kind is what an image is for.
type Kind string

// The kinds.
const (
	OS      Kind = "os"
	Runtime Kind = "runtime"
	SDK     Kind = "sdk"    // a compiler or build tool
	Server  Kind = "server" // what it starts runs until it is stopped
	Tool    Kind = "tool"   // runs one command
	App     Kind = "app"
	Scratch Kind = "scratch"
)

// Command is an ENTRYPOINT or a CMD.
type Command struct {
	Argv []string
	// Line is the shell form; Argv is then empty.
	Line string
}

// answers are what was looked up before: every file asks for the same few images, and stages of one file for
// the same one. Their number and length are bounded, for an editor's text is looked up at every keystroke.
var answers = struct {
	sync.Mutex
	of map[question]result
}{of: map[question]result{}}

type question struct{ ref, platform string }

const (
	maxAnswers  = 1000
	maxQuestion = 200 // bytes
)

// Lookup finds the facts of a reference with all variables expanded: node:22, docker.io/library/node, or
// node:22@sha256:…. platform is what is built for, or empty. ok is false if the image is not known. The maps and lists of the facts are shared: they are not to be
// changed.
func Lookup(ref, platform string) (f Facts, ok bool) {
	key := question{ref, platform}
	answers.Lock()
	if known, ok := answers.of[key]; ok {
		answers.Unlock()
		return known.facts, known.ok
	}
	answers.Unlock()
	f, ok = lookup(ref, platform)
	if len(ref)+len(platform) < maxQuestion {
		answers.Lock()
		if len(answers.of) >= maxAnswers {
			clear(answers.of)
		}
		answers.of[key] = result{f, ok}
		answers.Unlock()
	}
	return f, ok
}

func lookup(ref, platform string) (f Facts, ok bool) {
	r, err := Parse(ref)
	if err != nil {
		return f, false
	}
	x := contents()
	name := x.canonical(r.Name)
	im := x.images[name]
	if im == nil {
		return f, false
	}
	f.Name, f.Tag = name, r.Tag
	if f.Tag == "" && r.Digest == "" {
		f.Tag = "latest"
	}
	f.Tagged = f.Tag != ""
	found := common(im.all())
	if f.Tagged {
		found, f.Source, f.AsOf, f.Recalled = matching(im.all(), f.Tag)
	}
	f.fill(found)
	f.derive(x)
	f.NeedsRoot = needsRoot(name, f.Tag)
	if slices.Contains(x.moved[name], f.Tag) {
		f.UserMoves, f.User = true, ""
	}
	if strings.HasPrefix(platform, "windows") && !f.Windows {
		// One tag may stand for images of both systems, and these are the facts of the other one.
		return Facts{Name: f.Name, Tag: f.Tag, Tagged: f.Tagged, Windows: true}, true
	}
	return f, true
}

// matching are the facts of a tag: of each, the first of the rows that match.
func matching(rows []row, tag string) (found facts, source, asOf string, recalled bool) {
	found = facts{}
	for _, r := range rows {
		if !r.has(tag) {
			continue
		}
		source, asOf, recalled = r.source, r.asOf, recalled || r.sure == "recalled"
		for key, value := range r.facts {
			if _, known := found[key]; !known {
				found[key] = value
			}
		}
	}
	return found, source, asOf, recalled
}

// common are the facts that hold for every tag: those of the last row that no other contradicts.
func common(rows []row) facts {
	found := facts{}
	for _, r := range rows {
		if len(r.patterns) == 1 && r.patterns[0] == "*" {
			for key, value := range r.facts {
				if !slices.ContainsFunc(rows, func(other row) bool {
					is, ok := other.facts[key]
					return ok && string(is) != string(value)
				}) {
					found[key] = value
				}
			}
		}
	}
	return found
}

// fill decodes the facts.
func (f *Facts) fill(from facts) {
	for key, to := range map[string]any{
		"user": &f.User, "kind": &f.Kind, "users": &f.Users, "drops_root": &f.DropsRoot, "family": &f.Family, "distro": &f.Distro,
		"package_manager": &f.PackageManager, "shells": &f.Shells, "distroless": &f.Distroless, "windows": &f.Windows,
		"build_tools": &f.BuildTools, "development": &f.Development, "env": &f.Env, "env_maybe": &f.EnvMaybe,
		"workdir": &f.Workdir, "shell": &f.Shell, "entrypoint": &f.Entry, "cmd": &f.Cmd, "expose": &f.Expose, "volume": &f.Volume,
	} {
		if value, ok := from[key]; ok {
			if err := json.Unmarshal(value, to); err != nil {
				panic("the table of images: " + key + ": " + err.Error()) // a mistake in this program
			}
		}
	}
}

// UnmarshalJSON reads a list of words, or {"shell": "…"}.
func (c *Command) UnmarshalJSON(text []byte) error {
	var line struct{ Shell *string }
	if err := json.Unmarshal(text, &line); err == nil {
		*c = Command{}
		if line.Shell != nil {
			c.Line = *line.Shell
		}
		return nil
	}
	return json.Unmarshal(text, &c.Argv)
}

// derive adds what follows from the tag's distribution.
func (f *Facts) derive(x *index) {
	if !f.Tagged && f.Family == "" {
		f.Distro = "" // that of some tags only
		return
	}
	if f.Distro == "" && f.Tagged && !isDistribution[f.Name] {
		f.Distro = x.distro(f.Tag)
	}
	_, version, _ := strings.Cut(f.Distro, ":")
	f.DistroInTag = version != "" && (x.distro(f.Tag) == f.Distro || isDistribution[f.Name] && strings.HasPrefix(f.Tag, version))
	if family, _, _ := strings.Cut(f.Distro, ":"); family != "" && f.Family != "distroless" {
		f.Family = family
	}
	var own Facts
	family := decode(x.families[f.Family])
	for key, value := range decode(x.distros[f.Distro]) {
		family[key] = value
	}
	own.fill(family)
	if f.Distro == "" && x.changed(f.Family) {
		own.PackageManager = ""
	}
	if f.Distroless {
		own.PackageManager, own.Shells = "none", nil
	}
	if f.PackageManager == "" {
		f.PackageManager = own.PackageManager
	}
	if f.Shells == nil {
		f.Shells = own.Shells
	}
	if !f.Distroless { // that has a few users of its own, or none
		f.SystemUsers = own.Users
	}
}

// needsRoot goes by what the images are for.
func needsRoot(name, tag string) bool {
	switch {
	case strings.Contains(tag, "rootless"):
		return false
	case name == "docker":
		return strings.Contains(tag, "dind")
	}
	return name == "moby/buildkit" || strings.HasSuffix(name, "-init") || strings.HasSuffix(name, "/systemd")
}

// isDistribution are the images whose tags are versions of what they are.
var isDistribution = map[string]bool{
	"almalinux": true, "alpine": true, "amazonlinux": true, "busybox": true, "centos": true, "debian": true,
	"fedora": true, "oraclelinux": true, "rockylinux": true, "ubuntu": true,
}
