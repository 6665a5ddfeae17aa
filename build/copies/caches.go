package copies

import (
	"path"
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

// CacheMount is a cache mount of a RUN.
type CacheMount struct {
	*instructions.Mount
	Flag   int    // which of the instruction's flags it is
	Target string // absolute and clean, in the form of Dir
}

// CacheMounts are the cache mounts of a RUN that begin empty; none if one of its mounts cannot be read.
func CacheMounts(s *stages.Step) (list []CacheMount) {
	if s.Instr.Name != "RUN" || len(s.Instr.Flags) == 0 {
		return nil
	}
	mounts, err := s.Mounts()
	if err != nil {
		return nil
	}
	for i, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) != "mount" || len(mounts) == 0 {
			continue
		}
		m := mounts[0]
		mounts = mounts[1:]
		if m.Type != instructions.MountTypeCache || m.From != "" {
			continue
		}
		to := m.Target
		if !path.IsAbs(to) {
			to = path.Join(Dir(s), to)
		}
		list = append(list, CacheMount{Mount: m, Flag: i, Target: path.Clean(to)})
	}
	return list
}

// Below reports whether the path is the directory, or lies in it; both are absolute and clean.
func Below(name, dir string) bool {
	return dir == "/" || name == dir || strings.HasPrefix(name, dir+"/")
}
