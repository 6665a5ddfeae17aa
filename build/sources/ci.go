package sources

import (
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/internal/yaml"
)

// What the readers of CI's files share: values that are put together from several files, and scripts whose
// lines stand in several places.

// node is a value of one of several YAML files. A mapping may be merged of several.
type node struct {
	*yaml.Node // of a mapping and a sequence, only its place and tag count
	doc        *document
	inputs     map[string]string // what $[[ inputs.x ]] stands for in it
	fields     map[string]*node
	order      []string // of the fields
	list       []*node
}

// nodes makes nodes of the values of a file. It counts the steps.
func (r *reading) nodes(n *yaml.Node, d *document, inputs map[string]string) *node {
	made := map[*yaml.Node]*node{}
	var convert func(n *yaml.Node, depth int) *node
	convert = func(n *yaml.Node, depth int) *node {
		if n == nil {
			return nil
		}
		if old, ok := made[n]; ok {
			return old // of an alias
		}
		if depth > maxDepth || !r.step() {
			return nil
		}
		c := &node{Node: n, doc: d, inputs: inputs}
		switch n.Kind {
		case yaml.Mapping:
			c.fields = map[string]*node{}
			for _, key := range n.Keys() {
				c.set(shown(withInputs(key, inputs)), convert(n.Get(key), depth+1))
			}
		case yaml.Sequence:
			for _, item := range n.List {
				c.list = append(c.list, convert(item, depth+1))
			}
		}
		made[n] = c
		return c
	}
	return convert(n, 0)
}

// maxDepth is how deeply the values of a source may be nested.
const maxDepth = 60

func (n *node) set(key string, v *node) {
	if _, ok := n.fields[key]; !ok {
		n.order = append(n.order, key)
	}
	n.fields[key] = v
}

// at is the value at a path of keys; nil if there is none.
func (n *node) at(keys ...string) *node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		n = n.fields[key]
	}
	return n
}

func (n *node) keys() []string {
	if n == nil {
		return nil
	}
	return n.order
}

// isMap reports whether it is a mapping.
func (n *node) isMap() bool { return n != nil && n.fields != nil }

// items are those of a sequence; any other value counts as one of itself alone.
func (n *node) items() []*node {
	switch {
	case n == nil || n.IsNull():
		return nil
	case n.Kind == yaml.Sequence:
		return n.list
	}
	return []*node{n}
}

// text is a scalar's, as a CI passes it on; "" for all else.
func (n *node) text() string {
	if n == nil || n.Node == nil || n.Kind != yaml.Scalar {
		return ""
	}
	if n.inputs == nil || !strings.Contains(n.Text, "$[[") {
		return n.Text
	}
	return withInputs(n.Text, n.inputs)
}

// texts are those of the scalars among items.
func (n *node) texts() (list []string) {
	for _, item := range n.items() {
		if item != nil && item.IsText() {
			list = append(list, item.text())
		}
	}
	return list
}

// merged is a value with another one laid over it: mappings by their keys, all else is replaced.
func (r *reading) merged(under, over *node) *node {
	if !under.isMap() || !over.isMap() {
		if over == nil {
			return under
		}
		return over
	}
	if !r.step() {
		return over
	}
	m := &node{Node: over.Node, doc: over.doc, inputs: over.inputs, fields: maps.Clone(under.fields), order: slices.Clone(under.order)}
	for _, key := range over.order {
		m.set(key, r.merged(m.fields[key], over.fields[key]))
	}
	return m
}

// commandLines are a script that is put together from several places.
type commandLines struct {
	text  strings.Builder
	place []at // of each line
}

type at struct {
	file string
	line int
}

// add adds a part: a text, and on which line of a file each of its lines stands.
func (l *commandLines) add(text, file string, line func(int) int) {
	text = strings.TrimRight(text, "\n")
	for i := range strings.Count(text, "\n") + 1 {
		l.place = append(l.place, at{file, max(1, line(i+1))})
	}
	l.text.WriteString(text + "\n")
}

// read reads the script. settings has all but the text and the lines.
func (l *commandLines) read(r *reading, settings script) {
	text := l.text.String()
	if !mayBuild(text) {
		return
	}
	if !r.spend(1 + len(text)/16) { // a parser has its price
		return
	}
	sub := &reading{files: r.files, file: r.file, kind: r.kind, steps: r.steps}
	settings.text, settings.line = text, func(n int) int { return n }
	sub.script(settings)
	l.place = append(l.place, at{r.file, 1})
	where := func(n int) at { return l.place[max(0, min(n, len(l.place))-1)] }
	for _, b := range sub.builds {
		w := where(b.Place.Line)
		b.Place.File, b.Place.Line = w.file, w.line
		b.At.all(func(t *Text) {
			w := where(t.Line)
			t.File, t.Line = w.file, w.line
		})
		b.Dev = false // add says it by the file
		r.add(b)
	}
	for _, c := range sub.calls {
		w := where(c.Place.Line)
		c.Place.File, c.Place.Line = w.file, w.line
		r.calls = append(r.calls, c)
	}
	for _, n := range sub.notes {
		w := where(n.Line)
		n.File, n.Line = w.file, w.line
		r.noteAt(n)
	}
	r.spend(max(0, sub.steps-r.steps))
}

// partOf notes that a file is read as a part of this source.
func (r *reading) partOf(file string) {
	if file != r.file {
		r.instead = append(r.instead, file)
	}
}

// expandedIn replaces $X and ${X} in a text by values; what is not among them stays.
func expandedIn(text string, vars map[string]string) string {
	var b strings.Builder
	for text != "" && b.Len() < maxText {
		before, rest, ok := strings.Cut(text, "$")
		b.WriteString(before)
		if !ok {
			break
		}
		name, after, ok := strings.Cut(strings.TrimPrefix(rest, "{"), "}")
		if rest == "" || rest[0] != '{' {
			name = identifier(rest)
			after, ok = rest[len(name):], name != ""
		}
		v, known := vars[name]
		switch {
		case strings.HasPrefix(rest, "$"):
			b.WriteString("$")
			text = rest[1:]
		case ok && known:
			b.WriteString(v)
			text = after
		case ok && isName(name):
			b.WriteString(unknown)
			text = after
		default:
			b.WriteString("$")
			text = rest
		}
	}
	if b.Len() >= maxText {
		return unknown
	}
	return b.String()
}

// identifier is the name of a variable that a text begins with.
func identifier(s string) string {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return s[:i]
		}
	}
	return s
}

// expandVariables replaces variables in the values of variables, as far as they name each other.
func expandVariables(vars map[string]string) {
	for range 5 {
		changed := false
		before := maps.Clone(vars)
		for _, name := range slices.Sorted(maps.Keys(before)) {
			own := before[name]
			if !strings.Contains(own, "$") {
				continue
			}
			others := maps.Clone(before)
			delete(others, name)
			v := expandedIn(own, others)
			changed = changed || v != own
			vars[name] = v
		}
		if !changed {
			return
		}
	}
}

// rooted is a path in a repository, without the slash in front.
func rooted(name string) string { return path.Clean(strings.TrimLeft(name, "/")) }

// options takes in options of docker build that stand in a text: of these, arguments and the target.
func (b *Build) options(text string) {
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		name, value, has := strings.Cut(words[i], "=")
		if !isKnown(name) {
			b.Unsure = true
		}
		if !has && i+1 < len(words) && (name == "--build-arg" || name == "--target") {
			i++
			value = words[i]
		}
		value = strings.Trim(value, `"'`)
		if k, v, _ := strings.Cut(value, "="); strings.Contains(v, "$") {
			value = k + "=" + unknown
		}
		switch name {
		case "--build-arg":
			b.arg(value)
		case "--target":
			if b.Target = value; !isKnown(value) {
				b.Target, b.Unsure = "", true
			}
		}
	}
}
