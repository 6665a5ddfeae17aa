package correctness

import (
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Where the variable surely has no value before, undefined-variable says the same.
var envSelfReference = &diagnostics.Rule{
	Name:     "env-self-reference",
	Severity: diagnostics.Warning,
	Hadolint: []string{"DL3044"},
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See(ownPairsKey{}, seeOwnPairs) {
			name, ok := seen.What.(string)
			if !ok {
				continue
			}
			twice := definedTwice(seen.Step, name)
			if _, set := seen.Step.Vars.Lookup(name); twice || !set && !declaredAbove(p, seen.Step, name) && !isUnset(p, seen.Step, name) {
				reportSelf(p, seen.Step, name, twice)
			}
		}
	},
}

type ownPairsKey struct{}

// seeOwnPairs is the first variable that a pair of an ENV uses and a pair before it sets.
func seeOwnPairs(s *stages.Step) any {
	if c, ok := s.Instr.Cmd().(*instructions.EnvCommand); !ok || len(c.Env) < 2 {
		return nil
	}
	pairs := s.Defines()
	for i, pair := range pairs {
		for _, used := range pair.Uses {
			before := slices.IndexFunc(pairs[:i], func(d stages.Definition) bool { return d.Name == used })
			if before >= 0 && (!slices.Contains(pairs[before].Uses, used) || used == pair.Name) {
				return used
			}
		}
	}
	return nil
}

// definedTwice reports whether two pairs of the ENV add to the variable, of which the second loses what the first added.
func definedTwice(s *stages.Step, name string) bool {
	adds := 0
	for _, pair := range s.Defines() {
		if pair.Name == name && slices.Contains(pair.Uses, name) {
			adds++
		}
	}
	return adds > 1
}

func reportSelf(p *diagnostics.Pass, s *stages.Step, name string, twice bool) {
	message := "What an ENV sets counts from the next instruction on, so that " + name + " here is not the one set beside it, and likely nothing; give it an ENV of its own above"
	if twice {
		message = "Both add to " + name + " as it is above this ENV, and the second loses what the first adds; write one value, or two ENVs"
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr), Message: diagnostics.Plain(message),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Give each variable an ENV of its own", diagnostics.Suggested, func(c *rewrite.Change) { c.SplitPairs(s) })
		},
	})
}
