package server_test

import (
	"strings"
	"testing"
	"time"
)

// refused says where BuildKit refuses a document, as "range rule" lines.
func refused(all []diagnostic) (list string) {
	for _, d := range all {
		if d.Code == "build-refused" {
			list += d.Range.String() + "\n"
		}
	}
	return list
}

// awaitRefused waits for diagnostics of a version with these refusals.
func (c *client) awaitRefused(version int, want string) {
	c.t.Helper()
	for {
		if got := refused(c.diagnostics(doc, version)); got == want {
			return
		}
	}
}

// TestRefusals: what BuildKit refuses follows some time after the rest, stays while something else is
// typed, and goes with the instruction that it was found for.
func TestRefusals(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM alpine:3.22\nEXPOSE 80000\n")
	if got := refused(c.diagnostics(doc, 1)); got != "" {
		t.Errorf("the first diagnostics waited for the refusals %q", got)
	}
	c.awaitRefused(1, "1:7-1:12\n")
	c.change(doc, 2, `[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":"# x\n"}]`)
	if got := refused(c.diagnostics(doc, 2)); got != "2:7-2:12\n" {
		t.Errorf("after an edit above, the refusals %q are shown", got)
	}
	c.change(doc, 3, `[{"range":{"start":{"line":2,"character":11},"end":{"line":2,"character":12}},"text":""}]`)
	if got := refused(c.diagnostics(doc, 3)); got != "" {
		t.Errorf("after an edit of the instruction, the refusals %q are shown", got)
	}
	time.Sleep(400 * time.Millisecond) // more than the wait of the search
	c.result("shutdown", "null")
	for _, m := range c.seen {
		if m.Method == "textDocument/publishDiagnostics" && strings.Contains(string(m.Params), "build-refused") {
			t.Errorf("a refusal of an older text was published: %s", m.Params)
		}
	}
}

// TestRefusalsStay: an instruction that is read again and has the same text keeps its refusal meanwhile.
func TestRefusalsStay(t *testing.T) {
	for name, edit := range map[string]string{
		"a line begins below it":       `{"range":{"start":{"line":1,"character":12},"end":{"line":1,"character":12}},"text":"\n"}`,
		"an instruction is next":       `{"range":{"start":{"line":1,"character":12},"end":{"line":1,"character":12}},"text":"\nUSER 1"}`,
		"the whole text is sent again": `{"text":"FROM alpine:3.22\nEXPOSE 80000\n"}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, "{}")
			c.open(doc, "FROM alpine:3.22\nEXPOSE 80000")
			c.awaitRefused(1, "1:7-1:12\n")
			c.change(doc, 2, "["+edit+"]")
			if got := refused(c.diagnostics(doc, 2)); got != "1:7-1:12\n" {
				t.Errorf("the refusals %q are shown", got)
			}
		})
	}
}

// TestRefusalsMendedElsewhere: a refusal goes when another instruction makes it go.
func TestRefusalsMendedElsewhere(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM alpine:3.22 AS a\nFROM scratch\nCOPY --from=1 /x /\nUSER app\n")
	c.awaitRefused(1, "2:5-2:13\n")
	c.change(doc, 2, `[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"text":"FROM busybox:1\n"}]`)
	c.awaitRefused(2, "")
}

// TestRefusalsWhileTyping: a burst of edits ends with the refusals of the last text, and only these.
func TestRefusalsWhileTyping(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM alpine:3.22\nEXPOSE 8\n")
	for version := 2; version <= 6; version++ {
		c.change(doc, version, `[{"range":{"start":{"line":1,"character":8},"end":{"line":1,"character":8}},"text":"0"}]`)
		time.Sleep(10 * time.Millisecond)
	}
	c.awaitRefused(6, "1:7-1:13\n")
	for _, m := range c.seen {
		if strings.Contains(string(m.Params), "build-refused") {
			t.Errorf("what was found of a text in the middle was published: %s", m.Params)
		}
	}
}

// TestRefusalsArePulled: a client that pulls is asked to do so again.
func TestRefusalsArePulled(t *testing.T) {
	c := start(t, `{"textDocument":{"diagnostic":{}},"workspace":{"diagnostics":{"refreshSupport":true}}}`)
	c.open(doc, "FROM alpine:3.22\nEXPOSE 80000\n")
	first := c.pull(doc, "")
	c.answerRequest("workspace/diagnostic/refresh", "null")
	if r := c.pull(doc, first.ResultID); r.Kind != "full" || refused(r.Items) != "1:7-1:12\n" {
		t.Errorf("after the refresh: %+v", r)
	}
}

// TestRefusalsOfAnImpatientClient: one that pulls again and again, without a change, gets them too.
func TestRefusalsOfAnImpatientClient(t *testing.T) {
	c := start(t, `{"textDocument":{"diagnostic":{}}}`)
	c.open(doc, "FROM alpine:3.22\nEXPOSE 80000\n")
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if refused(c.pull(doc, "").Items) == "1:7-1:12\n" {
			return
		}
		if time.Now().After(end) {
			t.Fatal("it never got the refusals")
		}
	}
}
