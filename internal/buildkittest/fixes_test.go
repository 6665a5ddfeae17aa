//go:build linux

package buildkittest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/internal/golden"
	"layerwise/internal/scenario"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	image "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/patternmatcher"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/tools/txtar"
)

// TestFixes proves that the fixes of testdata/fixes are safe: the images before and after them are equal,
// and what they promise to save is saved. A file is named after its rule. A case is as in the rules'
// own tests, with a proof:
//
//	change PATH        then the file is changed, and both are built again
//	arg NAME=VALUE     or a build argument is
//	suggested          the fix is one of those that are not claimed to be safe
//	with RULE          the fixes of this rule are applied, too
//	saves TEXT         the step with this text ran before the fix, and is cached after it
//	except PATTERN REASON
//	                   these files of the image may differ, and do; "author" is that of the image
//	wrong OLD => NEW   the fixed Dockerfile with this change must fail the proof; both are quoted
//
// Stand-ins take the places of package managers.
func TestFixes(t *testing.T) {
	tools := standInLayer(t, slices.Clone(standIns))
	proveAll(t, "testdata/fixes", func(t *testing.T, d *Daemon, _, dockerfile string) map[string]string {
		if err := d.SetBases(configurations(dockerfile), tools); err != nil {
			t.Fatal(err)
		}
		return nil
	})
}

// proveAll proves the cases of a directory. prepare makes the images that a case begins with, and tells
// which texts are to be replaced in its files.
func proveAll(t *testing.T, dir string, prepare func(t *testing.T, d *Daemon, name, dockerfile string) (replace map[string]string)) {
	daemons := make(chan *Daemon, runtime.GOMAXPROCS(0))
	for range cap(daemons) {
		daemons <- Start(t)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	t.Run("of", func(t *testing.T) { // ends when its parallel parts have
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rule := catalog.Find(strings.TrimSuffix(filepath.Base(name), ".txtar"))
			if rule == nil {
				t.Fatalf("%s is not named after a rule", name)
			}
			cases := golden.Parse(archive)
			t.Run(rule.Name, func(t *testing.T) {
				for _, c := range cases {
					t.Run(c.Name, func(t *testing.T) {
						fixed := fix(t, rule, c)
						if *golden.Update {
							return
						}
						t.Parallel()
						d := <-daemons
						defer func() { daemons <- d }()
						replace := maps.Clone(prepare(t, d, c.Name, c.Dockerfile))
						if replace == nil {
							replace = map[string]string{}
						}
						replace[webServer] = d.addr
						for from, to := range replace {
							for name, text := range c.Context {
								c.Context[name] = strings.ReplaceAll(text, from, to)
							}
						}
						prove(t, d, c, fixed)
					})
				}
			})
			if *golden.Update {
				update(t, name, archive, cases)
			}
		}
	})
}

// fix applies the safe fixes of a rule, and compares the files that they change with those of the case.
func fix(t *testing.T, rule *diagnostics.Rule, c *golden.Case) (changed map[string]string) {
	t.Helper()
	context := maps.Clone(c.Context)
	delete(context, "proof")
	p := parseProof(t, c.Context["proof"])
	rules := []*diagnostics.Rule{rule}
	if p.with != "" {
		rules = append(rules, catalog.Find(p.with))
	}
	check := golden.Checker(rules, nil, context)
	result := diagnostics.FixAll(c.Dockerfile, p.suggested, check)
	if result.Fixes == 0 {
		t.Fatalf("there is no such fix:\n%s", golden.Format(c.Dockerfile, check(c.Dockerfile, nil)))
	}
	changed = map[string]string{"Dockerfile": result.Src}
	expect := map[string]string{"fixed": result.Src}
	for name, body := range result.Files {
		name = golden.InContext(name)
		changed[name] = body
		expect["fixed/"+name] = body
	}
	if *golden.Update {
		c.Expect = expect
	} else if !maps.Equal(expect, c.Expect) {
		t.Errorf("the fix makes\n%v\nwant\n%v", expect, c.Expect)
	}
	return changed
}

func update(t *testing.T, name string, archive *txtar.Archive, cases []*golden.Case) {
	out := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		of, rest, _ := strings.Cut(f.Name, "/")
		if rest == "fixed" || strings.HasPrefix(rest, "fixed/") {
			continue
		}
		if rest == "proof" {
			c := cases[slices.IndexFunc(cases, func(c *golden.Case) bool { return c.Name == of })]
			for _, file := range slices.Sorted(maps.Keys(c.Expect)) {
				out.Files = append(out.Files, txtar.File{Name: of + "/" + file, Data: []byte(c.Expect[file])})
			}
		}
		out.Files = append(out.Files, f)
	}
	if err := os.WriteFile(name, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// proof is what a case says of its fix.
type proof struct {
	suggested     bool
	with          string
	change, saves string
	args          map[string]string
	except        []string
	wrong         [][2]string
}

func parseProof(t *testing.T, text string) (p proof) {
	t.Helper()
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "change":
			p.change = rest
		case "suggested":
			p.suggested = true
		case "with":
			p.with = rest
		case "saves":
			p.saves = rest
		case "arg":
			name, value, _ := strings.Cut(rest, "=")
			p.args = map[string]string{name: value}
		case "except":
			pattern, reason, _ := strings.Cut(rest, " ")
			if reason == "" {
				t.Fatalf("%q has no reason", line)
			}
			p.except = append(p.except, pattern)
		case "wrong":
			from, to, _ := strings.Cut(rest, " => ")
			from, err := strconv.Unquote(from)
			to, err2 := strconv.Unquote(to)
			if err != nil || err2 != nil {
				t.Fatalf("%q is not quoted well", line)
			}
			p.wrong = append(p.wrong, [2]string{from, to})
		default:
			t.Fatalf("%q is no line of a proof", line)
		}
	}
	return p
}

// prove builds the case with and without the changed files.
func prove(t *testing.T, d *Daemon, c *golden.Case, changed map[string]string) {
	p := parseProof(t, c.Context["proof"])
	if err := d.PruneAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := p.built(t, d, c.Context, true)
	if err != nil {
		t.Fatal(err)
	}
	after := maps.Clone(c.Context)
	maps.Copy(after, changed)
	fixed, err := p.built(t, d, after, false)
	if err != nil {
		t.Fatalf("after the fix: %v", err)
	}
	used, err := p.compare(before, fixed)
	if err != nil {
		t.Error(err)
	}
	for n, pattern := range p.except {
		if !used[n] {
			t.Errorf("no file differs that is like %s", pattern)
		}
	}
	for _, w := range p.wrong {
		if !strings.Contains(changed["Dockerfile"], w[0]) {
			t.Errorf("the fixed Dockerfile has no %q", w[0])
		}
		after["Dockerfile"] = strings.ReplaceAll(changed["Dockerfile"], w[0], w[1])
		fixed, err := p.built(t, d, after, false)
		if err == nil {
			_, err = p.compare(before, fixed)
		}
		if err == nil {
			t.Errorf("%q in place of %q is no worse", w[1], w[0])
		}
	}
}

// built builds a context, and again after the change of the proof. The step to be saved must run the second time, or must not.
func (p proof) built(t *testing.T, d *Daemon, context map[string]string, runs bool) (images []*Image, err error) {
	t.Helper()
	dir := t.TempDir()
	files := maps.Clone(context)
	delete(files, "proof")
	write(t, dir, files)
	request := BuildRequest{ContextDir: dir, Export: true}
	for n := range 2 {
		if n == 1 && p.saves == "" {
			break
		}
		r, err := d.Build(t.Context(), request)
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, r.said())
		}
		images = append(images, r.Image)
		if n == 0 {
			if p.change != "" {
				write(t, dir, map[string]string{p.change: files[p.change] + "changed\n"})
			}
			request.BuildArgs = p.args
			continue
		}
		state, err := stateOf(files["Dockerfile"], p.saves, r)
		if err != nil {
			return nil, err
		}
		if want := map[bool]scenario.Outcome{true: scenario.Run, false: scenario.Cached}[runs]; state != want {
			return nil, fmt.Errorf("%s is %s after the change, want %s", p.saves, state, want)
		}
	}
	return images, nil
}

// stateOf is what became of the RUN with that text.
func stateOf(dockerfile, text string, r *Result) (scenario.Outcome, error) {
	all, err := outcomes(dockerfile, r)
	if err != nil {
		return "", err
	}
	parsed, err := parser.Parse(strings.NewReader(dockerfile))
	if err != nil {
		return "", err
	}
	for _, node := range parsed.AST.Children {
		if strings.EqualFold(node.Value, "RUN") && strings.Contains(node.Original, text) {
			return all[node.StartLine], nil
		}
	}
	return "", fmt.Errorf("no RUN has %q", text)
}

// compare tells whether the images are equal, but for times, history, the exceptions, and the files that
// fixes change. It reports which exceptions there are.
func (p proof) compare(before, after []*Image) (used []bool, err error) {
	used = make([]bool, len(p.except))
	for n := range before {
		a, b := before[n].settings(), after[n].settings()
		const label = "org.opencontainers.image.authors"
		if i := slices.Index(p.except, "author"); i >= 0 && b.Author == "" && b.Config.Labels[label] == strings.Trim(a.Author, `"`) {
			used[i] = true
			b.Author = a.Author
			delete(b.Config.Labels, label)
		}
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		if !bytes.Equal(x, y) || errX != nil || errY != nil {
			return used, fmt.Errorf("the configuration was\n%s\nand is\n%s", x, y)
		}
		was, err := before[n].Files()
		if err != nil {
			return used, err
		}
		is, err := after[n].Files()
		if err != nil {
			return used, err
		}
		names := maps.Clone(was)
		maps.Copy(names, is)
		var differ []string
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if was[name] == is[name] || slices.Contains([]string{"Dockerfile", ".dockerignore"}, path.Base(name)) {
				continue
			}
			known := false
			for i, pattern := range p.except {
				if ok, err := patternmatcher.Matches(name, []string{pattern}); err != nil {
					return used, err
				} else if ok {
					known, used[i] = true, true
				}
			}
			if !known {
				differ = append(differ, fmt.Sprintf("%s: %q, was %q", name, is[name], was[name]))
			}
		}
		if len(differ) > 0 {
			return used, fmt.Errorf("files differ:\n%s", strings.Join(differ, "\n"))
		}
	}
	return used, nil
}

// settings are the image's configuration without what tells of its making, and without the order of
// variables, which no program sees.
func (i *Image) settings() image.DockerOCIImage {
	c := i.DockerOCIImage
	c.Created, c.History, c.RootFS = nil, nil, ocispecs.RootFS{}
	c.Config.Env = slices.Sorted(slices.Values(c.Config.Env))
	c.Config.Labels = maps.Clone(c.Config.Labels)
	return c
}

// standIns are the programs that testdata/stand-in.sh stands for.
var standIns = []string{
	"apk", "apt-get", "bun", "bundle", "cargo", "composer", "dart", "dnf", "dotnet", "gleam", "go", "gradle", "mix", "mvn",
	"node", "npm", "pip", "pipenv", "pnpm", "poetry", "python", "shards", "terraform", "uv", "yarn", "yum", "zypper",
}

// bases are the images that a Dockerfile's stages begin with.
func bases(dockerfile string) (names []string) {
	for line := range strings.Lines(dockerfile) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.EqualFold(fields[0], "FROM") {
			names = append(names, fields[1])
		}
	}
	return names
}

// TestAllSafeFixesHaveProofs: every rule whose cases have a safe fix has a proof of it.
func TestAllSafeFixesHaveProofs(t *testing.T) {
	names, err := filepath.Glob("../../diagnostics/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	proven := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rule := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(name), ".txtar"), "_", "-")
		if !bytes.Contains(text, []byte("/fixed --\n")) || rule == "unused-suppression" { // which edits comments only
			continue
		}
		if _, err := os.Stat(filepath.Join("testdata/fixes", rule+".txtar")); err != nil {
			t.Errorf("%s has a safe fix, but no proof of it: %v", rule, err)
		}
		proven++
	}
	if proven == 0 {
		t.Error("no rule has a safe fix")
	}
}
