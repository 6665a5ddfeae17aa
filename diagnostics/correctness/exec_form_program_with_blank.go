package correctness

import (
	"path"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var execFormProgramWithBlank = &diagnostics.Rule{
	Name:     "exec-form-program-with-blank",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See(blankProgramKey{}, seeBlankProgram) {
			argv, ok := seen.What.([]string)
			if !ok || seen.Step.Instr.Name == "CMD" && !isProgram(p, argv[0]) {
				continue // it may be an argument of an ENTRYPOINT
			}
			reportBlankProgram(p, seen.Step, argv)
		}
	},
}

type blankProgramKey struct{}

// seeBlankProgram is what stands in the first word of a list, if that is a line of several words.
func seeBlankProgram(s *stages.Step) any {
	in := s.Instr
	switch in.Name {
	case "RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK":
	default:
		return nil
	}
	if !in.JSON || len(in.Words) == 0 || s.Stage.Windows || !programLine.MatchString(programWord(in).Text) {
		return nil
	}
	argv := strings.Fields(programWord(in).Text)
	// The path of a program may have a blank, as in /opt/My App/run.
	if strings.HasPrefix(argv[0], "/") && !strings.HasPrefix(argv[1], "-") && strings.Contains(argv[len(argv)-1], "/") {
		return nil
	}
	return argv
}

// programWord is the word of a list that names the program.
func programWord(in *syntax.Instruction) syntax.Word {
	if in.Name == "HEALTHCHECK" && len(in.Words) > 1 {
		return in.Words[1] // behind CMD
	}
	return in.Words[0]
}

// programLine is a program with arguments.
var programLine = lazy.New(`^\s*[A-Za-z0-9_./][A-Za-z0-9_./+-]*(\s+\S+)+\s*$`)

// isProgram reports whether the first word of a CMD is surely what the container starts: there is no ENTRYPOINT, nor one of
// the base image; or, where that is not known, the word is a program's name.
func isProgram(p *diagnostics.Pass, word string) bool {
	for _, seen := range p.SeeChain(startKey{}, setsStart) {
		if seen.Step.Instr.Name == "ENTRYPOINT" {
			return false
		}
	}
	facts, ok := images.Of(p.Stage)
	switch {
	case p.Stage.Root().Scratch():
		return true
	case ok && facts.Tagged:
		return len(facts.Entry.Argv) == 0 && facts.Entry.Line == "" || shell.IsProgram(path.Base(word)) || shell.IsShellName(word)
	}
	return shell.IsProgram(path.Base(word)) || shell.IsShellName(word)
}

func reportBlankProgram(p *diagnostics.Pass, s *stages.Step, argv []string) {
	in := s.Instr
	word := programWord(in)
	message := "The first word of a list is the program, and none is called " + words.Code(words.Shorten(word.Text, 40)) + ", so that it does not start; write each word by itself"
	p.Report(diagnostics.Finding{
		Step: s, Span: word.Span, Message: diagnostics.Plain(message),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if strings.ContainsAny(word.Text, "\"'\\`$&|;<>()*?[]{}~#") {
				return nil
			}
			list, ok := shell.List(argv)
			if !ok {
				return nil
			}
			return p.FixBy("Write each word by itself", diagnostics.Suggested, func(c *rewrite.Change) {
				c.ReplaceWord(s, word.Span, strings.Trim(list, "[]"))
			})
		},
	})
}
