package diagnostics

import (
	"regexp"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"

	"github.com/agext/levenshtein"
)

// ignores are the suppression comments of a stage or a file:
//
//	# layerwise ignore=rule,rule -- reason         the next instruction
//	# layerwise ignore-stage=rule                  the stage that the comment stands in
//	# layerwise ignore-file=rule                   the file
//	# hadolint ignore=DL3006                       the next instruction
//	# hadolint global ignore=DL3006                the file
//	# hadolint stage ignore=DL3006                 the stage
//	# check=skip=Rule                              at the top: the file; else the next instruction
//
// A rule is given by its name, its code or its family; "all" means every rule. Syntax errors cannot
// be ignored: the build would fail all the same.
type ignores struct {
	file, stage []ignored

	found map[askedFor][]ignored // what silences a rule, of those that findings have asked for
	used  map[ignored]bool       // all of these
}

// askedFor is a rule at a place with suppressions: an instruction, a stage, or nil for the file.
type askedFor struct {
	rule  *Rule
	place any
}

// ignored is one id in a suppression, with the instruction above which it stands: nil for a directive,
// and for a comment at the end of the file.
type ignored struct {
	id string
	by *syntax.Instruction
}

var (
	ownIgnore      = regexp.MustCompile(`^layerwise\s+(ignore|ignore-stage|ignore-file)\s*=\s*([^#]*?)\s*(?:--.*)?$`)
	hadolintIgnore = regexp.MustCompile(`^hadolint\s+(global\s+|stage\s+)?ignore\s*=\s*([^#]*?)\s*(?:#.*)?$`)
	checkSkip      = regexp.MustCompile(`^check\s*=\s*(\S+)`)
)

// Ignore is one suppression comment.
type Ignore struct {
	Scope string // "next", "stage" or "file"
	Rules []string
	Own   []Own // in our own form: the same ids with their places
}

// Own is an id as it is written in a suppression of our own form.
type Own struct {
	ID      string
	Span    text.Span // relative to the instruction's Text, or to the file at its end
	Comment text.Span // from the #
}

// ParseIgnore reads a comment, from its # on. Ids of BuildKit and hadolint come back as the names of
// our rules; ids that mean nothing to us are left out, for they belong to another tool.
func ParseIgnore(comment string) (Ignore, bool) {
	body := strings.TrimSpace(strings.TrimPrefix(comment, "#"))
	switch {
	case strings.HasPrefix(body, "layerwise"):
		if m := ownIgnore.FindStringSubmatchIndex(body); m != nil {
			scope := strings.TrimPrefix(body[m[2]:m[3]], "ignore-")
			if scope == "ignore" {
				scope = "next"
			}
			list := body[m[4]:m[5]]
			return Ignore{scope, splitList(list), owns(list, strings.Index(comment, body)+m[4], len(comment))}, true
		}
	case strings.HasPrefix(body, "hadolint"):
		if m := hadolintIgnore.FindStringSubmatch(body); m != nil {
			scope := map[string]string{"": "next", "global": "file", "stage": "stage"}[strings.TrimSpace(m[1])]
			return Ignore{Scope: scope, Rules: translate(splitList(m[2]))}, true
		}
	case strings.HasPrefix(body, "check"):
		if m := checkSkip.FindStringSubmatch(body); m != nil {
			return Ignore{Scope: "next", Rules: skipped(m[1])}, true
		}
	}
	return Ignore{}, false
}

// skipped reads the value of a check directive: skip=A,B;error=true.
func skipped(value string) (rules []string) {
	for _, field := range strings.Split(value, ";") {
		if list, ok := strings.CutPrefix(strings.TrimSpace(field), "skip="); ok {
			ids := splitList(list)
			for _, id := range ids {
				if id == "all" {
					// BuildKit's "all" means its own checks, not those that it has never heard of.
					return buildkitRules()
				}
			}
			rules = append(rules, translate(ids)...)
		}
	}
	return rules
}

func splitList(list string) (items []string) {
	for _, item := range strings.Split(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// owns are the ids of a list that begins at an offset of its comment.
func owns(list string, at, end int) (ids []Own) {
	for _, item := range strings.SplitAfter(list, ",") {
		id := strings.TrimSpace(strings.TrimSuffix(item, ","))
		if start := at + strings.Index(item, id); id != "" {
			ids = append(ids, Own{id, text.Span{Start: start, End: start + len(id)}, text.Span{End: end}})
		}
		at += len(item)
	}
	return ids
}

func (ig Ignore) shift(by int) Ignore {
	for i := range ig.Own {
		ig.Own[i].Span, ig.Own[i].Comment = ig.Own[i].Span.Shift(by), ig.Own[i].Comment.Shift(by)
	}
	return ig
}

func translate(ids []string) (rules []string) {
	for _, id := range ids {
		rules = append(rules, crosswalk[id]...)
	}
	return rules
}

// IgnoresOf are the suppressions in the comments above one instruction.
func IgnoresOf(in *syntax.Instruction) []Ignore {
	if len(in.Comments) == 0 {
		return nil
	}
	return in.Memo(ignoresKey{}, func() any {
		var list []Ignore
		for _, span := range in.Comments {
			if ig, ok := ParseIgnore(span.Of(in.Text)); ok {
				list = append(list, ig.shift(span.Start))
			}
		}
		return list
	}).([]Ignore)
}

type ignoresKey struct{}

func stageIgnores(s *stages.Stage) ignores {
	var all ignores
	for _, step := range s.Steps {
		all.read(step)
	}
	return all
}

// fileIgnores are those outside of every stage: directives, and comments before the first FROM and
// after the last instruction.
func fileIgnores(g *stages.Graph) ignores {
	var all ignores
	for _, d := range g.File.Directives {
		if d.Name == "check" {
			all.file = appendIDs(all.file, skipped(d.Value), nil)
		}
	}
	for _, step := range g.Global {
		all.read(step)
	}
	for _, ig := range TrailingIgnores(g.File) {
		if ig.Scope == "file" {
			all.file = appendIDs(all.file, ig.Rules, nil)
		}
	}
	return all
}

// TrailingIgnores are the suppressions in the comments after the last instruction.
func TrailingIgnores(f *syntax.File) (list []Ignore) {
	at := len(f.Src) - len(f.Trailer)
	for _, line := range strings.SplitAfter(f.Trailer, "\n") {
		comment := strings.TrimSpace(line)
		if ig, ok := ParseIgnore(comment); ok {
			list = append(list, ig.shift(at+strings.Index(line, comment)))
		}
		at += len(line)
	}
	return list
}

func appendIDs(list []ignored, ids []string, by *syntax.Instruction) []ignored {
	for _, id := range ids {
		list = append(list, ignored{id, by})
	}
	return list
}

func (all *ignores) read(step *stages.Step) {
	for _, ig := range IgnoresOf(step.Instr) {
		switch ig.Scope {
		case "file":
			all.file = appendIDs(all.file, ig.Rules, step.Instr)
		case "stage":
			all.stage = appendIDs(all.stage, ig.Rules, step.Instr)
		}
	}
}

func (all *ignores) add(stage ignores) { all.file = append(all.file, stage.file...) }

// covers reports whether something silences the finding: comments above its instruction, or those of the
// stage it stands in. The step may belong to a stage that the one with these suppressions builds on.
func (all *ignores) covers(r *Rule, f Finding, s *stages.Stage) bool {
	silenced := all.silences(r, s, func() []ignored { return all.stage })
	if f.Step == nil {
		return silenced
	}
	if len(f.Step.Instr.Comments) > 0 && all.silences(r, f.Step.Instr, func() []ignored { return nextIgnores(f.Step.Instr) }) {
		silenced = true
	}
	if other := f.Step.Stage; other != nil && other != s && all.silences(r, other, func() []ignored { return stageIgnores(other).stage }) {
		silenced = true
	}
	return silenced
}

func (all *ignores) coversFile(r *Rule) bool {
	return all.silences(r, nil, func() []ignored { return all.file })
}

// silences reports whether a suppression at the place silences the rule, and notes those that do. It
// looks at them once: both they and the findings may be many.
func (all *ignores) silences(r *Rule, place any, at func() []ignored) bool {
	if !Suppressible(r) {
		return false
	}
	key := askedFor{r, place}
	found, ok := all.found[key]
	if !ok {
		if all.found == nil {
			all.found, all.used = map[askedFor][]ignored{}, map[ignored]bool{}
		}
		found = matches(at(), r)
		all.found[key] = found
		for _, ig := range found {
			all.used[ig] = true
		}
	}
	return len(found) > 0
}

func nextIgnores(in *syntax.Instruction) (list []ignored) {
	for _, ig := range IgnoresOf(in) {
		if ig.Scope == "next" {
			list = appendIDs(list, ig.Rules, in)
		}
	}
	return list
}

// Suppressible reports whether comments can silence the rule.
func Suppressible(r *Rule) bool {
	return r.Name != "syntax-error" && r.Name != "unknown-instruction" && r.Name != "unknown-flag"
}

func matches(list []ignored, r *Rule) (found []ignored) {
	for _, ig := range list {
		if ig.id == "all" || r.Is(ig.id) {
			found = append(found, ig)
		}
	}
	return found
}

// Is reports whether the id is the rule's name, its code or its family.
func (r *Rule) Is(id string) bool {
	return id == r.Name || id == r.Family || id == r.Code && id != ""
}

// Nearest is the id that a mistyped one, or one of another tool, may have meant; "" if none is near.
func Nearest(rules []*Rule, id string) string {
	if names := crosswalk[id]; len(names) > 0 {
		return names[0]
	}
	best, distance := "", 4
	for _, rule := range rules {
		if rule.Code != "" && strings.EqualFold(rule.Code, id) {
			return rule.Code
		}
		for _, known := range []string{rule.Name, rule.Family} {
			if d := levenshtein.Distance(id, known, nil); d < distance {
				best, distance = known, d
			}
		}
	}
	return best
}

// Translate maps an id of BuildKit or hadolint to the names of our rules for the same mistake.
func Translate(id string) []string { return crosswalk[id] }
