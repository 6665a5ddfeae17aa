package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"layerwise/internal/endtoend"
)

// screen is a terminal in which an editor runs.
type screen struct {
	s    *session
	tmux []string // how to speak to it
}

// screen starts an editor in a terminal.
func (s *session) screen(args ...string) *screen {
	s.t.Helper()
	c := &screen{s: s, tmux: []string{endtoend.Need(s.t, "tmux", "tmux"), "-S", filepath.Join(s.dir, "tmux"), "-f", "/dev/null"}}
	c.do(append([]string{"new-session", "-d", "-x", "150", "-y", "40"}, args...)...)
	s.t.Cleanup(func() {
		exec.Command(c.tmux[0], append(c.tmux[1:], "kill-server")...).Run() //nolint:errcheck // it has mostly ended
	})
	return c
}

func (c *screen) do(args ...string) string {
	c.s.t.Helper()
	return c.s.run("", append(c.tmux[:len(c.tmux):len(c.tmux)], args...)...)
}

// keys presses keys, by their names in tmux.
func (c *screen) keys(keys ...string) {
	c.s.t.Helper()
	c.do(append([]string{"send-keys"}, keys...)...)
}

// text is what stands on the screen.
func (c *screen) text() string {
	c.s.t.Helper()
	return c.do("capture-pane", "-p")
}

// wait waits until all the words stand on the screen.
func (c *screen) wait(words ...string) {
	c.s.t.Helper()
	for _, w := range words {
		c.until("no "+w, func(text string) bool { return strings.Contains(text, w) })
	}
}

// gone waits until the words do not stand on the screen.
func (c *screen) gone(words string) {
	c.s.t.Helper()
	c.until("still "+words, func(text string) bool { return !strings.Contains(text, words) })
}

func (c *screen) until(otherwise string, ok func(text string) bool) {
	c.s.t.Helper()
	for end := time.Now().Add(time.Minute); !ok(c.text()); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.s.t.Fatalf("%s on the screen\n%s", otherwise, c.text())
		}
	}
}

// quit ends the editor, and waits for its end.
func (c *screen) quit() {
	c.s.t.Helper()
	c.keys(":qa!", "Enter")
	for end := time.Now().Add(time.Minute); exec.Command(c.tmux[0], append(c.tmux[1:len(c.tmux):len(c.tmux)], "has-session")...).Run() == nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.s.t.Fatalf("it stays\n%s", c.text())
		}
	}
}

// waitFor waits until the Dockerfile holds what the file of the tests does.
func (s *session) waitFor(file string) {
	s.t.Helper()
	want := read(s.t, file)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if read(s.t, s.dockerfile()) == want {
			return
		}
	}
	endtoend.SameFile(s.t, s.dockerfile(), want)
}
