package shell_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestMeanings: an option is asked for by what it means, however the program calls it and however it is written.
func TestMeanings(t *testing.T) {
	for _, c := range []struct {
		line    string
		meaning shell.Meaning
		values  string
		has     bool
	}{
		{"cargo fetch --manifest-path app/Cargo.toml", shell.ProjectFile, "app/Cargo.toml", true},
		{"mvn -f app dependency:go-offline", shell.ProjectFile, "app", true},
		{"mvn install --projects :core -am", shell.ChosenModules, ":core", true},
		{"mvn -plcore,web package", shell.AlsoOtherModules, "", false},
		{"mvn -pl core -am package", shell.AlsoOtherModules, "", true},
		{"go mod download -modfile=alt.mod", shell.ProjectFile, "alt.mod", true},
		{"pip install -r r.txt -f a --find-links=b", shell.PackageFolder, "a b", true},
		{"python -m pip install -tlib -r r.txt", shell.TargetFolder, "lib", true},
		{"npm ci --ignore-scripts", shell.NoScripts, "", true},
		{"composer install -oa", shell.OptimizedAutoloader, "", true},
		{"composer install -- -o", shell.OptimizedAutoloader, "", false},
		{"npm ci", shell.NoScripts, "", false},
		{"unknown --ignore-scripts", shell.NoScripts, "", false},
	} {
		cmd := commands(c.line)[0]
		if got := texts(cmd.Values(c.meaning)); got != c.values {
			t.Errorf("%s: got the values %q, want %q", c.line, got, c.values)
		}
		if first, _ := cmd.Value(c.meaning); !strings.HasPrefix(c.values, first.Text) {
			t.Errorf("%s: the first value is %q, want that of %q", c.line, first.Text, c.values)
		}
		if cmd.Has(c.meaning) != c.has {
			t.Errorf("%s: the option is found: %t", c.line, !c.has)
		}
	}
}

// TestOptionVariables: some variables hold options, of which some name files.
func TestOptionVariables(t *testing.T) {
	for assignment, want := range map[string]bool{
		"NODE_OPTIONS=--max-old-space-size=4096": false,
		"NODE_OPTIONS=--require ./hook.js":       true,
		"NODE_OPTIONS=$MORE":                     true,
		"GOFLAGS=-mod=mod -trimpath":             false,
		"GOFLAGS=-mod=vendor":                    true,
		"RUBYOPT=-W0":                            true,
		"NODE_ENV=--require":                     false,
	} {
		name, value, _ := strings.Cut(assignment, "=")
		if got := shell.OptionsNameFiles(name, value); got != want {
			t.Errorf("%s: names a file: %t, want %t", assignment, got, want)
		}
	}
}

// TestPackageLists: when the lists of packages are fetched, and which folder they are in.
func TestPackageLists(t *testing.T) {
	for line, want := range map[string]string{
		"apt-get update":             "refreshes /var/lib/apt/lists",
		"apt-get install --update a": "fetches /var/lib/apt/lists",
		"apt-get install a":          "/var/lib/apt/lists",
		"apk add --no-cache a":       "fetches",
		"apk update":                 "refreshes",
		"dnf makecache":              "refreshes",
		"dnf group install a":        "",
	} {
		os, _ := commands(line)[0].OSPackages()
		var got []string
		switch {
		case os.Refresh:
			got = append(got, "refreshes")
		case os.Fetches:
			got = append(got, "fetches")
		}
		if os.Lists != "" {
			got = append(got, os.Lists)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	for text, want := range map[string]string{"rm -rf /var/lib/apt/lists/*": "apt", "rm -rf /var/lib/apt": "apt", "rm -rf /app/lists": ""} {
		if got := shell.ListsIn(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestPhrase: what messages call a command.
func TestPhrase(t *testing.T) {
	for line, want := range map[string]string{
		"pip install flask":               "pip install",
		"python3 -m pip install -r r.txt": "pip install",
		"python3 -m pip install flask":    "pip install",
		"uv pip install flask":            "uv pip install",
		"npm ci":                          "npm ci",
		"npm run build":                   "npm run build",
		"yarn":                            "yarn install",
		"apt-get -y install curl":         "apt-get install",
		"pacman -Syu --noconfirm git":     "pacman -Syu",
		"git clone https://e.com/a.git":   "git clone",
		"sudo env A=1 make all":           "make",
		"go mod download":                 "go mod download",
		"curl -fsSLO https://e.com/a":     "curl",
		"unknown install":                 "unknown",
		"$TOOL a":                         "$TOOL",
	} {
		if got := commands(line)[0].Phrase(); got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
