package editors_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/endtoend"
)

// TestLSP4J opens a project with the library that LSP4IJ is built on, the template's command line and
// the capabilities that LSP4IJ has. JetBrains' editors cannot be had where this runs.
func TestLSP4J(t *testing.T) {
	needsE2E(t)
	java := endtoend.Need(t, "java", "default-jdk-headless")
	maven := endtoend.Need(t, "mvn", "maven")
	classpath := filepath.Join(t.TempDir(), "classpath")
	command(t, exec.Command(maven, "-B", "-q", "-f", "jetbrains/test/pom.xml", "dependency:build-classpath", "-Dmdep.outputFile="+classpath))
	jars, err := os.ReadFile(classpath)
	if err != nil {
		t.Fatal(err)
	}

	project := endtoend.Project(t)
	client := exec.Command(java, "-cp", string(jars), "jetbrains/test/Client.java",
		"jetbrains/template", "../server/testdata/clients/lsp4ij-0.20.2.json", project, "copy-before-install")
	client.Env = append(os.Environ(), "PATH="+filepath.Dir(endtoend.Program(t, "layerwise"))+string(os.PathListSeparator)+os.Getenv("PATH"))
	transcript := command(t, client)
	for _, want := range []string{
		"diagnostic 5:0-5:8 Warning copy-before-install",
		"hover 5:0-5:8 markdown\nChanging any of the 5 files this COPY takes reruns",
		"action 5:0-5:8 quickfix preferred=true Move `COPY requirements.txt` above `RUN pip install`",
		"completion 7:12-7:12 base", "signature COPY", "definition 1:20-1:24", "reference 1:20-1:24", "reference 6:5-6:9",
		"highlight 1:20-1:24 Write", "symbol 6:5-6:9 stage 1", "fold 2-4", "selection 6:0-7:15", "token keyword", "link 1:5-1:16 https://hub.docker.com/_/python",
		"hint 1:16-1:16 = python:3.12", "rename 1:20-1:24 builder", "rename 6:5-6:9 builder",
	} {
		if !strings.Contains(transcript, want) {
			t.Errorf("no %q in\n%s", want, transcript)
		}
	}
	for line := range strings.Lines(transcript) {
		switch word, rest, _ := strings.Cut(line, " "); word {
		case "unasked", "message", "telemetry":
			t.Error(line)
		case "left":
			if strings.Contains(rest, "copy-before-install") {
				t.Errorf("found again: %s", line)
			}
		}
	}
	endtoend.SameFile(t, filepath.Join(project, "Dockerfile"), endtoend.InstallFirst)
}
