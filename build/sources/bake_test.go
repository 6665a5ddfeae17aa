package sources

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/internal/corpus"
)

// TestBakeBounds: what would take buildx minutes or gigabytes ends with a note.
func TestBakeBounds(t *testing.T) {
	doubling := func(count int, first, next string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "v0 = %s\n", first)
		for i := 1; i <= count; i++ {
			fmt.Fprintf(&b, "v%d = %s\n", i, strings.ReplaceAll(next, "X", fmt.Sprint("v", i-1)))
		}
		fmt.Fprintf(&b, "target \"app\" { args = { A = v%d, B = \"good\" } }\n", count)
		return b.String()
	}
	app := func(value string) string { return "target \"app\" { args = { A = " + value + ", B = \"good\" } }\n" }
	numbers := "n = range(1000)\n"
	for name, src := range map[string]string{
		"doubled text":          doubling(60, `"xxxxxxxx"`, `"${X}${X}"`),
		"doubled list":          doubling(60, `["x"]`, `[X, X]`),
		"doubled object":        doubling(60, `{ a = "x" }`, `{ a = X, b = X }`),
		"doubled by concat":     doubling(60, `["x"]`, `concat(X, X)`),
		"doubled by join":       doubling(60, `"xxxxxxxx"`, `join("", [X, X])`),
		"doubled by format":     doubling(60, `"xxxxxxxx"`, `format("%s%s", X, X)`),
		"doubled by replace":    doubling(60, `"xxxxxxxx"`, `replace(X, "x", "xx")`),
		"long chain":            doubling(20_000, `"x"`, `X`),
		"three loops":           numbers + app(`join("", [for a in n : join("", [for b in n : join("", [for c in n : "x"])])])`),
		"three loops in a text": numbers + app(`"%{ for a in n }%{ for b in n }%{ for c in n }x%{ endfor }%{ endfor }%{ endfor }"`),
		"product":               numbers + app(`length(setproduct(n, n, n))`),
		"indent":                app(`indent(1000000000, "a\nb")`),
		"width":                 app(`format("%1000000000d", 1)`),
		"huge number":           app(`"x${1e99999}"`),
		"huge number as text":   app(`format("%d", "1e99999999")`),
		"huge number, modulo":   app(`modulo("1e99999999", 3)`),
		"huge number of JSON":   app(`jsonencode(jsondecode("[1e99999999]"))`),
		"many texts":            "v = \"" + strings.Repeat("x", 60_000) + "\"\n" + app(`"`+strings.Repeat("${v}", 10_000)+`"`),
		"replace by itself":     "v = \"" + strings.Repeat("x", 60_000) + "\"\n" + app(`replace(v, "x", v)`),
		"pattern":               "v = \"" + strings.Repeat("x", 60_000) + "\"\n" + app(`regex_replace(v, ".*", join("", [for i in range(1000) : "$0"]))`),
		"nested functions":      "function \"f0\" {\n  params = [x]\n  result = [x, x]\n}\n" + nested(60) + app("jsonencode(f60(1))"),
		"nested try":            app(strings.Repeat("try(", 60) + "n.n" + strings.Repeat(")", 60)),
		"nested brackets":       app(strings.Repeat("[", 300_000)),
		"nested calls":          app(strings.Repeat("upper(", 100_000)),
		"nested texts":          app(strings.Repeat(`"${`, 100_000)),
		"many minuses":          app(strings.Repeat("-", 500_000) + "1"),
		"many additions":        app("1" + strings.Repeat("+1", 250_000)),
		"many conditions":       app(strings.Repeat("a?b:", 100_000) + "c"),
		"many indexes":          app("n" + strings.Repeat("[n]", 100_000)),
		"many directives":       app(`"` + strings.Repeat("%{if n}", 100_000) + `"`),
		"matrix":                matrix(5, 40) + app(`"x"`),
		"too large":             "#" + strings.Repeat("x", maxSource) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			corpus.InTurn(t, 6)
			all, _ := checkLaws(t, map[string]string{"docker-bake.hcl": src, "Dockerfile": "FROM alpine\n"})
			if len(all) != 1 || len(all[0].notes) == 0 {
				t.Fatal("there is no note")
			}
			if all[0].steps > 2*maxSteps {
				t.Errorf("it took %d steps", all[0].steps)
			}
			for _, b := range all[0].builds {
				if v := b.Args["A"]; name != "matrix" && v != nil {
					t.Errorf("the value is known: %.100s", *v)
				}
				if v := b.Args["B"]; (v == nil || *v != "good") && all[0].steps < maxSteps {
					t.Errorf("the value beside it is lost")
				}
			}
		})
	}
}

func nested(count int) string {
	var b strings.Builder
	for i := 1; i <= count; i++ {
		fmt.Fprintf(&b, "function \"f%d\" {\n  params = [x]\n  result = [f%d(x), f%d(x)]\n}\n", i, i-1, i-1)
	}
	return b.String()
}

func matrix(axes, size int) string {
	var b strings.Builder
	b.WriteString("target \"m\" {\n  name = \"m-${a0}\"\n  matrix = {\n")
	for i := range axes {
		fmt.Fprintf(&b, "    a%d = [for i in range(%d) : \"${i}\"]\n", i, size)
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

// TestBakeJSONBounds: the same for JSON.
func TestBakeJSONBounds(t *testing.T) {
	for name, src := range map[string]string{
		"nested":           `{"target": {"app": {"args": ` + strings.Repeat(`{"a":`, 200_000),
		"nested templates": `{"target": {"app": {"args": {"A": "` + strings.Repeat(`${[`, 100_000) + `"}}}}`,
		"nested arrays":    strings.Repeat("[", 500_000),
	} {
		t.Run(name, func(t *testing.T) {
			checkLaws(t, map[string]string{"docker-bake.json": src, "Dockerfile": ""})
		})
	}
}

// TestBakeManyTargets: a file of ten thousand targets that all inherit is read, or there is a note.
func TestBakeManyTargets(t *testing.T) {
	var b strings.Builder
	b.WriteString("target \"base\" { args = { A = \"1\" } }\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "target \"t%d\" {\n  inherits = [\"base\"]\n  context = \"x\"\n}\n", i)
	}
	texts := map[string]string{"docker-bake.hcl": b.String(), "x/Dockerfile": "FROM alpine\n"}
	all := disk(&Files{overlay: texts}).read("docker-bake.hcl")
	if len(all[0].builds) != 10_000 || len(all[0].notes) > 0 {
		t.Errorf("%d builds, notes %v", len(all[0].builds), all[0].notes)
	}
	chain := strings.Builder{}
	for i := range 5000 {
		fmt.Fprintf(&chain, "target \"t%d\" { inherits = [\"t%d\"] }\n", i, i+1)
	}
	checkLaws(t, map[string]string{"docker-bake.hcl": chain.String()})
}

// TestBakeFiles: other line ends and a mark of the order of bytes are nothing; links out of the workspace are
// not followed.
func TestBakeFiles(t *testing.T) {
	texts := map[string]string{
		"docker-bake.hcl": "\ufefftarget \"app\" {\r\n  context = \"api\"\r\n  args = {\r\n    A = <<EOT\r\nx\r\nEOT\r\n  }\r\n}\r\n",
		"api/Dockerfile":  "FROM alpine\n",
	}
	checkLaws(t, texts)
	all := disk(&Files{overlay: texts}).read("docker-bake.hcl")
	if len(all[0].builds) != 1 || all[0].builds[0].Dockerfile != "api/Dockerfile" || len(all[0].notes) > 0 {
		t.Errorf("builds %v, notes %v", all[0].builds, all[0].notes)
	}
	texts = map[string]string{"docker-bake.json": "\ufeff{\r\n\"target\": {\"app\": {}}}\r\n", "Dockerfile": ""}
	if all := disk(&Files{overlay: texts}).read("docker-bake.json"); len(all[0].builds) != 1 || all[0].builds[0].Place.Line != 2 {
		t.Errorf("builds %v, notes %v", all[0].builds, all[0].notes)
	}

	outside, root := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret.hcl"), []byte("target \"app\" {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret.hcl"), filepath.Join(root, "docker-bake.hcl")); err != nil {
		t.Skip(err)
	}
	files, err := NewFiles(root, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	if all := disk(files).read("docker-bake.hcl"); len(all[0].builds) > 0 {
		t.Errorf("a link out was followed: %v", all[0].builds)
	}
}

func FuzzBake(f *testing.F) {
	f.Add("variable \"V\" { default = \"x\" }\ntarget \"app\" { args = { A = \"${V}\" } }\n", "{}")
	f.Add("target \"m\" {\n  name = \"m-${v}\"\n  matrix = { v = [\"a\", \"b\"] }\n  context = v\n}\n", `{"target": {"m-a": {"inherits": ["m-b"], "args": {"A": "${upper(\"x\")}"}}}}`)
	f.Add("function \"f\" {\n  params = [x]\n  variadic_params = r\n  result = [for y in r : \"${x}%{ if y }${y}%{ endif }\"]\n}\ngroup \"default\" { targets = f(1, \"a\") }\n", `{"group": {"g": {"targets": ["a"]}}, "target": {"a": [{"context": "."}, null]}}`)
	f.Fuzz(func(t *testing.T, hcl, json string) {
		checkLaws(t, map[string]string{"docker-bake.hcl": hcl, "docker-bake.json": json, "docker/docker-bake.dev.hcl": hcl, "docker/docker-bake.hcl": hcl, "Dockerfile": "FROM alpine\n", "docker/x": ""})
	})
}

// TestBakeCalls: a call of another source decides where paths count from, what is built by default, and
// what kind of context it is.
func TestBakeCalls(t *testing.T) {
	files := &Files{overlay: map[string]string{
		"ci/bake.hcl":    "target \"app\" { context = \"app\" }\ntarget \"web\" { context = \"https://github.com/acme/web.git\" }\ntarget \"rest\" {}\n",
		"app/Dockerfile": "FROM alpine\n",
		"Dockerfile":     "FROM alpine\n",
	}}
	caller := &reading{files: &watched{files: files, looks: map[look]bool{}}, file: ".github/workflows/ci.yml", kind: GitHubActions}
	caller.calls = []Call{{Kind: Bake, Files: []string{"ci/bake.hcl"}, Dir: ".", Targets: []string{"a*", "web"}, sets: []bakeSet{{"*", "args.A", "1"}, {"app", "args.B", unknown}, {"w*", "target", "prod"}, {"other", "target", "x"}}, Git: true, Released: true, Place: caller.place(3)}}
	want := `ci/bake.hcl:1 bake "app": app/Dockerfile, git app, arg A=1, arg B, released, default
ci/bake.hcl:2 bake "web": Dockerfile, remote https://github.com/acme/web.git, target prod, arg A=1, released, default
ci/bake.hcl:3 bake "rest": Dockerfile, folder .
`
	if got := lines(together([]*reading{caller})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
