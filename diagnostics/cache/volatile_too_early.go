package cache

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A variable is part of the key of every RUN below it, used or not. These two rules find variables
// that change from build to build and stand above steps that are expensive and do not use them.

var volatileArgTooEarly = &diagnostics.Rule{
	Name:     "volatile-arg-too-early",
	Code:     "C04",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, s := range p.See("ARG", instructionsNamed("ARG")) {
			c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
			if !ok || len(c.Args) != 1 {
				continue
			}
			def := ""
			if c.Args[0].Value != nil {
				def = *c.Args[0].Value
			}
			if isVolatile(c.Args[0].Key) || hasVersionName(c.Args[0].Key) && isPlaceholder(def) {
				checkEarly(p, s.Step, c.Args[0].Key, def)
			}
		}
	},
}

var volatileEnvTooEarly = &diagnostics.Rule{
	Name:     "volatile-env-too-early",
	Code:     "C05",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, s := range p.See("ENV", instructionsNamed("ENV")) {
			c, ok := s.Instr.Cmd().(*instructions.EnvCommand)
			if ok && len(c.Env) == 1 && strings.Contains(c.Env[0].Value, "$") && expandsVolatile(s.Step, c.Env[0].Value) {
				checkEarly(p, s.Step, c.Env[0].Key, c.Env[0].Value)
			}
		}
	},
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
	volatileName = regexp.MustCompile(`(?i)(^|_)((git|vcs|scm)_?(sha|rev|revision|commit|ref|branch|hash|describe)|commit(_?(hash|sha|id|ref))?|sha|revision|build_?(date|time|timestamp|id|num|number)|timestamp|ci_[a-z_]+|run_id|cache_?bust(er)?|cache_?date)$`)
	versionName  = regexp.MustCompile(`(?i)^(app_?|build_?|image_?|project_?|release_?|package_?)?(version|release|tag|branch|ref|date)$`)
	nothingYet   = regexp.MustCompile(`(?i)^["']?(|dev|devel|develop|development|unknown|local|none|latest|head|main|master|snapshot|unset|n/?a|0|0\.0\.0(-dev)?|vcs-ref)["']?$`)
)

// isVolatile reports whether the name says that the value differs from one build to the next.
func isVolatile(name string) bool { return volatileName.MatchString(name) }

// hasVersionName reports whether the name is that of the project's own version: it is volatile only
// if the build passes it, which a default that means nothing shows.
func hasVersionName(name string) bool { return versionName.MatchString(name) }

func isPlaceholder(def string) bool { return nothingYet.MatchString(def) }

var variable = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)`)

// expandsVolatile reports whether the value takes in an ARG that changes from build to build.
func expandsVolatile(s *stages.Step, value string) bool {
	for _, m := range variable.FindAllStringSubmatch(value, -1) {
		def, ok := s.Vars.Lookup(m[1])
		if ok && !def.Env && (isVolatile(m[1]) || hasVersionName(m[1]) && (!def.Value.Known || isPlaceholder(def.Value.Text))) {
			return true
		}
		if !ok && isVolatile(m[1]) {
			return true
		}
	}
	return false
}

// checkEarly follows the steps below a definition to the first that uses it, and reports the
// expensive ones between. Labels that use it can move along.
func checkEarly(p *diagnostics.Pass, s *stages.Step, name, value string) {
	var crossed []*stages.Step
	var use *stages.Step
	moved := []*stages.Step{s}
	what := ""
	below := p.Stage.Steps[s.N+1:]
	for _, next := range below {
		if uses(next, name, value) {
			if next.Instr.Name == "LABEL" && movesAlong(next, p.Stage.Steps[next.N+1:]) {
				moved = append(moved, next)
				continue
			}
			use = next
			break
		}
		if next.Instr.Name != "RUN" {
			continue
		}
		cost, phrase := installs(next)
		if cost < shell.Download {
			use = next // it may read the variable without naming it
			break
		}
		crossed = append(crossed, next)
		if what == "" {
			what = phrase
		}
	}
	if len(crossed) == 0 || choosesBase(p, name) || slices.ContainsFunc(below, func(next *stages.Step) bool { return chooses(next, name) }) {
		return // what is installed, or built on, is chosen by the variable: it is no build number
	}
	last := crossed[len(crossed)-1]
	for len(moved) > 1 && moved[len(moved)-1].N > last.N {
		use, moved = moved[len(moved)-1], moved[:len(moved)-1]
	}
	f := diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: func(p *diagnostics.Pass) string { return earlyMessage(name, p.Line(crossed[0]), what, len(crossed)-1) },
	}
	if use != nil {
		f.Related = []diagnostics.Related{{Step: use, Span: diagnostics.Line(use.Instr), Message: "the first step that may use " + name}}
	}
	f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return moveDown(p, moved, last, use, name) }
	p.Report(f)
}

func earlyMessage(name string, line int, what string, more int) string {
	others := ", which does not use it"
	if more > 0 {
		others = " and " + count(more, "more step") + " that do not use it"
	}
	return fmt.Sprintf("Each new value of %s re-runs line %d (%s)%s: ARG and ENV count for every later RUN", name, line, what, others)
}

// movesAlong reports whether the LABEL says the same further down: no step below defines a variable
// that it expands, or one of its keys.
func movesAlong(label *stages.Step, below []*stages.Step) bool {
	cmd, ok := label.Instr.Cmd().(*instructions.LabelCommand)
	if !ok {
		return false
	}
	body := label.Instr.Body.Of(label.Instr.Text)
	for _, s := range below {
		switch other := s.Instr.Cmd().(type) {
		case *instructions.LabelCommand:
			for _, kv := range other.Labels {
				if strings.Contains(kv.Key, "$") || slices.ContainsFunc(cmd.Labels, func(own instructions.KeyValuePair) bool { return own.Key == kv.Key }) {
					return false
				}
			}
		case *instructions.EnvCommand:
			for _, kv := range other.Env {
				if containsWord(body, kv.Key) {
					return false
				}
			}
		case *instructions.ArgCommand:
			for _, kv := range other.Args {
				if containsWord(body, kv.Key) {
					return false
				}
			}
		}
	}
	return true
}

// choosesBase reports whether a FROM names the variable.
func choosesBase(p *diagnostics.Pass, name string) bool {
	return slices.ContainsFunc(p.Froms(), func(s *stages.Step) bool {
		from := s.Instr
		return strings.Contains(from.Body.Of(from.Text), "$") && containsWord(from.Body.Of(from.Text), name)
	})
}

// uses reports whether the step names the variable, changes what its definition expands, or
// defines it anew.
func uses(s *stages.Step, name, value string) bool {
	body := s.Instr.Body.Of(s.Instr.Text)
	if containsWord(body, name) {
		return true
	}
	if s.Instr.Name == "ARG" || s.Instr.Name == "ENV" {
		for _, m := range variable.FindAllStringSubmatch(value, -1) {
			if containsWord(body, m[1]) {
				return true
			}
		}
	}
	return false
}

func containsWord(body, word string) bool {
	for at := 0; ; {
		i := strings.Index(body[at:], word)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(word)
		if (start == 0 || !isNameByte(body[start-1])) && (end == len(body) || !isNameByte(body[end])) {
			return true
		}
		at = end
	}
}

func isNameByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// installs returns the cost of a RUN that does nothing but install, so that it surely does not read
// a build number; Cheap for every other RUN.
func installs(s *stages.Step) (shell.Cost, string) {
	script := shell.Of(s.Instr, s.Shell)
	if script.Partial || script.Unknown || len(script.Commands) == 0 {
		return shell.Cheap, ""
	}
	cost, phrase := shell.Cheap, ""
	for _, c := range script.Commands {
		inst, manifest := c.Install()
		switch {
		case manifest && !inst.Build && inst.DepsOnly:
			cost = max(cost, shell.Packages)
			phrase = inst.Phrase
		case c.Program == "cd" || c.Program == "mkdir":
		case ignoresContext(c):
			if c.Cost() > cost {
				cost = c.Cost()
				phrase = c.Program
			}
		default:
			return shell.Cheap, ""
		}
	}
	return cost, phrase
}

// chooses reports whether a download or install names the variable: then it selects what is
// fetched, and stands where it belongs.
func chooses(s *stages.Step, name string) bool {
	if s.Instr.Name != "RUN" || !containsWord(s.Instr.Body.Of(s.Instr.Text), name) {
		return false
	}
	return slices.ContainsFunc(shell.Of(s.Instr, s.Shell).Commands, func(c *shell.Command) bool {
		return c.Cost() == shell.Download || c.Cost() == shell.Packages
	})
}

// moveDown moves the definition and the labels that need it, with the comments directly above them,
// to directly above the first use, or below the last step that has none.
func moveDown(p *diagnostics.Pass, moved []*stages.Step, last, use *stages.Step, name string) []diagnostics.Fix {
	s := moved[0]
	if use == nil && last.N+1 < len(p.Stage.Steps) {
		use = p.Stage.Steps[last.N+1]
	}
	to := rewrite.Below(last)
	if use != nil {
		to = rewrite.Above(use)
	}
	change := p.Change()
	change.Move(to, moved...)
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	fix := diagnostics.Fix{
		Title:  "Move " + s.Instr.Name + " " + name + " below the steps that do not use it",
		Safety: diagnostics.Safe,
		Edits:  []diagnostics.FileEdit{edit},
	}
	if manifests.ImplicitEnv(name) && !isVolatile(name) {
		fix.Safety = diagnostics.Suggested
		fix.Title += " (check first: tools may read " + name + " by themselves)"
	}
	return []diagnostics.Fix{fix}
}
