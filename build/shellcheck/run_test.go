//go:build unix

package shellcheck

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// scripted is a program that does what a shell script says.
func scripted(t *testing.T, body string) *Program {
	path := filepath.Join(t.TempDir(), "shellcheck")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n[ \"$1\" = --version ] && echo version: 0.11.0 && exit\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return At(path)
}

// TestEndsWithTheSession: when the context ends, so does the program, with what it has started.
func TestEndsWithTheSession(t *testing.T) {
	pid := filepath.Join(t.TempDir(), "pid")
	p := scripted(t, "sleep 600 & echo $! >"+pid+".new; mv "+pid+".new "+pid+"; wait\n")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Find(ctx, graph("FROM debian:12\nRUN echo $X\n"), nil)
	}()
	child := 0
	for child == 0 {
		if body, err := os.ReadFile(pid); err == nil {
			child, _ = strconv.Atoi(strings.TrimSpace(string(body)))
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	p.Close()
	<-done
	for syscall.Kill(child, 0) == nil && !zombie(child) { // it has been killed; who collects it is not us
		time.Sleep(time.Millisecond)
	}
}

// zombie reports whether a process has ended, and nobody has asked how.
func zombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, rest, _ := strings.Cut(string(stat), ") ")
	return err == nil && strings.HasPrefix(rest, "Z")
}

// TestTooMuch: what writes without end is stopped, and says nothing.
func TestTooMuch(t *testing.T) {
	p := scripted(t, "exec yes\n")
	if got := p.Find(context.Background(), graph("FROM debian:12\nRUN echo $X\n"), nil); got != nil {
		t.Errorf("got %v", got)
	}
}

// TestOwnSettings: options in the environment and the folder that the process is in do not count.
func TestOwnSettings(t *testing.T) {
	t.Setenv("SHELLCHECK_OPTS", "--wrong")
	p := scripted(t, `printf '{"comments":[{"line":1,"endLine":1,"column":1,"endColumn":2,"level":"info","code":2000,"message":"%s"}]}' "$SHELLCHECK_OPTS$PWD"`+"\n")
	remarks := p.Find(context.Background(), graph("FROM debian:12\nRUN echo $X\n"), nil)
	folder, err := filepath.EvalSymlinks(filepath.Dir(p.path))
	if err != nil {
		t.Fatal(err)
	}
	if len(remarks) != 1 || remarks[0].Message != folder {
		t.Errorf("got %v, want the message %s", remarks, folder)
	}
}
