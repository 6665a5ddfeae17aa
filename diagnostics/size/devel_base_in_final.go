package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var develBaseInFinal = &diagnostics.Rule{
	Name:       "devel-base-in-final",
	Production: true,
	Severity:   diagnostics.Info,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"gpu/prefer-runtime-final-stage"}},
	Stage:      checkDevelBase,
}

// checkDevelBase reports an image with a compiler that only starts what another stage has built, or what its tool runs
// without it: its own stages run no command but those of system packages and files. What is headless lacks the compiler already.
func checkDevelBase(p *diagnostics.Pass) {
	if toWorkIn(p, p.Stage) {
		return
	}
	image, ok := images.Of(p.Stage)
	if !ok || image.Kind != images.SDK || image.Recalled || !p.Final() {
		return
	}
	takes := false
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			switch c := s.Instr.Cmd().(type) {
			case *instructions.CopyCommand:
				takes = takes || c.From != ""
			case *instructions.RunCommand:
				script := shell.Of(s.Instr, s.Shell)
				if script.Partial || script.Unknown || slices.ContainsFunc(script.Commands, mayUseSDK) {
					return
				}
			}
		}
	}
	argv, _ := copies.Entry(p.Stage)
	root := p.Stage.Root()
	if shell.RunsCompiled(argv) && !strings.Contains(root.Base.Text, "headless") {
		p.Report(diagnostics.Finding{
			Step: root.Steps[0], Span: diagnostics.Line(root.Steps[0].Instr),
			Message: diagnostics.Plain("The image has all of the build tools of " + words.Code(root.Base.Text) + ", and only starts what was compiled before, which makes every pull larger; use an image with the runtime alone"),
		})
		return
	}
	if !takes || len(argv) == 0 || startsTool(argv) || !startsFile(argv[0]) {
		return
	}
	p.Report(diagnostics.Finding{
		Step: root.Steps[0], Span: diagnostics.Line(root.Steps[0].Instr),
		Message: diagnostics.Plain("The image has all of the build tools of " + words.Code(root.Base.Text) + ", and only starts what another stage has built; use a smaller image here, such as a slim one or the runtime alone"),
	})
}

// startsFile reports whether the container starts a program by its path, which is none of the SDK.
func startsFile(program string) bool {
	return len(program) > 1 && (program[0] == '/' || program[0] == '.') && !shell.IsProgram(path.Base(program))
}

// mayUseSDK reports whether the command may need what the SDK has: it is not known, it installs or builds with a tool of a
// language, or it installs programs of which the one that starts may call others, too.
func mayUseSDK(c *shell.Command) bool {
	if os, ok := c.OSPackages(); ok {
		return slices.ContainsFunc(os.Packages, func(w shell.Word) bool { return !w.Literal || shell.IsProgram(w.Text) })
	}
	return !c.Effects().Known || c.Cost() >= shell.Packages
}
