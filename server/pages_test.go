package server_test

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"layerwise/diagnostics/catalog"
)

// TestDiagnosticsLinkToPages: a client that shows links gets one to the page of the rule, as a file that is
// there; others get none.
func TestDiagnosticsLinkToPages(t *testing.T) {
	for capabilities, links := range map[string]bool{
		`{}`: false,
		`{"textDocument":{"publishDiagnostics":{"codeDescriptionSupport":false}}}`: false,
		`{"textDocument":{"publishDiagnostics":{"codeDescriptionSupport":true}}}`:  true,
		`{"textDocument":{"diagnostic":{"codeDescriptionSupport":true}}}`:          true,
	} {
		_, doc := project(t, python)
		c := start(t, capabilities)
		c.open(doc, pythonDockerfile)
		var report struct {
			Items []struct {
				Code            string
				CodeDescription *struct{ Href string }
			}
		}
		if err := json.Unmarshal(c.result("textDocument/diagnostic", pull(doc, "")), &report); err != nil {
			t.Fatal(err)
		}
		if len(report.Items) == 0 {
			t.Fatalf("%s: no diagnostics", capabilities)
		}
		for _, d := range report.Items {
			if !links {
				if d.CodeDescription != nil {
					t.Errorf("%s: a link that nobody asked for: %s", capabilities, d.CodeDescription.Href)
				}
				continue
			}
			if d.CodeDescription == nil {
				t.Errorf("%s: %s has no link", capabilities, d.Code)
				continue
			}
			address, err := url.Parse(d.CodeDescription.Href)
			if err != nil || address.Scheme != "file" {
				t.Fatalf("%s: %v", d.CodeDescription.Href, err)
			}
			page, err := os.ReadFile(address.Path)
			if want := catalog.Page(catalog.Find(d.Code)); err != nil || string(page) != want || !strings.HasSuffix(address.Path, d.Code+".md") {
				t.Errorf("%s: the page at %s: %v", d.Code, address.Path, err)
			}
		}
	}
}
