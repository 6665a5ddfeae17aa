package signature

import (
	"strings"

	"layerwise/dockerfile/grammar"
)

// directive is the help for the value of a parser directive.
func (a *asked) directive() (help Help, ok bool) {
	d := grammar.FindDirective(a.place.Directive)
	if d == nil {
		return Help{}, false
	}
	sig := Signature{Label: "# " + d.Name + "=", Doc: "Says " + d.Doc + "."}
	if len(d.Keys) == 0 {
		sig.field("", strings.Join(d.Values, "|"), "")
		return Help{Signatures: []Signature{sig}}, true
	}
	// Fields with a key each, separated by ";".
	typed := a.place.Typed[strings.LastIndexByte(a.place.Typed, ';')+1:]
	key, _, isValue := strings.Cut(strings.TrimSpace(typed), "=")
	sig.Active = None
	for i, k := range d.Keys {
		what := strings.Join(k.Values, "|")
		if k.Rules {
			what = "rule,…|" + what
		}
		sig.field(map[bool]string{true: ";"}[i > 0], k.Name+"="+what, k.Doc)
		if k.Name == strings.TrimSpace(key) || !isValue && key != "" && strings.HasPrefix(k.Name, key) {
			sig.Active = i
		}
	}
	if strings.TrimSpace(typed) == "" && !strings.Contains(a.place.Typed, ";") {
		sig.Active = 0
	}
	return Help{Signatures: []Signature{sig}}, true
}
