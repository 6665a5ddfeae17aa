package main

import (
	"net/url"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// TestPages: what the pages of the repository link to and show is in the repository.
func TestPages(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	tracked := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	isTracked := func(name string) bool {
		return slices.ContainsFunc(tracked, func(file string) bool { return file == name || strings.HasPrefix(file, name+"/") })
	}
	links := 0
	for _, page := range tracked {
		if path.Ext(page) != ".md" {
			continue
		}
		source, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		err = ast.Walk(goldmark.New().Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			to, html := "", ""
			switch n := n.(type) {
			case *ast.Link:
				to = string(n.Destination)
			case *ast.Image:
				to = string(n.Destination)
			case *ast.HTMLBlock:
				html = string(n.Lines().Value(source))
			case *ast.RawHTML:
				html = string(n.Segments.Value(source))
			}
			if strings.Contains(html, "src=") || strings.Contains(html, "href=") {
				t.Errorf("%s: nothing checks this link, write it in Markdown: %s", page, html)
			}
			if !entering || to == "" {
				return ast.WalkContinue, nil
			}
			u, err := url.Parse(to)
			if err != nil {
				t.Errorf("%s: %v", page, err)
			} else if u.Scheme == "" && u.Path != "" {
				links++
				if name := path.Join(path.Dir(page), u.Path); !isTracked(name) {
					t.Errorf("%s links to %s, which is not in the repository", page, to)
				}
			}
			return ast.WalkContinue, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if links < 30 {
		t.Errorf("only %d links were found", links)
	}
}
