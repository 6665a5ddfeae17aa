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
	Stage:      checkSingleStage,
}

// compilers are build commands of languages whose result runs without the tools and sources.
var compilers = map[string]string{
	"go": "Go", "cargo": "Rust", "maven": "Maven", "gradle": "Gradle", "dotnet": ".NET", "sbt": "sbt", "swift": "Swift",
}

// checkSingleStage looks for a compile and a program to run in the file's only stage.
func checkSingleStage(p *diagnostics.Pass) {
	if len(p.Froms()) > 1 || p.Stage.Parent != nil || toWorkIn(p.Stage) {
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
				inst, ok := c.Install()
				if os, isOS := c.OSPackages(); isOS && os.Remove && at == s {
					return // the compiler is gone again
				}
				if ok && inst.Build && compilers[inst.Ecosystem] != "" && at == nil {
					at, cmd, phrase = s, c, inst.Phrase
				}
				if len(c.Removes()) > 0 && at != nil && strings.Contains(s.Instr.Text, "rm -rf /usr/local/go") {
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
			inst, ok := c.Install()
			os, isOS := c.OSPackages()
			if ok && inst.Build && compilers[inst.Ecosystem] != "" || isOS && os.Remove || len(c.Removes()) > 0 {
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
		script := shell.Source(body)
		if slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
			inst, isInstall := c.Install()
			return isInstall && inst.Build && compilers[inst.Ecosystem] != "" || c.Program != "" && !c.IsShell() && startsTool(append([]string{c.Program}, operands(c)...))
		}) {
			return true
		}
	}
	return false
}

// operands are the texts of what the command works on.
func operands(c *shell.Command) (list []string) {
	for _, w := range c.Operands() {
		list = append(list, w.Text)
	}
	return list
}

// startsTool reports whether the container runs the build tool itself, or a shell.
func startsTool(line []string) bool {
	words := strings.Fields(strings.Join(line, " "))
	if len(words) == 0 {
		return true
	}
	switch path.Base(words[0]) {
	case "bash", "sh", "go", "cargo", "mvn", "mvnw", "gradle", "gradlew", "dotnet-watch", "sbt", "make", "air":
		return true
	case "dotnet":
		return len(words) > 1 && (words[1] == "run" || words[1] == "watch" || words[1] == "test")
	}
	return false
}
