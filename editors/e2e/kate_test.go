package e2e_test

import (
	"testing"

	"layerwise/internal/endtoend"
)

// TestKate is a current Kate, on a screen that nobody sees.
func TestKate(t *testing.T) {
	root := needDebian(t, "kate", "xvfb", "xdotool", "dbus-daemon")
	for _, task := range []string{"fix", "crash"} {
		t.Run(task, func(t *testing.T) {
			s := start(t, "layerwise")
			s.serve(true) // the driver waits for what it sees in the traffic
			s.init("kate")
			s.config("katerc", "[Kate Plugins]\nlspclientplugin=true\n[lspclient]\nAllowedServerCommandLines="+s.bin+"/layerwise lsp\n")
			driver := s.dir + "/kate.sh"
			s.write(driver, read(t, "kate.sh"))
			s.run(task, append(s.inside(root, "sh"), driver, s.dockerfile())...)
			endtoend.SameFile(t, s.dockerfile(), read(t, "testdata/install-order.Dockerfile"))
			if task == "fix" {
				s.recorded("kate-26.08")
			}
		})
	}
}
