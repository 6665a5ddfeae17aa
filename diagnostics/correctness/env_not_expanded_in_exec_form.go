package correctness

import (
	"path"
	"slices"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var envNotExpandedInExecForm = &diagnostics.Rule{
	Name:     "env-not-expanded-in-exec-form",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See(execVariableKey{}, seeExecVariable) {
			use, ok := seen.What.(execVariable)
			if !ok || seen.Step.Instr.Name == "CMD" && startsThrough(p) || !hasVariable(seen.Step, use.name) && !declaredAbove(p, seen.Step, use.name) {
				continue
			}
			what := "start it by a shell: "
			if v, ok := seen.Step.Vars.Lookup(use.name); seen.Step.Instr.Name != "RUN" && use.name != "HOME" && (!ok || !v.Env) {
				what = "set it by ENV, since the container has no ARG, and start it by a shell: "
			}
			p.Report(diagnostics.Finding{
				Step: seen.Step, Span: use.word.Span,
				Message: diagnostics.Plain("No shell reads a list, so the program gets the text " + words.Code("$"+use.name) + " instead of the value; " + what +
					words.Code(`["sh", "-c", "exec program $`+use.name+`"]`)),
			})
		}
	},
}

type execVariableKey struct{}

type execVariable struct {
	word syntax.Word
	name string
}

// seeExecVariable is the first variable in a list of words that no shell gets.
func seeExecVariable(s *stages.Step) any {
	in := s.Instr
	switch in.Name {
	case "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK":
	default:
		return nil
	}
	if !in.JSON || s.Stage.Windows || slices.ContainsFunc(in.Words, func(w syntax.Word) bool { return readsScripts(w.Text) }) {
		return nil
	}
	for _, w := range in.Words {
		if m := wholeVariable.FindStringSubmatch(w.Text); m != nil {
			return execVariable{w, m[1] + m[2]}
		}
	}
	return nil
}

// wholeVariable is a word with one variable in it, and no sign of a script.
var wholeVariable = lazy.New(`^[^\s$;|&'"()]*\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})[^\s;|&'"()]*$`)

// readsScripts reports whether the word is a shell, which may replace the variables of those that follow.
func readsScripts(word string) bool { return shell.IsShellName(path.Base(word)) }

// startsThrough reports whether an ENTRYPOINT gets the words of CMD, and may replace variables in them.
func startsThrough(p *diagnostics.Pass) bool {
	for _, seen := range p.SeeChain(startKey{}, setsStart) {
		if seen.Step.Instr.Name == "ENTRYPOINT" {
			return true
		}
	}
	facts, ok := images.Of(p.Stage)
	return ok && (len(facts.Entry.Argv) > 0 || facts.Entry.Line != "")
}

// hasVariable reports whether the variable is set where the step stands. Each command gets its user's HOME.
func hasVariable(s *stages.Step, name string) bool {
	_, ok := s.Vars.Lookup(name)
	return ok || name == "HOME"
}
