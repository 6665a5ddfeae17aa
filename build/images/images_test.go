package images_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"layerwise/build/images"
	"layerwise/internal/cases"
	"layerwise/internal/corpus"
)

var update = cases.Update

// TestLookup reads testdata/lookup.txt: references, with a platform where one matters, each followed by what
// is known of it. Facts that are not known are left out.
func TestLookup(t *testing.T) {
	const file = "testdata/lookup.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	n := 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "  "):
			continue // what was found
		case line != "" && !strings.HasPrefix(line, "#"):
			n++
			ref, platform, _ := strings.Cut(line, " ")
			out.WriteString(line + "\n" + describe(images.Lookup(ref, platform)))
			continue
		}
		out.WriteString(line + "\n")
	}
	if n < 60 {
		t.Errorf("only %d references", n)
	}
	if got := out.String(); got != string(data) {
		if !*update {
			t.Errorf("got\n%s", got)
		} else if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func describe(f images.Facts, ok bool) string {
	if !ok {
		return "  not known\n"
	}
	var b strings.Builder
	line := func(label string, value any) {
		text := fmt.Sprint(value)
		if text != "" && text != "false" && text != "[]" {
			fmt.Fprintf(&b, "  %s %s\n", label, text)
		}
	}
	line("image", f.Name)
	line("distribution", strings.TrimSpace(f.Family+" "+f.Distro))
	line("packages", f.PackageManager)
	line("shells", f.Shells)
	line("no shell", f.Distroless)
	line("windows", f.Windows)
	line("kind", f.Kind)
	line("user", f.User)
	line("user moves", f.UserMoves)
	line("drops root by", f.DropsRoot)
	line("needs root", f.NeedsRoot)
	line("makes", numbered(f.Users))
	line("directory", f.Workdir)
	line("shell", f.Shell)
	line("entrypoint", strings.Join(f.Entry.Argv, " ")+f.Entry.Line)
	line("cmd", strings.Join(f.Cmd.Argv, " ")+f.Cmd.Line)
	line("ports", f.Expose)
	line("volumes", f.Volume)
	line("to develop in", f.Development)
	line("variables", slices.Sorted(maps.Keys(f.Env)))
	line("all tags", !f.Tagged)
	return b.String()
}

func numbered(users map[string]*int) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(users)) {
		if id := users[name]; id != nil {
			name += fmt.Sprintf("=%d", *id)
		}
		list = append(list, name)
	}
	return list
}

// TestTable decodes every row, and looks each image up under a tag of each of its rows.
func TestTable(t *testing.T) {
	data, err := os.ReadFile("table.txt")
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 550_000 {
		t.Errorf("the table has %d bytes: it is part of every program", len(data))
	}
	name, n := "", 0
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case fields[0] == "image":
			if len(fields) != 5 || fields[3] == "" {
				t.Fatalf("an image without a source or a date: %q", line)
			}
			name = fields[1]
		case fields[0] == "":
			if len(fields) != 3 || !json.Valid([]byte(fields[2])) {
				t.Fatalf("not a row: %q", line)
			}
			pattern, _, _ := strings.Cut(fields[1], " ")
			tag := strings.NewReplacer("[0-9]", "1", "*", "1", "~", "").Replace(pattern)
			if f, ok := images.Lookup(name+":"+tag, ""); !ok || f.Source == "" || f.AsOf == "" {
				t.Errorf("%s:%s: %+v, %v", name, tag, f, ok)
			}
			n++
		}
	}
	if n < 1500 {
		t.Errorf("only %d rows", n)
	}
}

// TestCoverage tells how much is known of the images that real Dockerfiles build on.
func TestCoverage(t *testing.T) {
	from := regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)?(\S+)(?:[ \t]+AS[ \t]+(\S+))?`)
	n, known, user, family, env := 0, 0, 0, 0, 0
	for _, src := range corpus.Files(t) {
		names := map[string]bool{}
		for _, m := range from.FindAllStringSubmatch(src, -1) {
			if !names[strings.ToLower(m[1])] && !strings.Contains(m[1], "$") {
				n++
				if f, ok := images.Lookup(m[1], ""); ok {
					known++
					user += count(f.User != "")
					family += count(f.Family != "" || f.Kind == images.Scratch)
					env += count(len(f.Env) > 0)
				}
			}
			names[strings.ToLower(m[2])] = true
		}
	}
	percent := func(part int) string { return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(n)) }
	t.Logf("%d references without variables: in the table %s, user %s, distribution %s, variables %s", n, percent(known), percent(user), percent(family), percent(env))
	if known*100 < n*85 {
		t.Errorf("%d of %d images are known", known, n)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// TestTagMoves reads like the law: channels and bare flavours move, versions and names of releases stay.
func TestTagMoves(t *testing.T) {
	for _, tag := range strings.Fields(`latest LATEST lts lts-alpine lts-bookworm alpine slim alpine-slim rolling sid sid-slim testing stable
		stable-slim edge nightly main master current mainline dind dind-rootless fpm-alpine jdk beta rawhide oldstable`) {
		if !images.TagMoves(tag) {
			t.Errorf("%s moves", tag)
		}
	}
	for _, tag := range strings.Fields(`1 1.2 v1 3-slim 3.12-alpine bookworm noble bookworm-slim jod alpine3.22 stable-20250101 sid-20250101-slim
		main-3f2a9c1 sha256 20240101 prod nonroot-amd64 2025.1-stable 8-jdk edge-3.1`) {
		if images.TagMoves(tag) {
			t.Errorf("%s stays", tag)
		}
	}
	for tag, want := range map[string]bool{"sid-slim": true, "edge": true, "nightly": true, "lts": false, "latest": false, "stable": false, "sid-20250101": false} {
		if images.TagRolls(tag) != want {
			t.Errorf("%s rolls: got %v", tag, !want)
		}
	}
	if images.TagMoves("") {
		t.Error("no tag is no tag that moves")
	}
}

// TestParse checks that references are cut as BuildKit cuts them.
func TestParse(t *testing.T) {
	for written, want := range map[string]images.Reference{
		"node":                           {Name: "docker.io/library/node", Short: "node"},
		"node:22":                        {Name: "docker.io/library/node", Short: "node", Tag: "22"},
		"localhost:5000/node":            {Name: "localhost:5000/node", Short: "localhost:5000/node"},
		"index.docker.io/library/node:1": {Name: "docker.io/library/node", Short: "node", Tag: "1"},
		"ghcr.io/a/b:c":                  {Name: "ghcr.io/a/b", Short: "ghcr.io/a/b", Tag: "c"},
	} {
		if got, err := images.Parse(written); err != nil || got != want {
			t.Errorf("%s: %+v, %v", written, got, err)
		}
	}
	digest := "sha256:" + strings.Repeat("a", 64)
	if got, err := images.Parse("node:22@" + digest); err != nil || got.Tag != "22" || got.Digest != digest {
		t.Errorf("%+v, %v", got, err)
	}
	for _, written := range []string{"", "node:", "Node", "debian;12", "node@sha256:1", "%%BASE%%", "a b"} {
		if got, err := images.Parse(written); err == nil {
			t.Errorf("%q is no reference, but %+v", written, got)
		}
	}
}
