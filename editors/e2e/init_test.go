package e2e_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"layerwise/internal/endtoend"
)

// setUp runs layerwise init NAME --write as the user of the session does.
func (s *session) setUp(name string) {
	s.t.Helper()
	s.run("", s.server, "init", name, "--write")
}

// TestInitNeovim: Neovim works as layerwise init sets it up.
func TestInitNeovim(t *testing.T) {
	nvim := endtoend.Need(t, "nvim", "neovim")
	s := start(t, "layerwise")
	s.setUp("neovim")
	driver := filepath.Join(s.dir, "neovim.lua")
	s.write(driver, read(t, "neovim.lua"))
	s.wantFindings(s.seen(s.run("fix", nvim, "--headless", "-n", s.dockerfile(), "-S", driver)))
	endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))
}

// TestInitScreen: so do editors in a terminal.
func TestInitScreen(t *testing.T) {
	if !endtoend.Full() {
		t.Skip("NOT TESTED: make test-editors does")
	}
	t.Run("vim-ale", func(t *testing.T) {
		endtoend.NeedThat(t, "Vim with ALE", func() error {
			_, err := os.Stat("/usr/share/vim-ale")
			return errors.Join(err, exec.Command("vim.basic", "--version").Run())
		}, "vim", "vim-ale")
		s := start(t, "layerwise")
		s.write(s.home+"/.vim/vimrc", "set runtimepath^=/usr/share/vim-ale noswapfile\nfiletype plugin on\n")
		s.setUp("vim-ale")
		s.screen("vim.basic", s.dockerfile()).wait(installOrder)
	})
	t.Run("helix", func(t *testing.T) {
		root := needDebian(t, "hx")
		s := start(t, "layerwise")
		s.setUp("helix")
		s.screen(append(s.inside(root, "hx"), s.dockerfile())...).wait(installOrder)
	})
}
