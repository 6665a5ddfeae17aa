package signature

import (
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
	"layerwise/language/cursor"
)

// templates are how the values of flags and keys are written that are no closed set.
var templates = map[grammar.Kind]string{
	grammar.Number: "number", grammar.Duration: "duration", grammar.Size: "size", grammar.Source: "stage|context|image",
	grammar.Platform: "os/arch[/variant]", grammar.ContextPath: "path", grammar.ImagePath: "path", grammar.User: "user[:group]",
	grammar.Mode: "mode", grammar.Checksum: "checksum", grammar.Pattern: "pattern", grammar.Name: "name", grammar.Device: "device",
}

// valueOf is how a value is written.
func valueOf(kind grammar.Kind, values []string) string {
	switch kind {
	case grammar.Choice, grammar.Bool:
		return strings.Join(values, "|")
	}
	return templates[kind]
}

// flag is the help for the value of a flag.
func (a *asked) flag(flag *grammar.Flag) (help Help, ok bool) {
	switch flag.Value {
	case grammar.Mount:
		return a.mount(flag), true
	case grammar.Device:
		return a.device(flag), true
	}
	template := valueOf(flag.Value, flag.Values)
	sig := Signature{Label: "--" + flag.Name + "=", Doc: docOf(flag)}
	if flag.Value == grammar.Bool {
		sig.Label = "--" + flag.Name + "[="
	}
	sig.add(template, "") // all that is to be known of it is said of the flag
	if flag.Value == grammar.Bool {
		sig.Label += "]"
	}
	sig.Active = pieceAt(template, a.typed(), "")
	return Help{Signatures: []Signature{sig}}, true
}

// docOf is what is to be known of a flag.
func docOf(flag *grammar.Flag) string {
	doc := strings.ToUpper(flag.Doc[:1]) + flag.Doc[1:] + "."
	if flag.Default != "" {
		doc += " Without it: `" + flag.Default + "`."
	}
	if flag.Since != "" {
		doc += " Since Dockerfile " + flag.Since + "."
	}
	return doc
}

// typed is the value of the flag up to the place.
func (a *asked) typed() string {
	p := &a.place
	for _, f := range p.Flags {
		if f.Name == p.Flag && f.Span.Start < p.Offset && p.Offset <= f.Span.End {
			_, value, _ := strings.Cut(a.src[f.Span.Start:p.Offset], "=")
			return value
		}
	}
	return ""
}

// mount is the help for the value of --mount: a signature for each type, or, where the type is typed, for that alone.
func (a *asked) mount(flag *grammar.Flag) (help Help) {
	typed := strings.ToLower(a.place.Mount("type"))
	known := slices.ContainsFunc(grammar.MountTypes, func(t grammar.MountType) bool { return t.Name == typed })
	inType := a.kind == cursor.MountValue && a.place.Key == "type"
	for i, t := range grammar.MountTypes {
		if known && !inType && t.Name != typed {
			continue
		}
		if typed != "" && !known && strings.HasPrefix(t.Name, typed) && help.Active == 0 {
			help.Active = i
		}
		if known && t.Name == typed {
			help.Active = len(help.Signatures)
		}
		help.Signatures = append(help.Signatures, a.mountOf(flag, t))
	}
	return help
}

// mountOf writes out how a mount of a type is written.
func (a *asked) mountOf(flag *grammar.Flag, t grammar.MountType) Signature {
	sig := Signature{Label: "--" + flag.Name + "=", Doc: "Mounts " + t.Doc + "."}
	var keys []*grammar.MountKey
	for i := range grammar.MountKeys {
		if k := &grammar.MountKeys[i]; k.Use(t.Name) == grammar.Legal {
			keys = append(keys, k)
		}
	}
	needed := func(k *grammar.MountKey) bool { return slices.Contains(k.Needed, t.Name) }
	// What names a secret or an agent comes before where it is put.
	rank := func(k *grammar.MountKey) int {
		switch {
		case k.Name == "type":
			return 0
		case needed(k):
			return 1
		case k.Name == "id":
			return 2
		}
		return 3
	}
	slices.SortStableFunc(keys, func(x, y *grammar.MountKey) int { return rank(x) - rank(y) })
	for _, k := range keys {
		switch {
		case k.Name == "type":
			sig.field("", k.Name+"="+t.Name, k.Doc)
		case needed(k):
			sig.field(",", k.Name+"="+valueOf(k.Value, k.Values), k.Doc)
		case k.Bare:
			sig.field("[,", k.Name, k.Doc)
			sig.Label += "[=" + valueOf(k.Value, k.Values) + "]]"
		default:
			sig.field("[,", k.Name+"="+valueOf(k.Value, k.Values), k.Doc)
			sig.Label += "]"
		}
	}
	sig.Active = a.key(keys)
	return sig
}

// field adds a parameter that is not taken apart.
func (s *Signature) field(before, what, doc string) {
	start := len(s.Label) + len(before)
	s.Label += before + what
	s.Parameters = append(s.Parameters, Parameter{Span: text.Span{Start: start, End: len(s.Label)}, Doc: doc})
}

// key is the key that the place is in, as its number among those of the signature. Where its name is not whole yet, it
// is the first one that it may become and that is not there yet.
func (a *asked) key(keys []*grammar.MountKey) int {
	p := &a.place
	name, typed := p.Key, strings.ToLower(p.Typed)
	for _, f := range p.Fields {
		if a.kind == cursor.MountKey && f.Span.Start < p.Offset && p.Offset <= f.Span.End {
			name = f.Name
		}
	}
	if k := grammar.FindMountKey(name); k != nil || a.kind == cursor.MountValue {
		return slices.Index(keys, k)
	}
	return slices.IndexFunc(keys, func(k *grammar.MountKey) bool {
		given := func(f cursor.Field) bool { return grammar.FindMountKey(f.Name) == k }
		return strings.HasPrefix(k.Name, typed) && !slices.ContainsFunc(p.Fields, given)
	})
}

// device is the help for the value of --device.
func (a *asked) device(flag *grammar.Flag) Help {
	sig := Signature{Label: "--" + flag.Name + "=", Doc: docOf(flag), Active: None}
	name, required := &grammar.DeviceKeys[0], &grammar.DeviceKeys[1]
	sig.field("", name.Name, name.Doc)
	sig.field("[,", required.Name, required.Doc)
	sig.Label += "]"
	key := a.place.Key
	if a.kind == cursor.MountKey {
		key = strings.ToLower(a.place.Typed)
	}
	switch first := !strings.Contains(a.typed(), ","); {
	case key == name.Name && a.kind == cursor.MountValue, first && a.kind != cursor.MountValue:
		sig.Active = 0 // the name stands first, also without its key
	case strings.HasPrefix(required.Name, key):
		sig.Active = 1
	case first:
		sig.Active = 0 // a name with "=": vendor.com/gpu=0
	}
	return Help{Signatures: []Signature{sig}}
}
