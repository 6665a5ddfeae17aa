//go:build linux

package vscode_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"layerwise/internal/endtoend"
)

var record = flag.Bool("record", false, "write what VS Code sends to server/testdata/clients, for the server's own tests")

// TestRecord lets VS Code do what the other editors do in editors/e2e, and records it.
func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("to be asked for with -record")
	}
	tools := install(t)
	code := tools.start(t, tools.pack(t), options{})
	dir := t.TempDir()
	project := filepath.Join(dir, "project")
	if err := os.Rename(endtoend.Project(t), project); err != nil {
		t.Fatal(err)
	}
	dockerfile, err := os.ReadFile("../e2e/testdata/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(project, "Dockerfile"), string(dockerfile))
	program, server, traffic := code.program(), filepath.Join(dir, "layerwise"), filepath.Join(dir, "client.traffic")
	if err := os.Rename(program, server); err != nil {
		t.Fatal(err)
	}
	script := endtoend.Tee(server, traffic, filepath.Join(dir, "server.traffic"))
	if err := os.WriteFile(program, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}

	page := code.browse(t, project)
	page.openFile("Dockerfile")
	page.do("wait", ".squiggly-warning")
	page.hover("COPY", "copy-before-install")
	page.do("click", ".view-line span", "COPY")
	page.menu("Move `COPY requirements.txt` above `RUN pip install`")
	page.do("click", actions, "Move `COPY requirements.txt` above `RUN pip install`")
	page.do("wait", ".view-line", "COPY requirements.txt ./")
	page.save()
	endtoend.Record(t, "vscode-1.139", traffic, dir)
}
