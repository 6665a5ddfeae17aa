package workspace_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/sources"
	"layerwise/diagnostics"
	"layerwise/workspace"
)

// A Dockerfile with thousands of builds that differ is checked for some of them, and says so.
func TestManyBuilds(t *testing.T) {
	for name, line := range map[string]string{
		"arguments of one name":  "  s%[1]d: {build: {context: ., args: {A: \"%[1]d\"}}}\n",
		"arguments of all names": "  s%[1]d: {build: {context: ., args: {A%[1]d: \"1\"}}}\n",
		"targets":                "  s%[1]d: {build: {context: ., target: t%[1]d}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			var compose strings.Builder
			compose.WriteString("services:\n")
			for i := range 2_000 {
				fmt.Fprintf(&compose, line, i)
			}
			root := tree(t, map[string]string{"compose.yaml": compose.String(), "Dockerfile": "FROM alpine\nARG A\nCOPY . .\nRUN apt-get update\nRUN apt-get install -y curl\n"})
			known, err := sources.NewIndex(root).Update(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(root, "Dockerfile")
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := workspace.NewFileSnapshot(path, string(src), workspace.Config{}.Knowing(known), nil)
			if looked := len(s.Results(context.Background())); len(s.Builds()) != 2_000 || looked < 2 || looked > 12 {
				t.Errorf("%d builds, of which %d are looked at", len(s.Builds()), looked)
			}
			for _, d := range s.Diagnostics(context.Background()) {
				if len(d.Message) > 1000 {
					t.Errorf("a message of %d bytes: %.200s", len(d.Message), d.Message)
				}
				safe := func(f diagnostics.Fix) bool { return f.Safety == diagnostics.Safe }
				if name == "targets" && slices.ContainsFunc(d.Fixes(), safe) {
					t.Errorf("%s: a fix is safe, though not all builds were looked at", d.Rule.Name)
				}
			}
			if _, why := s.Gap(context.Background()); strings.Contains(why, "more differ from these") != (name == "targets") {
				t.Errorf("the gap is %q", why)
			}
		})
	}
}
