package shell_test

import "testing"

func TestPackageFiles(t *testing.T) {
	for _, c := range []struct {
		command string
		want    bool
	}{
		{"pip install /wheels/*", true},
		{"pip3 install --no-cache-dir --user /wheels/app-1.0-py3-none-any.whl /wheels/b.whl", true},
		{"pip install /wheels/* -r /tmp/requirements.txt", false}, // it reads a list, too
		{"pip install /src/app", false},                           // a project
		{"pip install -e /wheels/*", false},
		{"pip install dist/*.whl", false},
		{"pip install $WHEELS/*", false},
		{"pip install flask", false},
		{"pip uninstall /wheels/*", false},
	} {
		if got := commands(c.command)[0].InstallsPackageFiles(); got != c.want {
			t.Errorf("%s: %v", c.command, got)
		}
	}
}

func TestUninstalls(t *testing.T) {
	for command, want := range map[string]bool{
		"npm uninstall -g pnpm": true, "pip uninstall -y wheel": true, "gem uninstall bundler": true, "npm install -g pnpm": false, "rm uninstall": false, "echo uninstall": false,
	} {
		if got := commands(command)[0].Uninstalls(); got != want {
			t.Errorf("%s: %v", command, got)
		}
	}
}

func TestActivates(t *testing.T) {
	for command, want := range map[string]bool{
		". /venv/bin/activate": true, "source .venv/bin/activate": true, ". ./env.sh": false, "cat /venv/bin/activate": false, ". /venv/bin/activate x": false,
	} {
		if got := commands(command)[0].Activates(); got != want {
			t.Errorf("%s: %v", command, got)
		}
	}
}
