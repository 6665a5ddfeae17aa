package hover

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/markdown"
	"layerwise/internal/words"
	"layerwise/language"
)

// use explains a use of a variable, by who replaces it. ok is false if that cannot be told.
func use(in *language.Document, s *stages.Step, r occurrences.Occurrence) (markdown string, ok bool) {
	name := r.Name
	switch r.By {
	case occurrences.Nobody:
		return untouched(s, r), true
	case occurrences.ContainerShell:
		return inContainer(in, s, name)
	}
	if def, found := s.Vars.Lookup(name); found {
		return value(in, s, def), true
	}
	if arg := declared(in.Graph, s, name); arg != nil {
		return fmt.Sprintf("**%s** is declared on line %d, and has no value unless the build passes one with `--build-arg %s=…`.", name, in.Graph.Line(arg), name), true
	}
	switch global, found := in.Graph.GlobalVars().Lookup(name); {
	case s.Stage == nil:
		return fmt.Sprintf("**%s** is not set here.", name), true
	case s.N == 0:
		return fmt.Sprintf("**%s** is not set here: FROM knows only the ARGs above the first FROM.", name), true
	case found && global.Step != nil:
		return fmt.Sprintf("**%s** is not set here: the ARG on line %d counts only in FROM. Write `ARG %s` in this stage to use it.", name, in.Graph.Line(global.Step), name), true
	}
	if proxy := grammar.FindVariable(grammar.ProxyArgs, name); proxy != nil && r.By == occurrences.BuildShell {
		return fmt.Sprintf("**%s** has a value here if the build passes one: %s.", name, proxy.Doc), true
	}
	if r.By == occurrences.BuildShell && occurrences.OfShell(name) {
		return fmt.Sprintf("**%s** is not set in this file; some shells, such as bash, set it.", name), true
	}
	if s.Stage.Scratch() {
		return fmt.Sprintf("**%s** is not set here.", name), true
	}
	return fmt.Sprintf("**%s** is not set in this file; the base image may set it.", name), true
}

// declared is the ARG above the step that declares the variable: in its stage or in one that it builds on, or, for FROM
// and what stands above the first one, above the first FROM. It is nil if there is none.
func declared(g *stages.Graph, s *stages.Step, name string) *stages.Step {
	if s.Stage == nil || s.N == 0 {
		above := g.Global
		if s.Stage == nil {
			above = above[:s.N]
		}
		return declaredIn(above, name)
	}
	for stage, n := s.Stage, s.N; stage != nil; stage = stage.Parent {
		if arg := declaredIn(stage.Steps[:min(n, len(stage.Steps))], name); arg != nil {
			return arg
		}
		n = math.MaxInt
	}
	return nil
}

// declaredIn is the last of the steps that is an ARG of that name; nil if none is.
func declaredIn(steps []*stages.Step, name string) *stages.Step {
	for _, s := range slices.Backward(steps) {
		if s.Instr.Name == "ARG" && slices.ContainsFunc(s.Defines(), func(d stages.Definition) bool { return d.Name == name }) {
			return s
		}
	}
	return nil
}

// modified says what a use with a modifier, such as ${NAME:-default}, comes to; "" for a plain one, and where that
// is not known.
func modified(s *stages.Step, r occurrences.Occurrence) string {
	src := s.Instr.Text
	end := r.Span.End
	if r.By != occurrences.Builder && r.By != occurrences.BuildShell || !strings.HasSuffix(src[:r.Span.Start], "${") || end >= len(src) || src[end] == '}' {
		return ""
	}
	end, closed := text.BraceEnd(src, end)
	if !closed {
		return ""
	}
	word := src[r.Span.Start-2 : end]
	shown := code(words.Shorten(word, maxSummary))
	if value := s.Expand(word); value.Known {
		return fmt.Sprintf("%s is %s here.", shown, code(value.Text))
	}
	op := strings.TrimPrefix(src[r.Span.End:end-1], ":")
	if op == "" {
		return ""
	}
	instead := s.Expand(op[1:])
	switch {
	case !instead.Known:
		return ""
	case op[0] == '-':
		return fmt.Sprintf("%s is %s if it has no value.", shown, code(instead.Text))
	case op[0] == '+':
		return fmt.Sprintf("%s is %s if it has a value.", shown, code(instead.Text))
	}
	return ""
}

// untouched explains a variable that nobody replaces.
func untouched(s *stages.Step, r occurrences.Occurrence) string {
	inFlag := slices.ContainsFunc(s.Instr.Flags, func(f syntax.Flag) bool { return f.Span.Contains(r.Span.Start) })
	if !inFlag && (s.Instr.JSON || s.Instr.Name == "HEALTHCHECK") {
		return fmt.Sprintf("**%s** is not replaced: without a shell, the program gets the text as it is.", r.Name)
	}
	return fmt.Sprintf("**%s** is not replaced: the text stays as it is here.", r.Name)
}

// inContainer explains a variable that the container's shell replaces, when the build is over.
func inContainer(in *language.Document, s *stages.Step, name string) (markdown string, ok bool) {
	var env, arg *stages.Scope
	s.Stage.Vars().All(func(v *stages.Scope) bool {
		switch {
		case v.Name != name:
		case v.Env:
			env = v
			return false
		case arg == nil:
			arg = v
		}
		return true
	})
	switch {
	case env != nil:
		return value(in, s, env), true
	case arg != nil && arg.Step != nil:
		return fmt.Sprintf("**%s** has no value in the container: the ARG on line %d ends with the build. Write `ENV %s=$%s` to keep it.", name, in.Graph.Line(arg.Step), name, name), true
	}
	return fmt.Sprintf("**%s** is not set in this file; the base image or `docker run --env` may set it.", name), true
}

// value says what a definition makes of a variable, and what a new value costs.
func value(in *language.Document, s *stages.Step, def *stages.Scope) string {
	g := in.Graph
	var b strings.Builder
	switch {
	case !def.Env && isHidden(in, def.Name):
		fmt.Fprintf(&b, "**%s** is set here, by the build", def.Name)
	case def.Value.Known:
		fmt.Fprintf(&b, "**%s** is %s here", def.Name, code(def.Value.Text))
		if def.Step == nil && def.Env {
			b.WriteString(", set by the base image")
		}
	case def.Step == nil && def.Env:
		fmt.Fprintf(&b, "**%s** is set by the base image, to a value that changes with its version", def.Name)
	default:
		fmt.Fprintf(&b, "**%s** is set, to a value that depends on the build", def.Name)
	}
	if def.Step != nil && def.Step != s {
		fmt.Fprintf(&b, ", from line %d", g.Line(def.Step))
	}
	b.WriteString(".")
	if def.Step != nil {
		b.WriteString("\n\n" + varCost(g, def.Step, def.Name))
	}
	return b.String()
}

// code is text of the file as code. What stands for an empty one is a word.
func code(s string) string {
	if s == "" {
		return "empty"
	}
	return markdown.Code(s)
}
