package server_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"layerwise/diagnostics/catalog"
)

// TestDocumentLinks sends targets at once: of an image, a file of the build context, an address, and a rule, whose
// page is then there. Tooltips go to clients that show them.
func TestDocumentLinks(t *testing.T) {
	const text = "FROM node:20\nCOPY \"é🐳.txt\" missing.txt /x/\n# layerwise ignore=copy-before-install -- https://x.org/é🐳\nRUN curl https://x.org/a\n"
	for _, tooltips := range []bool{false, true} {
		dir, uri := project(t, map[string]string{"Dockerfile": text, "é🐳.txt": "1"})
		c := start(t, fmt.Sprintf(`{"textDocument":{"documentLink":{"tooltipSupport":%v}}}`, tooltips))
		c.open(uri, text)
		c.diagnostics(uri, 1) // the build context is listed by then
		var links []struct {
			Range           lspRange
			Target, Tooltip string
		}
		if err := json.Unmarshal(c.result("textDocument/documentLink", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri)), &links); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, l := range links {
			if (l.Tooltip != "") != (tooltips && !strings.HasPrefix(l.Target, "https://x.org/")) {
				t.Errorf("tooltip %q of %s", l.Tooltip, l.Target)
			}
			address, err := url.Parse(l.Target)
			if err != nil {
				t.Fatal(err)
			}
			switch path := address.Path; {
			case address.Scheme == "file" && strings.HasPrefix(path, dir):
				got += fmt.Sprintf("%v %s\n", l.Range, strings.TrimPrefix(path, dir))
			case address.Scheme == "file":
				page, err := os.ReadFile(path)
				if want := catalog.Page(catalog.Find("copy-before-install")); err != nil || string(page) != want {
					t.Errorf("the page at %s: %v", path, err)
				}
				got += fmt.Sprintf("%v a page\n", l.Range)
			default:
				got += fmt.Sprintf("%v %s\n", l.Range, l.Target)
			}
		}
		if want := "0:5-0:12 https://hub.docker.com/_/node\n1:6-1:13 /é🐳.txt\n2:19-2:38 a page\n3:9-3:24 https://x.org/a\n"; got != want {
			t.Errorf("links\n%swant\n%s", got, want)
		}
	}
}
