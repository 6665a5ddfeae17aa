package e2e_test

import (
	"testing"

	"layerwise/internal/endtoend"
)

// TestHelix is a current Helix.
func TestHelix(t *testing.T) {
	root := needDebian(t, "hx")
	s := start(t, "layerwise")
	s.config("helix/languages.toml", page(t, "helix/README.md", "toml", "[[language]]"))
	c := s.screen(append(s.inside(root, "hx"), s.dockerfile())...)
	c.wait("No USER is set", "The tag latest moves", "MAINTAINER is deprecated", "DATABASE_PASSWORD is stored in the image", installOrder)
	c.keys("7", "G")
	c.wait(noIgnore)
	c.keys("Space", "k")
	c.wait(hover...)
	c.keys("Escape")
	c.gone(hover[0])
	c.keys("Space", "a")
	c.wait(moveCopy)
	c.keys("Enter")
	c.gone(installOrder)
	c.keys(":w", "Enter")
	c.wait("written")
	endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))

	c.keys(":sh kill -9 $(cat $SERVER_PID)", "Enter")
	c.keys(":lsp-restart", "Enter")
	c.keys("u")
	c.wait(installOrder)
}
