package sources

import (
	"path"
	"slices"

	"layerwise/dockerfile/names"
	"layerwise/internal/yaml"
)

// composeAnswers are the readings of the compose files that sources call, as these calls read them. Calls of
// the same files are often many.
func composeAnswers(all []*reading) (answers []*reading) {
	texts := map[string][]*yaml.Node{}
	for _, r := range all {
		if !r.composed.done {
			for _, c := range r.calls {
				if c.Kind == Compose {
					a := &reading{files: r.files, file: c.Place.File, kind: Compose}
					a.guard(func(a *reading) { a.answer(c, texts) })
					a.findChanging()
					r.composed.readings = append(r.composed.readings, a)
				}
			}
			r.composed.done = true
		}
		answers = append(answers, r.composed.readings...)
	}
	return answers
}

// answers are the readings of what a source calls, made when they are first asked for. They rest on files that the
// source's own reading has asked about then, too, and hold as long as that does.
type answers struct {
	done     bool
	readings []*reading
	uncalled [][]Build // of each reading of bake files: what the call does not build
}

// answer reads the files of a call, of which some are parsed already.
func (r *reading) answer(c Call, texts map[string][]*yaml.Node) {
	files, named := c.Files, len(c.Files) > 0
	l := newComposeLoader(r)
	l.texts = texts
	env := l.calledWith(&c) // .env files yield to it
	l.env(env, c.EnvFiles...)
	switch {
	case named && len(c.EnvFiles) == 0: // the folder of the call has a say, too
		l.env(env, path.Join(c.Dir, ".env"))
	case !named:
		if list, _ := c.variable("COMPOSE_FILE"); !isKnown(list) {
			r.note(c.Place.Line, "it is not known which compose files this takes: COMPOSE_FILE is known only when it runs")
			return
		}
		files = r.calledDefaults(l, &c)
	}
	if len(files) == 0 {
		r.note(c.Place.Line, "there is no compose file that this could read")
		return
	}
	for _, file := range files {
		if !r.files.IsFile(file) {
			r.note(c.Place.Line, "the compose file %s, which this reads, is not there", file)
			return
		}
	}
	dir := c.Project
	if dir == "" {
		dir = path.Dir(files[0])
	}
	if named {
		for _, file := range files {
			if slices.Index(r.defaultCompose(path.Dir(file)), file) != 0 {
				r.instead = append(r.instead, file)
			}
		}
	}
	if len(c.EnvFiles) == 0 {
		l.env(env, path.Join(dir, ".env"))
	}
	var at []composeText
	for _, file := range files {
		at = append(at, composeText{text: file, file: c.Place.File, line: c.Place.Line})
	}
	l.report(l.load(dir, at, env, nil), named)
	isCalled := func(b Build) bool { return len(c.Targets) == 0 || slices.Contains(c.Targets, b.Name) }
	if l.used && slices.ContainsFunc(r.builds, func(b Build) bool { return !isCalled(b) }) { // who builds the others has another environment
		r.builds = slices.DeleteFunc(r.builds, func(b Build) bool { return !isCalled(b) })
		other := c
		other.Env, other.Place.Kind = nil, ""
		rest := &reading{files: r.files, file: r.file, kind: r.kind, steps: r.steps}
		rest.answer(other, texts)
		for _, b := range rest.builds {
			if !isCalled(b) {
				r.builds = append(r.builds, b)
			}
		}
	}
	for i := range r.builds {
		b := &r.builds[i]
		b.Dev = b.Dev || names.FileForDevelopers(c.Place.File)
		if !isCalled(*b) {
			continue
		}
		b.Default = b.Default || len(c.Targets) > 0
		b.Released = c.Released
		for name, v := range c.Args {
			if b.Args == nil {
				b.Args = map[string]*string{}
			}
			b.Args[name] = v
		}
	}
}

// calledDefaults are the files that compose looks for in the folder that it is called in, and then above.
func (r *reading) calledDefaults(l *composeLoader, c *Call) []string {
	dir := c.Dir
	for inside(dir) {
		env := l.calledWith(c)
		l.env(env, path.Join(dir, ".env"))
		if files := composeFileVariable(env, dir); len(files) > 0 {
			return files
		}
		if files := r.defaultCompose(dir); len(files) > 0 {
			return files
		}
		if dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return nil
}
