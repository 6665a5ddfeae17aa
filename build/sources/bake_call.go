package sources

import (
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/names"
)

// bakeAnswers are the readings of the bake files that sources call, as these calls read them. What no call
// builds is built as the files say.
func bakeAnswers(all []*reading) (answers []*reading) {
	called := map[Place]bool{}
	var rest [][]Build
	for _, r := range all {
		if !r.baked.done {
			for _, c := range r.calls {
				if c.Kind == Bake {
					a := &reading{files: r.files, file: c.Place.File, kind: Bake}
					var uncalled []Build
					a.guard(func(a *reading) { uncalled = a.answerBake(c) })
					a.findChanging()
					r.baked.readings, r.baked.uncalled = append(r.baked.readings, a), append(r.baked.uncalled, uncalled)
				}
			}
			r.baked.done = true
		}
		for _, a := range r.baked.readings {
			for _, b := range a.builds {
				called[b.Place] = true
			}
			own := *a // it gets more builds here
			answers = append(answers, &own)
		}
		rest = append(rest, r.baked.uncalled...)
	}
	for i, a := range answers {
		a.builds = slices.Clip(a.builds)
		for _, b := range rest[i] {
			if !called[b.Place] {
				a.builds = append(a.builds, b)
			}
		}
	}
	return answers
}

// answerBake adds the builds of a call. It returns those of the same files that the call does not build.
func (r *reading) answerBake(c Call) (uncalled []Build) {
	var files, compose []string
	for _, file := range c.Files {
		switch {
		case !r.files.IsFile(file):
			r.note(c.Place.Line, "the bake file %s, which this command reads, is not there", file)
			return nil
		case strings.HasSuffix(file, ".yaml"), strings.HasSuffix(file, ".yml"):
			compose = append(compose, file)
		default:
			files = append(files, file)
		}
	}
	if len(c.Files) == 0 {
		for _, name := range bakeDefaults {
			if at := path.Join(c.Dir, name); r.files.IsFile(at) {
				files = append(files, at)
			}
		}
	}
	if len(files) == 0 {
		return nil // of compose files alone, their own reader tells
	}
	var services map[string]composeTarget
	switch {
	case len(c.Files) == 0:
		services = r.composeBeside(c.Dir, &c)
	case len(compose) > 0:
		services = composeServices(r, compose, c.Dir, &c)
	}
	if !slices.ContainsFunc(files, func(file string) bool { return path.Dir(file) == c.Dir }) {
		r.instead = files // where paths count from is known now
	}
	e := r.bake(files, services, &c)
	if e == nil {
		return nil
	}
	e.git, e.sets = c.Git, c.sets
	called := map[string]bool{}
	for _, pattern := range c.Targets {
		for _, name := range e.matching(pattern) {
			for _, member := range e.members(name, map[string][]string{}) {
				called[member] = true
			}
		}
	}
	plan := e.plan(slices.Sorted(maps.Keys(called)))
	for i := range plan {
		t := &plan[i]
		t.called = called[t.name] || len(c.Targets) == 0 && t.standard
		if !t.called {
			continue
		}
		t.standard = true
	}
	e.released = c.Released
	e.emit(plan, c.Dir, true)
	var builds []Build
	for _, b := range r.builds {
		if called[b.Name] || len(c.Targets) == 0 && b.Default {
			b.takeEpoch(c.variable, Text{File: c.Place.File, Line: c.Place.Line})
			b.Dev, b.Unsure = b.Dev || names.FileForDevelopers(c.Place.File), b.Unsure || c.Unsure
			builds = append(builds, b)
		} else {
			if b.Kind == Git {
				b.Kind = Folder // the commit is that of this call
			}
			uncalled = append(uncalled, b)
		}
	}
	r.builds = builds
	if e.used && len(uncalled) > 0 { // who builds these has another environment
		c.Env, c.Place.Kind = nil, ""
		return (&reading{files: r.files, file: r.file, kind: r.kind, steps: r.steps}).answerBake(c)
	}
	return uncalled
}

// matching are the targets and groups that a word of a call names, which may be a pattern.
func (e *bakeEvaluator) matching(pattern string) (names []string) {
	pattern = strings.ReplaceAll(pattern, ".", "_")
	if !strings.ContainsAny(pattern, "*?[]") {
		return []string{pattern}
	}
	for _, name := range slices.Concat(slices.Sorted(maps.Keys(e.memberNames)), e.order) {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			names = append(names, name)
		}
	}
	return names
}
