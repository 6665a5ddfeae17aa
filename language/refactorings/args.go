package refactorings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// plainValue is a value that is the same in the place of its variable wherever that may stand: no blank, quote, comma,
// equals sign or pattern, and it does not look like a flag.
var plainValue = regexp.MustCompile(`^[A-Za-z0-9_./:@][A-Za-z0-9_./:@+-]*$`)

// isPlain reports whether a value may stand for its variable anywhere.
func isPlain(value string) bool {
	return plainValue.MatchString(value) && !shell.IsReserved(value)
}

// isGiven reports whether a variable has its value by the builder.
func isGiven(name string) bool {
	for _, list := range [][]grammar.Variable{grammar.PlatformArgs, grammar.ProxyArgs, grammar.BuildArgs} {
		if grammar.FindVariable(list, name) != nil {
			return true
		}
	}
	return strings.HasPrefix(name, "BUILDKIT_")
}

// isPassed reports whether a build is known to pass an argument.
func (p place) isPassed(name string) bool {
	for _, b := range p.Builds() {
		if _, passed := b.Args[name]; passed || slices.Contains(b.Unknown, name) || slices.Contains(b.Hidden, name) {
			return true
		}
	}
	return false
}

// inlineArg writes the value of an ARG wherever it is used, and removes the ARG.
func inlineArg(p place) (Refactoring, bool) {
	table := p.Occurrences()
	r, ok := p.variable()
	if !ok || isGiven(r.Name) || p.isPassed(r.Name) {
		return Refactoring{}, false
	}
	all := table.All(r)
	def, defs, ok := theArg(table, all)
	if !ok {
		return Refactoring{}, false
	}
	value, ok := p.valueOf(table, def)
	if !ok || p.mentions(table, all) {
		return Refactoring{}, false
	}
	c := rewrite.Of(p.Graph)
	uses := 0
	for _, o := range all {
		step := table.Step(o)
		if o.Defines {
			if len(step.Instr.Words) > 1 {
				c.DropWord(step, step.Instr.Words[o.Pair].Span)
			} else {
				c.Remove(step, rewrite.KeepComments)
			}
			continue
		}
		whole, ok := expansion(step, o)
		if !ok {
			return Refactoring{}, false
		}
		c.ReplaceWord(step, whole, value)
		uses++
	}
	if uses == 0 {
		return Refactoring{}, false
	}
	costs := "builds can no longer set it"
	if n := p.reruns(defs...); n > 0 {
		costs += "; no RUN sees it any more; " + price(n)
	}
	return made(Inline, fmt.Sprintf("Inline ARG %s in %s (%s)", r.Name, words.Count(uses, "place"), costs), c)
}

// variable is the one under the cursor, which may stand on its $ or brace.
func (p place) variable() (occurrences.Ref, bool) {
	offset, src := p.span.Start, p.File.Src
	if offset < len(src) && src[offset] == '$' {
		if offset++; offset < len(src) && src[offset] == '{' {
			offset++
		}
	}
	r, ok := p.Occurrences().At(offset)
	return r, ok && p.whole() && r.Kind == occurrences.Variable && r.By != occurrences.Nobody
}

// theArg is the one definition with a value, if all names are uses of it, and the steps that define: an ARG of a
// stage, or a global one with those of stages that take its value.
func theArg(table *occurrences.Table, all []occurrences.Ref) (def occurrences.Ref, defs []*stages.Step, ok bool) {
	for _, o := range all {
		switch {
		case o.Onbuild || o.Env:
			return def, nil, false
		case o.Defines && o.Default && !def.IsZero():
			return def, nil, false
		case o.Defines && o.Default:
			def = o
		}
		if o.Defines {
			defs = append(defs, table.Step(o))
		}
	}
	if def.IsZero() || len(defs) > 1 && table.Step(def).Stage != nil {
		return def, nil, false
	}
	for _, o := range all {
		if o.Defines {
			continue
		}
		list := table.Definitions(o)
		if len(list) == 0 || !list[len(list)-1].Same(def) || o.By != occurrences.Builder && o.By != occurrences.BuildShell {
			return def, nil, false
		}
	}
	return def, defs, true
}

// valueOf is the value of an ARG as it stands in the text, if it may stand for its uses.
func (p place) valueOf(table *occurrences.Table, def occurrences.Ref) (value string, ok bool) {
	step := table.Step(def)
	_, value, _ = strings.Cut(step.Instr.Words[def.Pair].Text, "=")
	if n := len(value); n > 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		value = value[1 : n-1]
	}
	vars := p.Graph.GlobalVars()
	if step.Stage != nil {
		vars = step.Stage.Vars()
	}
	in, known := vars.Lookup(def.Name)
	return value, isPlain(value) && known && in.Value.Known && in.Value.Text == value
}

// expansion is $NAME or ${NAME} in the instruction's text, of which a name is a part.
func expansion(step *stages.Step, o occurrences.Ref) (span text.Span, ok bool) {
	src, s := step.Instr.Text, o.Span
	switch {
	case s.Of(src) != o.Name:
	case strings.HasSuffix(src[:s.Start], "$"):
		return text.Span{Start: s.Start - 1, End: s.End}, true
	case strings.HasSuffix(src[:s.Start], "${") && strings.HasPrefix(src[s.End:], "}"):
		return text.Span{Start: s.Start - 2, End: s.End + 1}, true
	}
	return span, false
}

// mentions reports whether a RUN has the name in another way than the places do: a program may look for it.
func (p place) mentions(table *occurrences.Table, all []occurrences.Ref) bool {
	name := regexp.MustCompile(`\b` + regexp.QuoteMeta(all[0].Name) + `\b`)
	for i, in := range p.File.Instructions {
		if in.Name != "RUN" || !strings.Contains(in.Text, all[0].Name) {
			continue
		}
		known := 0
		for _, o := range table.In(i) {
			if o.Name == all[0].Name && (o.Kind == occurrences.Local || slices.ContainsFunc(all, o.Same)) {
				known++
			}
		}
		found := len(name.FindAllString(in.Body.Of(in.Text), -1))
		if found > known || found > 0 && !readable(p.Graph.StepAt(i)) {
			return true
		}
	}
	return false
}

// readable reports whether the shell of a step is one that is understood here.
func readable(s *stages.Step) bool { return len(s.Shell) > 0 && shell.IsShellName(s.Shell[0]) }
