package diagnostics

import (
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"

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
// and the comments of other tools; see ParseIgnore. A rule is given by its name, its code or its family; "all"
// means every rule. Syntax errors cannot be ignored: the build would fail all the same.
type ignores struct {
	file, stage []ignored

	found map[askedFor][]ignored // what silences a rule, of those that findings have asked for
	used  map[ignored]bool       // all of these
}

// askedFor is a rule, or the code of a finding that it passes on, at a place with suppressions: an instruction, a stage, or nil
// for the file.
type askedFor struct {
	rule  *Rule
	code  string
	place any
}

// ignored is one id in a suppression, with the instruction above which it stands: nil for a directive,
// and for a comment at the end of the file.
type ignored struct {
	id
	by *syntax.Instruction
}

// id is an id of a rule in a suppression. One of our own is folded.
type id struct {
	text string
	tool Tool // that has it; empty if it is one of ours
}

// Ignore is one suppression comment.
type Ignore struct {
	Scope string // "next", "stage" or "file"
	Own   []Own  // in our own form: the ids with their places

	ids []id
}

// Own is an id as it is written in a suppression of our own form.
type Own struct {
	ID      string
	Span    text.Span // relative to the instruction's Text, or to the file at its end
	Comment text.Span // from the #
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

// IgnoresOf are the suppressions in the comments above one instruction. Those of ShellCheck count between its lines, too,
// where ShellCheck itself never sees them.
func IgnoresOf(in *syntax.Instruction) []Ignore {
	if len(in.Comments)+len(in.Inner) == 0 && !mayEndInIgnore(in) {
		return nil
	}
	return in.Memo(ignoresKey{}, func() any {
		var list []Ignore
		for _, span := range in.Comments {
			if ig, ok := ParseIgnore(span.Of(in.Text)); ok {
				list = append(list, ig.shift(span.Start))
			}
		}
		for _, span := range in.Inner {
			if ig, ok := ParseIgnore(span.Of(in.Text)); ok && len(ig.ids) > 0 && ig.ids[0].tool == ShellCheck {
				list = append(list, ig)
			}
		}
		if mayEndInIgnore(in) {
			for _, m := range endOfLine.FindAllStringSubmatch(in.Text, -1) {
				if ig, ok := ParseIgnore(m[1]); ok {
					list = append(list, ig)
				}
			}
		}
		return list
	}).([]Ignore)
}

type ignoresKey struct{}

// mayEndInIgnore reports whether a line of a RUN may end in a comment of the tools that look for theirs there: in the shell, a #
// behind a blank begins one.
func mayEndInIgnore(in *syntax.Instruction) bool {
	return in.Name == "RUN" && (strings.Contains(in.Text, "nosem") || strings.Contains(in.Text, "NOSONAR"))
}

var endOfLine = lazy.New(`\S[ \t]+(#[ \t]*(?:nosem|NOSONAR)[^\r\n]*)(?:[\r\n]|$)`)

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
			all.file = appendIDs(all.file, ig.ids, nil)
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

func appendIDs(list []ignored, ids []id, by *syntax.Instruction) []ignored {
	for _, id := range ids {
		list = append(list, ignored{id, by})
	}
	return list
}

func (all *ignores) read(step *stages.Step) {
	for _, ig := range IgnoresOf(step.Instr) {
		switch ig.Scope {
		case "file":
			all.file = appendIDs(all.file, ig.ids, step.Instr)
		case "stage":
			all.stage = appendIDs(all.stage, ig.ids, step.Instr)
		}
	}
}

func (all *ignores) add(stage ignores) { all.file = append(all.file, stage.file...) }

// covers reports whether something silences the finding: comments above its instruction, or those of the
// stage it stands in. The step may belong to a stage that the one with these suppressions builds on.
func (all *ignores) covers(r *Rule, f Finding, s *stages.Stage) bool {
	silenced := all.silences(r, f.Code, s, func() []ignored { return all.stage })
	if f.Step == nil {
		return silenced
	}
	if in := f.Step.Instr; (len(in.Comments)+len(in.Inner) > 0 || mayEndInIgnore(in)) && all.silences(r, f.Code, in, func() []ignored { return nextIgnores(in) }) {
		silenced = true
	}
	if other := f.Step.Stage; other != nil && other != s && all.silences(r, f.Code, other, func() []ignored { return stageIgnores(other).stage }) {
		silenced = true
	}
	return silenced
}

func (all *ignores) coversFile(r *Rule, f Finding) bool {
	return all.silences(r, f.Code, nil, func() []ignored { return all.file })
}

// silences reports whether a suppression at the place silences the rule, and notes those that do. It
// looks at them once: both they and the findings may be many.
func (all *ignores) silences(r *Rule, code string, place any, at func() []ignored) bool {
	if r.Always {
		return false
	}
	key := askedFor{r, code, place}
	found, ok := all.found[key]
	if !ok {
		if all.found == nil {
			all.found, all.used = map[askedFor][]ignored{}, map[ignored]bool{}
		}
		found = matches(at(), r, code)
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
			list = appendIDs(list, ig.ids, in)
		}
	}
	return list
}

func matches(list []ignored, r *Rule, code string) (found []ignored) {
	for _, ig := range list {
		if ig.means(r) || code != "" && ig.passed(r, code) {
			found = append(found, ig)
		}
	}
	return found
}

// Nearest is the id that a mistyped one, or one of another tool, may have meant; "" if none is near.
func Nearest(rules []*Rule, id string) string {
	best, distance := "", 4
	for _, rule := range rules {
		if rule.Foreign(id) {
			return rule.Name
		}
		if rule.PassesOn(id) {
			return rule.id(strings.ToUpper(id))
		}
		for _, known := range []string{rule.Name, rule.Family} {
			if d := levenshtein.Distance(Fold(id), known, nil); d < distance {
				best, distance = known, d
			}
		}
	}
	return best
}
