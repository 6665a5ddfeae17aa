package manifests

import (
	"cmp"
	"path"
	"slices"

	"layerwise/dockerfile/shell"
)

// Script is what a project makes an install run. Those that look at nothing but the package manager's
// name (npx only-allow pnpm) are left out.
type Script struct {
	File     string   // that has it, relative to the context: "package.json"
	Name     string   // "postinstall"
	Text     string   // the commands
	Programs []string // which it needs to succeed, in order; those that the shell has by itself are left out
	OnlyDev  bool     // it is not run if development dependencies are left out
}

// maxScripts bounds the scripts of a project, and those that one script runs.
const maxScripts = 100

// script notes one script, which may run others of the same file.
func (r *reader) script(s Script, others func(name string) string) {
	if len(r.scripts) >= maxScripts {
		r.anyVar = true
		return
	}
	w := scriptReader{reader: r, script: &s, others: others, seen: map[string]bool{s.Name: true}}
	w.read(s.Text, false)
	r.scripts = append(r.scripts, s)
}

// A scriptReader looks for the programs and the variables of a script.
type scriptReader struct {
	*reader
	script *Script
	others func(name string) string // another script of the file; "" if there is none
	seen   map[string]bool          // scripts by name
}

// read reads the text of the script, or of one that it runs. fails says that it may fail.
func (w *scriptReader) read(text string, fails bool) {
	parsed := shell.Source(text)
	if parsed.Partial {
		w.anyVar = true
	}
	w.expand(text)
	for i, c := range parsed.Commands {
		w.command(c, fails || mayFail(parsed.Commands, i))
	}
}

// expand notes the variables that a line of a script expands: $A, ${A}, and %A% as in npm on Windows.
func (w *scriptReader) expand(text string) {
	for _, m := range shellVar.FindAllStringSubmatch(text, -1) {
		w.vars[cmp.Or(m[1], m[2])] = true
	}
}

// mayFail reports whether the i-th command may fail without the script failing: a later part of the same
// list stands in for it, and that is one that always succeeds (|| true).
func mayFail(commands []*shell.Command, i int) bool {
	depth := commands[i].Depth
	for _, later := range commands[i+1:] {
		if later.Depth > depth {
			continue
		}
		depth = later.Depth // after the end of a group
		switch {
		case later.Op == ";" || later.Op == "&":
			return false
		case later.Op != "||":
		case later.AlwaysSucceeds():
			return true
		}
	}
	return false
}

func (w *scriptReader) command(c *shell.Command, mayFail bool) {
	if c.Program == "" {
		w.anyVar = true
		return
	}
	if c.IsShellsOwn() {
		return
	}
	if w.other(c, mayFail) {
		return
	}
	tool, ok := c.PackageProgram()
	switch {
	case ok:
		w.need(tool.Text, mayFail)
	case !c.RunsScripts():
		w.need(c.Program, mayFail)
	}
	name := c.Program
	if ok {
		name = tool.Text
	}
	if !shell.ReadsOwnVars(name) {
		w.anyVar = true
	}
}

// other reads the script of the same file that the command runs, if it does: npm run NAME, yarn NAME.
func (w *scriptReader) other(c *shell.Command, mayFail bool) bool {
	name, ok := c.ScriptName()
	if !ok {
		return false
	}
	text := w.others(name)
	if text != "" && !w.seen[name] && len(w.seen) < maxScripts {
		w.seen[name] = true
		w.read(text, mayFail)
	}
	return text != ""
}

func (w *scriptReader) need(program string, mayFail bool) {
	if program = path.Base(program); !mayFail && !slices.Contains(w.script.Programs, program) {
		w.script.Programs = append(w.script.Programs, program)
	}
}
