package refactorings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"
)

// isPairs reports whether an instruction is an ENV or LABEL, and in which form.
func isPairs(in *syntax.Instruction) (ok, equals bool) {
	if in.Name != "ENV" && in.Name != "LABEL" || len(in.Words) == 0 {
		return false, false
	}
	return true, strings.Contains(in.Words[0].Text, "=")
}

// equalsSign writes ENV k v, or LABEL k v, as k=v.
func equalsSign(p place) (Refactoring, bool) {
	ok, equals := isPairs(p.in)
	if !ok || equals || !p.whole() || len(p.in.Words) != 2 || len(p.in.Inner) > 0 {
		return Refactoring{}, false
	}
	c := rewrite.Of(p.Graph)
	c.EqualsSign(p.step)
	return made(Rewrite, fmt.Sprintf("Write this %s with an equals sign", p.in.Name), c)
}

// splitPairs makes one instruction for each pair of an ENV or LABEL.
func splitPairs(p place) (Refactoring, bool) {
	ok, equals := isPairs(p.in)
	if !ok || !equals || !p.whole() || len(p.in.Words) < 2 || usesEarlier(p.step) {
		return Refactoring{}, false
	}
	c := rewrite.Of(p.Graph)
	c.SplitPairs(p.step)
	return made(Rewrite, fmt.Sprintf("Split this %s into %d", p.in.Name, len(p.in.Words)), c)
}

// usesEarlier reports whether one of the steps uses what a pair before it sets: in one instruction it has the value
// from above, in several the new one. A key that is made of variables may be anything.
func usesEarlier(steps ...*stages.Step) bool {
	set := map[string]bool{}
	for _, s := range steps {
		for _, def := range s.Defines() {
			if strings.ContainsAny(def.Name, "$'\"") || slices.ContainsFunc(def.Uses, func(name string) bool { return set[name] }) {
				return true
			}
			set[def.Name] = true
		}
	}
	return false
}

// joinPairs makes one instruction of those that are selected, or of all that stand around the cursor without a blank
// line between them.
func joinPairs(p place) (Refactoring, bool) {
	ok, equals := isPairs(p.in)
	if !ok || !equals || p.step.Stage == nil {
		return Refactoring{}, false
	}
	steps := []*stages.Step{p.step}
	all := p.step.Stage.Steps
	selected := !p.whole()
	for n := p.step.N + 1; n < len(all) && p.joins(all[n], selected); n++ {
		steps = append(steps, all[n])
	}
	for n := p.step.N; !selected && n-1 > 0 && p.joins(all[n], false) && isSame(all[n-1].Instr, p.in); n-- {
		steps = append([]*stages.Step{all[n-1]}, steps...)
	}
	if len(steps) < 2 || usesEarlier(steps...) {
		return Refactoring{}, false
	}
	last := steps[len(steps)-1]
	if selected && p.span.End > p.Graph.Offset(last)+len(last.Instr.Text) {
		return Refactoring{}, false // something else is selected too
	}
	c := rewrite.Of(p.Graph)
	c.JoinPairs(steps)
	return made(Rewrite, fmt.Sprintf("Join these %s into one", words.Count(len(steps), p.in.Name)), c)
}

// joins reports whether a step belongs to one that is joined with what stands above it.
func (p place) joins(s *stages.Step, selected bool) bool {
	if !isSame(s.Instr, p.in) {
		return false
	}
	if selected {
		return p.Graph.Offset(s)+s.Instr.Body.Start < p.span.End
	}
	above := strings.Trim(s.Instr.Text[:s.Instr.Body.Start], " \t")
	return above == "" || strings.HasPrefix(above, "#") && !blankLine.MatchString(above)
}

var blankLine = regexp.MustCompile(`(?m)^[ \t\r]*\n`)

// isSame reports whether two instructions may be joined.
func isSame(a, b *syntax.Instruction) bool {
	ok, equals := isPairs(a)
	return ok && equals && a.Name == b.Name
}
