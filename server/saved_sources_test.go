package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSavedSourcesFollow: whatever the client, what another program writes into a source is how the Dockerfile is built. A
// client that watches files tells of it. With one that does not, it counts when the Dockerfile is saved or opened next.
func TestSavedSourcesFollow(t *testing.T) {
	const (
		before  = "0 Built by compose.yaml, service api: context ., target prod; 1 more [layerwise.chooseBuild]\n"
		changed = "services: {only: {build: {context: api}}}\n"
		after   = "0 Built by compose.yaml, service only: context api [layerwise.chooseBuild]\n"
		another = "0 Built by docker-compose.yml, service more: context api [layerwise.chooseBuild]\n"
	)
	for name := range clients {
		capabilities, watches := recordedCapabilities(t, name)
		ways := map[string]func(c *client, uri, source string){
			"saving": func(c *client, uri, _ string) {
				c.notify("textDocument/didSave", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
			},
			"opening": func(c *client, uri, _ string) {
				c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
				c.open(uri, apiDockerfile)
			},
		}
		if watches {
			ways["watching"] = func(c *client, _, source string) {
				c.notify("workspace/didChangeWatchedFiles", fmt.Sprintf(`{"changes":[{"uri":"file://%s","type":2}]}`, source))
			}
		}
		for way, tell := range ways {
			t.Run(name+" "+way, func(t *testing.T) {
				dir := apiProject(t)
				uri := "file://" + dir + "/api/Dockerfile"
				c := start(t, capabilities)
				if watches {
					if asked := string(c.answerRequest("client/registerCapability", `null`)); !strings.Contains(asked, `**/*{compose,Compose,COMPOSE}*.{yaml,yml}`) {
						t.Errorf("it is asked to watch %s", asked)
					}
				}
				c.open(uri, apiDockerfile)
				c.until(before, func() string { return c.lenses(uri) })
				write(t, dir+"/compose.yaml", changed)
				tell(c, uri, dir+"/compose.yaml")
				c.until(after, func() string { return c.lenses(uri) })
				if err := os.Remove(dir + "/compose.yaml"); err != nil { // gone, and another one there
					t.Fatal(err)
				}
				write(t, dir+"/docker-compose.yml", strings.Replace(changed, "only", "more", 1))
				tell(c, uri, dir+"/docker-compose.yml")
				if way == "watching" {
					tell(c, uri, dir+"/compose.yaml")
				}
				c.until(another, func() string { return c.lenses(uri) })
			})
		}
	}
}

// recordedCapabilities are what a recorded client says of itself at the start, as JSON, and whether it watches files for
// servers that ask.
func recordedCapabilities(t *testing.T, name string) (capabilities string, watches bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "clients", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var recording struct {
		Messages []struct {
			Method string
			Params json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &recording); err != nil {
		t.Fatal(err)
	}
	for _, m := range recording.Messages {
		if m.Method != "initialize" {
			continue
		}
		var params struct{ Capabilities json.RawMessage }
		var offers struct {
			Workspace struct {
				DidChangeWatchedFiles struct{ DynamicRegistration bool }
			}
		}
		if json.Unmarshal(m.Params, &params) != nil || json.Unmarshal(params.Capabilities, &offers) != nil {
			t.Fatal("its initialize cannot be read")
		}
		return string(params.Capabilities), offers.Workspace.DidChangeWatchedFiles.DynamicRegistration
	}
	t.Fatal("the recording has no initialize")
	return "", false
}
