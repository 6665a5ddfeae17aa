package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/cases"
)

// TestCommands reads the commands of testdata/commands.txt: after each stand, indented, the builds, calls
// and notes that it means. Commands are run in the folder "work" of a workspace that has these files.
func TestCommands(t *testing.T) {
	workspace := &Files{overlay: map[string]string{}}
	for _, name := range []string{
		"Dockerfile", "work/Dockerfile", "work/prod.Dockerfile", "work/api/Dockerfile", "work/pod/Containerfile",
		"work/pod/Dockerfile", "work/lower/dockerfile", "work/Dockerfile.tar", "work/compose.yaml",
	} {
		workspace.overlay[name] = "FROM a\n"
	}
	file := filepath.Join("testdata", "commands.txt")
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, block := range strings.Split(strings.TrimSpace(string(src)), "\n\n") {
		var command []string
		for _, line := range strings.Split(block, "\n") {
			if !strings.HasPrefix(line, "\t") {
				command = append(command, line)
			}
		}
		text := strings.Join(command, "\n")
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		out.WriteString(text + "\n")
		if strings.HasPrefix(text, "#") {
			continue
		}
		r := readWith(workspace, "work/x.sh", Shell, func(r *reading) {
			r.script(script{text: text, name: "x", dirs: []string{"work"}, released: true, vars: map[string]string{"KNOWN": "1", "SECRET": unknown}})
		})
		for _, b := range r.builds {
			_, s, _ := strings.Cut(b.String(), `"x": `)
			fmt.Fprintf(&out, "\t%d: %s\n", b.Place.Line, s)
		}
		for _, c := range r.calls {
			fmt.Fprintf(&out, "\t%d: call of %s in %s, files %v, targets %v", c.Place.Line, c.Kind, c.Dir, c.Files, c.Targets)
			if c.Project != "" {
				fmt.Fprintf(&out, ", project %s", c.Project)
			}
			for _, name := range sortedKeys(c.Args) {
				fmt.Fprintf(&out, ", arg %s", name)
				if v := c.Args[name]; v != nil {
					fmt.Fprintf(&out, "=%s", *v)
				}
			}
			if c.Released {
				out.WriteString(", released")
			}
			out.WriteString("\n")
		}
		for _, n := range r.notes {
			fmt.Fprintf(&out, "\t%d: note: %s\n", n.Line, n.Message)
		}
	}
	if *cases.Update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if out.String() != string(src) {
		t.Errorf("got\n%s", out.String())
	}
}
