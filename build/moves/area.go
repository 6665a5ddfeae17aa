package moves

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
)

// area is a set of paths of the image: each place with all below it.
type area struct {
	all    bool     // any path may be in it
	system bool     // what packages own
	global bool     // where the tools of languages install for the whole image
	homes  []string // home directories: the files and folders in them that tools keep there
	places []place
	own    string // a folder among the system's, as /etc/app and /opt/app, which no package owns; "" if there is none
	dir    string // all places lie in it, and each character of it is meant; "" if that cannot be said
}

// place is a path: absolute and clean, or, in the form of copies.Dir, below the directory that an unknown
// base image sets. exact means the path alone, without what lies below.
type place struct {
	path  string
	exact bool
	plain bool // each character of it is meant: it names a file of the build context
	// Of a file or folder of the build context:
	module string // what Python takes it for
	folder bool
	data   bool // a file that no search for programs finds: nothing may execute it
}

// certainty says how sure an overlap is.
type certainty int

const (
	apart certainty = iota // proven to have no path in common
	maybe                  // it depends on what is not known
	meet                   // they have a path in common
)

func (a area) empty() bool {
	return !a.all && !a.system && !a.global && len(a.homes) == 0 && len(a.places) == 0
}

// meets compares two areas.
func (a area) meets(b area) certainty {
	if a.empty() || b.empty() {
		return apart
	}
	if a.all || b.all || a.system && b.system || a.global && b.global {
		return meet
	}
	worst := apart
	if len(a.homes) > 0 && len(b.homes) > 0 {
		worst = maybe
	}
	if a.dir != "" {
		b = b.near(place{path: a.dir, plain: true})
	}
	if b.dir != "" {
		a = a.near(place{path: b.dir, plain: true})
	}
	if a.empty() {
		return worst
	}
	for _, q := range b.places {
		worst = max(worst, q.inHome(a.homes), q.inShared(a))
	}
	for _, p := range a.places {
		if worst == meet || b.empty() {
			break
		}
		p.plain = p.plain || !uncertain(p.path) // which is asked once, not for each of the others
		worst = max(worst, p.inShared(b))
		worst = max(worst, p.inHome(b.homes))
		for _, q := range b.places {
			worst = max(worst, p.meets(q))
		}
	}
	return worst
}

// near is the area without what is apart from a directory, and so from everything in it: the many places of a
// copied folder need not be compared with that.
func (a area) near(dir place) area {
	if dir.inShared(a) == apart {
		a.system, a.global = false, false
	}
	a.homes = slices.DeleteFunc(slices.Clone(a.homes), func(home string) bool {
		return home != someHome && dir.inHome([]string{home}) == apart // that one may be any folder
	})
	a.places = slices.DeleteFunc(slices.Clone(a.places), func(q place) bool { return dir.meets(q) == apart })
	return a
}

func (p place) meets(q place) certainty {
	if copies.BelowUnknown(p.path) != copies.BelowUnknown(q.path) {
		return p.meetsUnknown(q)
	}
	inP, inQ := inside(q.path, p.path), inside(p.path, q.path)
	switch {
	case inP && inQ, inP && !p.exact, inQ && !q.exact:
		return meet
	case inP, inQ:
		return apart
	case !p.plain && uncertain(behind(p.path, q.path)), !q.plain && uncertain(behind(q.path, p.path)):
		return maybe
	}
	return apart
}

// meetsUnknown compares places of which one lies below a directory that is not known. That may be any folder, but it is no
// file; so a file is apart from what the other place is called after, whatever the directory is.
func (p place) meetsUnknown(q place) certainty {
	if copies.BelowUnknown(q.path) {
		p, q = q, p
	}
	if !q.exact || !q.plain && uncertain(q.path) || !p.plain && uncertain(p.path) || copies.MayHold(p.path, q.path) {
		return maybe
	}
	return apart
}

// behind is the part of a path from the first segment on that another path has not got.
func behind(name, other string) string {
	n := 0
	for n < len(name) && n < len(other) && name[n] == other[n] {
		n++
	}
	return name[strings.LastIndexByte(name[:n], '/')+1:]
}

// inShared compares a place with what packages own, as far as it is in the area. Of a directory that the
// base image sets only the name of the first folder below it tells: one that a system has too may be the
// system's.
func (p place) inShared(a area) certainty {
	if !a.system && !a.global {
		return apart
	}
	if copies.BelowUnknown(p.path) {
		rest := segments(p.path)[1:]
		if len(rest) == 0 || !p.plain && uncertain(rest[0]) || shell.TopFolder(rest[0]) {
			return maybe
		}
		return apart
	}
	switch {
	case !p.plain && uncertain(strings.Replace(p.path, "/home"+anyUser, "/home", 1)):
		return maybe
	case p.path == "/" && !p.exact, a.system && shell.InSystem(p.path) && (a.own == "" || !inside(p.path, a.own)), a.global && shell.InGlobal(p.path):
		return meet
	}
	return apart
}

// inHome compares a place with what tools keep in home directories.
func (p place) inHome(homes []string) (worst certainty) {
	for _, home := range homes {
		name := p.path
		switch {
		case home == unknownHome:
			worst = max(worst, maybe)
			continue
		case home == someHome:
			if slices.ContainsFunc(segments(name), isKeptAtHome) {
				worst = max(worst, maybe)
			}
			continue
		case copies.BelowUnknown(name):
			if rest := segments(name)[1:]; len(rest) == 0 || isKeptAtHome(rest[0]) || !p.plain && uncertain(rest[0]) {
				worst = max(worst, maybe)
			}
			continue
		case strings.HasSuffix(home, anyUser):
			if user, inside := strings.CutPrefix(name, strings.TrimSuffix(home, anyUser[1:])); inside {
				user, _, _ = strings.Cut(user, "/")
				home = path.Join(path.Dir(home), user)
			}
		}
		rest, inside := relative(home, name)
		switch _, above := relative(name, home); {
		case inside && rest != "." && !isKeptAtHome(segments(rest)[0]):
		case inside || above && !p.exact || name == "/":
			worst = max(worst, meet)
		}
	}
	return worst
}

func isKeptAtHome(name string) bool {
	_, ok := slices.BinarySearch(keptAtHome, name)
	return ok
}

// keptAtHome are the caches and settings that installs and downloads read or write in the user's home. It
// is sorted.
var keptAtHome = []string{
	".aws", ".bashrc", ".bundle", ".bundler", ".bunfig.toml", ".cabal", ".cache", ".cargo", ".composer", ".conan", ".conan2", ".conda", ".condarc",
	".config", ".curlrc", ".deno", ".docker", ".dotnet", ".gem", ".gemrc", ".gitconfig", ".gnupg", ".gradle", ".helm", ".hex", ".ivy2", ".java",
	".julia", ".keras", ".local", ".m2", ".mix", ".mozilla", ".netrc", ".node-gyp", ".npm", ".npmrc", ".nuget", ".nvm", ".opam", ".pip",
	".pnpm-state", ".profile", ".pub-cache", ".pydistutils.cfg", ".pyenv", ".pypirc", ".rbenv", ".rustup", ".sbt", ".sdkman", ".ssh", ".stack",
	".terraform.d", ".terraformrc", ".wgetrc", ".yarn", ".yarnrc", ".yarnrc.yml", "go",
}

// segments are the names of a path; the root has none, and so holds all others.
func segments(name string) []string {
	return strings.FieldsFunc(path.Clean(name), func(r rune) bool { return r == '/' })
}

// uncertain reports whether one of the segments of a path may be any path: a variable, a step up.
func uncertain(name string) bool {
	if strings.ContainsAny(name, "$*?[{`~") {
		return true
	}
	for segment := range strings.SplitSeq(name, "/") {
		if segment == ".." {
			return true
		}
	}
	return false
}
