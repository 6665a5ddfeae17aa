package e2e_test

import (
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"layerwise/internal/endtoend"
)

// TestEmacs is the Emacs of Debian 12 with eglot.
func TestEmacs(t *testing.T) {
	needEmacs(t, "eglot")
	testEmacs(t, "eglot-1.9", func(*session) []string { return []string{"emacs"} })
}

func needEmacs(t *testing.T, client string) {
	t.Helper()
	endtoend.NeedThat(t, "Emacs with "+client+" and dockerfile-mode", func() error {
		return exec.Command("emacs", "--batch", "--eval", "(progn (package-initialize) (require '"+client+") (require 'dockerfile-mode))").Run()
	}, "emacs-nox", "elpa-"+client, "elpa-dockerfile-mode")
}

// TestEmacsNow is a current one, which brings eglot along.
func TestEmacsNow(t *testing.T) {
	root := needDebian(t, current, "emacs-nox", "elpa-dockerfile-mode")
	testEmacs(t, "eglot-1.17", func(s *session) []string { return s.inside(root, "emacs") })
}

func testEmacs(t *testing.T, name string, find func(*session) []string) {
	start := func(t *testing.T, server string, init ...string) (*session, func(task string) report) {
		s := start(t, server)
		s.init("emacs")
		args := append(find(s), "--batch")
		for _, file := range init {
			args = append(args, "-l", filepath.Join(s.home, ".emacs.d", file))
		}
		driver := filepath.Join(s.dir, "emacs.el")
		s.write(driver, read(t, "emacs.el"))
		args = append(args, "-l", driver)
		return s, func(task string) report { return s.seen(s.run(task, args...)) }
	}
	t.Run("fix", func(t *testing.T) {
		s, run := start(t, "layerwise", "layerwise.el")
		r := run("fix")
		s.wantFindings(r)
		s.wantHover(r)
		s.wantFix(r)
		endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))
		s.recorded(name)
	})
	t.Run("docker-langserver", func(t *testing.T) {
		// It is what eglot starts by itself.
		s, run := start(t, "docker-langserver")
		s.wantFindings(run("fix"))
		endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))
	})
	t.Run("features", func(t *testing.T) {
		s, run := start(t, "docker-langserver", "features.el")
		s.write(s.home+"/.emacs.d/features.el", read(t, "features.el"))
		s.write(s.dockerfile(), read(t, "testdata/features/Dockerfile"))
		s.wantFeatures(run("features"), name)
	})
	t.Run("save", func(t *testing.T) {
		s, run := start(t, "layerwise", "layerwise.el", "save.el")
		s.write(s.home+"/.emacs.d/save.el", page(t, "emacs", "before-save-hook"))
		run("save")
		endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/fix-all.Dockerfile"))
	})
	t.Run("settings", func(t *testing.T) {
		s, run := start(t, "layerwise", "layerwise.el", "settings.el")
		s.write(s.home+"/.emacs.d/settings.el", page(t, "emacs", "eglot-workspace-configuration"))
		run("settings")
	})
	t.Run("crash", func(t *testing.T) {
		s, run := start(t, "layerwise", "layerwise.el")
		s.wantFindings(run("crash"))
	})
}

// TestLSPMode is Emacs with the other client.
func TestLSPMode(t *testing.T) {
	if !endtoend.Full() {
		t.Skip("NOT TESTED: make test-editors does")
	}
	needEmacs(t, "lsp-mode")
	for server, config := range map[string]string{
		"layerwise":         page(t, "emacs", "lsp-register-client"),
		"docker-langserver": "(add-hook 'dockerfile-mode-hook #'lsp)", // what it starts by itself
	} {
		t.Run(server, func(t *testing.T) {
			s := start(t, server)
			s.write(s.home+"/.emacs.d/lsp-mode.el", config)
			s.write(s.dir+"/emacs.el", read(t, "emacs.el"))
			r := s.seen(s.run("fix", "emacs", "--batch", "-l", s.home+"/.emacs.d/lsp-mode.el", "-l", s.dir+"/emacs.el"))
			// It shows no codes, and underlines what stands behind an emoji in the wrong place, as it does for
			// all servers: it does not count in UTF-16.
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.Message)
			}
			slices.Sort(got)
			if want := slices.Sorted(maps.Values(s.messages)); !slices.Equal(got, want) {
				t.Errorf("it shows %q, want %q", got, want)
			}
			s.wantHover(r)
			s.wantFix(r)
			endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))
			if server == "layerwise" {
				s.recorded("lsp-mode-8.0.0")
			} else {
				s.write(s.dir+"/features.el", read(t, "features.el"))
				s.write(s.dockerfile(), read(t, "testdata/features/Dockerfile"))
				s.wantFeatures(s.seen(s.run("features", "emacs", "--batch", "-l", s.home+"/.emacs.d/lsp-mode.el", "-l", s.dir+"/features.el", "-l", s.dir+"/emacs.el")), "lsp-mode-8.0.0")
			}
		})
	}
}
