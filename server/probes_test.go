package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestProbes opens what other language servers stumble over. want lists each finding that must be
// there, as "range rule" with the range in UTF-16; only says that nothing else of these rules may be.
func TestProbes(t *testing.T) {
	for name, test := range map[string]struct {
		text   string
		want   []string
		absent []string // rules
	}{
		"all errors at once": {
			text: "FROM a:1\nFORM b\nRUN --mont=type=cache x\nCOPY a\nWORKDIR\nEXPOSE 99999999\nUSER 1\n",
			want: []string{"1:0-1:4 unknown-instruction", "2:4-2:10 unknown-flag", "3: syntax-error", "4: syntax-error"},
		},
		"CRLF": {
			text: "FROM a:1\r\nFORM b\r\nMAINTAINER x\r\nUSER 1\r\n",
			want: []string{"1:0-1:4 unknown-instruction", "2:0-2:10 maintainer-deprecated"},
		},
		"emoji before the error": {
			text: "FROM a:1\nRUN --network=none --😀é=1 --mont=x y\nUSER 1\n",
			want: []string{"1:27-1:33 unknown-flag"},
		},
		"heredocs": {
			text:   "FROM a:1\nRUN <<'END' cat && <<-EOF cat\nFORM b\nEND\n\tMAINTAINER x\n\tEOF\nRUN cat <<< \"$X\"\nUSER 1\n",
			absent: []string{"unknown-instruction", "maintainer-deprecated", "syntax-error"},
		},
		"unterminated heredoc": {
			text: "FROM a:1\nUSER 1\nRUN <<EOF\necho\n",
			want: []string{"2: syntax-error"},
		},
		"escape=`": {
			text:   "# escape=`\nFROM a:1\nCOPY a.txt C:\\dir\\\nRUN a `\n && b\nUSER 1\n",
			absent: []string{"unknown-instruction", "syntax-error"},
		},
		"escape=x": {
			text: "# escape=x\nFROM a:1\nFORM b\nUSER 1\n",
			want: []string{"0: syntax-error", "2:0-2:4 unknown-instruction"},
		},
		"comment after a continuation": {
			text:   "FROM a:1\nRUN a && \\\n# why\n  b\nUSER 1\n",
			absent: []string{"unknown-instruction", "syntax-error"},
		},
		"open continuation at the end": {
			text:   "FROM a:1\nUSER 1\nRUN foo \\",
			absent: []string{"unknown-instruction", "syntax-error"},
		},
		"typing ${": {
			text:   "FROM a:1\nUSER 1\nRUN echo ${",
			absent: []string{"unknown-instruction", "syntax-error"},
		},
		"ARG only":      {text: "ARG X=1\n", want: []string{"0:0-0:3 syntax-error"}},
		"empty":         {text: "", want: []string{"0:0-0:0 syntax-error"}},
		"byte order":    {text: "\ufeffFROM a:1\nFORM b\nUSER 1\n", want: []string{"1:0-1:4 unknown-instruction"}},
		"200 kB a line": {text: "FROM a:1\nRUN echo " + strings.Repeat("x", 200_000) + "\nFORM b\nUSER 1\n", want: []string{"1: syntax-error", "2:0-2:4 unknown-instruction"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, "{}")
			c.open(doc, test.text)
			got := summary(c.diagnostics(doc, 1))
			for _, want := range test.want {
				at, rule, _ := strings.Cut(want, " ")
				found := false
				for _, line := range strings.Split(got, "\n") {
					found = found || strings.HasPrefix(line, at) && strings.HasSuffix(line, " "+rule)
				}
				if !found {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			for _, rule := range test.absent {
				if strings.Contains(got, rule) {
					t.Errorf("%s in\n%s", rule, got)
				}
			}
		})
	}
}

// TestCommentOnlyChange confirms the version although nothing else is new.
func TestCommentOnlyChange(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM a:1\n# x\nMAINTAINER me\n")
	before := summary(c.diagnostics(doc, 1))
	c.change(doc, 2, `[{"range":{"start":{"line":1,"character":3},"end":{"line":1,"character":3}},"text":"yz"}]`)
	if after := summary(c.diagnostics(doc, 2)); after != before {
		t.Errorf("findings\n%swere\n%s", after, before)
	}
}

// TestEditAfterEmoji edits between characters of one, two, three and four bytes.
func TestEditAfterEmoji(t *testing.T) {
	c := start(t, "{}")
	c.open(doc, "FROM a:1\nLABEL x=\"😀é€\" FORM=1\nUSER 1\n")
	c.diagnostics(doc, 1)
	at := fmt.Sprintf(`{"line":1,"character":%d}`, len(`LABEL x="`)+5)
	c.change(doc, 2, fmt.Sprintf(`[{"range":{"start":%s,"end":%s},"text":"\nMAINTAINER "}]`, at, at))
	if got := summary(c.diagnostics(doc, 2)); !strings.Contains(got, "2:0-2:10 maintainer-deprecated") {
		t.Errorf("findings\n%s", got)
	}
}
