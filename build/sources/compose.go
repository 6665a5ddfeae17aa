package sources

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// The names that compose looks for in a folder, in its order, and those of what it merges with the first.
var (
	composeDefaults  = []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}
	composeOverrides = []string{"compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"}
)

// isCompose reports whether a file has "compose" in its name, as projects and parts of them do.
func isCompose(name string) bool { return composeName.MatchString(path.Base(name)) }

var composeName = lazy.New(`(?i)(^|docker|[^a-z])compose([^a-z].*)?\.ya?ml$`)

func isDefaultCompose(name string) bool { return slices.Contains(composeDefaults, path.Base(name)) }

// defaultCompose are the files that compose reads in a folder if none is named; none if there are none.
func (r *reading) defaultCompose(dir string) []string {
	first := r.firstFile(dir, composeDefaults)
	if first == "" {
		return nil
	}
	files := []string{first}
	if over := r.firstFile(dir, composeOverrides); over != "" {
		files = append(files, over)
	}
	return files
}

func (r *reading) firstFile(dir string, names []string) string {
	for _, name := range names {
		if file := path.Join(dir, name); r.files.IsFile(file) {
			return file
		}
	}
	return ""
}

// readCompose reads a file as what it most likely is: the project of its folder, with the override beside
// it; a part of that; or a project of its own.
func readCompose(r *reading) {
	l := newComposeLoader(r)
	env := map[string]string{}
	l.env(env, path.Join(r.dir(), ".env"))
	own := composeText{text: r.file}
	standard := r.defaultCompose(r.dir())
	if named := composeFileVariable(env, r.dir()); len(named) > 0 {
		standard = named
	}
	at := slices.Index(standard, r.file)
	if at > 0 {
		return // the first one's reading has it
	}
	docs := l.documents(r.file, nil)
	base := r.baseOf(l, docs)
	if at == 0 && base == "" {
		files := []composeText{own}
		for _, name := range standard[1:] {
			files = append(files, composeText{text: name, file: r.file, line: 1})
		}
		l.report(l.load(r.dir(), files, env, nil), false)
		return
	}
	if base != "" {
		dir := path.Dir(base)
		if dir != r.dir() {
			env = map[string]string{}
			l.env(env, path.Join(dir, ".env"))
		}
		m := l.load(dir, []composeText{{text: base, file: r.file, line: 1}, own}, env, nil)
		for name, s := range m.services {
			if !slices.ContainsFunc(s.builds, func(at composeText) bool { return at.file == r.file }) {
				delete(m.services, name)
			}
		}
		l.report(m, true)
		return
	}
	l.report(l.load(r.dir(), []composeText{own}, env, nil), false)
}

// composeFileVariable are the files that COMPOSE_FILE names in the .env of a folder.
func composeFileVariable(env map[string]string, dir string) (files []string) {
	list := env["COMPOSE_FILE"]
	if list == "" || !isKnown(list) {
		return nil
	}
	separator := env["COMPOSE_PATH_SEPARATOR"]
	if separator == "" {
		separator = ":"
	}
	for _, name := range strings.Split(list, separator) {
		if name != "" {
			files = append(files, joined(dir, name))
		}
	}
	return files
}

// baseOf is the default file that a file is a part for: one of its services leaves its context to it, or the
// paths of its builds are there for that file's folder only, from which they count then. One with a name that compose looks
// for is a part of another only if its paths, seen from there, lead back to its own folder.
func (r *reading) baseOf(l *composeLoader, docs []*yaml.Node) string {
	var parts, built []string
	var files []string // of the builds, as seen from the project's folder
	for _, doc := range docs {
		services := doc.Get("services")
		for _, name := range services.Keys() {
			s := services.Get(name)
			b := s.Get("build")
			if b == nil || s.Has("extends") {
				continue
			}
			if b.Kind == yaml.Mapping && !b.Has("context") {
				parts = append(parts, name)
			}
			built, files = append(built, name), append(files, dockerfileOf(b))
		}
	}
	is := func(dir string) bool {
		return slices.ContainsFunc(files, func(file string) bool { return r.files.IsFile(path.Join(dir, file)) })
	}
	back := func(dir string) bool {
		return slices.ContainsFunc(files, func(file string) bool {
			file = path.Join(dir, file)
			return strings.HasPrefix(file, r.dir()+"/") && r.files.IsFile(file)
		})
	}
	elsewhere := len(parts) == 0
	own := isDefaultCompose(r.file)
	if elsewhere {
		if parts = built; len(parts) == 0 || is(r.dir()) {
			return ""
		}
	} else if own {
		return ""
	}
	for dir := r.dir(); ; dir = path.Dir(dir) {
		if base := r.firstFile(dir, composeDefaults); base != "" && (!own || dir != r.dir()) {
			if elsewhere && back(dir) {
				return base
			}
			if own {
				return ""
			}
			for _, doc := range l.documents(base, &composeText{file: r.file, line: 1}) {
				if slices.ContainsFunc(parts, func(name string) bool { return doc.Get("services").Has(name) }) && (!elsewhere || is(dir)) {
					return base
				}
			}
			return ""
		}
		if dir == "." {
			return ""
		}
	}
}

// dockerfileOf is the path of a build's Dockerfile as a file spells it, from the project's folder.
func dockerfileOf(build *yaml.Node) string {
	context, file := build.String(), "Dockerfile"
	if build.Kind == yaml.Mapping {
		context = build.Get("context").String()
		if name := build.Get("dockerfile").String(); name != "" {
			file = name
		}
	}
	return path.Join(context, file)
}

// report adds the builds of a project. Of a service that several files build, the place is in the first of them, as
// with a file and its override, which are read as one; or in the last, if that is a variant of a project that is
// there without it too.
func (l *composeLoader) report(m *composeModel, last bool) {
	for _, name := range m.names {
		s := m.services[name]
		if s == nil || s.build == nil || l.r.steps >= maxSteps {
			continue
		}
		for _, n := range l.mistakes {
			l.r.noteAt(n)
		}
		l.mistakes = nil
		if b, ok := l.settled(l.target(m, s, last)); ok {
			l.r.add(b)
		}
	}
}

// composeTarget is a build as compose files say it, before it is known where its folders and files are.
type composeTarget struct {
	Build               // but for Kind, Context, Dockerfile and Missing
	context, dockerfile composeText
	exported            []string // the values of cache_to
}

// areForDevelopers reports whether all profiles are, and there are some.
func areForDevelopers(profiles []string) bool {
	return len(profiles) > 0 && !slices.ContainsFunc(profiles, func(p string) bool { return !names.ForDevelopers(p) })
}

// target is the build of a service that has one.
func (l *composeLoader) target(m *composeModel, s *composeService, last bool) composeTarget {
	b, at := s.build, s.builds[0]
	if last {
		at = s.builds[len(s.builds)-1]
	}
	t := composeTarget{context: *b.context, dockerfile: b.at}
	t.Name, t.Place = s.name, Place{at.file, at.line, Compose}
	t.Default, t.Unsure = len(s.profiles) == 0, b.unsure
	t.At.Context = b.context.place()
	if b.dockerfile != nil {
		t.dockerfile, t.At.Dockerfile = *b.dockerfile, b.dockerfile.place()
	}
	if b.inline != nil {
		t.Inline = b.inline.text
	}
	if b.target != nil {
		if t.Target = b.target.text; !isKnown(t.Target) {
			l.noteAt(*b.target, false, "the target of the service %s, %s, is known only when it runs", s.name, shown(t.Target))
			t.Target, t.Unsure = "", true
		} else if t.Target != "" {
			t.At.Target = b.target.place()
		}
	}
	t.Dev = names.ForDevelopers(t.Target) || names.ForDevelopers(t.Name) || areForDevelopers(s.profiles)
	for name, w := range b.args {
		if t.Args == nil {
			t.Args = map[string]*string{}
		}
		t.At.setArg(name, w.place())
		if v, ok := m.lookup(name); !w.unset {
			t.Args[name] = argument(w.text)
		} else if t.Args[name] = nil; ok {
			t.Args[name] = argument(v)
		}
	}
	for name, w := range b.contexts {
		if w.unset || !isKnown(w.text) {
			t.Unsure = true
			continue
		}
		if t.Contexts == nil {
			t.Contexts = map[string]string{}
		}
		t.Contexts[name] = namedContext(*w)
		t.At.setContext(name, w.place())
	}
	t.Secrets, t.SSH = knownTexts(b.secrets), knownTexts(b.ssh)
	if t.Platforms = knownTexts(b.platforms); len(b.platforms) == 0 && s.platform != nil {
		t.Platforms = knownTexts([]composeText{*s.platform})
	}
	for _, w := range b.exports {
		t.exported = append(t.exported, w.text)
		t.exports(t.exported, w.place())
	}
	t.Images = knownTexts(b.tags)
	if s.image != nil && isKnown(s.image.text) && s.image.text != "" {
		t.Images = append([]string{s.image.text}, t.Images...)
	}
	return t
}

// place is where the text stands.
func (w *composeText) place() Text { return Text{File: w.file, Line: w.line, Text: w.text} }

// namedContext is the value of a named context: a path relative to the root, or what it is else.
func namedContext(w composeText) string {
	if isRemote(w.text) || strings.Contains(w.text, "://") || strings.HasPrefix(w.text, "service:") || strings.HasPrefix(w.text, "target:") {
		return w.text
	}
	return joined(w.from, w.text)
}

// knownTexts are the texts that are known, each once.
func knownTexts(words []composeText) (texts []string) {
	for _, w := range words {
		if w.text != "" && isKnown(w.text) && !slices.Contains(texts, w.text) {
			texts = append(texts, w.text)
		}
	}
	return texts
}

// settled is the build of a service, if it can be known. What is wrong with it is a note.
func (l *composeLoader) settled(t composeTarget) (Build, bool) {
	b := t.Build
	switch {
	case b.Inline != "" && t.dockerfile.text != "":
		l.noteAt(t.dockerfile, true, "the service %s has both dockerfile and dockerfile_inline, of which compose takes one only", b.Name)
		return b, false
	case !isKnown(b.Inline):
		l.noteAt(t.context, false, "the service %s is left out: a part of its dockerfile_inline is known only when it runs", b.Name)
		return b, false
	case b.Inline != "" && isRemote(t.context.text):
		b.Kind, b.Context = Remote, t.context.text
		return b, isKnown(b.Context)
	}
	err := l.r.settle(&b, t.context.from, t.context.text, joined(t.context.from, t.context.text), t.dockerfile.text)
	if err != nil {
		at := t.context
		if isKnown(at.text) && t.dockerfile.text != "" {
			at = t.dockerfile
		}
		l.noteAt(at, false, "the service %s is left out: %v", b.Name, err)
		return b, false
	}
	if b.Missing != "" {
		at := t.context
		if t.dockerfile.text != "" && l.r.files.IsFolder(b.Context) {
			at = t.dockerfile
		}
		l.r.noteAt(Note{File: at.file, Line: max(at.line, 1), Word: at.text, Wrong: !isMade(b.Context + "/" + b.Dockerfile),
			Message: fmt.Sprintf("the service %s cannot be built: %s", b.Name, b.Missing)})
	}
	return b, true
}

// composeServices are the builds of services, as files say it that are read as one project: what bake takes
// from compose files. names are relative to the root, as is the project's folder. c is the call, nil if there is none.
func composeServices(r *reading, names []string, dir string, c *Call) map[string]composeTarget {
	l := newComposeLoader(r)
	env := l.calledWith(c)
	l.env(env, path.Join(dir, ".env"))
	var files []composeText
	for _, name := range names {
		files = append(files, composeText{text: name, file: r.file, line: 1})
	}
	m := l.load(dir, files, env, nil)
	targets := map[string]composeTarget{}
	for name, s := range m.services {
		if s.build != nil && r.steps < maxSteps {
			targets[name] = l.target(m, s, false)
		}
	}
	return targets
}
