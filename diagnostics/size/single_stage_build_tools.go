package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var singleStageBuildTools = &diagnostics.Rule{
	Name:       "single-stage-build-tools",
	Production: true,
	Code:       "C27",
	Severity:   diagnostics.Info,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"prefer-multi-stage-build"}},
	Stage:      checkSingleStage,
}

// checkSingleStage looks for a compile and a program to run in the file's only stage.
func checkSingleStage(p *diagnostics.Pass) {
	if len(p.Froms()) > 1 || p.Stage.Parent != nil || toWorkIn(p, p.Stage) {
		return
	}
	runs := false
	var at *stages.Step
	var cmd *shell.Command
	var phrase string
	for _, seen := range p.See(compileKey{}, compilesOrStarts) {
		s := seen.Step
		switch c := s.Instr.Cmd().(type) {
		case *instructions.CmdCommand:
			runs = runs || !startsTool(c.CmdLine)
		case *instructions.EntrypointCommand:
			runs = runs || !startsTool(c.CmdLine)
		case *instructions.OnbuildCommand:
			return
		case *instructions.RunCommand:
			for _, c := range shell.Commands(s.Instr, s.Shell) {
				if os, isOS := c.OSPackages(); isOS && os.Remove && at == s {
					return // the compiler is gone again
				}
				if c.Compiles() && at == nil {
					inst, _ := c.Install()
					at, cmd, phrase = s, c, inst.Phrase
				}
				if at != nil && slices.ContainsFunc(c.Removes(), func(w shell.Word) bool { return path.Clean(w.Text) == "/usr/local/go" }) {
					return
				}
			}
		}
	}
	if !runs || at == nil || startsScriptWithTool(p) {
		return
	}
	p.Report(diagnostics.Finding{
		Step: at, Span: cmd.Span,
		Message: diagnostics.Plain("The image also holds the compiler, the sources and the downloads of " + words.Code(phrase) + "; build in a stage of its own (`FROM … AS build`) and take the result with `COPY --from=build`"),
	})
}

type compileKey struct{}

// compilesOrStarts reports whether the rule has to look at the step.
func compilesOrStarts(s *stages.Step) any {
	switch s.Instr.Name {
	case "CMD", "ENTRYPOINT", "ONBUILD":
		return true
	case "RUN":
		for _, c := range shell.Commands(s.Instr, s.Shell) {
			os, isOS := c.OSPackages()
			if c.Compiles() || isOS && os.Remove || len(c.Removes()) > 0 {
				return true
			}
		}
	}
	return nil
}

// startsScriptWithTool reports whether the container starts by a script of the context that runs a build
// tool: dotnet test, go run.
func startsScriptWithTool(p *diagnostics.Pass) bool {
	argv, _ := copies.Entry(p.Stage)
	for _, word := range argv {
		body, ok := copies.CopiedFile(p.Context(), p.Stage, word)
		if !ok || !strings.HasPrefix(body, "#!") && !strings.HasSuffix(word, ".sh") {
			continue
		}
		if slices.ContainsFunc(shell.Source(body).Commands, (*shell.Command).RunsSources) {
			return true
		}
	}
	return false
}

// startsTool reports whether the container runs the build tool itself, or a shell.
func startsTool(line []string) bool {
	commands := shell.Source(strings.Join(line, " ")).Commands
	return len(commands) == 0 || slices.ContainsFunc(commands, func(c *shell.Command) bool { return c.IsShell() || c.RunsSources() })
}
