// Package shellcheck asks ShellCheck, a program that the user may have installed, about the scripts of RUN.
//
// Each script goes through its standard input, as the shell gets it: continuations joined, comments between the
// lines gone, or the body of a here-document. What it says comes back with places in the Dockerfile. It takes some
// 10 ms a script, of which 7 are the start of the program, so answers are kept, and none is waited for while someone types.
//
// ShellCheck is run without its configuration files: they may lie in the folder of anybody's project.
package shellcheck

import (
	"context"
	"slices"
	"sync"

	"layerwise/build/images"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
)

// Remark is what ShellCheck says about a place in the script of a RUN.
type Remark struct {
	Instruction int       // its number in the file
	Span        text.Span // relative to the instruction's Text
	Code        string    // as in SC2086
	Level       Level
	Message     string // ShellCheck's own
}

// Level is how much ShellCheck thinks that a remark matters.
type Level string

// The levels, as ShellCheck calls them.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Info    Level = "info"
	Style   Level = "style"
)

// maxScripts and maxScript bound what is asked about one file: that many scripts, of so many bytes each. The longest in
// practice have 30 kB.
const (
	maxScripts = 500
	maxScript  = 64 << 10
)

// Typed says how a text comes about: what does not parse may be half typed.
type Typed func(instruction int) bool

// Find is what ShellCheck says of the scripts of a file, in the order of the text. A script that does not parse is not
// asked about if typed, which may be nil, reports that somebody may be typing it. Find returns early, with nothing, when ctx
// ends. p may be nil: then nothing is installed.
func (p *Program) Find(ctx context.Context, g *stages.Graph, typed Typed) (remarks []Remark) {
	if p == nil {
		return nil
	}
	var scripts []*script
	args := map[*stages.Stage][]string{} // that ARG has declared so far; without a value, the graph has none of them
	for i := range g.File.Instructions {
		step := g.StepAt(i)
		switch {
		case step.Stage == nil:
			continue
		case step.N == 0:
			args[step.Stage] = slices.Clip(args[step.Stage.Parent])
		}
		for _, d := range step.Defines() {
			args[step.Stage] = append(args[step.Stage], d.Name)
		}
		if held := step.Held(); held != nil {
			step = held // it is checked as what it will be
		}
		if s := scriptOf(step, i, args[step.Stage]); s != nil && (!s.malformed || typed == nil || !typed(i) && !s.halfTyped) {
			if scripts = append(scripts, s); len(scripts) == maxScripts {
				break
			}
		}
	}
	if len(scripts) == 0 || !p.usable(ctx) {
		return nil
	}
	found := make([][]Remark, len(scripts))
	var running sync.WaitGroup
	for n, s := range scripts {
		running.Go(func() { found[n] = s.remarks(p.ask(ctx, s.question(p.knowsBusybox))) })
	}
	running.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return slices.Concat(found...)
}

// script is what the shell gets of one RUN.
type script struct {
	instruction int
	of          *shell.Script
	from        int      // where in the script's text begins what is sent: behind a first line that names the shell
	dialect     string   // of the shell, as shell.Dialect calls it
	guessed     bool     // the dialect is POSIX's for want of a better one: nobody knows what sh is in the image
	errexit     bool     // the shell is started so that it stops at the first failure
	variables   []string // that the Dockerfile sets, of those that the script names; sorted
	malformed   bool
	halfTyped   bool
}

// scriptOf is the script of an instruction; nil if it has none that ShellCheck understands. args are the names that ARG
// and ENV give above.
func scriptOf(step *stages.Step, i int, args []string) *script {
	in := step.Instr
	if in.Name != "RUN" || len(in.Errors()) > 0 {
		return nil
	}
	of := shell.Of(in, step.Shell)
	if of.Unknown || of.Text() == "" || len(of.Text()) > maxScript || of.Partial && !of.Malformed {
		return nil
	}
	if made.MatchString(of.Text()) || of.Malformed && template.MatchString(of.Text()) {
		return nil
	}
	by := shell.RunBy(in, step.Shell)
	s := &script{instruction: i, of: of, dialect: shell.Dialect(by[0]), errexit: shell.Errexit(by), malformed: of.Malformed, halfTyped: of.HalfTyped}
	if said := step.SaidShell(); said != "" && !shell.HasOwnShell(in) {
		s.dialect = shell.Dialect(said) // none for PowerShell
	}
	if s.dialect == "sh" {
		if facts, ok := images.Of(step.Stage); ok && !facts.Recalled && facts.Sh() != "" {
			s.dialect = facts.Sh()
		} else {
			s.guessed = true
		}
	}
	if s.dialect == "" {
		return nil
	}
	if shell.HasOwnShell(in) {
		s.from = lineEnd(of.Text())
	}
	if shell.Dialect(by[0]) != "bash" {
		args = slices.Concat(args, of.LeftByBuiltins()) // of which ShellCheck does not know
	}
	s.variables = variables(step, args, of.Text())
	return s
}

// made are marks of templates that no shell knows, and template those that a script may have for another reason, as in
// docker --format.
var (
	made     = lazy.New(`<%[=-]?\s|%%[A-Z][A-Z_-]+%%`)
	template = lazy.New(`<%|\{\{|\{%`)
)

// variables are those that the build sets, of those that a text names.
func variables(step *stages.Step, args []string, script string) (names []string) {
	set := map[string]bool{}
	step.Vars.All(func(v *stages.Scope) bool {
		set[v.Name] = true
		return true
	})
	for _, name := range slices.Concat(args, ofEachBuild) {
		set[name] = true
	}
	for _, name := range identifiers(script) {
		if set[name] {
			names = append(names, name)
			set[name] = false
		}
	}
	slices.Sort(names)
	return names
}

// ofEachBuild are the variables that a build may set for each RUN without a word in the file.
//
// Source: https://docs.docker.com/build/building/variables/#pre-defined-build-arguments
var ofEachBuild = []string{
	"ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy",
}

// identifiers are the words of a text that may be names of variables.
func identifiers(s string) (list []string) {
	for at := 0; at < len(s); {
		end := at
		for end < len(s) && isNamePart(s[end]) {
			end++
		}
		if end > at && (s[at] < '0' || s[at] > '9') {
			list = append(list, s[at:end])
		}
		at = end + 1
	}
	return list
}

func isNamePart(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
