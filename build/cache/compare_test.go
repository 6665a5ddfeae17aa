package cache_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/golden"

	"golang.org/x/tools/txtar"
)

// TestCompare goes through testdata/compare.txtar. Each case has the files before/… and after/…, where
// what is the same need not be repeated, and the prediction in want.
func TestCompare(t *testing.T) {
	const name = "testdata/compare.txtar"
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var cases []string
	trees := map[string]map[string]string{} // by case, and before or after
	for _, f := range archive.Files {
		c, rest, _ := strings.Cut(f.Name, "/")
		side, path, ok := strings.Cut(rest, "/")
		if !ok {
			continue
		}
		if trees[c+"/before"] == nil {
			cases = append(cases, c)
			trees[c+"/before"], trees[c+"/after"] = map[string]string{}, map[string]string{}
		}
		trees[c+"/"+side][path] = string(f.Data)
	}
	for _, c := range cases {
		t.Run(c, func(t *testing.T) {
			before, after := trees[c+"/before"], trees[c+"/after"]
			for path, body := range before {
				if _, ok := after[path]; !ok {
					after[path] = body
				}
			}
			for path, body := range after {
				if strings.TrimSpace(body) == "(gone)" {
					delete(after, path)
				}
			}
			got := comparison(t, subject(before), subject(after))
			for i := range archive.Files {
				f := &archive.Files[i]
				if f.Name != c+"/want" {
					continue
				}
				if *golden.Update {
					f.Data = []byte(got)
				} else if string(f.Data) != got {
					t.Errorf("got\n%swant\n%s", got, f.Data)
				}
				return
			}
			t.Error("the case has no want")
		})
	}
	if *golden.Update {
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// subject is a Dockerfile in a context of these files.
func subject(tree map[string]string) cache.Subject {
	c := files.InMemory(tree)
	s := cache.Subject{
		Graph:  stages.Resolve(syntax.Parse(tree["Dockerfile"]), stages.Args{}, nil),
		Ignore: map[string][]byte{},
		Trees:  map[string]*cache.Tree{cache.MainContext: cache.NewTree(c, &files.Hasher{})},
	}
	if c.Ignore != nil {
		s.Ignore[cache.MainContext] = []byte(c.Ignore.Source)
	}
	return s
}

func comparison(t *testing.T, before, after cache.Subject) string {
	t.Helper()
	var b strings.Builder
	c, err := cache.Compare(context.Background(), before, after)
	if err != nil {
		return fmt.Sprintf("line %d: %v\n", cache.Place(err), err)
	}
	for _, e := range c.Effects {
		fmt.Fprintf(&b, "%d %s %s\n", e.Line, e.Name, e.State)
		for _, r := range e.Reasons {
			fmt.Fprintf(&b, "    %s: %s: %s\n", r.Kind, r.Name, r.Detail)
		}
	}
	return b.String()
}
