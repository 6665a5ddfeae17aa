package correctness

import (
	"path"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Rules about images with next to nothing in them: no shell, no list of users.

var namedUserWithoutPasswd = &diagnostics.Rule{
	Name:      "named-user-without-passwd",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"named-identity-in-passwdless-stage"}},
	Stage: func(p *diagnostics.Pass) {
		if !p.Stage.Root().Scratch() {
			return
		}
		for _, step := range p.SeeChain(scratchKey{}, mattersInScratch) {
			if mayPut(step.Step, "/etc/passwd") {
				return
			}
			name, start := namedUser(step.Step)
			if name == "" || step.Stage != p.Stage {
				continue
			}
			p.Report(diagnostics.Finding{
				Step: step.Step, Span: step.Instr.FirstLine(step.Instr.Body),
				Message: diagnostics.Plain("This image has no /etc/passwd, so nobody knows who " + name + " is, and " + start + " fails; use a number, such as 65532"),
			})
		}
	},
}

var shellRunInScratch = &diagnostics.Rule{
	Name:      "shell-run-in-scratch",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"shell-run-in-scratch"}},
	Stage: func(p *diagnostics.Pass) {
		name := "scratch"
		if !p.Stage.Root().Scratch() {
			facts, ok := images.Of(p.Stage)
			if !ok || !facts.NoShell() {
				return
			}
			name = facts.Name
		}
		for _, step := range p.SeeChain(scratchKey{}, mattersInScratch) {
			if mayPut(step.Step, "/bin/sh") {
				return
			}
			what, needs := needsShell(step.Step)
			if !needs || step.Stage != p.Stage || what != "the build" && len(p.Children()) > 0 {
				continue
			}
			p.Report(diagnostics.Finding{
				Step: step.Step, Span: step.Instr.FirstLine(step.Instr.Body),
				Message: diagnostics.Plain(step.Instr.Name + " needs a shell here, and " + name + " has none, so " + what + " fails; write a list, such as " + words.Code(step.Instr.Name+` ["/app"]`)),
			})
			return // the others are the same mistake
		}
	},
}

type scratchKey struct{}

// mattersInScratch says of which steps these rules have something to say.
func mattersInScratch(s *stages.Step) any {
	switch s.Instr.Name {
	case "RUN", "COPY", "ADD", "USER", "CMD", "ENTRYPOINT", "SHELL":
		return true
	}
	return nil
}

// mayPut reports whether a step may put a file at the path of the image, or shows that something like it is there: what was
// run, needed programs.
func mayPut(s *stages.Step, file string) bool {
	var dest string
	switch c := s.Instr.Cmd().(type) {
	case *instructions.RunCommand:
		return s.Instr.JSON || len(s.Instr.Flags) > 0
	case *instructions.ShellCommand:
		return true
	case *instructions.CopyCommand:
		dest = c.DestPath
	case *instructions.AddCommand:
		dest = c.DestPath
	default:
		return false
	}
	word := s.Expand(dest)
	to := s.Join(word.Text)
	if !word.Known || !to.Known {
		return true
	}
	return to.Text == "/" || to.Text == file || strings.HasPrefix(file, strings.TrimSuffix(path.Clean(to.Text), "/")+"/")
}

// namedUser is the user that the step gives by name, and what fails if there is none of that name; "" if it gives a number, root
// or something that is not known.
func namedUser(s *stages.Step) (name, fails string) {
	fails = "the build"
	switch c := s.Instr.Cmd().(type) {
	case *instructions.UserCommand:
		name, fails = c.User, "the start of the container"
	case *instructions.CopyCommand:
		name = c.Chown
	case *instructions.AddCommand:
		name = c.Chown
	}
	v := s.Expand(name)
	name, _, _ = strings.Cut(v.Text, ":")
	if !v.Known || name == "" || strings.Trim(name, "0123456789") == "" || images.IsRoot(name) {
		return "", ""
	}
	return name, fails
}

// needsShell reports whether the step is a line for a shell, and what fails without one.
func needsShell(s *stages.Step) (fails string, ok bool) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.RunCommand:
		return "the build", c.PrependShell && !shell.HasOwnShell(s.Instr)
	case *instructions.CmdCommand:
		return "the start of the container", c.PrependShell && len(c.CmdLine) > 0
	case *instructions.EntrypointCommand:
		return "the start of the container", c.PrependShell && len(c.CmdLine) > 0
	}
	return "", false
}
