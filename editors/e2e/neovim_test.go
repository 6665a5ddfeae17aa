package e2e_test

import (
	"path/filepath"
	"testing"

	"layerwise/internal/endtoend"
)

// TestNeovim is the Neovim of Debian 12, which is 0.7.
func TestNeovim(t *testing.T) {
	testNeovim(t, "neovim-0.7.2", func(s *session) []string { return []string{endtoend.Need(s.t, "nvim", "neovim")} })
}

// TestNeovimStable is that of Debian 13, which is 0.10.
func TestNeovimStable(t *testing.T) {
	root := needDebian(t, stable, "neovim")
	testNeovim(t, "neovim-0.10.4", func(s *session) []string { return s.inside(root, "nvim") })
}

// TestNeovimNow is a current one.
func TestNeovimNow(t *testing.T) {
	root := needDebian(t, current, "neovim")
	testNeovim(t, "neovim-0.12.4", func(s *session) []string { return s.inside(root, "nvim") })
}

func testNeovim(t *testing.T, name string, find func(*session) []string) {
	start := func(t *testing.T) (*session, func(task string) report) {
		s := start(t, "layerwise")
		nvim := find(s)
		s.init("neovim")
		driver := filepath.Join(s.dir, "neovim.lua")
		s.write(driver, read(t, "neovim.lua"))
		return s, func(task string) report {
			return s.seen(s.run(task, append(nvim, "--headless", "-n", s.dockerfile(), "-S", driver)...))
		}
	}
	t.Run("fix", func(t *testing.T) {
		s, run := start(t)
		r := run("fix")
		s.wantFindings(r)
		s.wantHover(r)
		s.wantFix(r)
		endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))
		s.recorded(name)
	})
	t.Run("features", func(t *testing.T) {
		s, _ := start(t)
		s.write(s.dockerfile(), read(t, "testdata/features/Dockerfile"))
		driver := filepath.Join(s.dir, "features.lua")
		s.write(driver, read(t, "features.lua"))
		s.wantFeatures(s.seen(s.run("", append(find(s), "--headless", "-n", s.dockerfile(), "-S", driver)...)), name)
	})
	t.Run("create", func(t *testing.T) {
		s, run := start(t)
		run("create")
		endtoend.SameFile(t, filepath.Join(s.project, ".dockerignore"), "Dockerfile\n**/__pycache__\n**/.venv\n.dockerignore\n\n") // the empty line is Neovim's, of the new buffer
	})
	t.Run("written", func(t *testing.T) {
		_, run := start(t)
		run("written")
	})
	t.Run("save", func(t *testing.T) {
		s, run := start(t)
		s.config("nvim/init.lua", page(t, "neovim", "BufWritePre"))
		run("save")
		endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/fix-all.Dockerfile"))
	})
	t.Run("settings", func(t *testing.T) {
		if name != "neovim-0.12.4" {
			t.Skip("it has no vim.lsp.config")
		}
		s, run := start(t)
		s.config("nvim/init.lua", page(t, "neovim", "vim.lsp.config"))
		run("settings")
	})
	t.Run("builds", func(t *testing.T) {
		if name == "neovim-0.7.2" {
			t.Skip("NOT TESTED: Neovim 0.7 has neither vim.lsp.get_clients nor a refresh of lenses that takes a buffer, which the driver needs")
		}
		s, _ := start(t)
		dockerfile := s.twoBuilds()
		driver := filepath.Join(s.dir, "neovim.lua")
		s.wantBuilds(s.seen(s.run("builds", append(find(s), "--headless", "-n", dockerfile, "-S", driver)...)))
	})
	t.Run("crash", func(t *testing.T) {
		s, run := start(t)
		s.wantFindings(run("crash"))
	})
}
