package shellcheck_test

import (
	"context"
	"strings"
	"testing"

	"layerwise/build/images"
	"layerwise/build/shellcheck"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/endtoend"
)

// found are the remarks about a Dockerfile, one a line: the code and the text that it is about.
func found(p *shellcheck.Program, src string, typed shellcheck.Typed) string {
	g := stages.Resolve(syntax.Parse(src), stages.Args{Image: images.Base}, nil)
	var lines []string
	for _, r := range p.Find(context.Background(), g, typed) {
		lines = append(lines, r.Code+" "+r.Span.Of(g.File.Instructions[r.Instruction].Text))
	}
	return strings.Join(lines, "\n")
}

// TestPlaces: a remark is about the very text, in whatever form the script stands in the Dockerfile.
func TestPlaces(t *testing.T) {
	p := endtoend.ShellCheck(t)
	for _, c := range []struct{ name, src, want string }{
		{"on one line", "FROM debian:12\nRUN echo $X", "SC2086 $X"},
		{"comments and flags above", "FROM debian:12\n# hello\n\n# RUN $Y\n  RUN --network=none echo $X", "SC2086 $X"},
		{"through continuations", "FROM debian:12\nRUN echo a \\\n  # $Y\n\n   $X \\\n && cd /y && ls ${Z}a", "SC2086 $X\nSC2086 ${Z}"},
		{"blanks that indent are not meant to be printed", "FROM debian:12\nRUN echo a \\\n    b && echo c    d", "SC2291 echo c    d"},
		{"inside a word", "FROM debian:12\nRUN echo $\\\n{X\\\n}", "SC2086 $\\\n{X\\\n}"},
		{"tabs and letters of several bytes", "FROM debian:12\nRUN\techo \"é\t€\t😀\" $X\ta", "SC2086 $X"},
		{"line ends of Windows", "FROM debian:12\r\nRUN echo a \\\r\n  $X\r\n", "SC2086 $X"},
		{"a here-document", "FROM debian:12\nRUN <<EOF\necho a\n\techo $X $Y\nEOF\n", "SC2086 $X\nSC2086 $Y"},
		{"a here-document with the line ends of Windows", "FROM debian:12\r\nRUN <<EOF\r\necho a\r\necho $X\r\nEOF\r\n", "SC2086 $X"},
		{"a here-document and variables", "FROM debian:12\nARG A\nRUN <<EOF\n# $A\n\necho \"$A\" $X\nEOF\n", "SC2086 $X"},
		{"a here-document that names its shell", "FROM debian:12\nARG A\nRUN <<EOF\n#!/bin/bash -e\necho \"$A\" $X\nEOF\n", "SC2086 $X"},
		{"one that is indented", "FROM debian:12\nRUN <<-EOF\n\techo $X\n\tEOF\n", "SC2086 $X"},
		{"input of a command", "FROM debian:12\nRUN sh <<EOF && echo $X\necho $Y\nEOF\n", "SC2086 $X"},
		{"several stages", "FROM debian:12 AS a\nRUN echo $X\nFROM a\nRUN echo $Y", "SC2086 $X\nSC2086 $Y"},
	} {
		if got := found(p, c.src, nil); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestHalfTyped: what does not parse is reported only if nobody is in the middle of it.
func TestHalfTyped(t *testing.T) {
	p := endtoend.ShellCheck(t)
	yes, no := func(int) bool { return true }, func(int) bool { return false }
	for _, c := range []struct {
		name, script string
		typed        shellcheck.Typed
		want         bool
	}{
		{"what cannot be", "if true; then fi", nil, true},
		{"what cannot be, in an editor", "if true; then fi", no, true},
		{"what cannot be, while someone types", "if true; then fi", yes, false},
		{"an open if", "if true; then echo", nil, true},
		{"an open if, in an editor", "if true; then echo", no, false},
		{"an open quote, in an editor", "echo \"a $X", no, false},
		{"two operators", "a && && b", yes, false},
		{"a bare operator at the end", "a &&", yes, false},
		{"a brace that has just been typed", "echo ${", yes, false},
	} {
		if got := found(p, "FROM debian:12\nRUN "+c.script+"\n", c.typed); (got != "") != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	// Our own parser reads more than ShellCheck's: then it is not the script that is wrong.
	if got := found(p, "FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a[1 + (2)]=$X; echo $X", nil); strings.Contains(got, "SC107") {
		t.Errorf("what our parser reads cannot be unreadable: %s", got)
	}
}

// TestPrefixes: no prefix of a RUN that is fine is told to be no script, while it is typed.
func TestPrefixes(t *testing.T) {
	p := endtoend.ShellCheck(t)
	script := "set -e; if [ -f \"$HOME/x\" ]; then for i in a b; do echo \"${i%.*}\" >>/y; done; fi && (cd / && ls) | sort"
	for n := range len(script) {
		src := "FROM debian:12\nRUN " + script[:n]
		for _, line := range strings.Split(found(p, src, func(int) bool { return true }), "\n") {
			if strings.HasPrefix(line, "SC10") && !strings.HasPrefix(line, "SC1007 ") {
				t.Errorf("%q: %s", script[:n], line)
			}
		}
	}
}

// TestSilent: where ShellCheck does not know enough, nothing is said.
func TestSilent(t *testing.T) {
	p := endtoend.ShellCheck(t)
	for name, run := range map[string]string{
		"an assignment before a special command of sh": "FROM debian:12\nRUN deps='a b' set -x && echo \"$deps\"",
		"a cd at the end, which fails the step":        "FROM debian:12\nRUN true; true && cd /x",
		"a template":                                   "FROM debian:12\nRUN echo <%= name %> $X",
		"a template of which a part is missing":        "FROM debian:12\nRUN if true; then {{ end }}; $X",
		"a template that is a command":                 "FROM debian:12\nRUN %%ARCH-CASE%%; echo $X",
		"a shell of Windows":                           "FROM debian:12\nSHELL [\"cmd\", \"/S\", \"/C\"]\nRUN a\\b $X",
	} {
		if got := found(p, run+"\n", nil); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	bash := "FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\nRUN deps='a b' set -x && echo \"$deps\"\n"
	if got := found(p, bash, nil); got != "SC2154 $deps" {
		t.Errorf("bash forgets the variable: %s", got)
	}
}
