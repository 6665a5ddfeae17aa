package server_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// What all clients are offered: those that do not know of it never ask, and some ask without having said a word, such
// as Kate for signatures.
var offeredToAll = []string{
	"codeAction", "codeLens", "declaration", "definition", "documentFormatting", "documentHighlight", "documentRangeFormatting",
	"executeCommand", "hover", "references", "rename", "selectionRange", "signatureHelp",
}

// What a client is offered if it says that it knows of it, by what it says then.
var offeredIfSaid = map[string]string{
	"completion":                 "textDocument.completion",
	"completion resolve":         "textDocument.completion.completionItem.resolveSupport.properties=documentation",
	"codeLens resolve":           "experimental.commands",
	"diagnostic":                 "textDocument.diagnostic",
	"diagnostic of workspace":    "workspace.diagnostics.refreshSupport",
	"documentLink":               "textDocument.documentLink",
	"documentOnTypeFormatting":   "textDocument.onTypeFormatting",
	"documentSymbol":             "textDocument.documentSymbol",
	"fileOperations":             "workspace.fileOperations.willRename",
	"foldingRange":               "textDocument.foldingRange",
	"inlayHint":                  "textDocument.inlayHint",
	"linkedEditingRange":         "textDocument.linkedEditingRange",
	"prepareRename":              "textDocument.rename.prepareSupport",
	"ranges formatting":          "textDocument.rangeFormatting.rangesSupport",
	"semanticTokens delta":       "textDocument.semanticTokens.requests.full.delta",
	"semanticTokens full":        "textDocument.semanticTokens.requests.full",
	"semanticTokens range":       "textDocument.semanticTokens.requests.range",
	"workspaceFolders":           "workspace.workspaceFolders",
	"workspaceSymbol":            "workspace.symbol",
	"utf-8 as position encoding": "general.positionEncodings=utf-8",
}

// What a client is not offered though it says that it knows of it, or is offered though it does not, and why.
var exceptions = map[string]map[string]string{
	"helix-25.07":   {"diagnostic of workspace": "it says so in another place, workspace.diagnostic"},
	"neovim-0.10.4": {"diagnostic": "it would not ask again when another file has changed"},
	"neovim-0.12.4": {"diagnostic of workspace": "it would ask for these instead of those of the documents that it has open, and not show them there"},
}

// TestOffered starts as each of the recorded clients does. It is offered all that it says it knows of, and nothing else
// but what all are offered.
func TestOffered(t *testing.T) {
	for name := range clients {
		t.Run(name, func(t *testing.T) {
			c := connect(t)
			params := recorded(t, name)
			var client struct{ Capabilities map[string]any }
			var server struct{ Capabilities map[string]any }
			if err := json.Unmarshal([]byte(params), &client); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(c.result("initialize", params), &server); err != nil {
				t.Fatal(err)
			}
			got := offers(server.Capabilities)
			for _, what := range offeredToAll {
				if !got[what] {
					t.Errorf("it is not offered %s", what)
				}
				delete(got, what)
			}
			for what, path := range offeredIfSaid {
				said := saying(client.Capabilities, path)
				if _, other := exceptions[name][what]; other {
					said = !said
				}
				if said != got[what] {
					t.Errorf("%s: offered is %v", what, got[what])
				}
				delete(got, what)
			}
			for _, what := range slices.Sorted(maps.Keys(got)) {
				t.Errorf("it is offered %s, of which this test knows nothing", what)
			}
		})
	}
}

// offers are the names of what a server offers.
func offers(capabilities map[string]any) map[string]bool {
	all := map[string]bool{}
	for key, value := range capabilities {
		if what, ok := strings.CutSuffix(key, "Provider"); ok && value != false && what != "semanticTokens" {
			all[what] = true
		}
	}
	for what, path := range map[string]string{
		"codeLens resolve": "codeLensProvider.resolveProvider", "completion resolve": "completionProvider.resolveProvider",
		"diagnostic of workspace": "diagnosticProvider.workspaceDiagnostics", "fileOperations": "workspace.fileOperations",
		"prepareRename": "renameProvider.prepareProvider", "ranges formatting": "documentRangeFormattingProvider.rangesSupport",
		"semanticTokens delta": "semanticTokensProvider.full.delta", "semanticTokens full": "semanticTokensProvider.full",
		"semanticTokens range": "semanticTokensProvider.range", "workspaceFolders": "workspace.workspaceFolders",
	} {
		if saying(capabilities, path) {
			all[what] = true
		}
	}
	if capabilities["positionEncoding"] == "utf-8" {
		all["utf-8 as position encoding"] = true
	}
	return all
}

// saying reports whether capabilities have something at a path, which is neither false nor null; with "=", whether it is
// a list that holds the word.
func saying(capabilities map[string]any, path string) bool {
	path, word, isList := strings.Cut(path, "=")
	var at any = capabilities
	for _, key := range strings.Split(path, ".") {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	if isList {
		list, _ := at.([]any)
		return slices.Contains(list, any(word))
	}
	return at != nil && at != false
}
