package e2e_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"layerwise/internal/endtoend"
)

// TestVim is the Vim of Debian 12 with ALE.
func TestVim(t *testing.T) {
	if !endtoend.Full() {
		t.Skip("NOT TESTED: make test-editors does")
	}
	endtoend.NeedThat(t, "Vim with ALE", func() error {
		_, err := os.Stat("/usr/share/vim-ale")
		return errors.Join(err, exec.Command("vim.basic", "--version").Run())
	}, "vim", "vim-ale")
	testVim(t, "ale-3.3.0", func(*session) []string { return []string{"vim.basic"} })
}

// TestVimNow is a current one.
func TestVimNow(t *testing.T) {
	root := needDebian(t, current, "vim", "vim-ale")
	testVim(t, "ale-4.0.0", func(s *session) []string { return s.inside(root, "vim.basic") })
}

func testVim(t *testing.T, name string, find func(*session) []string) {
	start := func(t *testing.T, vimrc string) (*session, *screen) {
		s := start(t, "layerwise")
		s.init("vim-ale")
		s.write(s.home+"/.vim/vimrc", "set runtimepath^=/usr/share/vim-ale noswapfile\nfiletype plugin on\n"+vimrc)
		c := s.screen(append(find(s), s.dockerfile())...)
		c.wait("No USER is set", "MAINTAINER is deprecated", "Anyone who can pull the image can read", installOrder)
		return s, c
	}
	t.Run("fix", func(t *testing.T) {
		s, c := start(t, "")
		c.keys("7", "G")
		c.keys(":ALEHover", "Enter")
		c.wait(hover...)
		c.keys(":pclose", "Enter")
		c.keys(":ALECodeAction", "Enter")
		c.wait("1) " + moveCopy)
		c.keys("1", "Enter")
		c.gone(installOrder)
		c.keys(":write", "Enter")
		s.waitFor("testdata/install-order.Dockerfile")
		c.quit()
		s.recorded(name)
	})
	t.Run("crash", func(t *testing.T) {
		_, c := start(t, "")
		c.keys(":silent !kill -9 $(cat $SERVER_PID)", "Enter")
		c.keys("7", "G", "d", "d")
		c.gone(installOrder)
		c.keys("u")
		c.wait(installOrder)
		c.quit()
	})
	t.Run("save", func(t *testing.T) {
		s, c := start(t, page(t, "vim", "ale_fix_on_save"))
		c.keys(":write", "Enter")
		s.waitFor("testdata/fix-all.Dockerfile")
		c.quit()
	})
}
