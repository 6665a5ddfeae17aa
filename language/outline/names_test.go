package outline

import (
	"fmt"
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		query, name, container string
		want                   int
	}{
		{"", "build", "", fitsAnything},
		{"build", "build", "", fitsExactly},
		{"BUILD", "build", "", fitsExactly},
		{"bu", "build", "", fitsBeginning},
		{"test", "unit-test", "", fitsPart},
		{"test", "latest-test", "", fitsPart},
		{"test", "latest", "", fitsInside},
		{"bd", "build", "", fitsScattered},
		{"db", "build", "", 0},
		{"builds", "build", "", 0},
		{"é", "prépare", "", fitsInside},
		{"build api", "build", "services/api/Dockerfile", fitsExactly},
		{"build web", "build", "services/api/Dockerfile", 0},
		{"api", "build", "services/api/Dockerfile", 0},
	} {
		if got := Match(c.query, c.name, c.container); got != c.want {
			t.Errorf("%q fits %q in %q: %d, want %d", c.query, c.name, c.container, got, c.want)
		}
	}
}

func TestSearch(t *testing.T) {
	files := map[string]string{
		"api/Dockerfile": "ARG GO=1\nARG BUILD=x\nFROM golang:$GO AS build\nFROM scratch AS prebuild\nARG BUILD\n",
		"web/Dockerfile": "FROM node AS build\nRUN build\nFROM nginx\n",
	}
	for query, want := range map[string]string{
		"build": "build in api/Dockerfile, build in web/Dockerfile, BUILD in api/Dockerfile, prebuild in api/Dockerfile",
		"":      "build in api/Dockerfile, prebuild in api/Dockerfile, build in web/Dockerfile, stage 1 in web/Dockerfile, GO in api/Dockerfile",
		"none":  "",
	} {
		s := Search[string]{Query: query, Limit: 5}
		for _, name := range []string{"web/Dockerfile", "api/Dockerfile"} {
			s.Add(name, name, Names(resolve(files[name])))
		}
		var got []string
		for _, f := range s.Best() {
			got = append(got, fmt.Sprintf("%s in %s", f.Symbol.Name, f.Of))
			if src := files[f.Of]; f.Symbol.Selection.Of(src) == "" {
				t.Errorf("%v has no place", f)
			}
		}
		if got := strings.Join(got, ", "); got != want {
			t.Errorf("%q: got %s, want %s", query, got, want)
		}
	}
}
