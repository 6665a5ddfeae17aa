package sources

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"layerwise/internal/corpus"
)

func readTexts(texts map[string]string, names ...string) *Result {
	return Read(context.Background(), &Files{overlay: texts}, names)
}

func hasNote(r *Result, part string) bool {
	for _, n := range r.Notes {
		if strings.Contains(n.Message, part) {
			return true
		}
	}
	return false
}

func TestComposeManyServices(t *testing.T) {
	var b strings.Builder
	b.WriteString("services:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "  s%d:\n    build:\n      context: .\n      target: t%d\n      args: {A: a, B: $B}\n", i, i)
	}
	r := readTexts(map[string]string{"compose.yaml": b.String(), "Dockerfile": "FROM x\n"}, "compose.yaml")
	if len(r.Builds) != 10_000 || len(r.Notes) != 0 || r.Builds[9_999].Target != "t9999" || r.Builds[9_999].Place.Line != 1+5*9_999+1 {
		t.Errorf("%d builds, %v", len(r.Builds), r.Notes)
	}
}

func TestComposeBombs(t *testing.T) {
	chain := func(n int) string {
		var b strings.Builder
		b.WriteString("services:\n  s0:\n    build: {context: ., args: {A: a}}\n")
		for i := range n {
			fmt.Fprintf(&b, "  s%d:\n    extends: s%d\n    build: {args: {A%d: a}}\n", i+1, i, i)
		}
		return b.String()
	}
	laughs := "a0: &a0 [x, x]\n"
	for i := range 40 {
		laughs += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	doubling := "A0=xxxxxxxx\n"
	for i := range 60 {
		doubling += fmt.Sprintf("A%d=$A%d$A%d\n", i+1, i, i)
	}
	long := "A=" + strings.Repeat("x", 60_000) + "\n"
	args := "services:\n  a:\n    build:\n      args:\n" + strings.Repeat("      - X=$A$A$A\n", 10_000)
	includes := map[string]string{"compose.yaml": "include: [0/compose.yaml, 0/x.yaml]\n"}
	for i := range 30 {
		next := fmt.Sprintf("include: [../%d/compose.yaml, ../%d/x.yaml]\nservices: {s%d: {build: .}}\n", i+1, i+1, i)
		includes[fmt.Sprintf("%d/compose.yaml", i)] = next
		includes[fmt.Sprintf("%d/x.yaml", i)] = next
	}
	nested := "services:\n  a:\n    build: \"" + strings.Repeat("${A:-", 50_000) + strings.Repeat("}", 50_000) + "\"\n"
	open := "services:\n  a:\n    build: \"" + strings.Repeat("${A:-{", 100_000) + "\"\n"
	for name, c := range map[string]struct {
		texts map[string]string
		note  string
	}{
		"a long chain of extends":  {map[string]string{"compose.yaml": chain(8_000)}, "too many steps"},
		"aliases of aliases":       {map[string]string{"compose.yaml": laughs + "services: {a: {build: {args: *a40, platforms: *a40}}}\n"}, ""},
		"doubling in .env":         {map[string]string{"compose.yaml": "services: {a: {build: .}}\n", ".env": doubling}, "compose cannot read this file: its value is too long"},
		"long values":              {map[string]string{"compose.yaml": args, ".env": long}, "too many steps"},
		"includes in both ways":    {includes, "include others too deep"},
		"nested defaults":          {map[string]string{"compose.yaml": nested}, "its variables nest too deep"},
		"braces that never end":    {map[string]string{"compose.yaml": open}, "the variables of this text cannot be read"},
		"brackets":                 {map[string]string{"compose.yaml": strings.Repeat("[", 20_000)}, "this file was not read"},
		"more than the size":       {map[string]string{"compose.yaml": "services: {a: {build: .}}\n#" + strings.Repeat("x", maxSource)}, "this file was not read: it is larger than 1024 KiB"},
		"an .env that is too long": {map[string]string{"compose.yaml": "services: {a: {build: .}}\n", ".env": strings.Repeat("#", maxSource+1)}, "this file was not read"},
	} {
		t.Run(name, func(t *testing.T) {
			corpus.InTurn(t, 4)
			var names []string
			for name := range c.texts {
				names = append(names, name)
			}
			r := readTexts(c.texts, names...)
			if c.note != "" && !hasNote(r, c.note) {
				t.Errorf("no note speaks of %q: %.500v", c.note, r.Notes)
			}
		})
	}
}

// FuzzCompose reads made-up compose files, and checks the laws of all sources.
func FuzzCompose(f *testing.F) {
	for seed := range uint64(20) {
		g := newComposeGenerator(seed)
		g.project()
		f.Add(g.files["compose.yaml"], g.files["compose.override.yaml"], g.files["part0/compose.yaml"], g.files[".env"])
	}
	f.Add("services: {a: {build: {dockerfile_inline: FROM x}, extends: {file: part0/compose.yaml, service: b}}}", "", "services: {b: {build: .}}", "COMPOSE_FILE=compose.yaml:x")
	f.Fuzz(func(t *testing.T, main, over, part, env string) {
		if strings.Contains(main+over+part+env, unknown) {
			t.Skip()
		}
		texts := map[string]string{"compose.yaml": main, "compose.override.yaml": over, "part0/compose.yaml": part, "part0/compose.dev.yaml": over, ".env": env, "Dockerfile": "FROM x\n"}
		for name, text := range texts {
			if text == "" {
				delete(texts, name)
			}
		}
		checkLaws(t, texts)
	})
}
