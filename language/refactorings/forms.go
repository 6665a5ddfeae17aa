package refactorings

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/images"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// hasForms reports whether the instruction is one that a program starts of, and that stands in one form. The forms of
// ENTRYPOINT differ in what they do with CMD, so that one beside the other keeps both as they are.
func (p place) hasForms() bool {
	if !p.whole() || p.step.Stage == nil || p.step.Stage.Windows || len(p.in.Inner) > 0 || len(p.in.Heredocs) > 0 || p.in.Args.Len() == 0 {
		return false
	}
	switch p.in.Name {
	case "RUN":
		return true
	case "CMD":
		return !p.sets("ENTRYPOINT")
	case "ENTRYPOINT":
		return !p.sets("CMD")
	}
	return false
}

// sets reports whether an instruction stands in the stage, or in one that it builds on or that builds on it.
func (p place) sets(name string) bool {
	has := func(s *stages.Stage) bool {
		return slices.ContainsFunc(s.Steps, func(s *stages.Step) bool { return s.Instr.Name == name })
	}
	var below func(s *stages.Stage) bool
	below = func(s *stages.Stage) bool {
		return slices.ContainsFunc(p.Graph.Children(s), func(s *stages.Stage) bool { return has(s) || below(s) })
	}
	return slices.ContainsFunc(p.step.Stage.Chain(), has) || below(p.step.Stage)
}

// jsonForm writes the shell form of a simple command as an array.
func jsonForm(p place) (Refactoring, bool) {
	if p.in.JSON || !p.hasForms() || !readable(p.step) {
		return Refactoring{}, false
	}
	argv, ok := shell.Argv(p.in, p.step.Shell)
	if !ok {
		return Refactoring{}, false
	}
	array, ok := shell.List(argv)
	if !ok {
		return Refactoring{}, false
	}
	c := rewrite.Of(p.Graph)
	c.ReplaceWord(p.step, p.in.Args, array)
	return p.sameCommand(argv, c, fmt.Sprintf("Write this %s in JSON form (%s)", p.in.Name, p.without(argv[0])))
}

// without says what is different without a shell.
func (p place) without(program string) string {
	switch program = words.Code(program); p.in.Name {
	case "RUN":
		return fmt.Sprintf("%s starts without a shell; %s", program, price(p.rerunsFrom(p.step)))
	case "ENTRYPOINT":
		return fmt.Sprintf("%s starts without a shell, and gets signals and the arguments of `docker run`", program)
	}
	return fmt.Sprintf("%s starts without a shell, and gets signals itself%s", program, p.entrypoint())
}

// entrypoint says that the base image has an ENTRYPOINT, which gets the CMD.
func (p place) entrypoint() string {
	root := p.step.Stage.Root()
	if facts, ok := images.Lookup(root.Base.Text, root.Platform); ok && root.Base.Known && len(facts.Entry.Argv) > 0 {
		return fmt.Sprintf("; check what the image's ENTRYPOINT %s does with it", words.Code(path.Base(facts.Entry.Argv[0])))
	}
	return ""
}

// shellForm writes an array as a command of a shell: what a shell was started for in it as it is, all else with quotes.
func shellForm(p place) (Refactoring, bool) {
	if !p.in.JSON || !p.hasForms() || !readable(p.step) || shell.HasOptions(p.step.Shell) || p.step.Stage.Scratch() {
		return Refactoring{}, false
	}
	argv := p.in.Texts()
	c := rewrite.Of(p.Graph)
	if n := len(p.step.Shell); len(argv) == n+1 && slices.Equal(argv[:n], p.step.Shell) && oneLine(argv[n], p.File.Escape) {
		c.ReplaceWord(p.step, p.in.Args, argv[n])
		r, ok := made(Rewrite, fmt.Sprintf("Write this %s in shell form", p.in.Name), c)
		return r, ok && p.sameLine(r, argv[n])
	}
	line, ok := quoted(argv)
	if !ok || !oneLine(line, p.File.Escape) {
		return Refactoring{}, false
	}
	c.ReplaceWord(p.step, p.in.Args, line)
	return p.sameCommand(argv, c, fmt.Sprintf("Write this %s in shell form (%s)", p.in.Name, p.with(argv[0])))
}

// with says what is different with a shell.
func (p place) with(program string) string {
	switch program = words.Code(program); p.in.Name {
	case "RUN":
		return fmt.Sprintf("a shell starts %s; %s", program, price(p.rerunsFrom(p.step)))
	case "ENTRYPOINT":
		return fmt.Sprintf("a shell starts %s, and may keep signals and the arguments of `docker run` from it", program)
	}
	return fmt.Sprintf("a shell starts %s, and may keep signals from it%s", program, p.entrypoint())
}

// oneLine reports whether a text stays one line of one instruction in the shell form.
func oneLine(s string, escape byte) bool {
	return s != "" && strings.TrimSpace(s) == s && !strings.ContainsAny(s, "\n\r") && !strings.Contains(s, "<<") &&
		!strings.HasSuffix(s, string(escape)) && !strings.HasPrefix(s, "[") && !strings.HasPrefix(s, "--") && !strings.HasPrefix(s, "#")
}

var needsNoQuotes = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,-]+(=[A-Za-z0-9_./:@%+,=-]*)?$`)

// quoted are words as a shell reads them.
func quoted(argv []string) (string, bool) {
	var list []string
	for i, word := range argv {
		switch {
		case needsNoQuotes.MatchString(word) && (i > 0 || !strings.Contains(word, "=")):
		case !strings.Contains(word, "'"):
			word = "'" + word + "'"
		default:
			return "", false
		}
		list = append(list, word)
	}
	return strings.Join(list, " "), len(list) > 0 && !shell.IsReserved(list[0])
}

// sameCommand lets a change pass after which the same program is started with the same words.
func (p place) sameCommand(argv []string, c *rewrite.Change, title string) (Refactoring, bool) {
	r, ok := made(Rewrite, title, c)
	if !ok {
		return r, false
	}
	step := p.after(r.Edits).Graph.StepAt(p.Graph.Index(p.step))
	if step.Instr.JSON {
		return r, slices.Equal(step.Instr.Texts(), argv)
	}
	script := shell.Of(step.Instr, step.Shell)
	if !script.Known() || len(script.Commands) != 1 || len(script.Commands[0].Wrappers)+len(script.Commands[0].Assigns)+len(script.Commands[0].Redirects) > 0 {
		return r, false
	}
	return r, slices.Equal(shell.Texts(script.Commands[0].Words), argv) && !script.Commands[0].IsShellsOwn()
}

// sameLine reports whether a step's shell gets the line after a refactoring.
func (p place) sameLine(r Refactoring, line string) bool {
	in := p.after(r.Edits).Graph.StepAt(p.Graph.Index(p.step)).Instr
	return in.Cmd() != nil && !in.JSON && len(in.Heredocs) == 0 && in.Args.Of(in.Text) == line
}
