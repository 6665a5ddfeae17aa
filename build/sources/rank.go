package sources

import (
	"cmp"
	"path"
	"strings"

	"layerwise/internal/lazy"
)

// The classes of builds, best first: the one that decides what the default build of a Dockerfile is.
const (
	rankReleased = iota
	rankCI
	rankBakeDefault
	rankComposeDefault
	rankDevelopment // tools that build and deploy while one develops
	rankMake
	rankScript
	rankOtherFile
	rankDev
	rankOther
)

var classes = map[Kind]int{
	GitHubActions: rankCI, GitLabCI: rankCI, CircleCI: rankCI, Jenkins: rankCI, Woodpecker: rankCI, Azure: rankCI, CloudBuild: rankCI,
	Skaffold: rankDevelopment, Tilt: rankDevelopment,
	Make: rankMake, Just: rankMake, Taskfile: rankMake, PackageJSON: rankMake, Shell: rankScript,
	Compose: rankOtherFile, Bake: rankOtherFile, Devcontainer: rankDev,
}

// defaultCompose are the names of the files that compose looks for by itself.
var defaultCompose = lazy.New(`^(docker-)?compose\.ya?ml$`)

// byDefault reports whether compose reads the file of a build by itself.
func byDefault(b Build) bool {
	return b.Place.Kind == Compose && defaultCompose.MatchString(path.Base(b.Place.File))
}

// rank is the class of a build.
func rank(b Build) int {
	switch {
	case b.Released || b.Place.Kind == GoReleaser:
		return rankReleased
	case b.Place.Kind == Bake && b.Default:
		return rankBakeDefault
	case b.Place.Kind == Compose && b.Dev:
		return rankDev
	case byDefault(b):
		return rankComposeDefault
	case b.Place.Kind == Devcontainer && strings.Contains("/"+b.Dockerfile, "/.devcontainer/"):
		return rankComposeDefault // nobody else builds that
	}
	if class, ok := classes[b.Place.Kind]; ok {
		return class
	}
	return rankOther
}

// compareBuilds orders the builds of a Dockerfile: the default one is least. All that is said of a build
// takes part, so that the order never depends on chance.
func compareBuilds(dockerfile string, a, b Build) int {
	flag := func(a, b bool) int {
		switch {
		case a == b:
			return 0
		case a:
			return 1
		}
		return -1
	}
	if order := cmp.Or(
		flag(a.Missing != "", b.Missing != ""),
		cmp.Compare(rank(a), rank(b)),
		flag(a.Dev, b.Dev),
		flag(a.Dev && !byDefault(a), b.Dev && !byDefault(b)), // "up" of a project before its tests
		flag(a.Unsure, b.Unsure),
		flag(a.Target != "", b.Target != ""),
		cmp.Compare(distance(dockerfile, a.Place.File), distance(dockerfile, b.Place.File)),
		comparePlaces(a.Place, b.Place),
		cmp.Compare(a.Name, b.Name),
	); order != 0 {
		return order
	}
	return cmp.Compare(a.String(), b.String()) // it takes long to make
}

// distance is the number of steps from the folder of one file to that of another.
func distance(a, b string) int {
	split := func(name string) []string {
		if dir := path.Dir(name); dir != "." {
			return strings.Split(dir, "/")
		}
		return nil
	}
	x, y := split(a), split(b)
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	return len(x) + len(y)
}
