package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCompletion: each client gets edits and documentation as it takes them.
func TestCompletion(t *testing.T) {
	const src = "FROM alpine\nLABEL 🐳=1\nCOPY --li a b\n"
	for name, test := range map[string]struct{ capabilities, want string }{
		"all that there is": {
			`{"textDocument":{"completion":{"completionItem":{"insertReplaceSupport":true,"commitCharactersSupport":true,"documentationFormat":["markdown","plaintext"]}}}}`,
			`{"isIncomplete":false,"items":[{"label":"--link","kind":10,"detail":"since Dockerfile 1.4","sortText":"0000","commitCharacters":["="],` +
				`"documentation":{"kind":"markdown","value":"Makes the layer by itself, so that it does not rerun when a step above has changed, or the base image. Links in the destination path are not followed."},` +
				`"textEdit":{"newText":"--link","insert":{"start":{"line":2,"character":5},"end":{"line":2,"character":8}},"replace":{"start":{"line":2,"character":5},"end":{"line":2,"character":9}}}}]}`,
		},
		"little": {
			`{"textDocument":{"completion":{}}}`,
			`{"isIncomplete":false,"items":[{"label":"--link","kind":10,"detail":"since Dockerfile 1.4","sortText":"0000",` +
				`"documentation":"Makes the layer by itself, so that it does not rerun when a step above has changed, or the base image. Links in the destination path are not followed.",` +
				`"textEdit":{"newText":"--link","range":{"start":{"line":2,"character":5},"end":{"line":2,"character":8}}}}]}`,
		},
		"documentation later": {
			`{"textDocument":{"completion":{"completionItem":{"resolveSupport":{"properties":["documentation"]}}}}}`,
			`{"isIncomplete":false,"items":[{"label":"--link","kind":10,"detail":"since Dockerfile 1.4","sortText":"0000","data":{"list":1,"item":0},` +
				`"textEdit":{"newText":"--link","range":{"start":{"line":2,"character":5},"end":{"line":2,"character":8}}}}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, test.capabilities)
			c.open(doc, src)
			got := c.result("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":2,"character":8}}`, doc))
			if !sameJSON(t, got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// TestCompletionWithOneRange: a client that knows ranges for a list gets one, if all items stand for the same text.
func TestCompletionWithOneRange(t *testing.T) {
	for name, test := range map[string]struct{ item, typed, want string }{
		"an edit":            {`{"snippetSupport":false}`, "COPY --ch", `{"start":{"line":1,"character":5},"end":{"line":1,"character":9}} --chown= --chmod=`},
		"two ranges":         {`{"insertReplaceSupport":true}`, "COPY --ch", `{"insert":{"start":{"line":1,"character":5},"end":{"line":1,"character":9}},"replace":{"start":{"line":1,"character":5},"end":{"line":1,"character":9}}} --chown= --chmod=`},
		"one item":           {`{}`, "COPY --li", ` `},
		"none of one's kind": {`{}`, "COPY --zz", ` `},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, `{"textDocument":{"completion":{"completionItem":`+test.item+`,"completionList":{"itemDefaults":["commitCharacters","editRange"]}}}}`)
			c.open(doc, "FROM alpine\n"+test.typed)
			var list struct {
				ItemDefaults struct{ EditRange json.RawMessage }
				Items        []completionItem
			}
			raw := c.result("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":1,"character":%d}}`, doc, len(test.typed)))
			if err := json.Unmarshal(raw, &list); err != nil {
				t.Fatal(err)
			}
			got := string(list.ItemDefaults.EditRange)
			for _, it := range list.Items {
				switch {
				case got == "" && it.TextEdit == nil, got != "" && (it.TextEdit != nil || it.TextEditText == nil):
					t.Errorf("%+v in %s", it, raw)
				case it.TextEditText != nil:
					got += " " + *it.TextEditText
				}
			}
			if got != strings.TrimSpace(test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// completionItem is an item as a client reads it.
type completionItem struct {
	Label               string
	Detail              string
	Documentation       json.RawMessage
	Tags                []int
	Deprecated          bool
	Preselect           bool
	InsertText          string
	InsertTextFormat    int
	InsertTextMode      int
	LabelDetails        *struct{ Detail, Description string }
	CommitCharacters    []string
	Command             json.RawMessage
	Data                json.RawMessage
	TextEdit            *completionEdit
	TextEditText        *string
	AdditionalTextEdits []textEdit
}

type completionEdit struct {
	NewText                string
	Range, Insert, Replace *lspRange
}

// complete asks at the mark in a text, which is opened.
func complete(t *testing.T, c *client, uri, marked string) (items []completionItem, raw []json.RawMessage) {
	t.Helper()
	before, after, _ := strings.Cut(marked, "|")
	c.open(uri, before+after)
	line := strings.Count(before, "\n")
	column := len(before) - strings.LastIndexByte(before, '\n') - 1
	result := c.result("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":%d,"character":%d}}`, uri, line, column))
	var list struct {
		ItemDefaults *struct {
			EditRange struct {
				lspRange
				Insert, Replace *lspRange
			}
		}
		Items []json.RawMessage
	}
	if err := json.Unmarshal(result, &list); err != nil {
		t.Fatalf("%s: %v", result, err)
	}
	for _, r := range list.Items {
		var it completionItem
		if err := json.Unmarshal(r, &it); err != nil {
			t.Fatal(err)
		}
		if (it.TextEditText != nil) != (list.ItemDefaults != nil) || (it.TextEditText == nil) == (it.TextEdit == nil) {
			t.Errorf("%s: it has one of a range of its own and that of the list", r)
		} else if d := list.ItemDefaults; d != nil {
			it.TextEdit = &completionEdit{NewText: *it.TextEditText, Insert: d.EditRange.Insert, Replace: d.EditRange.Replace}
			if d.EditRange.Insert == nil {
				it.TextEdit.Range = &d.EditRange.lspRange
			}
		}
		items = append(items, it)
	}
	return items, list.Items
}

func labelled(items []completionItem, label string) int {
	return slices.IndexFunc(items, func(it completionItem) bool { return it.Label == label })
}

// TestResolveCompletion: documentation comes when it is asked for, with all that was sent before; of a list that is long gone,
// the item comes back as it was.
func TestResolveCompletion(t *testing.T) {
	c := start(t, `{"textDocument":{"completion":{"completionItem":{"snippetSupport":true,"resolveSupport":{"properties":["documentation"]},"documentationFormat":["plaintext"]}}}}`)
	items, raw := complete(t, c, doc, "FROM a\nE|")
	n := labelled(items, "ENV")
	if n < 0 || items[n].Documentation != nil {
		t.Fatalf("%+v", items)
	}
	want := strings.TrimSuffix(string(raw[n]), "}") + `,"documentation":"Sets variables for the steps below and for the container.\n\nMakes no layer. A new value reruns the RUN steps below it."}`
	if got := c.result("completionItem/resolve", string(raw[n])); !sameJSON(t, got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for range 5 {
		c.result("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":1,"character":1}}`, doc))
	}
	if got := c.result("completionItem/resolve", string(raw[n])); !sameJSON(t, got, string(raw[n])) {
		t.Errorf("got\n%s\nwant\n%s", got, raw[n])
	}
	bare := `{"label":"x"}`
	if got := c.result("completionItem/resolve", bare); !sameJSON(t, got, bare) {
		t.Errorf("got %s", got)
	}
}

// TestCompletionInKate: Kate takes each ${…} of an item for a part to fill in, which it leaves out, also if the item is a
// plain text; and it keeps the backslashes of what is escaped.
func TestCompletionInKate(t *testing.T) {
	c := connect(t)
	c.result("initialize", recorded(t, "kate-26.08"))
	c.notify("initialized", "{}")
	for marked, want := range map[string]string{
		"ARG TAG=1\nFROM a:${|":          "${TAG} TAG} 2:9-2:9",
		"ARG TAG=1\nFROM a:${T|":         "${TAG} TAG} 2:9-2:10",
		"ARG TAG=1\nFROM a:${|}":         "${TAG} TAG 2:9-2:9",
		"ARG TAG=1\nFROM a:$|":           "$TAG $TAG 2:7-2:8",
		"FROM a\nEN|":                    "ENV ENV ${1:NAME}=${2:value}$0 2:0-2:2",
		"FROM a\nARG HOME\nWORKDIR ${H|": "${HOME} HOME} 3:10-3:11",
	} {
		uri := doc + fmt.Sprint(len(marked))
		items, _ := complete(t, c, uri, marked)
		if len(items) == 0 {
			t.Fatalf("%q: nothing", marked)
		}
		r := items[0].TextEdit.Range
		got := fmt.Sprintf("%s %s %d:%d-%d:%d", items[0].Label, items[0].TextEdit.NewText, r.Start.Line+1, r.Start.Character, r.End.Line+1, r.End.Character)
		if got != want {
			t.Errorf("%q: %s, want %s", marked, got, want)
		}
	}
	const withDocumentation = "FROM a\nCOPY --li|"
	items, raw := complete(t, c, doc, withDocumentation)
	var resolved completionItem
	if err := json.Unmarshal(c.result("completionItem/resolve", string(raw[0])), &resolved); err != nil || !strings.HasPrefix(string(resolved.Documentation), `"Makes the layer by itself`) {
		t.Errorf("%+v: %s %v", items[0], resolved.Documentation, err)
	}
}

// TestSnippets: what stands in a template for the protocol is escaped.
func TestSnippets(t *testing.T) {
	c := start(t, `{"textDocument":{"completion":{"completionItem":{"snippetSupport":true}}}}`)
	for marked, want := range map[string]string{
		"FROM a\nEN|":                     "ENV ${1:NAME}=${2:value}$0",
		"FROM a\nLABEL org.op|":           `org.opencontainers.image.title="$1"$0`,
		"FROM debian\nRUN apt-get ins|\n": "install -y --no-install-recommends ",
		"FROM alpine\nRUN |":              "apk add --no-cache ${1:PACKAGE}$0",
	} {
		uri := doc + fmt.Sprint(len(marked))
		items, _ := complete(t, c, uri, marked)
		if len(items) == 0 || items[0].TextEdit.NewText != want || (items[0].InsertTextFormat == 2) != strings.Contains(want, "$") {
			t.Errorf("%q: %+v, want %s", marked, items[:min(len(items), 1)], want)
		}
	}
}

// TestCompletionOfClients: each of the recorded clients gets what it says that it can use, and nothing else.
func TestCompletionOfClients(t *testing.T) {
	for name := range clients {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("testdata", "clients", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var recording struct {
				Messages []struct {
					Method string
					Params struct{ Capabilities json.RawMessage }
				}
			}
			if err := json.Unmarshal(raw, &recording); err != nil {
				t.Fatal(err)
			}
			capabilities := recording.Messages[0].Params.Capabilities
			var r replay
			if err := json.Unmarshal(capabilities, &r.offers); err != nil {
				t.Fatal(err)
			}
			can := func(what string) bool {
				o := r.offer("textDocument.completion.completionItem." + what)
				return o != nil && o != false
			}
			resolves := func(property string) bool {
				list, _ := r.offer("textDocument.completion.completionItem.resolveSupport.properties").([]any)
				return slices.Contains(list, any(property))
			}
			defaults, _ := r.offer("textDocument.completion.completionList.itemDefaults").([]any)
			oneRange := slices.Contains(defaults, any("editRange"))
			c := connect(t)
			result := c.result("initialize", fmt.Sprintf(`{"processId":null,"rootUri":null,"capabilities":%s}`, capabilities))
			c.notify("initialized", `{}`)
			var provider struct {
				Capabilities struct {
					CompletionProvider struct {
						ResolveProvider   bool
						TriggerCharacters []string
					}
				}
			}
			if err := json.Unmarshal(result, &provider); err != nil {
				t.Fatal(err)
			}
			if got := provider.Capabilities.CompletionProvider; got.ResolveProvider != resolves("documentation") || slices.Contains(got.TriggerCharacters, " ") {
				t.Errorf("it is told %+v", got)
			}
			seen := map[string]bool{}
			for i, marked := range []string{"FROM a\nM|", "FROM a AS s\nENV A=1\nE|", "FROM a AS s\nFROM |", "FROM a\nCOPY --li|nk a b", "FROM a\nENV A=1\nWORKDIR /$|", "FROM a\nRUN $TARGETAR|", "FROM alpine\nRUN |"} {
				items, _ := complete(t, c, fmt.Sprintf("untitled:%d", i), marked)
				for _, it := range items {
					note := func(what string, has, may bool) {
						if has && !may {
							t.Errorf("%s: it cannot take %s of %+v", marked, what, it)
						}
						seen[what] = seen[what] || has
					}
					if it.TextEdit == nil || it.InsertText != "" || it.InsertTextMode != 0 || it.Preselect || it.Command != nil {
						t.Errorf("%s: %+v", marked, it)
						continue
					}
					note("a snippet", it.InsertTextFormat == 2, can("snippetSupport"))
					note("two ranges", it.TextEdit.Insert != nil, can("insertReplaceSupport"))
					note("words behind the label", it.LabelDetails != nil, can("labelDetailsSupport"))
					note("characters that take it", it.CommitCharacters != nil, can("commitCharactersSupport"))
					note("a tag", it.Tags != nil, can("tagSupport.valueSet"))
					note("the older field for it", it.Deprecated, can("deprecatedSupport") && !can("tagSupport.valueSet"))
					note("data", it.Data != nil, resolves("documentation"))
					note("a range for all", it.TextEditText != nil, oneRange)
					note("edits elsewhere", it.AdditionalTextEdits != nil, resolves("additionalTextEdits"))
					note("documentation at once", it.Documentation != nil, !resolves("documentation"))
					if strings.Contains(it.TextEdit.NewText, "${1") != (it.InsertTextFormat == 2) && !strings.Contains(it.TextEdit.NewText, "$1") {
						t.Errorf("%s: %+v", marked, it)
					}
				}
			}
			// What it can use, it gets.
			for what, may := range map[string]bool{
				"a snippet": can("snippetSupport"), "two ranges": can("insertReplaceSupport"), "words behind the label": can("labelDetailsSupport"),
				"characters that take it": can("commitCharactersSupport"), "a tag": can("tagSupport.valueSet"), "data": resolves("documentation"), "edits elsewhere": resolves("additionalTextEdits"), "a range for all": oneRange,
				"documentation at once": !resolves("documentation"), "the older field for it": can("deprecatedSupport") && !can("tagSupport.valueSet"),
			} {
				if may && !seen[what] {
					t.Errorf("it never got %s", what)
				}
			}
		})
	}
}

// TestCompletionOfVariable: a text with a dollar says that it is no snippet, since Neovim 0.10 takes it for one
// otherwise; and what is filtered by the label says nothing of filtering, since Neovim 0.7 overlooks the edit's range then.
func TestCompletionOfVariable(t *testing.T) {
	c := start(t, `{"textDocument":{"completion":{}}}`)
	c.open(doc, "ARG VERSION=3\nFROM alpine:$V\n")
	var list struct{ Items []map[string]any }
	raw := c.result("textDocument/completion", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":1,"character":14}}`, doc))
	if err := json.Unmarshal(raw, &list); err != nil || len(list.Items) == 0 {
		t.Fatalf("%s: %v", raw, err)
	}
	first := list.Items[0]
	if first["label"] != "$VERSION" || first["insertTextFormat"] != 1.0 || first["filterText"] != nil {
		t.Errorf("it is %v", first)
	}
}
