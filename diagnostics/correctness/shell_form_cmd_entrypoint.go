package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var shellFormCmdEntrypoint = &diagnostics.Rule{
	Name:       "shell-form-cmd-entrypoint",
	Severity:   diagnostics.Warning,
	BuildKit:   []string{"JSONArgsRecommended"},
	Hadolint:   []string{"DL3025"},
	Production: true,
	Yields:     []string{"multiple-cmd", "multiple-entrypoint"}, // what another replaces is not started
	Elsewhere:  diagnostics.Elsewhere{KICS: []string{"b86987e1-6397-4619-81d5-8807f2387c79"}, Semgrep: []string{"prefer-json-notation"}, Sonar: []string{"S7019"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		in := s.Instr
		if in.Name != "CMD" && in.Name != "ENTRYPOINT" || s.OwnShell {
			return
		}
		if _, broken := brokenList(in); broken || !inShell(in.Cmd()) || shell.Of(in, s.Shell).Execs() {
			return
		}
		message := "A shell starts this " + in.Name + ", and may keep the signal to stop from the program, which is then killed after 10 seconds; "
		if _, ok := shell.Argv(in, s.Shell); in.Args.Len() == 0 {
			message = in.Name + " names no program: a shell with nothing to do takes its place, and ends at once; write the program as a list"
		} else if ok {
			message += "write it as a list, which needs no shell"
		} else {
			message += "start the program with " + words.Code("exec") + ", or write a list"
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: in.FirstLine(in.Body), Message: diagnostics.Plain(message),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix { return listForm(p, s) },
		})
	},
}

// inShell reports whether a CMD or ENTRYPOINT has the shell form.
func inShell(cmd any) bool {
	switch c := cmd.(type) {
	case *instructions.CmdCommand:
		return c.PrependShell
	case *instructions.EntrypointCommand:
		return c.PrependShell
	}
	return false
}

// listForm writes the command as a list: without a shell if it needs none, else with one that gives way to it. Where both
// ENTRYPOINT and CMD stand, the form of one decides what becomes of the other.
func listForm(p *diagnostics.Pass, s *stages.Step) []diagnostics.Fix {
	in := s.Instr
	if s.Stage.Windows || len(in.Inner) > 0 || startsWithBoth(p) {
		return nil
	}
	argv, ok := shell.Argv(in, s.Shell)
	title := "Write it as a list, without a shell"
	if !ok {
		line := in.Args.Of(in.Text)
		script := shell.Of(in, s.Shell)
		if !script.Known() || len(script.Commands) != 1 || strings.ContainsAny(line, "\n\r") || len(s.Shell) != 2 {
			return nil
		}
		if cmd := script.Commands[0]; cmd.Span != in.Args || len(cmd.Assigns) > 0 || cmd.Program == "" || cmd.IsShellsOwn() {
			return nil
		}
		argv, title = []string{s.Shell[0], s.Shell[1], "exec " + line}, "Write it as a list, with a shell that gives way to the program"
	}
	list, ok := shell.List(argv)
	if !ok {
		return nil
	}
	return p.FixBy(title, diagnostics.Suggested, func(c *rewrite.Change) { c.ReplaceWord(s, in.Args, list) })
}

// startsWithBoth reports whether the stage has both an ENTRYPOINT and a CMD, by itself or by those around it.
func startsWithBoth(p *diagnostics.Pass) bool {
	names := map[string]bool{}
	look := func(in *syntax.Instruction) {
		if in.Name == "CMD" || in.Name == "ENTRYPOINT" {
			names[in.Name] = true
		}
	}
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			look(s.Instr)
		}
	}
	for _, child := range p.Children() {
		for _, s := range child.Steps {
			look(s.Instr)
		}
	}
	return len(names) > 1
}
