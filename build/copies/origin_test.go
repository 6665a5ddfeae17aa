package copies_test

import (
	"slices"
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

var project = map[string]string{
	"package.json": "root", "package-lock.json": "", "web/package.json": "web", "web/src/a.js": "", "reqs/base.txt": "", "requirements.txt": "",
	"a.tar.gz": "", "secret.txt": "", ".dockerignore": "secret.txt",
}

func steps(dockerfile string) []*stages.Step {
	return stages.Resolve(syntax.Parse(dockerfile), stages.Args{}, nil).Stages[0].Steps
}

// TestOriginOf: which file of the context stands at a path of the image.
func TestOriginOf(t *testing.T) {
	bc := files.InMemory(project)
	for _, c := range []struct{ copies, path, want string }{
		{"COPY package.json /app/", "/app/package.json", "package.json"},
		{"COPY package.json /app/p.json", "/app/p.json", "package.json"},
		{"COPY package*.json /app/", "/app/package-lock.json", "package-lock.json"},
		{"COPY package*.json /app/", "/app/requirements.txt", ""},
		{"COPY */package.json /app/", "/app/package.json", "web/package.json"},
		{"COPY . /app", "/app/web/src/a.js", "web/src/a.js"},
		{"COPY . /app", "/app/secret.txt", ""}, // ignored
		{"COPY . /app", "/app/web", ""},        // a directory
		{"COPY web /app", "/app/package.json", "web/package.json"},
		{"COPY package.json web /app/", "/app/package.json", "web/package.json"}, // the later source replaces
		{"COPY web package.json /app/", "/app/package.json", "package.json"},
		{"COPY . /app\nCOPY web/package.json /app/", "/app/package.json", "web/package.json"},
		{"COPY --parents web/package.json /app/", "/app/package.json", ""},
		{"COPY --exclude=package.json . /app/", "/app/package.json", ""},
		{"ADD a.tar.gz /app/", "/app/a.tar.gz", ""}, // it is unpacked
		{"COPY a.tar.gz /app/", "/app/a.tar.gz", "a.tar.gz"},
		{"COPY --from=x package.json /app/", "/app/package.json", ""},
	} {
		got, _ := copies.OriginOf(bc, steps("# syntax=docker/dockerfile:1-labs\nFROM scratch\n"+c.copies+"\n"), c.path)
		if got != c.want {
			t.Errorf("%s puts %q at %s, want %q", c.copies, got, c.path, c.want)
		}
	}
}

// TestDirectories: all directories of the context that come together in one of the image.
func TestDirectories(t *testing.T) {
	bc := files.InMemory(project)
	for _, c := range []struct{ copies, dir, want string }{
		{"COPY requirements.txt reqs/ /app/", "/app", "reqs"},
		{"COPY reqs web /app/", "/app", "reqs web"},
		{"COPY . /app", "/app/web", "web"},
		{"COPY . /app", "/app/gone", ""},
		{"COPY * /app/", "/app", "."},
		{"COPY requirements.txt /app/", "/app", ""},
	} {
		for _, s := range steps("FROM scratch\n" + c.copies + "\n") {
			if copied, ok := copies.Of(s); ok {
				if got := strings.Join(copied.Directories(bc, c.dir), " "); got != c.want {
					t.Errorf("%s puts %q into %s, want %q", c.copies, got, c.dir, c.want)
				}
			}
		}
	}
}

// TestEntry: what the container starts.
func TestEntry(t *testing.T) {
	for _, c := range []struct {
		dockerfile, want string
		own              bool
	}{
		{"FROM x\nCMD [\"a\", \"b\"]\n", "a b", false},
		{"FROM x\nENTRYPOINT [\"e\"]\nCMD [\"a\"]\n", "e a", true},
		{"FROM x\nCMD [\"a\"]\nENTRYPOINT [\"e\"]\n", "e", true}, // ENTRYPOINT resets the CMD above it
		{"FROM x\n", "", false},
	} {
		stage := steps(c.dockerfile)[0].Stage
		if argv, own := copies.Entry(stage); strings.Join(argv, " ") != c.want || own != c.own {
			t.Errorf("%q starts %v, %v", c.dockerfile, argv, own)
		}
	}
}

// TestCopiedFile: the script that the container starts, by its path or its name.
func TestCopiedFile(t *testing.T) {
	bc := files.InMemory(project)
	for name, want := range map[string]string{"/app/package.json": "root", "./package.json": "root", "package.json": "root", "/other/package.json": "", "gone": ""} {
		stage := steps("FROM x\nWORKDIR /app\nCOPY . .\n")[0].Stage
		if body, ok := copies.CopiedFile(bc, stage, name); body != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", name, body, ok)
		}
	}
}

// TestEnv: an ARG without a value is unknown, not absent.
func TestEnv(t *testing.T) {
	list := steps("FROM x\nARG A\nARG B=1\nENV C=2\nRUN x\nARG D\n")
	var got []string
	for _, v := range copies.Env(list[4]) {
		name := v.Name
		if v.Known {
			name += "=" + v.Value
		}
		got = append(got, name)
	}
	slices.Sort(got)
	if strings.Join(got, " ") != "A B=1 C=2" {
		t.Error(got)
	}
}
