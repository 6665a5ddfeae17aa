package shell_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/cases"

	"golang.org/x/tools/txtar"
)

var update = cases.Update

var sh = []string{"/bin/sh", "-c"}

// TestCommands reads testdata/*.txtar: NAME/in is a Dockerfile, NAME/want its commands.
func TestCommands(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		in := txtar.Parse(data)
		out := &txtar.Archive{Comment: in.Comment}
		want := map[string]string{}
		for _, f := range in.Files {
			want[f.Name] = string(f.Data)
		}
		for _, f := range in.Files {
			name, ok := strings.CutSuffix(f.Name, "/in")
			if !ok {
				continue
			}
			got := describe(string(f.Data))
			out.Files = append(out.Files, f, txtar.File{Name: name + "/want", Data: []byte(got)})
			if got != want[name+"/want"] && !*update {
				t.Errorf("%s %s: got\n%s\nwant\n%s", file, name, got, want[name+"/want"])
			}
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// describe prints the commands of every instruction, one a line.
func describe(src string) string {
	var b strings.Builder
	for _, in := range syntax.Parse(src).Instructions {
		s := shell.Of(in, sh)
		switch {
		case s.Unknown:
			fmt.Fprintf(&b, "%s: not a shell that is read\n", in.Name)
		case s.Partial:
			fmt.Fprintf(&b, "%s: does not parse\n", in.Name)
		case s.Errexit:
			fmt.Fprintf(&b, "%s: stops at errors\n", in.Name)
		}
		for _, c := range s.Commands {
			fmt.Fprintf(&b, "%s: %s%s %s", in.Name, strings.Repeat("  ", c.Depth), pad(c.Op), c.Program)
			for _, w := range c.Words[min(1, len(c.Words)):] {
				fmt.Fprintf(&b, " <%s>", w.Text)
			}
			for _, a := range c.Assigns {
				fmt.Fprintf(&b, " %s=%s", a.Name, a.Value.Text)
			}
			if c.Dir != "" {
				fmt.Fprintf(&b, " in %s", strings.ReplaceAll(c.Dir, "\x00", "?"))
			}
			if len(c.Wrappers) > 0 {
				fmt.Fprintf(&b, " through %s", strings.Join(c.Wrappers, " "))
			}
			if c.Pipe > 0 {
				fmt.Fprintf(&b, " pipe %d", c.Pipe)
			}
			b.WriteString(knowledge(c) + "\n")
		}
	}
	return b.String()
}

func pad(op string) string { return fmt.Sprintf("%-2s", op) }

// knowledge is what the tables say of the command.
func knowledge(c *shell.Command) (s string) {
	if os, ok := c.OSPackages(); ok {
		s += " [" + os.Manager
		for _, f := range []struct {
			set  bool
			name string
		}{{os.Refresh, "refresh"}, {os.Upgrade, "upgrade"}, {os.Install, "install"}, {os.Remove, "remove"}, {os.Clean, "clean"}, {os.Install && !os.KeepsIndex, "(keeps no index)"}} {
			if f.set {
				s += " " + f.name
			}
		}
		for _, p := range os.Packages {
			s += " " + p.Text
		}
		if os.Group.Text != "" {
			s += " as " + os.Group.Text
		}
		s += "]"
	}
	if i, ok := c.Install(); ok {
		s += " {" + i.Ecosystem + ": " + i.Phrase
		for _, f := range []struct {
			set  bool
			name string
		}{{i.Build, "builds"}, {i.DepsOnly, "dependencies only"}, {i.Frozen, "frozen"}, {i.CleansOutput, "cleans"}, {i.Production, "production"}} {
			if f.set {
				s += ", " + f.name
			}
		}
		for _, w := range i.Files {
			s += ", reads " + w.Text
		}
		if i.Dir.Text != "" {
			s += ", in " + i.Dir.Text
		}
		if i.Why != "" {
			s += ", because " + i.Why
		}
		s += "}"
	}
	return s
}

// FuzzScript reads any text as the command of a RUN: no panic, and every span lies in the
// instruction, commands and words alike.
func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"set -e && apt-get -qy install x", `sh -c "a && 'b"`, "a $(b `c`) | d", "if x; then y; fi", "cat <<EOF\nx\nEOF",
		"((((((((((", "a \\\n # c\n && b", `env -i A=1 sudo -u x timeout 5 pip install -r a`, "case $x in a) b;; esac", "f() { g; }; f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for _, in := range syntax.Parse("FROM a\nRUN " + src).Instructions {
			for _, c := range shell.Of(in, sh).Commands {
				if c.Span.Start < 0 || c.Span.End > len(in.Text) || c.Span.Start > c.Span.End {
					t.Fatalf("command %q at %v, in %d bytes", c.Program, c.Span, len(in.Text))
				}
				for _, w := range c.Words {
					if w.Span.Start < 0 || w.Span.End > len(in.Text) || w.Span.Start > w.Span.End {
						t.Fatalf("word %q at %v, in %d bytes", w.Text, w.Span, len(in.Text))
					}
				}
				c.Install()
				c.OSPackages()
				c.Cost()
			}
		}
	})
}

func BenchmarkScript(b *testing.B) {
	for b.Loop() {
		in := syntax.Parse("FROM a\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n").Instructions[1]
		shell.Of(in, sh)
	}
}
