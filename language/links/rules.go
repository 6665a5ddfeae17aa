package links

import (
	"regexp"
	"strings"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
)

// ofComment are the links in a comment outside of all instructions, on its line.
func ofComment(line string) (list []Link) {
	for _, span := range addresses(line) {
		list = append(list, Link{Span: span, URL: span.Of(line)})
	}
	body := strings.TrimLeft(line, " \t")
	for _, l := range rules(strings.TrimRight(body, " \t\r\n")) {
		list = append(list, l.shift(len(line)-len(body)))
	}
	return list
}

// rules are the names of rules in a comment that ignores findings, with their pages.
func rules(comment string) (list []Link) {
	ignore, ok := diagnostics.ParseIgnore(comment)
	if !ok {
		return nil
	}
	for _, own := range ignore.Own {
		if named := catalog.Named(own.ID); len(named) == 1 { // not a family
			list = append(list, Link{Span: own.Span, Rule: named[0], Tooltip: "what the rule means"})
		}
	}
	switch word := strings.TrimLeft(comment, "# \t"); {
	case strings.HasPrefix(word, "hadolint"):
		for _, at := range foreign.FindAllStringIndex(comment, -1) {
			span := text.Span{Start: at[0], End: at[1]}
			list = append(list, Link{Span: span, URL: wikis[span.Of(comment)[:2]] + span.Of(comment)})
		}
	case strings.HasPrefix(word, "check"):
		list = append(list, checkRules(comment)...)
	}
	return list
}

// foreign are the ids of hadolint, which uses ShellCheck for what stands in RUN.
var foreign = regexp.MustCompile(`\b(?:DL|SC)[0-9]{4}\b`)

var wikis = map[string]string{"DL": "https://github.com/hadolint/hadolint/wiki/", "SC": "https://www.shellcheck.net/wiki/"}

var name = regexp.MustCompile(`[A-Za-z]+`)

// checkRules are the names of BuildKit's rules in a text such as skip=A,B, with their pages.
func checkRules(src string) (list []Link) {
	for _, at := range name.FindAllStringIndex(src, -1) {
		span := text.Span{Start: at[0], End: at[1]}
		if page := grammar.RulePage(span.Of(src)); page != "" {
			list = append(list, Link{Span: span, URL: page})
		}
	}
	return list
}
