package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// An argument that is there to make a RUN run again reruns all that stand below it. Which one it is meant for is known if
// a RUN names it, or fetches what moves; otherwise nothing is said.
var cachebustArgMisplaced = &diagnostics.Rule{
	Name:     "cachebust-arg-misplaced",
	Code:     "C16",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		if !diagnostics.Saw(p.See(bustArgKey{}, bustArgument)) {
			return
		}
		var arg *stages.Step
		var name string
		var between []*stages.Step // expensive steps below the argument
		for _, seen := range p.See(bustKey{}, bustsOrFetches) {
			switch what := seen.What.(type) {
			case string:
				arg, name, between = seen.Step, what, nil
			case bool:
				if arg == nil {
					continue
				}
				meant := what || moves.Names(seen.Instr.Text, name) || sharesSubject(seen.Instr.Text, name)
				if meant && len(between) > 0 && mayMove(arg, name, seen.Step) {
					reportBust(p, arg, name, between, seen.Step)
				}
				if meant {
					arg = nil
					continue
				}
				if _, ok := dear(seen.Step); ok {
					between = append(between, seen.Step)
				}
			}
		}
	},
}

type (
	bustKey    struct{}
	bustArgKey struct{}
)

// bustArgument is the name of an argument that is there to make RUNs run again, or nil. Few files have one: what else bustsOrFetches
// sees, which may be every step, is asked for in these alone.
func bustArgument(s *stages.Step) any {
	if c, ok := s.Instr.Cmd().(*instructions.ArgCommand); ok && len(c.Args) == 1 && breaksCache(c.Args[0].Key) {
		return c.Args[0].Key
	}
	return nil
}

// bustsOrFetches is the name of an argument that is there to make RUNs run again, or for an expensive RUN whether it fetches
// what moves; or nil.
func bustsOrFetches(s *stages.Step) any {
	switch s.Instr.Name {
	case "ARG":
		return bustArgument(s)
	case "RUN":
		if bustUsed.MatchString(s.Instr.Text) {
			return true
		}
		if _, ok := dear(s); !ok {
			return nil
		}
		return slices.ContainsFunc(shell.Of(s.Instr, s.Shell).Commands, func(c *shell.Command) bool {
			_, moving := c.Moving()
			return moving && !chosenBehind(s, c)
		})
	}
	return nil
}

// sharesSubject reports whether the RUN has variables of the subject that stands before the words in the argument's name:
// GEOIP_CACHE_BUSTER and GEOIP_LICENSE_KEY.
func sharesSubject(run, name string) bool {
	at := bustName.FindStringIndex(name)
	return at != nil && at[0] > 2 && slices.ContainsFunc(variable.FindAllStringSubmatch(run, -1), func(m []string) bool {
		return strings.HasPrefix(m[1], name[:at[0]]+"_")
	})
}

// mayMove reports whether no step between the argument and the one that it is meant for uses it.
func mayMove(arg *stages.Step, name string, meant *stages.Step) bool {
	between := arg.Stage.Steps[arg.N+1 : meant.N]
	return len(between) <= maxAway && !slices.ContainsFunc(between, func(s *stages.Step) bool { return moves.Names(s.Instr.Text, name) })
}

const bustWords = `(cache_?(bust|buster|breaker|date|invalidate)|(bust|break|skip|no|invalidate)_?cache|force_?(rebuild|refresh|update))`

var (
	bustName = lazy.New(`(?i)(^|_)` + bustWords + `$`)
	bustUsed = lazy.New(`(?i)\$\{?(\w+_)?` + bustWords + `\b`)
)

// breaksCache reports whether the argument has the name of one that is there to make RUNs run again.
func breaksCache(name string) bool { return bustName.MatchString(name) }

func reportBust(p *diagnostics.Pass, arg *stages.Step, name string, between []*stages.Step, meant *stages.Step) {
	what, _ := dear(between[0])
	p.Report(diagnostics.Finding{
		Step: arg, Span: diagnostics.Line(arg.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Every new value of %s also reruns %s (line %d)%s, above the step that it is there to rerun (line %d); move it to directly above that step",
				name, words.Code(what), p.Line(between[0]), andMore(len(between)-1), p.Line(meant))
		},
		Related: []diagnostics.Related{{Step: meant, Span: diagnostics.Line(meant.Instr), Message: "what is to rerun"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Move "+words.Code("ARG "+name)+" to directly above that step", diagnostics.Suggested, func(c *rewrite.Change) { c.Move(rewrite.Above(meant), arg) })
		},
	})
}

// chosenBehind reports whether the RUN goes to a commit of its own choice.
func chosenBehind(s *stages.Step, c *shell.Command) bool {
	return slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), func(other *shell.Command) bool {
		return other.Span.Start > c.Span.Start && other.ChoosesCommit()
	})
}
