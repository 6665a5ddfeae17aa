package sources

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
)

// conclude adds what a script means, once it has been read for each of the folders in which it may be run.
func (r *reading) conclude(s *script, all [][]finding, t *traces) {
	longest := 0
	for _, f := range all {
		longest = max(longest, len(f))
	}
	for i := range longest {
		var same []finding // what one command is, in each folder
		for _, f := range all {
			if i < len(f) {
				same = append(same, f[i])
			}
		}
		r.choose(s, same, t)
	}
}

// choose adds what a command means, from what it means in each folder.
func (r *reading) choose(s *script, list []finding, t *traces) {
	list = slices.CompactFunc(list, func(a, b finding) bool {
		return a.line == b.line && a.note == b.note && alike(a.build, b.build) && reflect.DeepEqual(a.call, b.call)
	})
	if len(list) > 1 {
		var fit []finding
		for _, f := range list {
			if r.fits(&f) {
				fit = append(fit, f)
			}
		}
		if len(fit) == 1 && fit[0].bare && fit[0].build.Context == "." && strings.Count(s.file, "/") > 1 {
			// ui/scripts/x.sh is rather for ui than for the Dockerfile of the root, which is there in any case.
			r.note(fit[0].line, "it is not known what is built here: nothing says in which folder this script is run")
			return
		}
		switch {
		case len(fit) == 1:
			list = fit
		case len(fit) > 1 && fit[0].build != nil:
			r.note(fit[0].line, "it is not known what is built here: %s or %s, by the folder that it is run in", built(fit[0].build), built(fit[1].build))
			return
		case len(fit) > 1:
			list = fit[:1]
		default:
			for _, f := range list {
				if f.note != "" {
					r.note(f.line, "%s", shown(f.note))
					return
				}
			}
			if b := list[0].build; b != nil {
				r.note(list[0].line, "this build is not known: %s", b.Missing)
			}
			return
		}
	}
	for _, f := range list {
		switch {
		case f.note != "":
			r.note(f.line, "%s", shown(f.note))
		case f.call != nil:
			f.call.Released = f.call.Released || s.released && t.composePushed && f.call.Kind == Compose
			if !slices.ContainsFunc(r.calls[max(0, len(r.calls)-maxTurns):], func(c Call) bool { return reflect.DeepEqual(c, *f.call) }) {
				r.calls = append(r.calls, *f.call)
			}
		case f.build != nil && f.build.Missing != "" && f.build.Unsure:
			r.note(f.line, "this build is not known: some of its options are known only when it runs")
		case f.build != nil && f.build.Missing != "":
			// An earlier command may have made it.
			r.note(f.line, "this build is not known: %s", f.build.Missing)
		case f.build != nil:
			f.build.Released = f.build.Released || s.released && t.pushes(f.tags)
			r.addOnce(*f.build)
		}
	}
}

// addOnce adds a build, unless the same one of the same line is there under another name.
func (r *reading) addOnce(b Build) {
	for i := len(r.builds) - 1; i >= 0 && i >= len(r.builds)-maxTurns; i-- {
		other := r.builds[i]
		if other.Place != b.Place {
			continue
		}
		first := other.Default || b.Default
		other.Name, other.Default, other.Dev = b.Name, b.Default, b.Dev
		if alike(&other, &b) {
			r.builds[i].Default = first
			return
		}
	}
	r.add(b)
}

// alike reports whether two builds are the same but for where that is said; nil is none.
func alike(a, b *Build) bool {
	if a == nil || b == nil {
		return a == b
	}
	one, other := *a, *b
	one.At, other.At = Attributes{}, Attributes{}
	return reflect.DeepEqual(one, other)
}

func built(b *Build) string {
	if b.Dockerfile == "" {
		return "with the context " + b.Context
	}
	return fmt.Sprintf("%s with the context %s", b.Dockerfile, b.Context)
}

// fits reports whether what a command names is there.
func (r *reading) fits(f *finding) bool {
	switch {
	case f.build != nil:
		return f.build.Missing == ""
	case f.call != nil && len(f.call.Files) > 0:
		return r.files.IsFile(f.call.Files[0])
	case f.call != nil:
		names := []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
		if f.call.Kind == Bake {
			names = append(names, "docker-bake.hcl", "docker-bake.json")
		}
		return slices.ContainsFunc(names, func(name string) bool { return r.files.IsFile(path.Join(f.call.Dir, name)) })
	}
	return false
}

// pushes reports whether an image of one of these names is pushed, under it or under one that it is given.
func (t *traces) pushes(names []string) bool {
	names = slices.Clone(names)
	for i := 0; i < len(names) && i < 100; i++ {
		for _, tag := range t.tagged {
			if tag[0] == names[i] && !slices.Contains(names, tag[1]) {
				names = append(names, tag[1])
			}
		}
	}
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(t.pushed, func(pushed string) bool { return repository(pushed) == repository(name) })
	})
}

// repository is the name of an image without its tag.
func repository(image string) string {
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[:i]
	}
	return image
}
