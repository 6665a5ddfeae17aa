package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/internal/yaml"
)

// composeLoader reads the compose files that a reading needs, each once.
type composeLoader struct {
	r        *reading
	texts    map[string][]*yaml.Node
	included map[string]*composeModel // by what they depend on
	call     *Call                    // what the files are read for; nil if nothing calls them
	used     bool                     // a variable was taken from its environment
	// mistakes are those of .env files, which matter if something is built.
	mistakes []Note
}

func newComposeLoader(r *reading) *composeLoader {
	return &composeLoader{r: r, texts: map[string][]*yaml.Node{}, included: map[string]*composeModel{}}
}

// composeModel is what files say together.
type composeModel struct {
	dir      string // the project's folder, that paths count from
	lookup   lookup
	services map[string]*composeService
	names    []string // of the services, in their order
}

// composeFile is one of the files of a model.
type composeFile struct {
	loader *composeLoader
	name   string
	from   string // the folder that its paths count from
	lookup lookup
	bases  map[string]*composeLayer // the files whose services are extended, by name
}

// composeLayer are the services of one document, before they are merged with those of others.
type composeLayer struct {
	file     *composeFile
	services map[string]*composeService
	names    []string
	done     map[string]*composeService // those whose extends is done; nil while it is
}

// maxComposeIncluded is how deep files may include others.
const maxComposeIncluded = 20

func (l *composeLoader) noteAt(at composeText, wrong bool, format string, args ...any) {
	l.r.noteAt(Note{File: at.file, Line: max(at.line, 1), Message: fmt.Sprintf(format, args...), Wrong: wrong})
}

// documents are those of a file that a place of another one names; nil at is the reading's own file. What is
// wrong with it is a note.
func (l *composeLoader) documents(name string, at *composeText) []*yaml.Node {
	if docs, ok := l.texts[name]; ok {
		l.r.files.note(name, maxSource)
		return docs
	}
	var docs []*yaml.Node
	text, err := l.r.files.Read(name, maxSource)
	if err == nil {
		if docs, err = yaml.Documents(text, maxSource); err != nil {
			own := composeText{file: name, line: 1}
			at = &own
		}
	}
	l.texts[name] = docs
	var mistake *yaml.Error
	switch {
	case err == nil || at == nil && errors.Is(err, fs.ErrNotExist):
	case errors.As(err, &mistake):
		l.noteAt(composeText{file: name, line: mistake.Line}, false, "this file was not read: %s", mistake.Message)
	case at == nil || at.file == name:
		l.noteAt(composeText{file: name, line: 1}, false, "this file was not read: %v", err)
	case errors.Is(err, fs.ErrNotExist):
		l.noteAt(*at, true, "there is no file %s", name)
	default:
		l.noteAt(*at, false, "the file %s was not read: %v", name, err)
	}
	return docs
}

// calledWith is the environment of a call; nil is none.
func (l *composeLoader) calledWith(c *Call) map[string]string {
	if c == nil {
		return map[string]string{}
	}
	l.call = c
	return with(map[string]string{}, c.Env)
}

// env adds the variables of .env files, of which the last counts most, to those that are set.
func (l *composeLoader) env(set map[string]string, names ...string) {
	vars := map[string]string{}
	for _, name := range names {
		if name == "" {
			continue
		}
		text, err := l.r.files.Read(name, maxSource)
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) && l.r.files.IsFile(name) {
				l.noteAt(composeText{file: name}, false, "this file was not read: %v", err)
			}
			continue
		}
		l.r.spend(len(text) >> 8)
		if line, err := readDotenv(text, set, vars); err != nil {
			l.mistakes = append(l.mistakes, Note{File: name, Line: line, Message: fmt.Sprintf("compose cannot read this file: %v", err), Wrong: true})
		}
	}
	for name, v := range vars {
		if _, ok := set[name]; !ok {
			set[name] = v
		}
	}
}

// load reads files as one project, with its folder and variables. above are the files that include it.
func (l *composeLoader) load(dir string, files []composeText, env map[string]string, above []string) *composeModel {
	m := &composeModel{dir: dir, services: map[string]*composeService{}}
	lookup := func(name string) (string, bool) {
		if l.call != nil {
			if v, ok := l.call.variable(name); ok {
				l.used = true
				return v, true
			}
		}
		v, ok := env[name]
		return v, ok
	}
	m.lookup = lookup
	bases := map[string]*composeLayer{}
	for i, at := range files {
		file := &composeFile{l, at.text, dir, lookup, bases}
		from := &files[i]
		if from.file == "" {
			from = nil
		}
		for _, doc := range l.documents(at.text, from) {
			layer := file.layer(doc)
			for _, item := range doc.Get("include").Items() {
				l.include(layer, item, env, slices.Concat(above, []string{at.text}))
			}
			if v := doc.Get("services"); v != nil && (v.Tag == "!override" || v.Tag == "!reset") {
				m.services, m.names = map[string]*composeService{}, nil
			}
			for _, name := range layer.names {
				if s := l.extended(layer, name); s != nil {
					m.add(s)
				}
			}
		}
	}
	for _, s := range m.services {
		if s.build != nil && s.build.context == nil {
			b := *s.build
			b.context = &composeText{text: ".", file: b.at.file, line: b.at.line, from: dir}
			s.build = &b
		}
	}
	return m
}

// add takes in a service, over the one of an earlier file.
func (m *composeModel) add(s *composeService) {
	if base, ok := m.services[s.name]; ok {
		m.services[s.name] = merged(base, s)
		return
	}
	own := *s
	own.drops = nil
	m.services[s.name] = &own
	m.names = append(m.names, s.name)
}

// layer reads the services of a document.
func (f *composeFile) layer(doc *yaml.Node) *composeLayer {
	layer := &composeLayer{file: f, services: map[string]*composeService{}, done: map[string]*composeService{}}
	services := doc.Get("services")
	if services == nil || services.Tag == "!reset" {
		return layer
	}
	for _, name := range services.Keys() {
		if !f.loader.r.step() {
			break
		}
		layer.services[name] = f.service(name, services.LineOf(name), services.Get(name))
		layer.names = append(layer.names, name)
	}
	return layer
}

// extended is a service of a layer, with what the one that it extends gives; nil if that goes in a circle.
func (l *composeLoader) extended(layer *composeLayer, name string) *composeService {
	s := layer.services[name]
	if s == nil || s.extends == nil {
		return s
	}
	if done, ok := layer.done[name]; ok {
		return done
	}
	layer.done[name] = nil
	done := s
	if base := l.base(layer, s); base != nil {
		over := *s
		over.drops = slices.DeleteFunc(slices.Clone(s.drops), func(key string) bool { return key == "" })
		done = merged(base, &over)
		done.name, done.at, done.drops, done.extends = s.name, s.at, s.drops, nil
		done.builds = nil
		if done.build != nil {
			done.builds = []composeText{s.at}
			l.r.spend(len(done.build.args) >> 4)
		}
	}
	layer.done[name] = done
	return done
}

// base is the service that another one extends.
func (l *composeLoader) base(layer *composeLayer, s *composeService) *composeService {
	e := s.extends
	at := layer.file.at(e.line)
	if !l.r.step() {
		return nil
	}
	if e.file != nil {
		switch {
		case !isKnown(e.file.text):
			l.noteAt(at, false, "the service %s extends one of a file whose name is known only when it runs", s.name)
			return nil
		case isRemoteFile(e.file.text):
			l.noteAt(at, false, "the service %s extends one that is fetched from elsewhere", s.name)
			return nil
		}
		name := joined(e.file.from, e.file.text)
		layer = l.bases(layer.file, name, &at)
	}
	if layer.services[e.service] == nil {
		if layer.file.name == at.file || len(layer.names) > 0 {
			l.noteAt(at, true, "the service %s extends %s, which is not in %s", s.name, shown(e.service), layer.file.name)
		}
		return nil
	}
	if done, ok := layer.done[e.service]; ok && done == nil {
		l.noteAt(at, true, "the service %s extends itself, by way of others", s.name)
		return nil
	}
	return l.extended(layer, e.service)
}

// bases are the services of a file that those of another one extend.
func (l *composeLoader) bases(by *composeFile, name string, at *composeText) *composeLayer {
	if have := by.bases[name]; have != nil {
		return have
	}
	file := &composeFile{l, name, path.Dir(name), by.lookup, by.bases}
	all := &composeLayer{file: file, services: map[string]*composeService{}, done: map[string]*composeService{}}
	for _, doc := range l.documents(name, at) {
		layer := file.layer(doc)
		for _, name := range layer.names {
			s := layer.services[name]
			if base := all.services[name]; base != nil {
				s = merged(base, s)
			} else {
				all.names = append(all.names, name)
			}
			all.services[name] = s
		}
	}
	by.bases[file.name] = all
	return all
}

// include adds the services of the files that a document includes to its own, which count for more.
func (l *composeLoader) include(layer *composeLayer, item *yaml.Node, env map[string]string, above []string) {
	f := layer.file
	paths := item
	if item.Kind == yaml.Mapping {
		paths = item.Get("path")
	}
	files := f.words(paths)
	if len(files) == 0 {
		return
	}
	for i, w := range files {
		switch {
		case !isKnown(w.text):
			l.noteAt(w, false, "the included file %s is known only when it runs", shown(w.text))
			return
		case isRemoteFile(w.text):
			l.noteAt(w, false, "the included file %s is fetched from elsewhere", w.text)
			return
		}
		files[i].text = joined(f.from, w.text)
	}
	first := files[0]
	if slices.Contains(above, first.text) {
		l.noteAt(first, true, "the file %s includes itself, by way of others", first.text)
		return
	}
	if len(above) > maxComposeIncluded {
		l.noteAt(first, false, "the included file %s was not read: files include others too deep", first.text)
		return
	}
	dir := path.Dir(first.text)
	if w := f.word(item.Get("project_directory")); w != nil && w.text != "" {
		if !isKnown(w.text) {
			l.noteAt(*w, false, "the folder of the included file %s is known only when it runs", first.text)
			return
		}
		dir = joined(f.from, w.text)
	}
	own, names := maps.Clone(env), []string{path.Join(dir, ".env")}
	if list := item.Get("env_file"); !list.IsNull() {
		names = nil
		for _, w := range f.words(list) {
			if isKnown(w.text) && w.text != "/dev/null" {
				names = append(names, joined(f.from, w.text))
			}
		}
	}
	key := strings.Join(names, "\x00") + "\x01" + dir
	for _, file := range files {
		key += "\x00" + file.text
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		key += "\x02" + name + "=" + env[name]
	}
	l.r.spend(len(key) >> 8)
	m := l.included[key]
	if m == nil {
		if own == nil {
			own = map[string]string{}
		}
		l.env(own, names...)
		m = l.load(dir, files, own, above)
		l.included[key] = m
	}
	for _, file := range files {
		if !isDefaultCompose(file.text) || dir != path.Dir(file.text) {
			l.r.instead = append(l.r.instead, file.text)
		}
	}
	for _, name := range m.names {
		s := m.services[name]
		if !l.r.step() {
			return
		}
		if over := layer.services[name]; over != nil {
			both := merged(s, over)
			both.drops = over.drops
			layer.services[name] = both
			continue
		}
		layer.services[name] = s
		layer.names = append(layer.names, name)
	}
}

// isRemoteFile reports whether the name of a file is that of one which is fetched.
func isRemoteFile(name string) bool {
	return isRemote(name) || strings.Contains(name, "://") || strings.HasPrefix(name, "oci:")
}
