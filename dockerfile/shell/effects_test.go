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

// FuzzEffects holds that whatever a command is, its effects are the same each time, name words of it, and
// claim nothing of what is not known.
func FuzzEffects(f *testing.F) {
	data, err := os.ReadFile("testdata/effects.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if line != "" && line[0] != '\t' && line[0] != '#' {
			f.Add(line)
		}
	}
	for _, line := range []string{"tar", "tar -", "tar xf", "tar -C", "sed -i", "find -fprint", "env -C", "chmod -x", "python -m", "python -m pip", "dd of=", "unzip -d", "git clone", "useradd", "[ -f", "curl -o", "pip install $A ${B} `c`"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n\r") {
			return
		}
		in := syntax.Parse("FROM a\nRUN " + line + "\n").Instructions
		if len(in) < 2 || in[1].Name != "RUN" {
			return
		}
		again := syntax.Parse("FROM a\nRUN " + line + "\n").Instructions[1]
		commands, others := shell.Of(in[1], sh).Commands, shell.Of(again, sh).Commands
		for n, c := range commands {
			e := c.Effects()
			if got, want := effectsLine(c), effectsLine(others[n]); got != want {
				t.Fatalf("%q: %s, then %s", line, got, want)
			}
			if !e.Known && !(e.Reads.All && e.Writes.All && e.Vars.All && e.Network) {
				t.Errorf("%q: of %s something is claimed, though it is not known", line, c.Program)
			}
			for _, w := range append(append([]shell.Word(nil), e.Reads.Words...), e.Writes.Words...) {
				if w.Span.Len() > 0 && (w.Span.Start < 0 || w.Span.End > len(in[1].Text)) {
					t.Errorf("%q: %q of %s is outside of the instruction", line, w.Text, c.Program)
				}
				if w.Span.Len() > 0 && !stands(c, w) {
					t.Errorf("%q: %q is no word of %s", line, w.Text, c.Program)
				}
			}
			if same := c.Expand(func(shell.Word) (string, bool) { return "", false }); same != c {
				t.Errorf("%q: %s is expanded with nothing", line, c.Program)
			}
			c.Expand(func(w shell.Word) (string, bool) { return "-x a b", true }).Effects()
		}
	})
}

// stands reports whether the word has the place of one of the command.
func stands(c *shell.Command, w shell.Word) bool {
	for _, have := range c.Words {
		if have.Span == w.Span {
			return true
		}
	}
	for _, r := range c.Redirects {
		if r.Target.Span == w.Span {
			return true
		}
	}
	return len(c.Wrappers) > 0 || c.Depth > 0 // a file that the wrapper writes, or a redirection of the group
}

// TestExpandedOptions shows that options in a variable count when it is known, and make the effects
// unknown otherwise.
func TestExpandedOptions(t *testing.T) {
	c := commands("uv sync $UV_OPTIONS --group dev")[0]
	if e := c.Effects(); e.Known {
		t.Error("$UV_OPTIONS may be any option")
	}
	x := c.Expand(func(w shell.Word) (string, bool) { return "--frozen --no-default-groups", w.Text == "$UV_OPTIONS" })
	if inst, ok := x.Install(); !ok || !inst.Frozen || !inst.Production || !x.Effects().Known {
		t.Errorf("got %v", effectsLine(x))
	}
	quoted := commands(`rm "$FILE"`)[0].Expand(func(shell.Word) (string, bool) { return "a b", true })
	if got := effectsLine(quoted); got != "rm: writes a b" || len(quoted.Words) != 2 {
		t.Errorf("quoted: got %s", got)
	}
}

func TestPlaces(t *testing.T) {
	for file, want := range map[string][2]bool{
		"/usr/bin/python3": {true, true}, "/etc/apt/sources.list": {true, false}, "/var/lib/apt/lists/x": {true, false},
		"/usr/local/bin/npm": {false, true}, "/usr/src/app/a": {false, false}, "/srv/app": {false, false}, "/app": {false, false},
		"/": {true, true}, "/usr": {true, true}, "/opt/conda/bin": {true, true}, "/var/www/html": {false, false}, "/home/x": {false, false},
	} {
		if got := [2]bool{shell.InSystem(file), shell.InGlobal(file)}; got != want {
			t.Errorf("%s: system and global are %v, want %v", file, got, want)
		}
	}
}

func BenchmarkEffects(b *testing.B) {
	for b.Loop() {
		for _, c := range commands("apt-get update && apt-get install -y curl git && pip install --no-cache-dir -r requirements.txt && rm -rf /var/lib/apt/lists/*") {
			c.Effects()
		}
	}
}

func BenchmarkCommands(b *testing.B) {
	for b.Loop() {
		commands("apt-get update && apt-get install -y curl git && pip install --no-cache-dir -r requirements.txt && rm -rf /var/lib/apt/lists/*")
	}
}
