package images

import (
	"strings"

	"layerwise/dockerfile/stages"
)

// Base is what stages builds on the image start with; see stages.Args.
func Base(ref, platform string) (b stages.Base, ok bool) {
	f, ok := Lookup(ref, platform)
	if !ok {
		return b, false
	}
	b.Windows, b.Shell, b.Workdir, b.User = f.Windows, f.Shell, f.Workdir, f.User
	b.Env = f.Env
	return b, true
}

// Of are the facts of the image at the root of a stage's chain. ok is false if it is not known.
func Of(s *stages.Stage) (f Facts, ok bool) {
	root := s.Root()
	if !root.Base.Known {
		return f, false
	}
	r := root.Steps[0].Memo(ofKey{}, func() any {
		f, ok := Lookup(root.Base.Text, root.Platform)
		return result{f, ok}
	}).(result)
	return r.facts, r.ok
}

type ofKey struct{}

type result struct {
	facts Facts
	ok    bool
}

// IsRoot reports whether a USER is root: by name or by number, with or without a group.
func IsRoot(user string) bool {
	name, _, _ := strings.Cut(user, ":")
	return name == "root" || name == "0" || name == ""
}
