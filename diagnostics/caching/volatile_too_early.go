package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A variable is part of the key of every RUN below it, used or not. These two rules find variables
// that change from build to build and stand above steps that are expensive and do not use them.

var volatileArgTooEarly = &diagnostics.Rule{
	Name:     "volatile-arg-too-early",
	Code:     "C04",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		var given []*early
		defer func() { reportGiven(p, given) }()
		for _, s := range p.SeeChain("ARG", instructionsNamed("ARG")) {
			c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
			if !ok {
				continue
			}
			for _, arg := range c.Args {
				if breaksCache(arg.Key) || grammar.FindVariable(grammar.PlatformArgs, arg.Key) != nil {
					continue // cachebust-arg-misplaced and platform-arg-too-early look at these
				}
				def := ""
				if arg.Value != nil {
					def = *arg.Value
				}
				volatile := isVolatile(arg.Key) || hasVersionName(arg.Key) && saysNothing(def) ||
					!manifests.ImplicitEnv(arg.Key) && p.Changing(arg.Key)
				if !volatile && (strings.Trim(def, `"'`) != "" && !manifests.BakedIn(arg.Key) || s.Stage != p.Stage) {
					continue
				}
				if e := reportable(p, s.Step, variableOf(s.Step, arg.Key, volatile)); e != nil {
					given = e.reportOr(p, given)
					break
				}
			}
		}
	},
}

// variableOf is what the judge must know of a variable that the step defines.
func variableOf(s *stages.Step, name string, volatile bool) moves.Variable {
	v := moves.Variable{Name: name, BuildNumber: volatile, BakedIn: manifests.BakedIn(name)}
	for _, d := range s.Defines() {
		if d.Name == name {
			v.Uses = d.Uses
		}
	}
	return v
}

func instructionsNamed(name string) func(*stages.Step) any {
	return func(s *stages.Step) any {
		if s.Instr.Name == name {
			return true
		}
		return nil
	}
}

var (
	volatileName = lazy.New(`(?i)(^|_)((git|vcs|scm)_?(sha|rev|revision|commit|ref|branch|hash|describe)|commit(_?(hash|sha|id|ref))?|sha|revision|build_?(date|time|timestamp|id|num|number)|timestamp|ci_[a-z_]+|run_id)$`)
	versionName  = lazy.New(`(?i)^(app_?|build_?|image_?|project_?|release_?|package_?)?(version|release|tag|branch|ref|date)$`)
	nothingYet   = lazy.New(`(?i)^["']?(|dev|devel|develop|development|unknown|local|none|latest|head|main|master|snapshot|unset|n/?a|0|0\.0\.0(-dev)?|vcs-ref)["']?$`)
)

// isVolatile reports whether the name says that the value differs from one build to the next.
func isVolatile(name string) bool { return volatileName.MatchString(name) }

// hasVersionName reports whether the name is that of the project's own version: it is volatile only
// if the build passes it, which a default that means nothing shows.
func hasVersionName(name string) bool { return versionName.MatchString(name) }

// saysNothing reports whether the default of an ARG only stands for a value that the build is to pass: dev, unknown, 0.0.0.
func saysNothing(def string) bool { return nothingYet.MatchString(def) }

var variable = lazy.New(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// expandsVolatile reports whether the value takes in an ARG that changes from build to build.
func expandsVolatile(s *stages.Step, value string) bool {
	for _, m := range variable.FindAllStringSubmatch(value, -1) {
		def, ok := s.Vars.Lookup(m[1])
		if ok && !def.Env && (isVolatile(m[1]) || hasVersionName(m[1]) && (!def.Value.Known || saysNothing(def.Value.Text))) {
			return true
		}
		if !ok && isVolatile(m[1]) {
			return true
		}
	}
	return false
}

// early is a definition with what stands below it.
type early struct {
	def      *stages.Step
	variable moves.Variable
	moved    []*stages.Step // the definition, and the labels that use it and can move along
	dear     []*stages.Step // expensive RUNs that do not use it, up to the first step that does, or may
	what     string         // what the first of these runs
	use      *stages.Step   // the first step that uses it, or may; nil if none does
	with     []*early       // others above the same steps, which are told of and moved together with it
}

// reportable follows the steps below a definition to the first that uses it, and has the
// expensive ones between. Labels that use it can move along. The definition may stand in a stage on which
// the pass's stage builds: then the steps of the pass's stage are the point, and only the first of all. nil if there is
// nothing to report.
func reportable(p *diagnostics.Pass, s *stages.Step, variable moves.Variable) *early {
	e := findEarly(p, s, variable)
	if e == nil || s.Instr.Name == "ARG" && e.unused(p) {
		return nil
	}
	return e
}

// reportOr reports the definition, or keeps it with others that the build gives and that bring no change by themselves:
// those stand side by side, and are told of together.
func (e *early) reportOr(p *diagnostics.Pass, given []*early) []*early {
	if !e.variable.BuildNumber && e.def.Stage == p.Stage {
		return append(given, e)
	}
	e.report(p)
	return given
}

func (e *early) report(p *diagnostics.Pass) {
	f := e.finding()
	f.Message = func(p *diagnostics.Pass) string { return e.message(p) }
	for _, other := range e.with {
		f.Related = append(f.Related, diagnostics.Related{Step: other.def, Span: diagnostics.Line(other.def.Instr), Message: "this too"})
	}
	if e.def.Stage != p.Stage {
		f.Once = fmt.Sprint(e.def.Stage.Index, " ", e.def.N, " ", e.variable.Name) // of the stages that build on this one, the first says it
	}
	p.Report(f)
}

// findEarly is the definition with the expensive steps between it and its first use; nil if there are none, or it may
// be right there.
func findEarly(p *diagnostics.Pass, s *stages.Step, variable moves.Variable) *early {
	e := &early{def: s, variable: variable, moved: []*stages.Step{s}}
	below, chosen := stepsOfNote(p, s, variable)
	e.follow(p, judgeOf(p), below)
	switch {
	case len(e.dear) == 0 || e.dear[0].Stage != p.Stage:
		return nil
	case !variable.BuildNumber && len(e.moved) == 1 && !e.given():
		return nil // who knows whether the build gives it
	case chosen, choosesBase(p, variable.Name):
		return nil // what is installed, or built on, is chosen by the variable: it is no build number
	}
	return e
}

// given reports whether there is reason to think that builds give the variable values of their own: a step names it, a
// build bakes it into the program, or an ENV passes it on to the container.
func (e *early) given() bool {
	switch {
	case e.def.Instr.Name == "ENV":
		return true
	case e.use == nil:
		return false
	}
	return moves.Names(e.use.Instr.Text, e.variable.Name) || e.variable.BakedIn && e.use.Instr.Name == "RUN"
}

// unused reports whether nothing at all reads the variable: unused-arg says so.
func (e *early) unused(p *diagnostics.Pass) bool {
	return e.use == nil && len(e.moved) == 1 && !grammar.MeansRerun(e.variable.Name) && !moves.ReadLater(p.Stages, e.def, e.variable.Name)
}

// finding is what there is to report of it, without the message.
func (e *early) finding() diagnostics.Finding {
	f := diagnostics.Finding{Step: e.def, Span: diagnostics.Line(e.def.Instr)}
	if !e.variable.BuildNumber {
		f.Severity = diagnostics.Info
	}
	if e.dear[0].Stage == e.def.Stage {
		last := e.lastCrossed()
		for n := len(e.moved) - 1; n > 0 && e.moved[n].N > last.N; n-- {
			e.use, e.moved = e.moved[n], e.moved[:n]
		}
		if !e.definedAnew() { // beside another of its name it would mend nothing
			f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return e.moveDown(p, last) }
		}
	}
	if e.use != nil {
		f.Related = []diagnostics.Related{{Step: e.use, Span: diagnostics.Line(e.use.Instr), Message: "the first step that may use " + e.variable.Name}}
	}
	return f
}

// definedAnew reports whether the first step that uses the variable is an ARG of the same name.
func (e *early) definedAnew() bool {
	if e.use == nil {
		return false
	}
	arg, ok := e.use.Instr.Cmd().(*instructions.ArgCommand)
	return ok && slices.ContainsFunc(arg.Args, func(kv instructions.KeyValuePairOptional) bool { return kv.Key == e.variable.Name })
}

// lastCrossed is the last RUN above the use.
func (e *early) lastCrossed() *stages.Step {
	steps := e.def.Stage.Steps
	if e.use != nil && e.use.Stage == e.def.Stage {
		steps = steps[:e.use.N]
	}
	for n := len(steps) - 1; n > e.dear[len(e.dear)-1].N; n-- {
		if steps[n].Instr.Name == "RUN" {
			return steps[n]
		}
	}
	return e.dear[len(e.dear)-1]
}

type noteKey struct {
	name, uses  string
	buildNumber bool
	bakedIn     bool
}

// stepsOfNote are the steps below s, up to the end of the pass's stage, which is the step's own or builds on
// it, without those that are cheap and certainly do not use the variable. chosen says that one of them names it
// to choose what it fetches.
func stepsOfNote(p *diagnostics.Pass, s *stages.Step, v moves.Variable) (below []diagnostics.Seen, chosen bool) {
	chain := p.Stage.Chain()
	chain = chain[slices.Index(chain, s.Stage):]
	key := noteKey{v.Name, strings.Join(v.Uses, " "), v.BuildNumber, v.BakedIn}
	below = p.SeeChain(key, func(next *stages.Step) any {
		if _, ok := dear(next); ok || (moves.Judge{}).VariableBelow(v, []moves.Part{{Step: next}}).Answer != moves.Safe {
			return chooses(next, v.Name)
		}
		return nil
	})
	for len(below) > 0 && (below[0].Stage == s.Stage && below[0].N <= s.N || !slices.Contains(chain, below[0].Stage)) {
		below = below[1:]
	}
	return below, slices.ContainsFunc(below, func(next diagnostics.Seen) bool { return next.What == true })
}

func judgeOf(p *diagnostics.Pass) moves.Judge {
	return moves.Judge{Context: p.Context(), Inputs: func(s *stages.Step) []manifests.Inputs {
		type key struct{ step *stages.Step }
		return p.Fact(key{s}, func(p *diagnostics.Pass) any { return copies.InstallInputs(p.Context(), s) }).([]manifests.Inputs)
	}}
}

// follow goes down to the first step that uses the variable, or may.
func (e *early) follow(p *diagnostics.Pass, judge moves.Judge, below []diagnostics.Seen) {
	uses := func(s *stages.Step) bool {
		return judge.VariableBelow(e.variable, []moves.Part{{Step: s}}).Answer == moves.Never
	}
	safe := func(s *stages.Step) bool {
		return judge.VariableBelow(e.variable, []moves.Part{{Step: s}}).Answer == moves.Safe
	}
	// A label moves no further than to the first step that is no label and uses the variable.
	end := slices.IndexFunc(below, func(next diagnostics.Seen) bool { return next.Instr.Name != "LABEL" && uses(next.Step) })
	for _, seen := range below {
		next := seen.Step
		if uses(next) {
			crossed := definitionsBelow(p, next)
			if end >= 0 && below[end].Stage == e.def.Stage {
				crossed = slices.DeleteFunc(crossed, func(s *stages.Step) bool { return s.N >= below[end].N })
			}
			if next.Instr.Name == "LABEL" && next.Stage == e.def.Stage && judge.LabelBelow(next, partsOf(crossed)).Answer == moves.Safe {
				e.moved = append(e.moved, next)
				continue
			}
			e.use = next
			return
		}
		if phrase, ok := dear(next); ok && !e.usesSame(next) && (e.def.Instr.Name != "ENV" || e.variable.BuildNumber || e.variable.BakedIn || safe(next)) {
			if len(e.dear) == 0 {
				e.what = phrase
			}
			e.dear = append(e.dear, next)
		}
	}
}

// usesSame reports whether the step names what the variable's value is made of, so that it reruns all the same.
func (e *early) usesSame(s *stages.Step) bool {
	text := s.Instr.Body.Of(s.Instr.Text)
	return slices.ContainsFunc(e.variable.Uses, func(name string) bool { return moves.Names(text, name) })
}

type definitionKey struct{}

// definitionsBelow are the steps of the pass's stage below s that may set what a LABEL uses, or a label.
func definitionsBelow(p *diagnostics.Pass, s *stages.Step) (below []*stages.Step) {
	for _, next := range p.See(definitionKey{}, func(s *stages.Step) any {
		if s.Instr.Name == "LABEL" || s.Instr.Name == "ARG" || s.Instr.Name == "ENV" {
			return true
		}
		return nil
	}) {
		if next.N > s.N {
			below = append(below, next.Step)
		}
	}
	return below
}

func partsOf(steps []*stages.Step) (parts []moves.Part) {
	for _, s := range steps {
		parts = append(parts, moves.Part{Step: s})
	}
	return parts
}

// dear reports whether the RUN downloads or installs, and what to call it.
func dear(s *stages.Step) (phrase string, ok bool) {
	if s.Instr.Name != "RUN" {
		return "", false
	}
	cost := shell.Cheap
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if c.Cost() <= cost {
			continue
		}
		cost, phrase = c.Cost(), c.Phrase()
	}
	return phrase, cost >= shell.Download
}

// andMore is what stands behind the first of several steps in a message; "" if there are no others.
func andMore(n int) string {
	if n < 1 {
		return ""
	}
	return " and " + words.Count(n, "more step")
}

// message says what a new value of the variable reruns: steps of its own stage, or, if the definition is
// inherited, of the one that builds on it.
func (e *early) message(p *diagnostics.Pass) string {
	it, each, name := "it", "Every new value", e.variable.Name
	if !e.variable.BuildNumber {
		each = "A new value"
	}
	if n := len(e.with); n > 0 {
		name += " or of " + words.Count(n, "more variable")
		it = "them"
	}
	others := ", which does not use " + it
	if more := len(e.dear) - 1; more > 0 {
		others = andMore(more) + ", which do not use " + it
	}
	advice := "every RUN below an ARG or ENV depends on its value, so move " + it + " down"
	if e.def.Stage != p.Stage {
		others += ", in a stage that builds on this one"
		advice = "every RUN below an ARG or ENV depends on its value, in stages that build on it too, so set it in the stage that uses it"
	}
	return fmt.Sprintf("%s of %s reruns %s (line %d)%s; %s", each, name, words.Code(e.what), p.Line(e.dear[0]), others, advice)
}

// choosesBase reports whether a FROM names the variable.
func choosesBase(p *diagnostics.Pass, name string) bool {
	return slices.ContainsFunc(p.Froms(), func(s *stages.Step) bool {
		from := s.Instr
		return strings.Contains(from.Body.Of(from.Text), "$") && moves.Names(from.Body.Of(from.Text), name)
	})
}

// chooses reports whether a download or install names the variable: then it selects what is
// fetched, and stands where it belongs.
func chooses(s *stages.Step, name string) bool {
	if s.Instr.Name != "RUN" || !moves.Names(s.Instr.Body.Of(s.Instr.Text), name) {
		return false
	}
	return slices.ContainsFunc(shell.Of(s.Instr, s.Shell).Commands, func(c *shell.Command) bool {
		return c.Cost() == shell.Download || c.Cost() == shell.Packages
	})
}
