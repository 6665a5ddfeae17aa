package sources

import (
	"maps"
	"slices"
	"strings"

	"layerwise/internal/yaml"
)

// composeText is a text of a compose file, with its place.
type composeText struct {
	text string // with unknown in place of variables that nobody sets
	file string
	line int
	from string // the folder that it counts from, if it is a path
	// unset: of an argument that is given without a value: the environment's counts.
	unset bool
}

// composeService is what a compose file says of a service, as far as it matters to builds.
type composeService struct {
	name            string
	at              composeText // its key
	build           *composeBuild
	image, platform *composeText
	profiles        []string      // it does not run unless one of them is named
	builds          []composeText // its keys in the files that say how it is built, in their order

	extends *composeExtends
	// drops are the keys of earlier files that no longer count, as !reset and !override say: build.args.A.
	// An empty one is all of the service.
	drops []string
}

// composeExtends is the service that another one begins with.
type composeExtends struct {
	service string
	file    *composeText // nil for the same file
	line    int
}

// composeBuild is what stands below build. Its words are nil if they are not given, or null.
type composeBuild struct {
	at                                  composeText
	context, dockerfile, inline, target *composeText
	args, contexts                      map[string]*composeText
	unsure                              bool // there are more arguments, of unknown names
	platforms, tags, secrets            []composeText
	ssh, exports                        []composeText
}

// drop is the service without what a later file drops.
func (s *composeService) drop(keys []string) *composeService {
	if len(keys) == 0 {
		return s
	}
	d := *s
	for _, key := range keys {
		switch key {
		case "":
			d = composeService{name: d.name, at: d.at}
		case "image":
			d.image = nil
		case "platform":
			d.platform = nil
		case "profiles":
			d.profiles = nil
		case "build":
			d.build, d.builds = nil, nil
		default:
			if name, ok := strings.CutPrefix(key, "build."); ok && d.build != nil {
				d.build = d.build.drop(name)
			}
		}
	}
	return &d
}

func (b *composeBuild) drop(key string) *composeBuild {
	d := *b
	switch key {
	case "context":
		d.context = nil
	case "dockerfile":
		d.dockerfile = nil
	case "dockerfile_inline":
		d.inline = nil
	case "target":
		d.target = nil
	case "args":
		d.args, d.unsure = nil, false
	case "additional_contexts":
		d.contexts = nil
	case "platforms":
		d.platforms = nil
	case "tags":
		d.tags = nil
	case "secrets":
		d.secrets = nil
	case "cache_to":
		d.exports = nil
	case "ssh":
		d.ssh = nil
	}
	if name, ok := strings.CutPrefix(key, "args."); ok {
		d.args = maps.Clone(d.args)
		delete(d.args, name)
	}
	if name, ok := strings.CutPrefix(key, "additional_contexts."); ok {
		d.contexts = maps.Clone(d.contexts)
		delete(d.contexts, name)
	}
	return &d
}

// merged is a service of which a later file, or one that extends it, says more.
func merged(base, over *composeService) *composeService {
	base = base.drop(over.drops)
	m := *base
	m.image, m.platform = onTop(over.image, base.image), onTop(over.platform, base.platform)
	m.profiles = slices.Concat(base.profiles, over.profiles)
	m.builds = slices.Clone(base.builds)
	for _, at := range over.builds {
		if !slices.Contains(m.builds, at) {
			m.builds = append(m.builds, at)
		}
	}
	m.drops = nil
	if over.extends != nil {
		m.extends = over.extends
	}
	switch {
	case base.build == nil:
		m.build = over.build
	case over.build != nil:
		m.build = mergedBuild(base.build, over.build)
	}
	return &m
}

func mergedBuild(base, over *composeBuild) *composeBuild {
	return &composeBuild{
		at:         over.at,
		context:    onTop(over.context, base.context),
		dockerfile: onTop(over.dockerfile, base.dockerfile),
		inline:     onTop(over.inline, base.inline),
		target:     onTop(over.target, base.target),
		args:       mergedPairs(base.args, over.args),
		contexts:   mergedPairs(base.contexts, over.contexts),
		unsure:     base.unsure || over.unsure,
		platforms:  mergedWords(base.platforms, over.platforms),
		tags:       mergedWords(base.tags, over.tags),
		secrets:    mergedWords(base.secrets, over.secrets),
		exports:    mergedWords(base.exports, over.exports),
		ssh:        mergedWords(base.ssh, over.ssh),
	}
}

func onTop(over, base *composeText) *composeText {
	if over != nil {
		return over
	}
	return base
}

func mergedPairs(base, over map[string]*composeText) map[string]*composeText {
	if len(over) == 0 {
		return base
	}
	if len(base) == 0 {
		return over
	}
	m := maps.Clone(base)
	maps.Copy(m, over)
	return m
}

// mergedWords appends those that are not there yet.
func mergedWords(base, over []composeText) []composeText {
	if len(over) == 0 {
		return base
	}
	m := slices.Clone(base)
	for _, w := range over {
		if !slices.ContainsFunc(m, func(have composeText) bool { return have.text == w.text }) {
			m = append(m, w)
		}
	}
	return m
}

// service reads a service of a file.
func (f *composeFile) service(name string, line int, n *yaml.Node) *composeService {
	s := &composeService{name: name, at: f.at(line)}
	if n.Tag == "!override" || n.Tag == "!reset" {
		s.drops = append(s.drops, "")
	}
	if n.Tag == "!reset" || n.IsNull() {
		return s
	}
	s.image = f.word(f.field(s, n, "image", ""))
	s.platform = f.word(f.field(s, n, "platform", ""))
	s.profiles = f.field(s, n, "profiles", "").Strings()
	s.extends = f.extends(n.Get("extends"))
	if build := f.field(s, n, "build", ""); !build.IsNull() {
		s.build = f.build(s, build, n.LineOf("build"))
		s.builds = []composeText{s.at}
	}
	return s
}

// field is a value of a mapping, nil if its tag takes it away, and notes what a tag drops.
func (f *composeFile) field(s *composeService, n *yaml.Node, key, above string) *yaml.Node {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	if v.Tag == "!override" || v.Tag == "!reset" {
		s.drops = append(s.drops, above+key)
	}
	if v.Tag == "!reset" {
		return nil
	}
	return v
}

func (f *composeFile) extends(n *yaml.Node) *composeExtends {
	switch {
	case n.IsNull() || n.Tag == "!reset":
		return nil
	case n.IsText():
		return &composeExtends{service: f.word(n).text, line: n.Line}
	}
	e := &composeExtends{line: n.LineOf("service"), file: f.word(n.Get("file"))}
	if w := f.word(n.Get("service")); w != nil {
		e.service = w.text
	}
	return e
}

func (f *composeFile) build(s *composeService, n *yaml.Node, line int) *composeBuild {
	b := &composeBuild{at: f.at(line)}
	if n.IsText() {
		b.context = f.word(n)
		return b
	}
	field := func(key string) *yaml.Node { return f.field(s, n, key, "build.") }
	b.context = f.word(field("context"))
	b.dockerfile = f.word(field("dockerfile"))
	b.inline = f.word(field("dockerfile_inline"))
	b.target = f.word(field("target"))
	b.args = f.pairs(s, b, field("args"), "build.args.")
	b.contexts = f.pairs(s, b, field("additional_contexts"), "build.additional_contexts.")
	b.platforms = f.words(field("platforms"))
	b.tags = f.words(field("tags"))
	b.exports = f.words(field("cache_to"))
	for _, item := range field("secrets").Items() {
		id := item
		if item.Kind == yaml.Mapping {
			if id = item.Get("target"); id.IsNull() {
				id = item.Get("source")
			}
		}
		if w := f.word(id); w != nil {
			b.secrets = append(b.secrets, *w)
		}
	}
	b.ssh = f.agents(field("ssh"))
	return b
}

// agents reads what a build passes of SSH: a list of "id=path" or a mapping.
func (f *composeFile) agents(n *yaml.Node) (ids []composeText) {
	if n.IsNull() {
		return nil
	}
	if n.Kind == yaml.Mapping {
		for _, key := range n.Keys() {
			id := f.at(n.LineOf(key))
			id.text = key
			ids = append(ids, id)
		}
		return ids
	}
	for _, id := range f.words(n) {
		id.text, _, _ = strings.Cut(id.text, "=")
		ids = append(ids, id)
	}
	return ids
}

// pairs reads a mapping, or a list of K=V.
func (f *composeFile) pairs(s *composeService, b *composeBuild, n *yaml.Node, above string) map[string]*composeText {
	if n.IsNull() {
		return nil
	}
	pairs := map[string]*composeText{}
	if n.Kind == yaml.Mapping {
		for _, key := range n.Keys() {
			if v := f.field(s, n, key, above); v != nil {
				w := f.word(v)
				if w == nil {
					w = &composeText{file: f.name, unset: true}
				}
				w.line = n.LineOf(key)
				pairs[key] = w
			}
		}
		return pairs
	}
	for _, item := range n.Items() {
		w := f.word(item)
		if w == nil {
			continue
		}
		key, value, has := strings.Cut(w.text, "=")
		switch {
		case !isKnown(key):
			b.unsure = true
		case has:
			w.text = value
			pairs[key] = w
		default:
			w.unset = true
			pairs[key] = w
		}
	}
	return pairs
}

func (f *composeFile) words(n *yaml.Node) []composeText {
	var list []composeText
	for _, item := range n.Items() {
		if w := f.word(item); w != nil {
			list = append(list, *w)
		}
	}
	return list
}

func (f *composeFile) at(line int) composeText {
	return composeText{file: f.name, line: line, from: f.from}
}

// word is the text of a scalar, with the values of variables in it; nil for null and for what is no scalar.
func (f *composeFile) word(n *yaml.Node) *composeText {
	if !n.IsText() || !f.loader.r.step() {
		return nil
	}
	w := f.at(n.Line)
	w.text = n.Text
	if !n.Quoted && n.Tag != "!!str" {
		w.text = plainText(n.Text)
	}
	if w.text != n.Text {
		f.loader.noteAt(w, false, "%s reaches the build as %s: text that looks like a number or a date stands in quotes", n.Text, w.text)
		return &w
	}
	if !strings.Contains(w.text, "$") {
		return &w
	}
	text, err := interpolate(w.text, f.lookup)
	if err != nil {
		f.loader.noteAt(w, true, "the variables of this text cannot be read: %v", err)
	}
	w.text = text
	f.loader.r.spend(len(text) >> 8) // long values count for more
	return &w
}
