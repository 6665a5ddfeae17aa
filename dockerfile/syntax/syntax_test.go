package syntax

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
)

// TestEditShares counts what an edit has to scan anew.
func TestEditShares(t *testing.T) {
	const src = "# syntax=docker/dockerfile:1\n# about\nFROM a\nRUN b\nRUN cat <<EOF\nc\nEOF\nRUN d \\\n  e\n# f\nRUN g\nUSER h\n# end\n"
	tests := []struct {
		name     string
		old, new string // the edit replaces the first old by new
		fresh    string // the keywords and first words of the instructions that are scanned anew
	}{
		{"a character", "RUN b", "RUN bb", "RUN bb"},
		{"a comment", "# f", "# ff", "RUN g"},
		{"a line between", "RUN b\n", "RUN b\nRUN x\n", "RUN b; RUN x"},
		{"a line less", "RUN b\n", "", ""},
		{"two lines joined", "RUN b\n", "RUN b ", "RUN b"},
		{"a line continued", "RUN b\n", "RUN b \\\n", "RUN b"},
		{"a continuation ended", "d \\\n", "d\n", "RUN d; E "},
		{"an inner comment", "\n  e", "\n# inner\n  e", "RUN d"},
		{"a heredoc's body", "c\nEOF", "c\nRUN x\nEOF", "RUN cat"},
		{"a heredoc's end lost", "\nEOF\n", "\nEO\n", "RUN cat"},
		{"a heredoc opened", "RUN b", "RUN b <<h", "RUN b"},
		{"a heredoc closed early", "c\n", "EOF\n", "RUN cat; EOF "},
		{"the trailer", "# end", "# the end", ""},
		{"an instruction at the end", "# end\n", "CMD x\n", "CMD x"},
		{"the version of the frontend", "dockerfile:1", "dockerfile:1.7", ""},
		{"a new directive", "# about", "# check=skip=all", "FROM a"},
		{"another frontend", "docker/", "other/", "all"},
		{"another escape character", "# about", "# escape=`", "all"},
		{"the first instruction's comment", "# about", "# about what", "FROM a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Parse(src)
			old := map[*Instruction]bool{}
			for _, in := range f.Instructions {
				old[in] = true
			}
			at := strings.Index(src, tt.old)
			g := f.Edit([]text.Edit{{Span: text.Span{Start: at, End: at + len(tt.old)}, New: tt.new}})
			if err := sameTree(g, Parse(g.Src)); err != nil {
				t.Fatal(err)
			}
			var fresh []string
			for _, in := range g.Instructions {
				if old[in] {
					continue
				}
				word := ""
				if len(in.Words) > 0 {
					word = in.Words[0].Text
				}
				fresh = append(fresh, in.Name+" "+word)
			}
			got := strings.Join(fresh, "; ")
			if len(fresh) == len(g.Instructions) {
				got = "all"
			}
			if got != tt.fresh {
				t.Errorf("scanned anew: %q, want %q", got, tt.fresh)
			}
		})
	}
}

func TestEditBatchShares(t *testing.T) {
	f := Parse(dockergen.File(200))
	var edits []text.Edit
	for i := 0; i < len(f.Instructions); i += 40 {
		end := f.Start(i) + f.Instructions[i].Body.End
		edits = append(edits, text.Edit{Span: text.Span{Start: end, End: end}, New: "x"})
	}
	g := f.Edit(edits)
	if err := sameTree(g, Parse(g.Src)); err != nil {
		t.Fatal(err)
	}
	for i, in := range g.Instructions {
		if (in == f.Instructions[i]) != (i%40 != 0) {
			t.Errorf("instruction %d: shared is %v", i, in == f.Instructions[i])
		}
	}
}

// TestEditForgetsSources edits many instructions: none may keep the source in which it was scanned.
func TestEditForgetsSources(t *testing.T) {
	f := Parse(dockergen.File(2000))
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 300 {
		end := f.Start(i) + f.Instructions[i].Body.End
		f = f.Edit([]text.Edit{{Span: text.Span{Start: end, End: end}, New: "x"}})
	}
	if grown := int64(heap()) - int64(before); grown > 20*int64(len(f.Src)) {
		t.Errorf("300 edits of a file of %d bytes keep %d bytes", len(f.Src), grown)
	}
	runtime.KeepAlive(f)
}

func TestMemo(t *testing.T) {
	type key struct{ n int }
	in := Parse("FROM a\n").Instructions[0]
	var computed atomic.Int32
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			v := in.Memo(key{i % 2}, func() any {
				computed.Add(1)
				return in.Memo("inside", func() any { return 40 }).(int) + i%2
			})
			if v != 40+i%2 || in.Cmd() == nil || len(in.Errors()) > 0 {
				t.Errorf("Memo gave %v", v)
			}
		})
	}
	wait.Wait()
	if n := computed.Load(); n != 2 {
		t.Errorf("computed %d times, want once a key", n)
	}
}

// TestPlainArgs: an instruction with plainArgs is valid, so that only its flags are judged.
func TestPlainArgs(t *testing.T) {
	for _, name := range grammar.Names() {
		in := Parse(name).Instructions[0]
		if err := in.try(); err != nil {
			t.Errorf("%s with plain arguments: %v", name, err)
		}
		for _, flag := range grammar.FlagNames(name) {
			if err := in.try("--" + flag); err != nil && strings.Contains(err.Error(), "unknown flag") {
				t.Errorf("%s: %v", name, err)
			}
		}
		err := in.try("--no-such-flag")
		ignored := name == "ARG" || name == "STOPSIGNAL"
		if ignored == (err != nil) {
			t.Errorf("%s --no-such-flag: %v", name, err)
		}
	}
}

func TestSuggestions(t *testing.T) {
	for src, want := range map[string]string{
		"RNU x": "RUN", "rn x": "run", "CPOY a b": "COPY", "FORM a": "FROM", "WORKDIRR /": "WORKDIR", "ENTRPOINT x": "ENTRYPOINT",
		"FETCH x": "", "COPY --form=a b c": "--from", "RUN --mont=x y": "--mount", "FROM --platfrom=x y": "--platform", "ENV --x a=b": "",
	} {
		errs := Parse(src).Instructions[0].Errors()
		if len(errs) != 1 || errs[0].Suggest != want {
			t.Errorf("%s: %+v, want the suggestion %q", src, errs, want)
		}
	}
}

func TestCustomFrontend(t *testing.T) {
	for src, want := range map[string]bool{
		"FROM a":                            false,
		"# syntax=docker/dockerfile:1-labs": false,
		"# syntax = docker.io/docker/dockerfile-upstream:master-labs": false,
		"# syntax=localhost:5000/docker/dockerfile@sha256:00":         false,
		"# syntax=docker/dockerfile-but-not-quite:1":                  true,
		"#!/usr/bin/env docker\n# syntax=me/mine":                     true,
		"// syntax=me/mine\n":                                         true,
		"{\"syntax\": \"me/mine\"}":                                   true,
		"# a comment\n# syntax=me/mine":                               false,
	} {
		if got := Parse(src).CustomFrontend(); got != want {
			t.Errorf("%q: %v, want %v", src, got, want)
		}
	}
}

// TestLong reads files that are long in one way each. What needs more than linear time shows here.
func TestLong(t *testing.T) {
	const n = 20000
	tests := map[string]string{
		"heredocs":               "FROM a\n" + strings.Repeat("RUN <<E\nx\nE\n", n),
		"heredocs of one RUN":    "FROM a\nRUN " + strings.Repeat("<<E \\\n", n) + "\n" + strings.Repeat("E\n", n),
		"heredocs without end":   "FROM a\nRUN " + strings.Repeat("<<E \\\n", n),
		"stages":                 strings.Repeat("FROM a AS b\n", n),
		"a line":                 "FROM a\nRUN " + strings.Repeat("long ", n) + "\nUSER b\n",
		"continuations":          strings.Repeat("\\\n", n),
		"comments":               strings.Repeat("#\n", n),
		"flags":                  "FROM a\nRUN " + strings.Repeat("--a=b \\\n", n),
		"a JSON array":           "FROM a\nRUN [" + strings.Repeat("\"a\",\\\n", n) + "\"\"]\n",
		"nested brackets":        "FROM a\nRUN " + strings.Repeat("[\\\n", n),
		"variables":              "FROM a\nENV a=b " + strings.Repeat("c \\\n", n),
		"unknown instructions":   strings.Repeat("x\n", n),
		"quotes without end":     "FROM a\nRUN <<E " + strings.Repeat("'\"", n),
		"nothing but zero bytes": strings.Repeat("\x00", n),
	}
	for name, src := range tests {
		t.Run(name, func(t *testing.T) {
			corpus.InTurn(t, 4)
			f := Parse(src)
			if err := checkSpans(f); err != nil {
				t.Fatalf("%.500s", err)
			}
			middle := len(src) / 2
			g := f.Edit([]text.Edit{{Span: text.Span{Start: middle, End: middle}, New: "\n"}})
			if err := sameTree(g, Parse(g.Src)); err != nil {
				t.Fatalf("%.500s", err)
			}
		})
	}
}

// TestDirectivesAgree: below any few lines that may stand at the top, a frontend, checks and an escape character are named where
// BuildKit says so.
func TestDirectivesAgree(t *testing.T) {
	top := []string{"#!/usr/bin/env docker\n", "# syntax=docker/dockerfile:1\n", "#check = skip=all\n", "# escape=`\n", "# about\n", "\n", "# syntax=docker/dockerfile:2\n", "# other=1\n"}
	for i := range len(top) * len(top) * len(top) * len(top) {
		src := ""
		for n := i; n > 0; n /= len(top) {
			src += top[n%len(top)]
		}
		src += "FROM a\n"
		f := Parse(src)
		given := map[string]string{}
		for _, d := range f.Directives {
			given[d.Name] = d.Value
		}
		_, frontend, _, _ := parser.DetectSyntax([]byte(src))
		_, check, _, _ := parser.ParseDirective("check", []byte(src))
		if len(f.Errors) == 0 && (given["syntax"] != frontend || given["check"] != check) {
			t.Errorf("%q: %v, BuildKit has %q and %q", src, given, frontend, check)
		}
		if result, err := parser.Parse(strings.NewReader(src)); (err != nil) != (len(f.Errors) > 0) || err == nil && rune(f.Escape) != result.EscapeToken {
			t.Errorf("%q: escape %q, errors %v; BuildKit has %v and %v", src, f.Escape, f.Errors, result, err)
		}
	}
}
