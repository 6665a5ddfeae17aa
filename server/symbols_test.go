package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// symbols are the symbols of the workspace that fit a query, a line each.
func (c *client) symbols(dir, query string) string {
	c.t.Helper()
	var list []struct {
		Name          string
		Kind          int
		ContainerName string
		Location      struct {
			URI   string
			Range lspRange
		}
	}
	if err := json.Unmarshal(c.result("workspace/symbol", fmt.Sprintf(`{"query":%q}`, query)), &list); err != nil {
		c.t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s %d in %s at %s %v\n", s.Name, s.Kind, s.ContainerName, strings.TrimPrefix(s.Location.URI, "file://"+dir+"/"), s.Location.Range)
	}
	return b.String()
}

func TestWorkspaceSymbols(t *testing.T) {
	dir := repository(t, map[string]string{
		"api/Dockerfile":    "ARG GO=1.25\nFROM golang:$GO AS build\nFROM build AS test\nFROM scratch AS final\n",
		"my web/Dockerfile": "FROM node AS build\nFROM nginx\n",
		"ignored/x":         "", "Dockerfile.dockerignore": "build\n",
	})
	c := startIn(t, dir, `{"workspace":{"symbol":{}}}`)
	same(t, "stages come first", c.symbols(dir, ""), `build 3 in api/Dockerfile at api/Dockerfile 1:19-1:24
test 3 in api/Dockerfile at api/Dockerfile 2:14-2:18
final 3 in api/Dockerfile at api/Dockerfile 3:16-3:21
build 3 in my web/Dockerfile at my%20web/Dockerfile 0:13-0:18
stage 1 3 in my web/Dockerfile at my%20web/Dockerfile 1:5-1:10
GO 13 in api/Dockerfile at api/Dockerfile 0:4-0:6
`)
	same(t, "characters in their order", c.symbols(dir, "Bld"), "build 3 in api/Dockerfile at api/Dockerfile 1:19-1:24\nbuild 3 in my web/Dockerfile at my%20web/Dockerfile 0:13-0:18\n")
	same(t, "with a part of the path", c.symbols(dir, "build web"), "build 3 in my web/Dockerfile at my%20web/Dockerfile 0:13-0:18\n")

	c.open("file://"+dir+"/api/Dockerfile", "FROM golang AS compile\n")
	write(t, dir+"/my web/Dockerfile", "FROM node AS bundle\n")
	same(t, "as it is in the editor, and now on disk", c.symbols(dir, "e"), "bundle 3 in my web/Dockerfile at my%20web/Dockerfile 0:13-0:19\ncompile 3 in api/Dockerfile at api/Dockerfile 0:15-0:22\n")
	c.open("file:///elsewhere/Dockerfile", "FROM a AS elsewhere\n")
	same(t, "of no open folder", c.symbols(dir, "elsewhere"), "elsewhere 3 in Dockerfile at file:///elsewhere/Dockerfile 0:10-0:19\n")
}

// TestSymbolsOfManyDockerfiles: only so many are told of, and those that fit best are among them.
func TestSymbolsOfManyDockerfiles(t *testing.T) {
	files := map[string]string{"z/Dockerfile": "FROM a AS x\n"}
	for n := range 200 {
		files[fmt.Sprintf("%03d/Dockerfile", n)] = "FROM a AS xylophone\n"
	}
	c := startIn(t, repository(t, files), `{"workspace":{"symbol":{}}}`)
	got := c.symbols("", "x")
	if strings.Count(got, "\n") != 100 || !strings.HasPrefix(got, "x 3 in z/Dockerfile") {
		t.Error(got)
	}
}
