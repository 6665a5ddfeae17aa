package sources

import (
	"path"
	"strings"
)

// bakeSet is one `--set PATTERN.KEY=VALUE` of a call of bake, which goes over what its files say.
type bakeSet struct {
	pattern string // of the names of targets
	key     string // context, target, args.NAME, …; unknown if only the run knows
	value   string // may have unknown in it, for what only the run knows
}

// bakeSetOf reads what follows --set. environment is what a variable holds there, for an argument without
// a value.
func bakeSetOf(text string, environment func(name string) (string, bool)) (set bakeSet, ok bool) {
	names, value, given := strings.Cut(text, "=")
	pattern, key, ok := strings.Cut(names, ".")
	if !isKnown(names) {
		return bakeSet{pattern: "*", key: unknown}, true
	}
	name, isArg := strings.CutPrefix(key, "args.")
	switch {
	case !ok || isArg && name == "" || !given && !isArg:
		return bakeSet{}, false // bake refuses it
	case !given:
		if value, ok = environment(name); !ok {
			value = unknown
		}
	}
	return bakeSet{pattern, key, value}, true
}

// publishes reports whether it has the result pushed.
func (s bakeSet) publishes() bool {
	return s.key == "output" && (strings.Contains(s.value, "type=registry") || strings.Contains(s.value, "push=true"))
}

// override puts over a target what the call sets for it. Targets that inherit from it get that too.
func (e *bakeEvaluator) override(name string, p *bakeProperties) {
	lists := map[string][]string{}
	for _, s := range e.sets {
		if ok, err := path.Match(s.pattern, name); s.pattern != name && (!ok || err != nil) {
			continue
		}
		word := &bakeWord{s.value, e.setAt.File, e.setAt.Line}
		key, sub, _ := strings.Cut(s.key, ".")
		switch key {
		case unknown:
			p.unsure = true
		case "context":
			p.context = word
		case "dockerfile":
			p.dockerfile = word
		case "target":
			p.target = word
		case "args":
			p.args = mergedWordsByName(p.args, map[string]bakeWord{sub: *word})
		case "contexts":
			p.contexts = mergedWordsByName(p.contexts, map[string]bakeWord{sub: *word})
		case "cache-to":
			lists[key] = append(lists[key], s.value)
		case "platform", "tags":
			if isKnown(s.value) {
				lists[key] = append(lists[key], strings.Split(s.value, ",")...)
			}
		}
	}
	if list := lists["cache-to"]; list != nil {
		p.exports, p.exportAt = list, bakeWord{file: e.setAt.File, line: e.setAt.Line}
	}
	if list := lists["platform"]; list != nil {
		p.platforms = list
	}
	if list := lists["tags"]; list != nil {
		p.tags = list
	}
}
