package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestHelix is a current Helix.
func TestHelix(t *testing.T) {
	root := needDebian(t, current, "hx")
	open := func(s *session) *screen {
		c := s.screen(append(s.inside(root, "hx"), s.dockerfile())...)
		c.wait("The tag latest moves", "MAINTAINER is deprecated", "Anyone who can pull the image can read", installOrder)
		return c
	}
	t.Run("fix", func(t *testing.T) {
		s := start(t, "layerwise")
		s.init("helix")
		c := open(s)
		c.wait("No USER is set")
		c.keys("7", "G")
		c.wait("There is no .dockerignore")
		c.keys("Space", "k")
		c.wait(hover...)
		c.keys("Escape")
		c.gone(hover[0])
		c.keys("Space", "a")
		c.wait(moveCopy)
		c.keys("Enter")
		c.gone(installOrder)
		c.keys(":write", "Enter")
		s.waitFor("testdata/install-order.Dockerfile")
		c.quit()
		s.recorded("helix-25.07")
	})
	t.Run("docker-langserver", func(t *testing.T) {
		open(start(t, "docker-langserver")).quit() // what it starts by itself
	})
	t.Run("features", func(t *testing.T) {
		s := start(t, "docker-langserver")
		s.write(s.dockerfile(), read(t, "testdata/features/Dockerfile"))
		c := s.screen(append(s.inside(root, "hx"), s.dockerfile())...)
		c.wait("No USER is set")
		c.keys("5", "G")
		c.keys("Space", "k")
		c.wait("makes layer 3")
		c.keys("Escape")
		c.gone("makes layer 3")
		// Names.
		c.keys("7", "G", "w", "w")
		c.keys("g", "d")
		c.wait("2:21")
		c.keys("g", "r")
		c.wait("Dockerfile:11", "Dockerfile:7")
		c.keys("Escape")
		c.gone("Dockerfile:11")
		c.keys("Space", "r")
		c.wait("rename-to:")
		c.keys("C-u", "builder", "Enter")
		c.wait("AS builder", "FROM builder")
		c.keys("Space", "s")
		c.wait("namespace", "WORKDIR /app")
		c.keys("Escape")
		c.gone("namespace")
		// A new line, from what is offered, and the order of all.
		c.keys("8", "G", "O", "COPY --fr")
		c.wait("property")
		c.keys("Tab", "Enter")
		c.gone("property")
		c.keys("bui")
		c.wait("--from=stage", "module")
		c.keys("Tab", "Enter")
		c.wait("COPY --from=builder")
		c.keys(" /app   /app/")
		// A list or a signature that comes up meanwhile takes the key that leaves insert mode.
		c.until("not in normal mode", func(text string) bool {
			if strings.Contains(text, " NOR ") {
				return true
			}
			c.keys("Escape")
			return false
		})
		c.keys(":format", "Enter")
		c.wait("COPY . .")
		c.keys(":write", "Enter")
		s.waitFor("testdata/features/helix.Dockerfile")
		c.quit()
	})
	t.Run("crash", func(t *testing.T) {
		s := start(t, "layerwise")
		s.init("helix")
		c := open(s)
		c.keys(":sh kill -9 $(cat $SERVER_PID)", "Enter")
		c.gone(installOrder)
		c.keys(":lsp-restart", "Enter")
		c.wait(installOrder)
		c.quit()
	})
	with := func(t *testing.T, words string) (*session, *screen) {
		s := start(t, "layerwise")
		s.init("helix")
		languages := filepath.Join(s.home, ".config/helix/languages.toml")
		s.write(languages, read(t, languages)+page(t, "helix", words))
		return s, open(s)
	}
	t.Run("settings", func(t *testing.T) {
		_, c := with(t, "final-user-missing")
		c.gone("No USER is set")
		c.wait("The tag latest moves")
		c.quit()
	})
	t.Run("save", func(t *testing.T) {
		s, c := with(t, "auto-format")
		c.keys(":write", "Enter")
		s.waitFor("testdata/fix-all.Dockerfile")
		c.quit()
	})
}
