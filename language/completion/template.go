package completion

import (
	"strings"

	"layerwise/dockerfile/text"
)

// Template is a text with stops: parts that people go through and replace.
type Template struct {
	Text  string
	Stops []text.Span // of Text, in order
}

// templateOf reads a text whose stops stand in «».
func templateOf(source string) *Template {
	t := &Template{}
	for source != "" {
		before, rest, found := strings.Cut(source, "«")
		t.Text += before
		if !found {
			break
		}
		stop, after, _ := strings.Cut(rest, "»")
		t.Stops = append(t.Stops, text.Span{Start: len(t.Text), End: len(t.Text) + len(stop)})
		t.Text += stop
		source = after
	}
	return t
}

// templates are those of instructions whose arguments have a form. What they say already is what most files have.
var templates = map[string]*Template{
	"ADD":         templateOf("ADD «source» «./»"),
	"ARG":         templateOf("ARG «NAME»"),
	"CMD":         templateOf(`CMD ["«program»"]`),
	"COPY":        templateOf("COPY «source» «./»"),
	"ENTRYPOINT":  templateOf(`ENTRYPOINT ["«program»"]`),
	"ENV":         templateOf("ENV «NAME»=«value»"),
	"EXPOSE":      templateOf("EXPOSE «8080»"),
	"FROM":        templateOf("FROM «image»"),
	"HEALTHCHECK": templateOf("HEALTHCHECK CMD «command»"),
	"LABEL":       templateOf(`LABEL «key»="«value»"`),
	"SHELL":       templateOf(`SHELL ["«/bin/bash»", "-o", "pipefail", "-c"]`),
	"USER":        templateOf("USER «user»"),
	"VOLUME":      templateOf(`VOLUME ["«/data»"]`),
	"WORKDIR":     templateOf("WORKDIR «/app»"),
}

// spanAt is an empty span.
func spanAt(at int) text.Span { return text.Span{Start: at, End: at} }
