package shellcheck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// fake is a program that answers all scripts alike, and notes what it was asked.
type fake struct {
	version, out string
	exitCode     int
	err          error

	mu    sync.Mutex
	asked []string // options and script
}

func (f *fake) program() *Program {
	p := At("/bin/fake")
	p.run = func(_ context.Context, _ string, args []string, stdin string) ([]byte, int, error) {
		if args[0] == "--version" {
			return []byte("ShellCheck\nversion: " + f.version + "\n"), 0, nil
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, strings.Join(args, " ")+"\n"+stdin)
		return []byte(f.out), f.exitCode, f.err
	}
	return p
}

func graph(src string) *stages.Graph {
	return stages.Resolve(syntax.Parse(src), stages.Args{Image: images.Base}, nil)
}

const oneComment = `{"comments":[{"file":"-","line":1,"endLine":1,"column":6,"endColumn":8,"level":"info","code":2086,"message":"Double quote  this.","fix":null}]}`

// TestAnswers: an answer that is understood becomes remarks, and one that is not becomes none.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name string
		fake *fake
		want string
	}{
		{"a remark", &fake{version: "0.11.0", out: oneComment, exitCode: 1}, "SC2086 info $X: Double quote this"},
		{"none", &fake{version: "0.11.0", out: `{"comments":[]}`}, ""},
		{"an exit code of a mistake of ours", &fake{version: "0.11.0", out: oneComment, exitCode: 3}, ""},
		{"no JSON", &fake{version: "0.11.0", out: "Segmentation fault", exitCode: 1}, ""},
		{"it could not be run", &fake{version: "0.11.0", err: errors.New("text file busy")}, ""},
		{"it is too old", &fake{version: "0.6.0", out: oneComment}, ""},
		{"it is no ShellCheck", &fake{version: "of another kind", out: oneComment}, ""},
		{"places that are not there", &fake{version: "0.11.0", out: `{"comments":[{"line":7,"endLine":9,"column":99,"endColumn":1,"level":"error","code":2000,"message":"a"},{"line":0,"column":0,"level":"error","code":2001,"message":"b"}]}`, exitCode: 1},
			"SC2000 error X: a"},
		{"what it could not read and we can", &fake{version: "0.11.0", out: `{"comments":[{"line":1,"endLine":1,"column":1,"endColumn":1,"level":"error","code":1073,"message":"a"},{"line":1,"endLine":1,"column":1,"endColumn":1,"level":"error","code":1036,"message":"b"}]}`, exitCode: 1}, ""},
	} {
		g := graph("FROM debian:12\nRUN echo $X\n")
		var got []string
		for _, r := range c.fake.program().Find(context.Background(), g, nil) {
			got = append(got, fmt.Sprintf("%s %s %s: %s", r.Code, r.Level, r.Span.Of(g.File.Instructions[r.Instruction].Text), r.Message))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s: got %q", c.name, got)
		}
	}
}

// TestQuestions: ShellCheck is told the shell and the variables, and each script once.
func TestQuestions(t *testing.T) {
	f := fake{version: "0.11.0", out: `{"comments":[]}`}
	p := f.program()
	src := "ARG G\nFROM alpine:3.22\nARG A\nENV B=1 C=2\nRUN echo $A ${B} $G $http_proxy \\\n && true\n"
	p.Find(context.Background(), graph(src), nil)
	p.Find(context.Background(), graph(src+"ENV D=3\n"), nil)
	if len(f.asked) != 1 {
		t.Fatalf("it was asked %d times: %q", len(f.asked), f.asked)
	}
	want := "--format=json1 --norc --severity=style --exclude=SC1090,SC1091,SC2187 --shell=busybox -\nexport A=1 B=1 http_proxy=1\necho $A ${B} $G $http_proxy  && true\n"
	if f.asked[0] != want {
		t.Errorf("got\n%s\nwant\n%s", f.asked[0], want)
	}
	for from, dialect := range map[string]string{
		"FROM alpine:3.22":   "busybox",
		"FROM debian:12":     "dash",
		"FROM fedora:42":     "bash",
		"FROM example.com/x": "sh",
		"FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]":      "bash",
		"FROM debian:12\nSHELL [\"ksh\", \"-c\"]":            "ksh",
		"FROM debian:12\nSHELL [\"/usr/bin/zsh\", \"-c\"]":   "",
		"FROM debian:12\nSHELL [\"pwsh\", \"-Command\"]":     "",
		"FROM mcr.microsoft.com/windows/nanoserver:ltsc2022": "",
	} {
		f := fake{version: "0.11.0", out: `{"comments":[]}`}
		f.program().Find(context.Background(), graph(from+"\nRUN true\n"), nil)
		if got := strings.Join(f.asked, ""); (dialect == "") != (got == "") || !strings.Contains(got, dialect) {
			t.Errorf("%s: %q", from, got)
		}
	}
	old := fake{version: "0.9.0", out: `{"comments":[]}`}
	old.program().Find(context.Background(), graph("FROM alpine:3.22\nRUN true\n"), nil)
	if !strings.Contains(old.asked[0], "--shell=dash") {
		t.Errorf("0.9 does not know busybox: %q", old.asked)
	}
}

// TestNothingInstalled: without a program there is nothing, and nothing to close.
func TestNothingInstalled(t *testing.T) {
	var p *Program
	if got := p.Find(context.Background(), graph("FROM debian:12\nRUN echo $X\n"), nil); got != nil {
		t.Errorf("got %v", got)
	}
	if !strings.Contains(p.Describe(context.Background()), "not in PATH") {
		t.Error(p.Describe(context.Background()))
	}
	p.Close()
}

// TestNothingOfAProjectIsRun: a program in the current folder is not taken, whatever PATH says.
func TestNothingOfAProjectIsRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "shellcheck"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	for _, path := range []string{"", ".", "./", string(filepath.ListSeparator), "." + string(filepath.ListSeparator) + "./"} {
		t.Setenv("PATH", path)
		if p := Look(); p != nil {
			t.Errorf("PATH=%q: %s", path, p.path)
		}
	}
	if runtime.GOOS != "windows" {
		t.Setenv("PATH", dir)
		if Look() == nil {
			t.Error("a folder that PATH names in full is looked into")
		}
	}
}
