package completion

import (
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/language/cursor"
)

// keywords are the instructions that may stand at the place.
func (l *list) keywords() {
	stage := l.stage()
	lower := 0
	for _, in := range l.doc.File.Instructions {
		if in == l.place.Instr {
			continue
		}
		if word := in.Keyword.Of(in.Text); word == strings.ToLower(word) {
			lower++
		} else {
			lower--
		}
	}
	typed := strings.TrimSpace(l.place.Typed)
	for _, in := range grammar.Instructions {
		switch {
		case l.place.OnBuild && !in.OnBuild:
			continue
		case !l.place.OnBuild && stage < 0 && in.Name != "FROM" && in.Name != "ARG":
			continue
		case in.Deprecated != "" && typed == "":
			continue
		}
		it := Item{Label: in.Name, Kind: Keyword, Detail: usage(in), Doc: in.Doc + "\n\n" + in.Layer, Deprecated: in.Deprecated != "", Bucket: 1 + slices.Index(usual, in.Name)}
		if in.Deprecated != "" {
			it.Doc += "\n\nDeprecated: write `" + in.Deprecated + "`"
			it.Bucket = 50
		}
		if lower > 0 {
			it.Label = strings.ToLower(it.Label)
		}
		it.Text = it.Label
		if !l.blankFollows() {
			it.Text += " "
		}
		l.add(it)
	}
	if l.place.Top && l.place.Typed == "" && !l.place.OnBuild && stage < 0 && len(l.doc.File.Directives) == 0 {
		l.add(Item{Label: "# syntax=docker/dockerfile:1", Kind: Keyword, Detail: "parser directive", Doc: grammar.FindDirective("syntax").Doc, Bucket: 40})
	}
}

// usual are the instructions in the order in which they are of interest in a stage.
var usual = []string{"RUN", "COPY", "WORKDIR", "ENV", "ARG", "CMD", "ENTRYPOINT", "EXPOSE", "USER", "HEALTHCHECK", "LABEL", "ADD", "SHELL", "VOLUME", "STOPSIGNAL", "ONBUILD", "FROM"}

// blankFollows reports whether a blank stands behind the word already.
func (l *list) blankFollows() bool {
	rest := l.doc.File.Src[l.place.Word.End:]
	return strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\t")
}

// usage is the first form of an instruction in a line.
func usage(in *grammar.Instruction) string {
	var b strings.Builder
	b.WriteString(in.Name)
	for _, arg := range in.Forms[0].Args {
		b.WriteByte(' ')
		b.WriteString(arg.Name)
		if arg.Repeats {
			b.WriteString("…")
		}
	}
	return b.String()
}

// flags are the flags that the instruction takes and has not yet.
func (l *list) flags() {
	in := grammar.Find(l.place.Name)
	if in == nil || l.place.Kind != cursor.Flag && l.place.Word.Len() > 0 {
		return // a word stands there already
	}
	own := l.place.Flag
	for i, f := range in.Flags {
		given := slices.ContainsFunc(l.place.Flags, func(g cursor.Field) bool { return g.Name == f.Name })
		if given && !f.Repeats && f.Name != own {
			continue
		}
		it := Item{Label: "--" + f.Name, Kind: Flag, Detail: flagDetail(f), Doc: f.Doc, Bucket: 60 + i}
		it.Text = it.Label
		if f.Value != grammar.Bool && !l.place.Equal {
			it.Text += "="
		}
		l.add(it)
	}
}

func flagDetail(f grammar.Flag) string {
	var parts []string
	if f.Default != "" {
		parts = append(parts, "default "+f.Default)
	}
	if f.Since != "" {
		parts = append(parts, "since Dockerfile "+f.Since)
	}
	return strings.Join(parts, ", ")
}

// values adds values, the likely ones first.
func (l *list) values(values []string, detail string) {
	for i, v := range values {
		l.add(Item{Label: v, Kind: Value, Detail: detail, Bucket: 10 + i})
	}
}

func (l *list) flagValue() {
	in := grammar.Find(l.place.Name)
	if in == nil {
		return
	}
	f := in.Flag(l.place.Flag)
	if f == nil {
		return
	}
	switch f.Value {
	case grammar.Source:
		if !l.place.OnBuild {
			l.stages(true)
		}
	case grammar.User:
		l.users()
	default:
		l.values(f.Values, "")
	}
}

// mountType is the type of the mount at the place.
func (l *list) mountType() string {
	if t := strings.ToLower(l.place.Mount("type")); t != "" {
		return t
	}
	return "bind"
}

// mountKeys are the keys that the type of the mount takes and that it has not yet.
func (l *list) mountKeys() {
	if l.place.Flag == "device" {
		return
	}
	typed := l.place.Mount("type") != ""
	for i := range grammar.MountKeys {
		k := &grammar.MountKeys[i]
		names := append([]string{k.Name}, k.Aliases...)
		given := slices.ContainsFunc(l.place.Fields, func(f cursor.Field) bool {
			return slices.Contains(names, f.Name) && !f.Span.Contains(l.place.Offset)
		})
		if given || k.Use(l.mountType()) != grammar.Legal || !typed && k.AfterType {
			continue
		}
		it := Item{Label: k.Name, Kind: Flag, Doc: k.Doc, Bucket: 10 + i}
		it.Text = k.Name
		if !k.Bare && !l.place.Equal {
			it.Text += "="
		}
		l.add(it)
	}
}

func (l *list) mountValue() {
	k := grammar.FindMountKey(l.place.Key)
	if k == nil || l.place.Flag == "device" {
		return
	}
	switch {
	case k.Name == "type":
		for i, t := range grammar.MountTypes {
			l.add(Item{Label: t.Name, Kind: Value, Doc: t.Doc, Bucket: 10 + i})
		}
	case k.Name == "from":
		l.stages(false)
	case k.Name == "source" && l.place.Mount("from") == "" && l.mountType() == "bind":
		l.contextPaths()
	default:
		l.values(k.Values, "")
	}
}

// argument are the items for an argument that is no command.
func (l *list) argument() {
	p := &l.place
	in := grammar.Find(p.Name)
	if in == nil {
		return
	}
	switch p.Name {
	case "FROM":
		switch p.N {
		case 0:
			l.stages(false)
		case 1:
			l.add(Item{Label: "AS", Kind: Keyword, Detail: "gives the stage a name", Text: "AS "})
		}
	case "HEALTHCHECK":
		if p.N == 0 {
			for i, word := range []string{"CMD", "NONE"} {
				l.add(Item{Label: word, Kind: Keyword, Doc: in.Forms[2*i].Args[0].Doc, Bucket: 1 + i})
			}
		}
	case "COPY", "ADD":
		l.path(p.N)
	case "USER":
		l.users()
	case "STOPSIGNAL":
		for i, s := range grammar.Signals {
			if s.Doc != "" || p.Typed != "" {
				l.add(Item{Label: s.Name, Kind: Value, Detail: s.Doc, Bucket: 10 + i})
			}
		}
	case "EXPOSE":
		if port, _, slash := strings.Cut(p.Typed, "/"); slash {
			for i, protocol := range grammar.Protocols {
				l.add(Item{Label: port + "/" + protocol, Kind: Value, Bucket: 1 + i})
			}
		} else {
			l.values([]string{"80", "443", "3000", "5432", "8000", "8080"}, "")
		}
	}
	if p.N == 0 && p.Typed == "" {
		l.flags()
	}
}

// delimiter is the word that ends a here-document that is still open.
func (l *list) delimiter() {
	if h := l.place.Doc; h.End.Len() == 0 && strings.TrimSpace(l.doc.File.Lines().Span(l.doc.File.Lines().Line(l.place.Offset)).Of(l.doc.File.Src)) == l.place.Typed {
		l.add(Item{Label: h.Name, Kind: Value, Detail: "ends the here-document"})
	}
}

func (l *list) directives() {
	for i, d := range grammar.Directives {
		given := false
		for _, other := range l.doc.File.Directives {
			given = given || other.Name == d.Name && !other.Span.Contains(l.place.Offset)
		}
		if given {
			continue
		}
		it := Item{Label: "# " + d.Name, Kind: Keyword, Doc: d.Doc, Bucket: 1 + i}
		typed := strings.TrimLeft(strings.TrimPrefix(l.place.Typed, "#"), " \t")
		it.Filter = l.place.Typed[:len(l.place.Typed)-len(typed)] + d.Name
		it.Text = "# " + d.Name
		if !l.place.Equal {
			it.Text += "="
		}
		l.add(it)
	}
}

func (l *list) directiveValue() {
	d := grammar.FindDirective(l.place.Directive)
	if d == nil {
		return
	}
	l.values(d.Values, "")
	if len(d.Keys) == 0 {
		return
	}
	// The part of the value behind the last ";", and of that the one behind "=" and ",".
	start := l.place.Word.Start + strings.LastIndexByte(l.place.Typed, ';') + 1
	part := l.doc.File.Src[start:l.place.Offset]
	span := l.place.Word
	span.Start, span.End = start, l.place.Offset
	key, value, isValue := strings.Cut(part, "=")
	if !isValue {
		for i, k := range d.Keys {
			l.addAt(Item{Label: k.Name, Kind: Keyword, Text: k.Name + "=", Doc: k.Doc, Bucket: 1 + i}, span)
		}
		return
	}
	span.Start += len(key) + 1 + strings.LastIndexByte(value, ',') + 1
	for _, k := range d.Keys {
		if k.Name != strings.TrimSpace(key) {
			continue
		}
		for i, v := range k.Values {
			l.addAt(Item{Label: v, Kind: Value, Bucket: 1 + i}, span)
		}
		for _, r := range grammar.CheckRules {
			if k.Rules && (k.Name != "experimental" || r.Experimental) {
				l.addAt(Item{Label: r.Name, Kind: Rule, Detail: r.Doc, Bucket: 20}, span)
			}
		}
	}
}
