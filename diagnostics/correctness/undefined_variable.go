package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var undefinedVariable = &diagnostics.Rule{
	Name:      "undefined-variable",
	Severity:  diagnostics.Warning,
	BuildKit:  []string{"UndefinedVar"},
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6579"}},
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See(unsetKey{}, seeUnset) {
			if seen.Step.N > 0 {
				checkUnset(p, seen.Step)
			}
		}
	},
}

type unsetKey struct{}

func seeUnset(s *stages.Step) any {
	if s.N > 0 && len(s.Unset()) > 0 {
		return true
	}
	return nil
}

func checkUnset(p *diagnostics.Pass, s *stages.Step) {
	told := map[string]bool{}
	var inBody []stages.Unset
	for _, u := range s.Unset() {
		if u.Fallback || told[u.Name] || p.Stage.Windows && u.Name == "env" || declaredAbove(p, s, u.Name) || !isUnset(p, s, u.Name) {
			continue
		}
		told[u.Name] = true
		if u.Body {
			inBody = append(inBody, u)
			continue
		}
		reportUnset(p, s, u)
	}
	if len(inBody) > 0 {
		reportBody(p, s, inBody)
	}
}

type argsKey struct{}

// declaredAbove reports whether an ARG above the step declares the variable, for the build to give it a value.
func declaredAbove(p *diagnostics.Pass, s *stages.Step, name string) bool {
	for _, seen := range p.SeeChain(argsKey{}, seeArg) {
		if _, ok := argOf(seen.Step, name); ok && (seen.Step.Stage != s.Stage || seen.Step.N < s.N) {
			return true
		}
	}
	return false
}

func seeArg(s *stages.Step) any {
	if s.Instr.Name == "ARG" {
		return true
	}
	return nil
}

// isUnset reports whether the base image surely does not set a variable that the file does not set. Of an image that is
// not known, that is so if the name is that of a global ARG, or nearly one that is set: then that was meant.
func isUnset(p *diagnostics.Pass, s *stages.Step, name string) bool {
	if p.Stage.Root().Scratch() {
		return true
	}
	if facts, ok := images.Of(p.Stage); ok && facts.Tagged && !facts.Recalled {
		if facts.Windows && facts.Family == "" {
			return false // of the image for Windows, nothing is known but that
		}
		return !slices.Contains(facts.EnvMaybe, name)
	}
	return declares(p.Global(), name) || len(name) > 5 && likely(name, namesAt(p, s)) != ""
}

// namesAt are the variables that the file sets or declares above a step.
func namesAt(p *diagnostics.Pass, s *stages.Step) (names []string) {
	s.Vars.All(func(v *stages.Scope) bool {
		names = append(names, v.Name)
		return true
	})
	for _, seen := range p.SeeChain(argsKey{}, seeArg) {
		if c, ok := seen.Step.Instr.Cmd().(*instructions.ArgCommand); ok && (seen.Step.Stage != s.Stage || seen.Step.N < s.N) {
			for _, arg := range c.Args {
				names = append(names, arg.Key)
			}
		}
	}
	return names
}

func reportUnset(p *diagnostics.Pass, s *stages.Step, u stages.Unset) {
	span := s.VariableIn(u.Span, u.Name)
	f := diagnostics.Finding{Step: s, Span: span}
	declare := func(p *diagnostics.Pass) []diagnostics.Fix {
		return p.FixBy("Declare "+words.Code("ARG "+u.Name)+" above it", diagnostics.Suggested, func(c *rewrite.Change) {
			c.Insert(rewrite.Above(s), rewrite.Keyword(s, "ARG")+" "+u.Name)
		})
	}
	meant := likely(u.Name, namesAt(p, s))
	switch {
	case declares(p.Global(), u.Name):
		f.Message = diagnostics.Plain("This stage does not see the ARG " + u.Name + " from above FROM: nothing takes its place here; declare " + words.Code("ARG "+u.Name) + " in the stage")
		f.Fixes = declare
	case extends(s, u.Name):
		f.Severity = diagnostics.Info
		f.Message = diagnostics.Plain(u.Name + " has no value yet, so that nothing takes its place in its own; leave it out, with what joins it to the rest")
	case s.Instr.Name == "ENV" && slices.ContainsFunc(s.Defines(), func(d stages.Definition) bool { return d.Name == u.Name }):
		f.Message = diagnostics.Plain("What an ENV sets counts from the next instruction on: nothing takes the place of " + u.Name + " here; give it an ENV of its own above")
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.FixBy("Give each variable an ENV of its own", diagnostics.Suggested, func(c *rewrite.Change) { c.SplitPairs(s) })
		}
	case meant != "":
		f.Message = diagnostics.Plain(u.Name + " has no value, so that nothing takes its place; did you mean " + meant + "?")
		f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return replaceVariable(p, s, span, u.Name, meant) }
	case u.Name == "HOME":
		f.Message = diagnostics.Plain("Only the commands of a RUN have HOME: nothing takes its place here; write the directory")
	default:
		f.Message = diagnostics.Plain("Neither the stage nor its base image sets " + u.Name + ": nothing takes its place; set it above, by ENV or ARG")
		f.Fixes = declare
	}
	p.Report(f)
}

// extends reports whether an ENV makes a variable of itself.
func extends(s *stages.Step, name string) bool {
	return s.Instr.Name == "ENV" && slices.ContainsFunc(s.Defines(), func(d stages.Definition) bool { return d.Name == name && slices.Contains(d.Uses, name) })
}

// likely is the name that a mistyped one may have meant; "" if none is near. Of short names any two are near.
func likely(name string, names []string) string {
	if len(name) < 4 {
		return ""
	}
	return syntax.Nearest(name, names)
}

// reportBody is about a here-document, whose text may be meant as it is.
func reportBody(p *diagnostics.Pass, s *stages.Step, unset []stages.Unset) {
	var names []string
	for _, u := range unset {
		names = append(names, "$"+u.Name)
	}
	op := unset[0].Span
	p.Report(diagnostics.Finding{
		Step: s, Span: op,
		Message: diagnostics.Plain("Nothing takes the place of " + words.Some(names) + " in this here-document, since no variable has that name; " + words.Code("<<\"EOF\"") + ", with quotes, takes the text as it is"),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			written := op.Of(s.Instr.Text)
			name := strings.TrimLeft(written, "<-")
			if usesSet(s, unset) || !strings.HasSuffix(written, name) || strings.ContainsAny(name, "\"'\\ \t") {
				return nil
			}
			quoted := text.Span{Start: op.End - len(name), End: op.End}
			return p.FixBy("Take the text as it is: "+words.Code(strings.TrimSuffix(written, name)+`"`+name+`"`), diagnostics.Suggested, func(c *rewrite.Change) {
				c.ReplaceWord(s, quoted, `"`+name+`"`)
			})
		},
	})
}

// usesSet reports whether the step uses other variables than the unset ones: they may stand in the same text.
func usesSet(s *stages.Step, unset []stages.Unset) bool {
	return slices.ContainsFunc(s.Uses(), func(name string) bool {
		return !slices.ContainsFunc(unset, func(u stages.Unset) bool { return u.Name == name })
	})
}
