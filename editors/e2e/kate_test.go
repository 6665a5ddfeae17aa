package e2e_test

import (
	"testing"

	"layerwise/internal/endtoend"
)

// TestKate is a current Kate, on a screen that nobody sees.
func TestKate(t *testing.T) {
	root := needDebian(t, current, "kate", "xvfb", "xdotool", "dbus-daemon")
	for _, test := range []struct{ name, task, server, command, before, after string }{
		{"fix", "fix", "layerwise", "layerwise lsp", "Dockerfile", "install-order.Dockerfile"},
		{"features", "features", "layerwise", "layerwise lsp", "features/Dockerfile", "features/kate.Dockerfile"},
		{"crash", "crash", "layerwise", "layerwise lsp", "Dockerfile", "install-order.Dockerfile"},
		// What Kate starts by itself.
		{"docker-langserver", "fix", "docker-langserver", "docker-langserver --stdio", "Dockerfile", "install-order.Dockerfile"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, test.server)
			s.serve(true) // the driver waits for what it sees in the traffic
			if test.server == "layerwise" {
				s.init("kate")
			}
			s.config("katerc", "[Kate Plugins]\nlspclientplugin=true\n[lspclient]\nAllowedServerCommandLines="+s.bin+"/"+test.command+"\n")
			driver := s.dir + "/kate.sh"
			s.write(driver, read(t, "kate.sh"))
			s.write(s.dockerfile(), read(t, "testdata/"+test.before))
			s.run(test.task, append(s.inside(root, "sh"), driver, s.dockerfile())...)
			endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/"+test.after))
			if test.name == "fix" {
				s.recorded("kate-26.08")
			}
		})
	}
}
