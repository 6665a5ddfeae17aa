package manifests

import "layerwise/internal/lazy"

// devLists are the manifests in which tools look for development dependencies, and what begins their list.
var devLists = map[string]struct {
	file  string
	begin *lazy.Regexp
}{
	"composer": {"composer.json", lazy.New(`"require-dev"`)},
	"crystal":  {"shard.yml", lazy.New(`(?m)^development_dependencies:`)},
	"pdm":      {"pyproject.toml", devGroup},
	"poetry":   {"pyproject.toml", devGroup},
	"uv":       {"pyproject.toml", devGroup},
}

var devGroup = lazy.New(`(?m)^\s*\[(dependency-groups|tool\.poetry\.(group\.|dev-)|tool\.pdm\.dev-)|^\s*dev-dependencies\b`)

// DevManifest is the name of the manifest that lists the development dependencies of a project; "" if that is
// not known of the ecosystem, or its manifest is JSON that is to be decoded (package.json).
func DevManifest(ecosystem string) string { return devLists[ecosystem].file }

// ListsDev reports whether the text of the DevManifest has a list of development dependencies.
func ListsDev(ecosystem, body string) bool {
	begin := devLists[ecosystem].begin
	return begin != nil && begin.MatchString(body)
}

// LockFiles are the names of the lock files of an ecosystem, of which an install takes the one that is there; none if they are
// not known. Manifest is the name of what stands beside it.
func LockFiles(ecosystem string) (locks []string, manifest string) {
	if e, ok := lookup(ecosystem); ok && len(e.manifests) == 1 {
		return e.locks, e.manifests[0]
	}
	return nil, ""
}
