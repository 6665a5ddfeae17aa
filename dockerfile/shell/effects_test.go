package shell_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
)

// TestEffects reads testdata/effects.txt: a command on a line, and below it, indented, what each of its
// simple commands does.
func TestEffects(t *testing.T) {
	const file = "testdata/effects.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "\t") {
			continue
		}
		out.WriteString(line + "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		for _, c := range commands(line) {
			fmt.Fprintf(&out, "\t%s\n", effectsLine(c))
		}
	}
	if got := out.String(); got != string(data) {
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		want := strings.Split(string(data), "\n")
		for n, line := range strings.Split(got, "\n") {
			if n >= len(want) || line != want[n] {
				t.Errorf("line %d: got %q", n+1, line)
			}
		}
	}
}

func commands(line string) []*shell.Command {
	in := syntax.Parse("FROM a\nRUN " + line + "\n").Instructions[1]
	return shell.Of(in, sh).Commands
}

// effectsLine prints what a command does.
func effectsLine(c *shell.Command) string {
	e := c.Effects()
	var parts []string
	say := func(ok bool, format string, args ...any) {
		if ok {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	name := c.Program
	if name == "" {
		name = "(none)"
	}
	say(e.Known && !e.Reads.Empty(), "reads %s", pathsLine(e.Reads))
	say(e.Known && !e.Writes.Empty(), "writes %s", pathsLine(e.Writes))
	say(!e.Known, "unknown")
	say(!e.Known && len(e.Reads.Words) > 0, "reads %s", pathsLine(shell.Paths{Words: e.Reads.Words}))
	say(!e.Known && len(e.Writes.Words) > 0, "writes %s", pathsLine(shell.Paths{Words: e.Writes.Words}))
	say(e.Known && e.Vars.All, "any variable")
	say(e.Known && e.Network, "network")
	for n, what := range []string{"directory", "options", "variables", "anything"} {
		say(e.Shell&(1<<n) != 0, "changes the shell's %s", what)
	}
	say(e.Shell&shell.EndsShell != 0, "ends the shell")
	for _, w := range e.Users {
		parts = append(parts, "makes "+w.Text)
	}
	say(e.Cost > shell.Cheap, "%s", []string{"", "download", "packages", "compile"}[e.Cost])
	if len(parts) == 0 {
		parts = []string{"nothing"}
	}
	return name + ": " + strings.Join(parts, "; ")
}

func pathsLine(p shell.Paths) string {
	var parts []string
	for _, place := range []struct {
		in   bool
		name string
	}{{p.All, "ANYTHING"}, {p.Tree, "TREE"}, {p.System, "SYSTEM"}, {p.Global, "GLOBAL"}, {p.Home, "HOME"}} {
		if place.in {
			parts = append(parts, place.name)
		}
	}
	for _, w := range p.Words {
		parts = append(parts, w.Text)
	}
	return strings.Join(parts, " ")
}
