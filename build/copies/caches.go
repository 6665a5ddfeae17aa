package copies

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// CachesOf are the folders in which a program keeps what it has downloaded or built, where the step runs it; none if
// that is not known.
func CachesOf(s *stages.Step, program string) []shell.Cache {
	return shell.Caches(program, HomeOf(s), func(name string) (string, bool) {
		v, ok := s.Vars.Lookup(name)
		if !ok || !v.Value.Known {
			return "", false
		}
		return v.Value.Text, true
	})
}

// HomeOf is the home of the step's user: what HOME says, or that of root; "" if neither is known.
func HomeOf(s *stages.Step) string {
	if home, ok := s.Vars.Lookup("HOME"); ok {
		if home.Value.Known && path.IsAbs(home.Value.Text) {
			return path.Clean(home.Value.Text)
		}
		return ""
	}
	if name, _, _ := strings.Cut(s.User.Text, ":"); name == "root" || name == "0" || name == "" && s.User.Known {
		return "/root"
	}
	return ""
}

// CacheMounts are the cache mounts of a RUN. ok is false if one cannot be read.
func CacheMounts(s *stages.Step) (mounts []*instructions.Mount, ok bool) {
	all, err := s.Mounts()
	if err != nil {
		return nil, false
	}
	return slices.DeleteFunc(slices.Clone(all), func(m *instructions.Mount) bool { return m.Type != instructions.MountTypeCache }), true
}
