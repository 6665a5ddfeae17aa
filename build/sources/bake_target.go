package sources

import (
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// maxMatrix is how many targets one matrix may make.
const maxMatrix = 1000

// bakeTarget is a block of a target, for one combination of its matrix.
type bakeTarget struct {
	block  *bakeBlock
	name   string // of the target; where it is not known, one that no other has: see title
	locals map[string]cty.Value
	own    *bakeProperties // nil until it is worked out
}

// bakeProperties are what a target sets, or inherits. A nil text is not set; texts have unknown for what only
// the run knows.
type bakeProperties struct {
	context, dockerfile, inline, target *bakeWord

	args, contexts         map[string]bakeWord
	platforms, tags        []string // nil if not set
	exports                []string // of the cache; nil if not set
	exportAt               bakeWord // where they stand
	secrets, ssh, inherits []string
	unsure                 bool   // there may be more arguments or contexts
	parents                string // why it may inherit from targets that are not known; empty if not
}

type bakeWord struct {
	text string
	file string
	line int
}

// place is where the text stands; zero of none.
func (w *bakeWord) place() Text {
	if w == nil {
		return Text{}
	}
	return Text{File: w.file, Line: w.line, Text: w.text}
}

// title is a target's name for people.
func targetTitle(name string) string {
	name, _, _ = strings.Cut(name, "#")
	return name
}

// instances are the targets that a block stands for: one, or those of its matrix.
func (e *bakeEvaluator) instances(b *bakeBlock) []*bakeTarget {
	matrix := b.attributes["matrix"]
	if matrix == nil {
		return []*bakeTarget{{block: b, name: b.label}}
	}
	v, err := e.value(matrix, nil)
	if err != nil {
		e.failed(matrix, err, "the matrix of target "+b.label)
		return nil
	}
	if !v.IsKnown() || v.IsNull() || !v.Type().IsMapType() && !v.Type().IsObjectType() {
		e.note(matrix.file, matrix.line, "the builds of target %s are not known: its matrix is known only when it runs", b.label)
		return nil
	}
	axes := v.AsValueMap()
	combinations := []map[string]cty.Value{{}}
	for _, key := range slices.Sorted(maps.Keys(axes)) {
		axis := axes[key]
		if !axis.IsKnown() || axis.IsNull() || !axis.CanIterateElements() {
			e.note(matrix.file, matrix.line, "the builds of target %s are not known: the list %s of its matrix is known only when it runs", b.label, key)
			return nil
		}
		if len(combinations)*axis.LengthInt() > maxMatrix {
			e.note(matrix.file, matrix.line, "the builds of target %s were not read: its matrix makes more than %d", b.label, maxMatrix)
			return nil
		}
		var more []map[string]cty.Value
		for _, item := range axis.AsValueSlice() {
			for _, c := range combinations {
				c = maps.Clone(c)
				c[key] = item
				more = append(more, c)
			}
		}
		combinations = more
	}
	var list []*bakeTarget
	seen := map[string]bool{}
	for _, c := range combinations {
		i := &bakeTarget{block: b, name: b.label, locals: c}
		list = append(list, i)
		name := b.attributes["name"]
		if name == nil {
			continue
		}
		v, err := e.value(name, c)
		text, err2 := bakeText(v)
		switch {
		case err != nil:
			e.failed(name, err, "the name of target "+b.label)
			i.name += "#" + strconv.Itoa(len(list))
		case err2 != nil || text == nil || !isKnown(*text):
			i.name += "#" + strconv.Itoa(len(list))
		default:
			i.name = *text
			if seen[i.name] {
				e.note(name.file, name.line, "two builds of the matrix of target %s have the name %s", b.label, i.name)
				return nil
			}
			seen[i.name] = true
		}
	}
	if b.attributes["name"] == nil && len(list) > 1 {
		e.note(b.file, b.line, "the target %s has a matrix but no name: bake refuses it", b.label)
		return nil
	}
	return list
}

// properties are what one block sets by itself.
func (e *bakeEvaluator) properties(i *bakeTarget) *bakeProperties {
	if i.own != nil {
		return i.own
	}
	p := &bakeProperties{}
	i.own = p
	p.context = e.text(i, "context")
	p.dockerfile = e.text(i, "dockerfile")
	p.inline = e.text(i, "dockerfile-inline")
	p.target = e.text(i, "target")
	var more, known bool
	p.args, known = e.entries(i, "args")
	p.contexts, more = e.entries(i, "contexts")
	p.unsure = !known || !more
	p.platforms, _ = e.list(i, "platforms")
	p.tags, _ = e.list(i, "tags")
	if x := i.block.attributes["cache-to"]; x != nil {
		p.exports, p.exportAt = e.exports(i, x), bakeWord{file: x.file, line: x.line}
	}
	p.secrets = e.ids(i, "secret", bakeSecret)
	p.ssh = e.ids(i, "ssh", bakeSSH)
	p.inherits, known = e.list(i, "inherits")
	if !known {
		p.parents = "what it inherits is known only when it runs"
	}
	return p
}

func (e *bakeEvaluator) what(i *bakeTarget, name string) string {
	return "the " + name + " of " + i.block.kind + " " + targetTitle(i.name)
}

// text is an attribute that is a text.
func (e *bakeEvaluator) text(i *bakeTarget, name string) *bakeWord {
	x := i.block.attributes[name]
	if x == nil {
		return nil
	}
	made := &bakeWord{unknown, x.file, x.line}
	v, err := e.value(x, i.locals)
	if err != nil {
		e.failed(x, err, e.what(i, name))
		return made
	}
	text, err := bakeText(v)
	switch {
	case err != nil:
		e.note(x.file, x.line, "%s: this is no text", e.what(i, name))
	case text == nil:
		return nil
	default:
		made.text = *text
	}
	return made
}

// entries are those of an attribute that is an object of texts. known is whether there are no more.
func (e *bakeEvaluator) entries(i *bakeTarget, name string) (texts map[string]bakeWord, known bool) {
	x := i.block.attributes[name]
	if x == nil {
		return nil, true
	}
	texts, known = map[string]bakeWord{}, true
	set := func(key string, line int, v cty.Value, err error) {
		what := e.what(i, name) + ": " + key
		var text *string
		if err == nil {
			text, err = bakeText(v)
		}
		switch {
		case err != nil:
			e.failed(x, err, what)
			texts[key] = bakeWord{unknown, x.file, line}
		case text != nil:
			texts[key] = bakeWord{*text, x.file, line}
		}
	}
	if x.pairs == nil {
		v, err := e.value(x, i.locals)
		if err != nil {
			e.failed(x, err, e.what(i, name))
			return texts, false
		}
		if v.IsNull() {
			return nil, true
		}
		if !v.IsKnown() {
			return texts, false
		}
		if !v.CanIterateElements() || !v.Type().IsMapType() && !v.Type().IsObjectType() {
			e.note(x.file, x.line, "%s: this is no object", e.what(i, name))
			return texts, false
		}
		for it := v.ElementIterator(); it.Next(); {
			key, item := it.Element()
			set(key.AsString(), x.line, item, nil)
		}
		return texts, true
	}
	scope := e.scope(x, i.locals)
	for _, pair := range x.pairs {
		v, err := e.node(x, pair.KeyExpr, scope)
		key, err2 := bakeText(v)
		if err != nil || err2 != nil || key == nil || !isKnown(*key) {
			known = false
			continue
		}
		v, err = e.node(x, pair.ValueExpr, scope)
		set(*key, max(pair.KeyExpr.Range().Start.Line, 1), v, err)
	}
	return texts, known
}

// list is an attribute that is a list of texts: those that are known. known is whether all are.
func (e *bakeEvaluator) list(i *bakeTarget, name string) (texts []string, known bool) {
	x := i.block.attributes[name]
	if x == nil {
		return nil, true
	}
	values, known := e.items(x, i.locals, e.what(i, name))
	if values != nil {
		texts = []string{} // none, which is not the same as not set
	}
	for _, v := range values {
		text, err := bakeText(v)
		if err != nil || text == nil || !isKnown(*text) {
			known = false
			continue
		}
		texts = append(texts, *text)
	}
	return texts, known
}

func (e *bakeEvaluator) items(x *bakeExpression, locals map[string]cty.Value, what string) (items []cty.Value, known bool) {
	v, err := e.value(x, locals)
	switch {
	case err != nil:
		e.failed(x, err, what)
		return nil, false
	case v.IsNull():
		return nil, true
	case !v.IsKnown():
		return nil, false
	case !v.CanIterateElements() || v.Type().IsMapType() || v.Type().IsObjectType():
		e.note(x.file, x.line, "%s: this is no list", what)
		return nil, false
	}
	return append([]cty.Value{}, v.AsValueSlice()...), true
}

// exports are the values of cache-to: each is a text, or an object of its fields.
func (e *bakeEvaluator) exports(i *bakeTarget, x *bakeExpression) []string {
	texts := []string{}
	values, known := e.items(x, i.locals, e.what(i, "cache-to"))
	if !known {
		texts = append(texts, unknown)
	}
	for _, v := range values {
		texts = append(texts, exportText(v))
	}
	return texts
}

// exportText is one value of cache-to as it is spelled elsewhere.
func exportText(v cty.Value) string {
	if v.IsKnown() && !v.IsNull() && (v.Type().IsMapType() || v.Type().IsObjectType()) {
		var fields []string
		for name, field := range v.AsValueMap() {
			text, err := bakeText(field)
			if err != nil {
				return unknown
			}
			if text != nil {
				fields = append(fields, name+"="+*text)
			}
		}
		slices.Sort(fields)
		return strings.Join(fields, ",")
	}
	if text, err := bakeText(v); err != nil {
		return unknown
	} else if text != nil {
		return *text
	}
	return ""
}

// ids are those of a target's secrets, or of what it passes of SSH: each is a text, which of reads, or an object.
func (e *bakeEvaluator) ids(i *bakeTarget, attribute string, of func(text string) string) (ids []string) {
	x := i.block.attributes[attribute]
	if x == nil {
		return nil
	}
	values, _ := e.items(x, i.locals, e.what(i, attribute))
	for _, v := range values {
		id, err := (*string)(nil), error(nil)
		if t := v.Type(); v.IsKnown() && !v.IsNull() && (t.IsMapType() || t.IsObjectType()) {
			if v.AsValueMap()["id"] != cty.NilVal {
				id, err = bakeText(v.AsValueMap()["id"])
			}
		} else if id, err = bakeText(v); err == nil && id != nil {
			*id = of(*id)
		}
		if err == nil && id != nil && *id != "" && isKnown(*id) {
			ids = append(ids, *id)
		}
	}
	return ids
}

// bakeSecret is the id of a secret: "id=npmrc,src=.npmrc".
func bakeSecret(s string) (id string) {
	fields, err := csv.NewReader(strings.NewReader(s)).Read()
	if err != nil {
		return ""
	}
	for _, f := range fields {
		if key, value, _ := strings.Cut(f, "="); strings.EqualFold(strings.TrimSpace(key), "id") {
			id = value
		}
	}
	return id
}

// bakeSSH is the id of an SSH agent or of keys: "default", "id=path".
func bakeSSH(s string) string {
	id, _, _ := strings.Cut(s, "=")
	return id
}
