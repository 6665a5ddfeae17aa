package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

// questions are all requests about a document: their methods, behind "textDocument/", and their parameters beside the document. In these,
// AT is a position, PART a range of a few lines, and LINE the range of one. Each law about answers holds for each of them:
// TestEditedEqualsFresh, TestPrefixes, TestBadTexts and TestOddPositions.
var questions = []struct{ method, params string }{
	{"hover", `"position":AT`},
	{"completion", `"position":AT`},
	{"signatureHelp", `"position":AT`},
	{"definition", `"position":AT`},
	{"declaration", `"position":AT`},
	{"references", `"position":AT,"context":{"includeDeclaration":true}`},
	{"documentHighlight", `"position":AT`},
	{"prepareRename", `"position":AT`},
	{"rename", `"position":AT,"newName":"other"`},
	{"linkedEditingRange", `"position":AT`},
	{"selectionRange", `"positions":[AT]`},
	{"onTypeFormatting", `"position":AT,"ch":"\n","options":{"tabSize":4,"insertSpaces":true}`},
	{"onTypeFormatting", `"position":AT,"ch":"\\","options":{"tabSize":4,"insertSpaces":true}`},
	{"rangeFormatting", `"range":PART,"options":{"tabSize":4,"insertSpaces":true}`},
	{"rangesFormatting", `"ranges":[LINE,PART],"options":{"tabSize":4,"insertSpaces":true}`},
	{"semanticTokens/range", `"range":PART`},
	{"inlayHint", `"range":PART`},
	{"codeAction", `"range":LINE,"context":{"diagnostics":[]}`},
	{"codeAction", `"range":{"start":AT,"end":AT},"context":{"diagnostics":[],"only":["refactor"]}`},
	{"codeAction", `"range":LINE,"context":{"diagnostics":[],"only":["source.fixAll"]}`},
	{"formatting", `"options":{"tabSize":4,"insertSpaces":true}`},
	{"documentSymbol", ``},
	{"foldingRange", ``},
	{"documentLink", ``},
	{"codeLens", ``},
	{"semanticTokens/full", ``},
}

// able are the capabilities of a client that takes all there is, with items of completion in one piece.
const able = `"textDocument":{"completion":{"completionItem":{"snippetSupport":true,"insertReplaceSupport":true,"labelDetailsSupport":true,` +
	`"resolveSupport":{"properties":["additionalTextEdits"]}}},"documentSymbol":{"hierarchicalDocumentSymbolSupport":true},"foldingRange":{},` +
	`"definition":{"linkSupport":true},"declaration":{"linkSupport":true},"rename":{"prepareSupport":true},"linkedEditingRange":{},"inlayHint":{},"documentLink":{},` +
	`"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["quickfix","refactor"]}}},` +
	`"semanticTokens":{"requests":{"full":{"delta":true},"range":true},"tokenTypes":["keyword","comment","string","variable","function","class"],"tokenModifiers":["declaration"]}`

// isAbout reports whether the question is about a place of a document, not about all of it.
func isAbout(params string) bool {
	return strings.Contains(params, "AT") || strings.Contains(params, "PART") || strings.Contains(params, "LINE")
}

// parameters are those of a question at a place, in lines of a client that counts as width does.
func parameters(uri, params string, line, column, end int) string {
	from := fmt.Sprintf(`{"line":%d,"character":0}`, line)
	params = strings.NewReplacer(
		"AT", fmt.Sprintf(`{"line":%d,"character":%d}`, line, column),
		"PART", fmt.Sprintf(`{"start":%s,"end":{"line":%d,"character":2}}`, from, line+5),
		"LINE", fmt.Sprintf(`{"start":%s,"end":{"line":%d,"character":%d}}`, from, line, end),
	).Replace(params)
	if params != "" {
		params = "," + params
	}
	return fmt.Sprintf(`{"textDocument":{"uri":%q}%s}`, uri, params)
}

// A sheet is a text as a client sees it: in lines, with columns in its encoding.
type sheet struct {
	uri   string
	lines []string
	utf8  bool
}

func (s sheet) width(text string) int {
	if s.utf8 {
		return len(text)
	}
	return len(utf16.Encode([]rune(text)))
}

// holds says which place of an answer is not in the text: each line that is named is there, and each column is on its
// line. "" if all are.
func (s sheet) holds(method string, answer json.RawMessage) string {
	wrong := ""
	position := func(line, column int) {
		if wrong == "" && (line < 0 || line >= len(s.lines) || column < 0 || column > s.width(s.lines[line])) {
			wrong = fmt.Sprintf("%d:%d", line, column)
		}
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			if number(v["line"]) >= 0 && number(v["character"]) >= 0 {
				position(number(v["line"]), number(v["character"]))
			}
			if start, end := number(v["startLine"]), number(v["endLine"]); start >= 0 {
				position(start, 0)
				position(end, 0)
				if end <= start {
					wrong = fmt.Sprintf("the fold from %d to %d", start, end)
				}
			}
			if start, ok := v["start"].(map[string]any); ok {
				if end, ok := v["end"].(map[string]any); ok && before(end, start) {
					wrong = fmt.Sprintf("a range that ends at %v before it starts at %v", end, start)
				}
			}
			for key, item := range v {
				if other, ok := item.(map[string]any); ok && key == "textDocument" && other["uri"] != s.uri {
					return // edits of another document
				}
			}
			for key, item := range v {
				if !strings.Contains(key, "://") || key == s.uri { // changes are a map from documents to their edits
					walk(item)
				}
			}
		}
	}
	var decoded any
	if err := json.Unmarshal(answer, &decoded); err != nil {
		return err.Error()
	}
	if tokens, ok := decoded.(map[string]any); ok && strings.HasPrefix(method, "semanticTokens") {
		data, _ := tokens["data"].([]any)
		line, column := 0, 0
		for i := 0; i+5 <= len(data); i += 5 {
			if down := number(data[i]); down > 0 {
				line, column = line+down, 0
			}
			column += number(data[i+1])
			position(line, column+number(data[i+2]))
		}
	}
	walk(decoded)
	return wrong
}

// number is a JSON value as a whole number, -1 if it is none.
func number(v any) int {
	if n, ok := v.(float64); ok {
		return int(n)
	}
	return -1
}

func before(a, b map[string]any) bool {
	return number(a["line"]) < number(b["line"]) || number(a["line"]) == number(b["line"]) && number(a["character"]) < number(b["character"])
}

// onLine says which edit of a completion leaves the line of the cursor, or does not hold it: no editor takes that one. "" if none.
func onLine(answer json.RawMessage, line, column int) string {
	var list struct {
		Items []struct {
			Label    string
			TextEdit struct{ Range, Insert, Replace *lspRange }
		}
	}
	if string(answer) == "null" || json.Unmarshal(answer, &list) != nil {
		return ""
	}
	for _, item := range list.Items {
		for _, r := range []*lspRange{item.TextEdit.Range, item.TextEdit.Insert, item.TextEdit.Replace} {
			if r != nil && (r.Start.Line != line || r.End.Line != line || r.Start.Character > column || r.End.Character < column) {
				return fmt.Sprintf("%s edits %v", item.Label, *r)
			}
		}
	}
	return ""
}

// askAll asks all questions at a place, and fails if one is not answered, or names a place that is not in the text. Renames may be
// refused.
func (c *client) askAll(s sheet, line, column int) (answered map[string]int) {
	c.t.Helper()
	answered = map[string]int{}
	for _, q := range questions {
		m := c.call("textDocument/"+q.method, parameters(s.uri, q.params, line, column, s.width(s.lines[min(max(line, 0), len(s.lines)-1)])))
		switch wrong := s.holds(q.method, m.Result); {
		case m.Error != nil && !declined(q.method, m.Error):
			c.t.Errorf("%s at %d:%d of %q: %+v", q.method, line, column, s.lines, *m.Error)
		case m.Error == nil && wrong != "":
			c.t.Errorf("%s at %d:%d of %q names %s, which is not there: %s", q.method, line, column, s.lines, wrong, m.Result)
		}
		if q.method == "completion" {
			if wrong := onLine(m.Result, line, column); wrong != "" {
				c.t.Errorf("completion at %d:%d of %q: %s", line, column, s.lines, wrong)
			}
		}
		if len(m.Result) > len(`{"data":[]}`) {
			answered[q.method]++
		}
	}
	return answered
}

// declined reports whether the error is the answer that a name cannot be changed.
func declined(method string, err *rpcError) bool {
	return (method == "rename" || method == "prepareRename") && err.Code != internalError
}

// newSheet is a text as a client sees it.
func newSheet(uri, text string, utf8 bool) sheet { return sheet{uri, splitLines(text), utf8} }

// TestQuestions: the table has each request about a document that the server answers.
func TestQuestions(t *testing.T) {
	source, err := os.ReadFile("dispatch.go")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{
		"diagnostic": true, "semantictokensfulldelta": true, // which the law asks in their own ways
		"didopen": true, "didchange": true, "didclose": true, "didsave": true,
	}
	for _, q := range questions {
		asked[strings.ToLower(strings.ReplaceAll(q.method, "/", ""))] = true
	}
	methods := regexp.MustCompile(`protocol\.MethodTextDocument(\w+)`).FindAllStringSubmatch(string(source), -1)
	if len(methods) < len(questions) {
		t.Errorf("only %d methods", len(methods))
	}
	for _, m := range methods {
		if !asked[strings.ToLower(m[1])] {
			t.Errorf("%s is not among the questions", m[1])
		}
	}
}

// TestHolds: the law sees each kind of place that is not in the text.
func TestHolds(t *testing.T) {
	s := newSheet(doc, "FROM 🐳\nRUN b", false)
	for _, c := range []struct{ method, answer, want string }{
		{"hover", `{"contents":"x","range":{"start":{"line":0,"character":5},"end":{"line":0,"character":7}}}`, ""},
		{"hover", `{"contents":"x","range":{"start":{"line":0,"character":5},"end":{"line":0,"character":8}}}`, "0:8"},
		{"inlayHint", `[{"position":{"line":2,"character":0}}]`, "2:0"},
		{"definition", `[{"start":{"line":1,"character":0},"end":{"line":0,"character":0}}]`, "a range that ends at map[character:0 line:0] before it starts at map[character:0 line:1]"},
		{"foldingRange", `[{"startLine":0,"endLine":2}]`, "2:0"},
		{"foldingRange", `[{"startLine":1,"endLine":1}]`, "the fold from 1 to 1"},
		{"semanticTokens/full", `{"data":[0,5,2,0,0,1,0,3,0,0,0,4,1,0,0]}`, ""},
		{"semanticTokens/full", `{"data":[0,5,2,0,0,1,0,3,0,0,0,4,2,0,0]}`, "1:6"},
		{"rename", `{"changes":{"file:///other":[{"range":{"start":{"line":9,"character":9},"end":{"line":9,"character":9}}}]}}`, ""},
		{"rename", `{"changes":{"` + doc + `":[{"range":{"start":{"line":9,"character":9},"end":{"line":9,"character":9}}}]}}`, "9:9"},
		{"rename", `{"documentChanges":[{"textDocument":{"uri":"file:///other"},"edits":[{"range":{"start":{"line":9,"character":9},"end":{"line":9,"character":9}}}]}]}`, ""},
	} {
		if got := s.holds(c.method, json.RawMessage(c.answer)); got != c.want {
			t.Errorf("%s: %q, want %q", c.answer, got, c.want)
		}
	}
	for answer, want := range map[string]string{
		`{"items":[{"label":"x","textEdit":{"range":{"start":{"line":1,"character":4},"end":{"line":1,"character":5}}}}]}`: "",
		`{"items":[{"label":"x","textEdit":{"range":{"start":{"line":0,"character":5},"end":{"line":1,"character":5}}}}]}`: "x edits 0:5-1:5",
	} {
		if got := onLine(json.RawMessage(answer), 1, 5); got != want {
			t.Errorf("%s: %q, want %q", answer, got, want)
		}
	}
}
