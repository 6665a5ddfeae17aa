package server_test

import (
	"strings"
	"testing"

	"layerwise/internal/endtoend"
)

// startChecking is start with ShellCheck.
func startChecking(t *testing.T, capabilities string) *client {
	c, out := dial(t, endtoend.ShellCheck(t))
	go c.read(out)
	c.result("initialize", `{"processId":null,"rootUri":null,"capabilities":`+capabilities+`}`)
	c.notify("initialized", "{}")
	return c
}

// fromShellCheck are what ShellCheck has found, as "range code" lines.
func fromShellCheck(all []diagnostic) (list string) {
	for _, d := range all {
		if strings.HasPrefix(d.Code, "shellcheck/") {
			list += d.Range.String() + " " + strings.TrimPrefix(d.Code, "shellcheck/") + "\n"
		}
	}
	return list
}

// awaitShellCheck waits for diagnostics of a version with these.
func (c *client) awaitShellCheck(version int, want string) {
	c.t.Helper()
	for {
		if got := fromShellCheck(c.diagnostics(doc, version)); got == want {
			return
		}
	}
}

// TestShellCheck: what ShellCheck finds follows some time after the rest, and stays with its RUN while something else is typed.
func TestShellCheck(t *testing.T) {
	c := startChecking(t, "{}")
	c.open(doc, "FROM alpine:3.22\nRUN echo é \\\n  $X\n")
	if got := fromShellCheck(c.diagnostics(doc, 1)); got != "" {
		t.Errorf("the first diagnostics waited for %q", got)
	}
	c.awaitShellCheck(1, "2:2-2:4 SC2086\n")
	c.change(doc, 2, `[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"text":"# hello\n"}]`)
	if got := fromShellCheck(c.diagnostics(doc, 2)); got != "3:2-3:4 SC2086\n" {
		t.Errorf("after a comment above, %q is shown", got)
	}
	c.change(doc, 3, `[{"range":{"start":{"line":3,"character":2},"end":{"line":3,"character":2}},"text":"\"$Y\" "}]`)
	if got := fromShellCheck(c.diagnostics(doc, 3)); got != "" {
		t.Errorf("after an edit of the RUN, %q is shown", got)
	}
	c.awaitShellCheck(3, "3:7-3:9 SC2086\n")
	c.change(doc, 4, `[{"range":{"start":{"line":1,"character":0},"end":{"line":1,"character":0}},"text":"# shellcheck disable=SC2086\n"}]`)
	c.diagnostics(doc, 4)
	c.change(doc, 5, `[{"range":{"start":{"line":1,"character":0},"end":{"line":2,"character":0}},"text":"# layerwise ignore=shellcheck/SC2154\n"}]`)
	c.awaitShellCheck(5, "4:7-4:9 SC2086\n")
}

// TestShellCheckWaitsForWhatIsTyped: a script that cannot be read is reported when it is saved, and neither before nor while
// a quote is open.
func TestShellCheckWaitsForWhatIsTyped(t *testing.T) {
	c := startChecking(t, "{}")
	c.open(doc, "FROM alpine:3.22\nRUN echo $X\nRUN true\n")
	c.awaitShellCheck(1, "1:9-1:11 SC2086\n")
	c.change(doc, 2, `[{"text":"FROM alpine:3.22\nRUN echo $X && echo $Y\nRUN true && && true\n"}]`)
	c.awaitShellCheck(2, "1:9-1:11 SC2086\n1:20-1:22 SC2086\n") // the search has looked at all, then
	c.notify("textDocument/didSave", `{"textDocument":{"uri":"`+doc+`"}}`)
	c.awaitShellCheck(2, "1:9-1:11 SC2086\n1:20-1:22 SC2086\n2:13-2:14 SC1072\n")
	c.change(doc, 3, `[{"text":"FROM alpine:3.22\nRUN echo $X\nRUN echo \"true\n"}]`)
	c.notify("textDocument/didSave", `{"textDocument":{"uri":"`+doc+`"}}`)
	c.awaitShellCheck(3, "1:9-1:11 SC2086\n")
}

// TestShellCheckLinks: a finding leads to ShellCheck's page about it, for clients that follow links.
func TestShellCheckLinks(t *testing.T) {
	c := startChecking(t, `{"textDocument":{"publishDiagnostics":{"codeDescriptionSupport":true}}}`)
	c.open(doc, "FROM alpine:3.22\nRUN echo $X\n")
	c.awaitShellCheck(1, "1:9-1:11 SC2086\n")
	if report := string(c.result("textDocument/diagnostic", pull(doc, ""))); !strings.Contains(report, `"href":"https://www.shellcheck.net/wiki/SC2086"`) {
		t.Errorf("it leads nowhere: %s", report)
	}
}

// TestShellCheckOff: the configuration turns it off.
func TestShellCheckOff(t *testing.T) {
	for settings, want := range map[string]string{
		`{"rules":{"shellcheck":"off"}}`:               "",
		`{"rules":{"shellcheck/SC2164":"off"}}`:        "1:9-1:11 SC2086\n",
		`{"rules":{"shellcheck/sc2086":"off"}}`:        "1:13-1:18 SC2164\n",
		`{"rules":{"shellcheck/SC2086":"warning"}}`:    "1:9-1:11 SC2086\n1:13-1:18 SC2164\n",
		`{"rules":{"shellcheck":"hint"},"target":"a"}`: "1:9-1:11 SC2086\n1:13-1:18 SC2164\n",
	} {
		c, out := dial(t, endtoend.ShellCheck(t))
		go c.read(out)
		c.result("initialize", `{"processId":null,"rootUri":null,"capabilities":{},"initializationOptions":`+settings+`}`)
		c.notify("initialized", "{}")
		c.open(doc, "FROM alpine:3.22 AS a\nRUN echo $X; cd /x; ls\nEXPOSE 80000\n")
		c.awaitRefused(1, "2:7-2:12\n") // found together with what ShellCheck says
		c.change(doc, 2, `[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":""}]`)
		if got := fromShellCheck(c.diagnostics(doc, 2)); got != want {
			t.Errorf("%s: got %q, want %q", settings, got, want)
		}
		c.result("shutdown", "null")
	}
}
