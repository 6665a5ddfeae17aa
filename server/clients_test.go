package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"layerwise/internal/endtoend"
	"layerwise/internal/golden"
)

// gets is what a client is to get, as a reader of its documentation would say.
type gets struct {
	encoding  string
	pulls     bool   // it is to ask for diagnostics; else they are sent to it
	hover     string // the format
	documents bool   // edits are of versions of documents
}

// The recorded clients, in testdata/clients. Those of editors/e2e are written by its tests with -record.
var clients = map[string]gets{
	"ale-3.3.0":       {"utf-16", false, "plaintext", false},
	"ale-4.0.0":       {"utf-16", false, "plaintext", false},
	"coc-2026-08":     {"utf-16", true, "markdown", true},
	"eglot-1.17":      {"utf-8", false, "plaintext", true},
	"eglot-1.9":       {"utf-16", false, "markdown", true},
	"helix-25.07":     {"utf-8", true, "markdown", true},
	"kate-26.08":      {"utf-16", false, "markdown", false},
	"lsp4ij-0.20.2":   {"utf-16", true, "markdown", true},
	"lsp-mode-8.0.0":  {"utf-16", false, "markdown", true},
	"neovim-0.10.4":   {"utf-16", false, "markdown", false},
	"neovim-0.12.4":   {"utf-8", true, "markdown", false},
	"neovim-0.7.2":    {"utf-16", false, "markdown", false},
	"vscode-1.139":    {"utf-16", true, "markdown", true},
	"vim-lsp-2026-04": {"utf-16", false, "markdown", false},
}

// TestRealClients replays what editors sent when a user opened a Dockerfile, looked at the findings,
// applied a quick fix and left. Whatever the server sends must be what the client offers to take.
func TestRealClients(t *testing.T) {
	golden.Freeze(t) // clients choose among the actions that there were when they were recorded
	files, err := filepath.Glob("testdata/clients/*.json")
	if err != nil || len(files) != len(clients) {
		t.Fatalf("%d recordings, want %d; %v", len(files), len(clients), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			project := endtoend.Project(t)
			raw = []byte(strings.ReplaceAll(string(raw), "/home/user/project", project))
			var recording struct {
				Messages []struct {
					ID     json.RawMessage `json:"id"`
					Method string          `json:"method"`
					Params json.RawMessage `json:"params"`
				}
			}
			if err := json.Unmarshal(raw, &recording); err != nil {
				t.Fatal(err)
			}
			r := &replay{client: connect(t), want: clients[name]}
			left := false
			for _, m := range recording.Messages {
				params := string(m.Params)
				if params == "" {
					params = "null"
				}
				if m.ID == nil {
					r.body(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, m.Method, params))
					r.notified(m.Method, m.Params)
				} else {
					r.body(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, m.ID, m.Method, params))
					r.answered(m.Method, m.Params, r.answer(string(m.ID)))
				}
				left = left || m.Method == "exit"
			}
			if !left {
				r.in.Close()
			}
			if code := r.exited(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			for len(r.messages) > 0 {
				r.seen = append(r.seen, <-r.messages)
			}
			for _, m := range r.seen {
				r.offered(m)
			}
			if !r.fixed {
				t.Error("no action was looked at")
			}
		})
	}
}

// A replay is a recorded client at the server.
type replay struct {
	*client
	want    gets
	offers  map[string]any // its capabilities
	uri     string
	version int
	text    string
	fixed   bool // a fix was offered, and does what it says
	down    bool // it has been asked to shut down
}

// offer is a capability by its path; nil if it is not named.
func (r *replay) offer(path string) any {
	var at any = r.offers
	for name := range strings.SplitSeq(path, ".") {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	return at
}

// notified looks at what a notification brings about.
func (r *replay) notified(method string, raw json.RawMessage) {
	var p struct {
		TextDocument struct {
			URI     string
			Version int
			Text    string
		}
		ContentChanges []struct {
			Range *lspRange
			Text  string
		}
	}
	json.Unmarshal(raw, &p) //nolint:errcheck // the parameters of others differ
	switch method {
	case "textDocument/didOpen":
		r.uri, r.text = p.TextDocument.URI, p.TextDocument.Text
	case "textDocument/didChange":
		for _, c := range p.ContentChanges {
			if c.Range == nil {
				r.text = c.Text
			} else {
				r.text = applyIn(r.want.encoding, r.text, []textEdit{{*c.Range, c.Text}})
			}
		}
	default:
		return
	}
	r.version = p.TextDocument.Version
	if !r.want.pulls {
		r.await(fmt.Sprintf("diagnostics of version %d", r.version), func(m message) bool {
			var p struct {
				URI         string
				Version     int
				Diagnostics []json.RawMessage
			}
			if m.Method != "textDocument/publishDiagnostics" || json.Unmarshal(m.Params, &p) != nil || p.Version != r.version {
				return false
			}
			if p.URI != r.uri {
				r.t.Errorf("diagnostics of %s", p.URI)
			}
			r.findings(p.Diagnostics, "publishDiagnostics")
			return true
		})
	}
	if method == "textDocument/didOpen" && strings.Contains(r.text, "\nCOPY . .") {
		r.listed()
	}
}

// listed waits until the build context is listed, as people do before they look for what to do about a finding: the
// hover of the COPY says then how many files it takes.
func (r *replay) listed() {
	line := strings.Count(r.text[:strings.Index(r.text, "\nCOPY . .")+1], "\n")
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		m := r.call("textDocument/hover", json.RawMessage(fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":%d,"character":0}}`, r.uri, line)))
		if strings.Contains(string(m.Result), "files this COPY takes") {
			return
		}
	}
	r.t.Error("the build context is never listed")
}

// answered looks at the answer to a request.
func (r *replay) answered(method string, params json.RawMessage, m message) {
	if m.Error != nil {
		// Neovim 0.10 asks between shutdown and exit, which the protocol has the server refuse.
		if !r.down || m.Error.Code != -32600 || method == "shutdown" {
			r.t.Errorf("%s: %+v", method, m.Error)
		}
		return
	}
	switch method {
	case "initialize":
		var p struct{ Capabilities map[string]any }
		var result struct {
			Capabilities struct {
				PositionEncoding   string
				DiagnosticProvider any
			}
		}
		if json.Unmarshal(params, &p) != nil || json.Unmarshal(m.Result, &result) != nil {
			r.t.Fatalf("%s\n%s", params, m.Result)
		}
		r.offers = p.Capabilities
		got := result.Capabilities
		if got.PositionEncoding != r.want.encoding || got.DiagnosticProvider != nil != r.want.pulls {
			r.t.Errorf("columns in %s, pull %v", got.PositionEncoding, got.DiagnosticProvider)
		}
	case "shutdown":
		r.down = true
	case "textDocument/diagnostic":
		var report struct{ Items []json.RawMessage }
		if err := json.Unmarshal(m.Result, &report); err != nil {
			r.t.Fatal(err)
		}
		r.findings(report.Items, "diagnostic")
	case "textDocument/hover":
		var h struct{ Contents struct{ Kind, Value string } }
		if err := json.Unmarshal(m.Result, &h); err != nil || h.Contents.Kind != r.want.hover || !strings.Contains(h.Contents.Value, "layer") {
			r.t.Errorf("hover %s: %v", m.Result, err)
		}
	case "textDocument/codeAction":
		r.actions(m.Result)
	}
}

// findings looks at diagnostics that came in the one way or the other.
func (r *replay) findings(all []json.RawMessage, way string) {
	codes := []string{}
	for _, raw := range all {
		var d struct {
			diagnostic
			Data            any
			CodeDescription any
		}
		if err := json.Unmarshal(raw, &d); err != nil {
			r.t.Fatal(err)
		}
		codes = append(codes, d.Code)
		takes := func(extra string) bool {
			offered := func(way string) bool {
				o := r.offer("textDocument." + way + "." + extra)
				return o != nil && o != false
			}
			return offered(way) || offered("publishDiagnostics") // where clients that pull say most of it
		}
		if d.Related != nil && !takes("relatedInformation") || d.Tags != nil && !takes("tagSupport") ||
			d.CodeDescription != nil && !takes("codeDescriptionSupport") || d.Data != nil && !takes("dataSupport") {
			r.t.Errorf("it cannot take all of %s", raw)
		}
		if d.Source != "layerwise" || d.Code == "" || d.Message == "" || strings.Contains(d.Message, "://") {
			r.t.Errorf("to be shown: %s", raw)
		}
		line := strings.Split(r.text, "\n")[d.Range.End.Line]
		if offset(r.want.encoding, line, lspPosition{Character: d.Range.End.Character}) > len(line) {
			r.t.Errorf("it ends behind the line: %s", raw)
		}
	}
	if strings.Contains(strings.ToUpper(r.text), "\nMAINTAINER ") != slices.Contains(codes, "maintainer-deprecated") ||
		strings.Contains(r.text, "COPY . .\nRUN pip") != slices.Contains(codes, "copy-before-install") {
		r.t.Errorf("found %s in\n%s", codes, r.text)
	}
}

// actions looks at what can be done, and does the first, which is the fix.
func (r *replay) actions(raw json.RawMessage) {
	var all []struct {
		codeAction
		Command any
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		r.t.Fatalf("actions %s: %v", raw, err)
	}
	for _, a := range all {
		edits := a.Edit.Changes[r.uri]
		if len(a.Edit.DocumentChanges) == 2 && strings.HasPrefix(a.Title, "Create ") {
			operations, _ := r.offer("workspace.workspaceEdit.resourceOperations").([]any)
			if a.Edit.DocumentChanges[0].Kind != "create" || !slices.Contains(operations, any("create")) {
				r.t.Errorf("it cannot apply %+v", a)
			}
			continue
		}
		if r.want.documents && len(a.Edit.DocumentChanges) == 1 {
			change := a.Edit.DocumentChanges[0]
			if change.Kind != "" || change.TextDocument.URI != r.uri || change.TextDocument.Version == nil || *change.TextDocument.Version != r.version {
				r.t.Errorf("an edit of something else: %+v", change)
			}
			edits = change.Edits
		}
		if a.Command != nil || len(edits) == 0 || (a.Edit.Changes == nil) != r.want.documents {
			r.t.Errorf("it cannot apply %+v", a)
		}
		kinds, _ := r.offer("textDocument.codeAction.codeActionLiteralSupport.codeActionKind.valueSet").([]any)
		known := func(kind any) bool { return strings.HasPrefix(a.Kind+".", kind.(string)+".") } // or one above it
		if len(kinds) > 0 && !slices.ContainsFunc(kinds, known) {
			r.t.Errorf("it does not know the kind %s", a.Kind)
		}
		after := applyIn(r.want.encoding, r.text, edits)
		switch {
		case strings.HasPrefix(a.Title, "Move `COPY requirements.txt`"):
			want, err := os.ReadFile("../editors/e2e/testdata/install-order.Dockerfile")
			if err != nil || after != string(want) {
				r.t.Errorf("%s makes\n%s\n%v", a.Title, after, err)
			}
			r.fixed = true
		case a.Kind == "source.fixAll.layerwise":
			want, err := os.ReadFile("../editors/e2e/testdata/fix-all.Dockerfile")
			if err != nil || after != string(want) {
				r.t.Errorf("%s makes\n%s\n%v", a.Title, after, err)
			}
		case strings.HasPrefix(a.Title, "Replace MAINTAINER"):
			if !strings.Contains(after, "org.opencontainers.image.authors=\"") {
				r.t.Errorf("%s makes\n%s", a.Title, after)
			}
			r.fixed = true
		case !strings.HasPrefix(a.Title, "Ignore ") || strings.Count(after, "\n") != strings.Count(r.text, "\n")+1:
			r.t.Errorf("%s makes\n%s", a.Title, after)
		}
	}
}

// offered checks a message that the server sent by itself.
func (r *replay) offered(m message) {
	var p struct {
		URI           string
		Items         []any
		Registrations []struct{ Method string }
	}
	if err := json.Unmarshal(m.Params, &p); m.Params != nil && err != nil {
		r.t.Fatal(err)
	}
	ok := false
	switch m.Method {
	case "textDocument/publishDiagnostics":
		ok = !r.want.pulls && p.URI == r.uri
	case "workspace/configuration":
		ok = r.offer("workspace.configuration") == true && len(p.Items) > 0
	case "workspace/diagnostic/refresh":
		ok = r.offer("workspace.diagnostics.refreshSupport") == true || r.offer("workspace.diagnostic.refreshSupport") == true // Helix
	case "client/registerCapability":
		ok = len(p.Registrations) > 0
		for _, registration := range p.Registrations {
			ok = ok && r.offer(strings.ReplaceAll(registration.Method, "/", ".")+".dynamicRegistration") == true
		}
	}
	if !ok {
		r.t.Errorf("the server sent %s %s", m.Method, m.Params)
	}
}
