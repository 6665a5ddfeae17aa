package correctness

import (
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var undefinedArgInFrom = &diagnostics.Rule{
	Name:     "undefined-arg-in-from",
	Severity: diagnostics.Warning,
	BuildKit: []string{"UndefinedArgInFrom"},
	Stage: func(p *diagnostics.Pass) {
		s := p.Stage.Steps[0]
		told := map[string]bool{}
		for _, u := range s.Unset() {
			if told[u.Name] || declares(p.Global(), u.Name) {
				continue
			}
			told[u.Name] = true
			reportUndeclared(p, s, u)
		}
	},
}

// namesNothing reports whether what a FROM names is no name of an image once its variables are replaced, so that BuildKit refuses
// the file.
func namesNothing(s *stages.Step) bool {
	from, ok := s.Instr.Cmd().(*instructions.Stage)
	if !ok || !strings.Contains(from.BaseName, "$") {
		return false
	}
	image, ok := s.ExpandAs(from.BaseName, "x")
	_, err := images.Parse(image)
	return ok && err != nil
}

// declares reports whether an ARG of the steps declares the variable.
func declares(steps []*stages.Step, name string) bool {
	return slices.ContainsFunc(steps, func(s *stages.Step) bool {
		_, ok := argOf(s, name)
		return ok
	})
}

// argOf is the declaration of a variable by an ARG.
func argOf(s *stages.Step, name string) (arg instructions.KeyValuePairOptional, ok bool) {
	if c, isArg := s.Instr.Cmd().(*instructions.ArgCommand); isArg {
		for _, arg := range c.Args {
			if arg.Key == name {
				return arg, true
			}
		}
	}
	return arg, false
}

func reportUndeclared(p *diagnostics.Pass, s *stages.Step, u stages.Unset) {
	span := s.VariableIn(u.Span, u.Name)
	f := diagnostics.Finding{Step: s, Span: span}
	fails := ""
	if namesNothing(s) {
		f.Severity, fails = diagnostics.Error, ", and the build fails"
	}
	meant, inStage := "", stageArg(p, u.Name)
	if inStage == nil {
		meant = likely(u.Name, globalNames(p))
	}
	cannotSet := ", and " + words.Code("--build-arg") + " cannot set it"
	if fails != "" {
		cannotSet = ", " + words.Code("--build-arg") + " cannot set it" + fails
	}
	switch {
	case inStage != nil:
		f.Message = diagnostics.Plain("FROM sees only what is declared above the first FROM, and " + u.Name + " is declared in a stage: nothing takes its place" + fails + "; declare " + words.Code("ARG "+u.Name) + " at the top")
	case meant != "":
		f.Message = diagnostics.Plain("No ARG above the first FROM declares " + u.Name + ": nothing takes its place" + fails + "; did you mean " + meant + "?")
	default:
		f.Message = diagnostics.Plain("No ARG above the first FROM declares " + u.Name + ": nothing takes its place" + cannotSet + "; declare " + words.Code("ARG "+u.Name) + " at the top")
	}
	f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
		if meant != "" {
			return replaceVariable(p, s, span, u.Name, meant)
		}
		arg := "ARG " + u.Name
		if inStage != nil {
			if d, _ := argOf(inStage, u.Name); d.Value != nil && !strings.Contains(*d.Value, "$") {
				arg += "=" + *d.Value
			}
		}
		first := p.Froms()[0]
		return p.FixBy("Declare "+words.Code(arg)+" at the top", diagnostics.Suggested, func(c *rewrite.Change) {
			c.Insert(rewrite.Above(first), rewrite.Keyword(first, "ARG")+strings.TrimPrefix(arg, "ARG"))
		})
	}
	p.Report(f)
}

// stageArg is a step that declares the variable in a stage; nil if there is none.
func stageArg(p *diagnostics.Pass, name string) *stages.Step {
	for _, stage := range p.Stages() {
		for _, s := range stage.Steps {
			if _, ok := argOf(s, name); ok && s.Instr.Name == "ARG" {
				return s
			}
		}
	}
	return nil
}

// globalNames are the variables that FROM sees.
func globalNames(p *diagnostics.Pass) (names []string) {
	for _, s := range p.Global() {
		if c, ok := s.Instr.Cmd().(*instructions.ArgCommand); ok {
			for _, arg := range c.Args {
				names = append(names, arg.Key)
			}
		}
	}
	for _, v := range grammar.PlatformArgs {
		names = append(names, v.Name)
	}
	return names
}

// replaceVariable writes another variable where one is used.
func replaceVariable(p *diagnostics.Pass, s *stages.Step, span text.Span, name, by string) []diagnostics.Fix {
	if !strings.HasSuffix(span.Of(s.Instr.Text), name) {
		return nil
	}
	return p.FixBy("Replace by "+by, diagnostics.Suggested, func(c *rewrite.Change) {
		c.ReplaceWord(s, text.Span{Start: span.End - len(name), End: span.End}, by)
	})
}
