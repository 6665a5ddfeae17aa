//go:build linux

package vscode_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/endtoend"
)

// suggestions are the rows of the list of completions.
const suggestions = ".suggest-widget .monaco-list-row"

// cursor puts the cursor at a line and column.
func (p *page) cursor(line, column int) {
	p.t.Helper()
	p.do("press", "", "Control+G")
	p.do("wait", ".quick-input-widget .quick-input-box input")
	p.do("type", "", fmt.Sprintf("%d:%d", line, column))
	p.do("press", "", "Enter")
	p.at(line, column)
}

// at waits until the cursor is at a line and column.
func (p *page) at(line, column int) {
	p.t.Helper()
	p.do("wait", ".statusbar-item", fmt.Sprintf("Ln %d, Col %d", line, column))
}

// TestLanguageFeatures writes a Dockerfile with all that the language service has.
func TestLanguageFeatures(t *testing.T) {
	tools := install(t)
	code := tools.start(t, tools.pack(t), options{})
	project := guestbook(t)
	dockerfile := filepath.Join(project, "Dockerfile")
	text := read(t, "../e2e/testdata/features/Dockerfile")
	write(t, dockerfile, text)
	write(t, filepath.Join(project, ".vscode", "settings.json"), `{
  "editor.formatOnSave": true, "editor.linkedEditing": true, "editor.stickyScroll.enabled": false,
  "layerwise.hints": { "variables": true },
  "[dockerfile]": { "editor.defaultFormatter": "layerwise.layerwise" }
}`)
	page := code.browse(t, project)
	page.openFile("Dockerfile")

	// What the text shows by itself: the values of variables, links, and colours.
	page.do("wait", ".view-line", "= python:3.12")
	page.do("wait", ".view-line .detected-link")
	page.picture("colours", editorPart)
	page.cursor(7, 6)
	page.command("Developer: Inspect Editor Tokens and Scopes")
	page.do("wait", ".token-inspect-widget", "namespace")
	page.do("press", "", "Escape")

	// Names: definition, references, rename.
	page.cursor(7, 7)
	page.do("press", "", "F12")
	page.at(2, 21)
	page.do("press", "", "Shift+F12")
	page.do("wait", ".zone-widget .ref-tree .monaco-list-row", "COPY --from=0 /app /srv")
	page.do("press", "", "Escape")
	page.do("gone", ".zone-widget .ref-tree")
	page.cursor(7, 7)
	page.do("press", "", "F2")
	page.do("wait", ".rename-input:focus")
	page.do("type", "", "builder") // in the place of the name, which is selected
	page.picture("rename", editorPart)
	page.do("press", "", "Enter")
	page.do("wait", ".view-line", "AS builder")
	page.do("wait", ".view-line", "FROM builder")
	text = strings.NewReplacer("AS base", "AS builder", "FROM base", "FROM builder").Replace(text)

	// The word that ends a here-document changes with the one that begins it.
	page.cursor(8, 9)
	page.do("press", "", "End")
	page.cursor(8, 9)
	page.do("type", "", "X")
	page.do("wait", ".view-line", "EXOF /etc/app.conf")
	page.do("press", "", "Control+Z")
	page.do("wait", ".view-line", "<<EOF")

	// The outline, folds, and a selection that grows.
	page.do("press", "", "Control+Shift+O")
	page.do("wait", ".quick-input-widget .monaco-list-row", "builder")
	var symbols []string
	page.decode(page.do("texts", ".quick-input-widget .monaco-list-row"), &symbols)
	if got := strings.Join(symbols, "\n"); !strings.Contains(got, "WORKDIR /app") || !strings.Contains(got, "TAG") {
		t.Errorf("the symbols are %q", symbols)
	}
	page.picture("outline")
	page.do("press", "", "Escape")
	page.command("Fold All")
	page.do("gone", ".view-line", "WORKDIR /app")
	page.command("Unfold All")
	page.do("wait", ".view-line", "WORKDIR /app")
	page.cursor(11, 16)
	page.do("press", "", "Shift+Alt+ArrowRight")
	page.do("wait", ".statusbar-item", "(3 selected)")
	page.do("press", "", "Shift+Alt+ArrowRight")
	page.do("wait", ".statusbar-item", "(4 selected)")

	// A new instruction, from what is offered.
	page.do("press", "", "Control+End")
	page.do("type", "", "COPY --fr")
	page.do("wait", suggestions, "--from")
	page.picture("completion", editorPart)
	page.do("press", "", "Tab")
	page.do("wait", ".view-line", "COPY --from=")
	page.do("press", "", "Control+Space")
	page.do("wait", suggestions, "builder")
	page.do("press", "", "Tab")
	page.do("wait", ".view-line", "COPY --from=builder")
	page.do("type", "", " ")
	page.do("press", "", "Control+Shift+Space")
	page.do("wait", ".parameter-hints-widget.visible", "destination")
	page.picture("signature", editorPart)
	page.do("type", "", "/app    /app/")
	page.do("press", "", "Escape")

	// It is put in order when it is saved.
	page.save()
	want := strings.NewReplacer("copy requirements", "COPY requirements", "COPY   .", "COPY .").Replace(text) + "COPY --from=builder /app /app/\n"
	endtoend.SameFile(t, dockerfile, want)
	page.picture("formatted", editorPart)
	for _, word := range []string{"[error]", "[warning]"} {
		if log := code.log(); strings.Contains(log, word) {
			t.Errorf("the log has %q:\n%s", word, log)
		}
	}
}
