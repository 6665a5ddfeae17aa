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
// and notes that it means. Commands are run in the folder "inner" of a workspace that has these files.
func TestCommands(t *testing.T) {
	workspace := &Files{overlay: map[string]string{}}
	for _, name := range []string{
		"Dockerfile", "inner/Dockerfile", "inner/prod.Dockerfile", "inner/api/Dockerfile", "inner/pod/Containerfile",
		"inner/pod/Dockerfile", "inner/lower/dockerfile", "inner/Dockerfile.tar", "inner/compose.yaml",
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
		r := readWith(workspace, "inner/x.sh", Shell, func(r *reading) {
			r.script(script{text: text, name: "x", dirs: []string{"inner"}, released: true, vars: map[string]string{"KNOWN": "1", "SECRET": unknown}})
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
			for _, s := range c.sets {
				fmt.Fprintf(&out, ", set %s.%s=%s", s.pattern, s.key, shown(s.value))
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

// TestArgv reads commands whose words nobody splits: a word that is not known is one word, never none.
func TestArgv(t *testing.T) {
	workspace := &Files{overlay: map[string]string{"Dockerfile": "FROM a\n", "api/Dockerfile": "FROM a\n"}}
	tests := []struct {
		words []string
		want  string
	}{
		{[]string{"docker", "build", "-t", "r/x:" + unknown, "--build-arg", "A=b c", "api"}, "api/Dockerfile, folder api, arg A=b c"},
		{[]string{"docker", "build", "--build-arg", "SET", "--build-arg", "UNSET", "."}, "Dockerfile, folder ., arg SET=1, arg UNSET"},
		{[]string{"docker", "build", unknown, "."}, "note: it is not known what is built here: … and . may both be the build context"},
		{[]string{"/kaniko/executor", "--dockerfile=api/Dockerfile", "--context=dir:///workspace", "--destination=r/x"}, "api/Dockerfile, folder ., images [r/x], released"},
		{[]string{"docker", "build", "$DIR"}, "note: this build is not known: there is no folder $DIR"},
		{[]string{"docker", "push", "x"}, ""},
		{nil, ""},
	}
	for _, tt := range tests {
		r := readWith(workspace, "ci.yaml", CloudBuild, func(r *reading) {
			r.command(script{name: "x", dirs: []string{"."}, released: true, vars: map[string]string{"SET": "1"}}, tt.words, 3)
		})
		got := ""
		for _, b := range r.builds {
			_, got, _ = strings.Cut(b.String(), `"x": `)
		}
		for _, n := range r.notes {
			got += "note: " + n.Message
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.words, got, tt.want)
		}
	}
}
