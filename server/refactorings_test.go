package server_test

import (
	"slices"
	"strings"
	"testing"
)

// TestRefactorings asks for refactorings by their kinds: a client gets those that it asks for and knows.
func TestRefactorings(t *testing.T) {
	const src = "ARG VERSION=22\r\nFROM node:${VERSION} AS b\r\nFROM node:${VERSION}\r\nENV A b\r\n"
	with := func(kinds string) string {
		return `{"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":[` + kinds + `]}}}}}`
	}
	all := with(`"","quickfix","refactor","refactor.inline","refactor.extract","refactor.rewrite"`)
	for _, test := range []struct{ name, capabilities, place, only, want string }{
		{"all", all, "2:12-2:12", "", "Inline ARG VERSION"},
		{"of a kind above", all, "2:12-2:12", `["refactor"]`, "Inline ARG VERSION"},
		{"of the kind", all, "2:12-2:12", `["refactor.inline"]`, "Inline ARG VERSION"},
		{"of another kind", all, "2:12-2:12", `["refactor.extract"]`, ""},
		{"a client with a kind above", with(`"refactor"`), "3:0-3:0", "", "Write this ENV"},
		{"a client without the kind", with(`"quickfix"`), "3:0-3:0", "", ""},
		{"a client without kinds", `{}`, "3:0-3:0", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, test.capabilities)
			c.open(doc, src)
			var titles []string
			for _, a := range c.actions(doc, test.place, test.only) {
				if strings.HasPrefix(a.Kind, "refactor.") {
					titles = append(titles, a.Title)
				}
			}
			if found := slices.ContainsFunc(titles, func(s string) bool { return test.want != "" && strings.HasPrefix(s, test.want) }); found != (test.want != "") || test.want == "" && len(titles) > 0 {
				t.Errorf("%q, want %q", titles, test.want)
			}
		})
	}
}

// TestRefactoringEdits makes the edits of one in a text with line ends and characters of all sizes.
func TestRefactoringEdits(t *testing.T) {
	const src = "FROM alpine\r\nENV A é🐳 b\r\nRUN true\r\n"
	c := start(t, `{"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["refactor"]}}}}}`)
	c.open(doc, src)
	actions := c.actions(doc, "1:7-1:7", `["refactor.rewrite"]`)
	if len(actions) == 0 {
		t.Fatal("nothing is offered")
	}
	if got, want := apply(src, actions[0].Edit.Changes[doc]), "FROM alpine\r\nENV A=\"é🐳 b\"\r\nRUN true\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
