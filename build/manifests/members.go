package manifests

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
)

// Need is a project of a workspace on which another one depends.
type Need struct {
	Manifest string // of the project; relative to the context root
	By       string // the manifest of the one that depends on it
}

// Needs are those of the missing manifests whose projects the ones of the present manifests surely need at run time, and
// those that these need. It knows package.json and the projects of .NET.
func Needs(c *files.Context, missing, present []string) (needs []Need) {
	r := &reader{c: c}
	missing, present = slices.Clone(missing), slices.Clone(present)
	for i := 0; i < len(present) && i < maxFiles; i++ { // it grows
		for n := 0; n < len(missing); n++ {
			if !r.needs(present[i], missing[n]) {
				continue
			}
			needs = append(needs, Need{missing[n], present[i]})
			present = append(present, missing[n])
			missing = slices.Delete(missing, n, n+1)
			n--
		}
	}
	return needs
}

// needs reports whether the project of one manifest surely depends on that of another one in the same repository.
func (r *reader) needs(by, on string) bool {
	switch {
	case path.Base(by) == "package.json" && path.Base(on) == "package.json":
		var project, other packageJSON
		if !r.json(by, &project) || !r.json(on, &other) || other.Name == "" {
			return false
		}
		spec, ok := project.Deps[other.Name]
		return ok && isOfWorkspace(spec, other.Version)
	case strings.HasSuffix(by, "proj") && strings.HasSuffix(on, "proj"):
		var project msbuild
		if !r.xml(by, &project) {
			return false
		}
		for _, group := range project.Groups {
			for _, ref := range group.References {
				if path.Join(path.Dir(by), slashed(ref.Include)) == on {
					return true
				}
			}
		}
	}
	return false
}

// isOfWorkspace reports whether a version of a dependency is surely taken from the workspace, where the project of
// that name has a version.
func isOfWorkspace(spec, version string) bool {
	spec = strings.TrimSpace(spec)
	return strings.HasPrefix(spec, "workspace:") || spec == "*" || version != "" && strings.TrimLeft(spec, "^~=") == version
}
