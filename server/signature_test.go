package server_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

type signatureHelp struct {
	ActiveSignature int
	ActiveParameter *int
	Signatures      []struct {
		Label           string
		Documentation   any
		ActiveParameter *int
		Parameters      []struct{ Label any }
	}
}

// signatureAt asks for the signature at a place; nil if there is none.
func (c *client) signatureAt(line, character int) (help *signatureHelp) {
	c.t.Helper()
	if err := json.Unmarshal(c.result("textDocument/signatureHelp", hoverAt(doc, line, character)), &help); err != nil {
		c.t.Fatal(err)
	}
	return help
}

// TestSignatureHelp answers with what each client can show: places in the label, or texts that are found at these
// places; an active parameter for each signature, or one for all; nothing where no parameter is active and the client
// would take that for the first.
func TestSignatureHelp(t *testing.T) {
	const text = "FROM a\nCOPY \"é🐳\" b /c/\nRUN --mount=type=cache,x=\nEXPOSE 80-81\n"
	for name, test := range map[string]struct {
		capabilities string
		copied       string // the parameter of the destination
		port         string // the second port of a range
		each         bool
		none         bool
		markdown     bool
	}{
		"much": {`{"contextSupport":true,"signatureInformation":{"activeParameterSupport":true,"noActiveParameterSupport":true,"documentationFormat":["markdown"],"parameterInformation":{"labelOffsetSupport":true}}}`,
			"[21 32]", "[13 17]", true, true, true},
		"little":         {`{"dynamicRegistration":false}`, "destination", "-port", false, false, false},
		"plain text":     {`{"signatureInformation":{"activeParameterSupport":true,"documentationFormat":["plaintext"]}}`, "destination", "-port", true, false, false},
		"no null, marks": {`{"signatureInformation":{"parameterInformation":{"labelOffsetSupport":true}}}`, "[21 32]", "[13 17]", false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, fmt.Sprintf(`{"textDocument":{"signatureHelp":%s}}`, test.capabilities))
			c.open(doc, text)
			help := c.signatureAt(1, 13)
			if help == nil || len(help.Signatures) != 3 || help.ActiveSignature != 0 || help.ActiveParameter == nil || *help.ActiveParameter != 2 {
				t.Fatalf("COPY: %+v", help)
			}
			sig := help.Signatures[0]
			if sig.Label != "COPY [flags] source… destination" || fmt.Sprint(sig.Parameters[2].Label) != test.copied || (sig.ActiveParameter != nil) != test.each {
				t.Errorf("COPY: %+v, want the parameter %s", sig, test.copied)
			}
			if _, isMarkup := sig.Documentation.(map[string]any); isMarkup != test.markdown {
				t.Errorf("documentation %v", sig.Documentation)
			}
			if help := c.signatureAt(2, 25); (help != nil) != test.none || help != nil && help.ActiveParameter != nil {
				t.Errorf("a key that does not exist: %+v", help)
			}
			help = c.signatureAt(3, 12)
			if got := fmt.Sprint(help.Signatures[0].Parameters[1].Label); got != test.port || *help.ActiveParameter != 1 {
				t.Errorf("EXPOSE: %+v, want the parameter %s", help, test.port)
			}
			if help := c.signatureAt(0, 2); help != nil {
				t.Errorf("in a keyword: %+v", help)
			}
		})
	}
}
