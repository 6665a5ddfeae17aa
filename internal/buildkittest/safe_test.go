//go:build linux

package buildkittest

import (
	"archive/tar"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/golden"
	"layerwise/internal/laws"
	"layerwise/internal/projects"
	"layerwise/internal/scenario"

	image "github.com/moby/docker-image-spec/specs-go/v1"
)

// safelyFixed are the rules that have safe fixes. Made-up projects must come upon each of them.
var safelyFixed = []string{
	"add-instead-of-copy", "copy-before-install", "deps-copy-too-wide", "empty-continuation", "expensive-below-volatile", "instruction-casing", "maintainer-deprecated", "pkg-index-refresh-alone", "rm-in-later-layer",
	"unused-suppression", "volatile-arg-too-early", "volatile-env-too-early",
}

// TestSafeFixes applies the safe fixes of all rules to made-up projects. The image must stay as it was, in
// all its files, with their owners and modes, and in its configuration; and no change of a file, nor of a
// build argument, may run a command again that it did not before. LAYERWISE_SEED repeats the projects of an
// earlier run, LAYERWISE_PROJECTS is how many there are, LAYERWISE_PROJECT is one alone.
func TestSafeFixes(t *testing.T) {
	number := func(name string, otherwise uint64) uint64 {
		if n, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
			return n
		}
		return otherwise
	}
	seed := number("LAYERWISE_SEED", uint64(time.Now().UnixNano()))
	count := number("LAYERWISE_PROJECTS", 100)
	only := number("LAYERWISE_PROJECT", count)
	t.Logf("LAYERWISE_SEED=%d", seed)
	tools := standInLayer(t, append(standIns, projects.Tools()...))

	var mu sync.Mutex // guards what follows
	var fixed, unbuilt, harmful int
	rules := map[string]int{}
	var numbers []uint64
	for n := range count {
		if only == count || only == n {
			numbers = append(numbers, n)
		}
	}
	begin := time.Now()
	onDaemons(t, numbers, func(ctx context.Context, d *Daemon, n uint64) error {
		p := projects.Random(rand.New(rand.NewPCG(seed, n)))
		result, of := fixSafely(p)
		if result.Fixes == 0 {
			return nil
		}
		limited, cancel := context.WithTimeout(ctx, 2*time.Minute) // a command may read what it writes
		err := d.proveSafe(limited, p, result, tools)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		mu.Lock()
		fixed++
		for _, rule := range of {
			rules[rule]++
		}
		if unbuildable, ok := err.(unbuildableError); ok {
			unbuilt++
			if only == n {
				t.Log(unbuildable)
			}
		} else if err != nil {
			harmful++
			t.Errorf("LAYERWISE_SEED=%d LAYERWISE_PROJECT=%d, fixes of %v: %v\n--- before\n%s\n--- after\n%s\n--- context %q, changed %q", seed, n, of, err, p.Dockerfile, result.Src, p.Context, result.Files)
		}
		mu.Unlock()
		return nil
	})
	t.Logf("%d projects in %v: %d fixed, %d of these do not build as they are, %d harmed; fixes of %v", count, time.Since(begin).Round(time.Second), fixed, unbuilt, harmful, rules)
	if only != count {
		return
	}
	if fixed*2 < int(count) {
		t.Error("fewer than half of the projects have a safe fix")
	}
	if unbuilt*5 > fixed*2 {
		t.Error("more than two of five projects do not build as they are")
	}
	for _, rule := range safelyFixed {
		if count >= 1000 && rules[rule] == 0 {
			t.Errorf("%s has no safe fix in any project", rule)
		}
	}
	for rule := range rules {
		if _, err := os.Stat("testdata/fixes/" + rule + ".txtar"); err != nil && !slices.Contains(safelyFixed, rule) {
			t.Errorf("%s has safe fixes, and no proof: %v", rule, err)
		}
	}
}

// standInLayer is testdata/stand-in.sh under the names of the tools.
func standInLayer(t *testing.T, tools []string) layer {
	script, err := os.ReadFile("testdata/stand-in.sh")
	if err != nil {
		t.Fatal(err)
	}
	headers := []tar.Header{{Name: "usr/local/bin/stand-in.sh", Mode: 0o755}}
	slices.Sort(tools)
	for _, tool := range slices.Compact(tools) {
		headers = append(headers, tar.Header{Name: "usr/local/bin/" + tool, Typeflag: tar.TypeSymlink, Linkname: "stand-in.sh", Mode: 0o777})
	}
	return newLayer(archive(headers, string(script)))
}

// fixSafely applies the safe fixes, and tells of which rules they are.
func fixSafely(p *projects.Project) (result diagnostics.Fixed, rules []string) {
	check := golden.Checker(catalog.Rules(), nil, p.Context)
	for _, d := range check(p.Dockerfile, nil) {
		if laws.Safe(&d) != nil && !slices.Contains(rules, d.Rule.Name) {
			rules = append(rules, d.Rule.Name)
		}
	}
	return diagnostics.FixAll(p.Dockerfile, false, check), rules
}

// unbuildableError is that a project does not build as it was made up.
type unbuildableError struct{ error }

// after is the project with its fixes.
func after(p *projects.Project, result diagnostics.Fixed) *projects.Project {
	fixed := &projects.Project{Dockerfile: result.Src, Context: maps.Clone(p.Context), Args: p.Args}
	fixed.Context["Dockerfile"] = result.Src
	for name, text := range result.Files {
		fixed.Context[golden.InContext(name)] = text
	}
	return fixed
}

// proveSafe tells what is wrong with the fixes of a project.
func (d *Daemon) proveSafe(ctx context.Context, p *projects.Project, result diagnostics.Fixed, tools layer) error {
	fixed := after(p, result)
	if wrong := laws.Conserved(p.Dockerfile, result.Src); wrong != "" {
		return fmt.Errorf("%s", wrong)
	}
	if err := d.PruneAll(ctx); err != nil {
		return err
	}
	if err := d.SetBases(configurations(p.Dockerfile), tools); err != nil {
		return err
	}
	before, err := d.image(ctx, p)
	if err != nil {
		return unbuildableError{err}
	}
	then, err := d.image(ctx, fixed)
	if err != nil {
		return fmt.Errorf("after the fix: %w", err)
	}
	if _, err := (proof{except: []string{"author"}}).compare([]*Image{before}, []*Image{then}); err != nil {
		return err
	}
	return rerunsLess(ctx, p, fixed)
}

// image builds a project.
func (d *Daemon) image(ctx context.Context, p *projects.Project) (*Image, error) {
	dir, err := os.MkdirTemp(d.dir, "project-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for name, text := range p.Context {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	r, err := d.Build(ctx, BuildRequest{ContextDir: dir, BuildArgs: p.Args, Export: true})
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, r.said())
	}
	return r.Image, nil
}

var fromLine = regexp.MustCompile(`(?mi)^(?:from(?: --\S+)*|arg base=) *(?:=)?([^ \r\n$]+)`)

// configurations are the images of a Dockerfile, as the table of images says that they are.
func configurations(dockerfile string) map[string]scenario.Image {
	all := map[string]scenario.Image{}
	for _, m := range fromLine.FindAllStringSubmatch(dockerfile, -1) {
		name := m[1]
		config := &image.DockerOCIImageConfig{}
		if f, ok := images.Lookup(name, ""); ok {
			config.WorkingDir, config.User = f.Workdir, f.User
			for _, variable := range slices.Sorted(maps.Keys(f.Env)) {
				value := "a-value"
				if known := f.Env[variable]; known != nil {
					value = *known
				}
				if variable == "PATH" && !strings.Contains(value, "/usr/local/bin") {
					value = scenario.DefaultPath
				}
				config.Env = append(config.Env, variable+"="+value)
			}
		} else if name == projects.Unknown {
			config.WorkingDir = projects.UnknownDir
		}
		if !slices.ContainsFunc(config.Env, func(e string) bool { return strings.HasPrefix(e, "PATH=") }) {
			config.Env = append(config.Env, "PATH="+scenario.DefaultPath)
		}
		all[name] = scenario.Image{Config: config}
	}
	return all
}

// rerunsLess compares, by the model of the cache, which commands run again after a change of one file of the
// context, or of one build argument. A step that may depend counts as the side of doubt needs it.
func rerunsLess(ctx context.Context, before, after *projects.Project) error {
	for _, name := range slices.Sorted(maps.Keys(before.Context)) {
		if name == "Dockerfile" || name == ".dockerignore" {
			continue
		}
		if err := rerunsNoMore(ctx, before, after, func(p *projects.Project) { p.Context[name] += "# changed\n" }); err != nil {
			return fmt.Errorf("a change of %s: %w", name, err)
		}
	}
	for name := range before.Args {
		if err := rerunsNoMore(ctx, before, after, func(p *projects.Project) { p.Args[name] += "9" }); err != nil {
			return fmt.Errorf("another value of %s: %w", name, err)
		}
	}
	return nil
}

func rerunsNoMore(ctx context.Context, before, after *projects.Project, change func(*projects.Project)) error {
	most, _, err := rerun(ctx, before, change)
	if err != nil {
		return err
	}
	_, least, err := rerun(ctx, after, change)
	if err != nil {
		return err
	}
	if more := laws.Missing(least, most); len(more) > 0 {
		return fmt.Errorf("runs %q again, which it did not before", more)
	}
	return nil
}

// rerun are the commands that run again after a change, at most and at least.
func rerun(ctx context.Context, p *projects.Project, change func(*projects.Project)) (most, least []string, err error) {
	changed := &projects.Project{Dockerfile: p.Dockerfile, Context: maps.Clone(p.Context), Args: maps.Clone(p.Args)}
	change(changed)
	now := subject(changed)
	c, err := cache.Compare(ctx, subject(p), now)
	if err != nil {
		return nil, nil, err
	}
	for i := range now.Graph.File.Instructions {
		s := now.Graph.StepAt(i)
		if s.Stage == nil || s.Instr.Name != "RUN" {
			continue
		}
		for _, e := range c.Effects {
			if e.Line == now.Graph.Line(s) && e.State > cache.Cached {
				most = append(most, laws.Commands(s)...)
				if e.State == cache.Rebuilt {
					least = append(least, laws.Commands(s)...)
				}
			}
		}
	}
	return most, least, nil
}

func subject(p *projects.Project) cache.Subject {
	return cache.Subject{
		Graph:   stages.Resolve(syntax.Parse(p.Dockerfile), stages.Args{Build: p.Args, Image: images.Base}, nil),
		Options: cache.Options(p.Args, "", ""),
		Trees:   map[string]*cache.Tree{cache.MainContext: cache.NewTree(files.InMemory(p.Context), &files.Hasher{})},
	}
}

// TestHarmfulFixes: fixes that are wrong on purpose are found out, each in its own way.
func TestHarmfulFixes(t *testing.T) {
	const src = "FROM node:22\nWORKDIR /app\nENV A=b\nCOPY package.json package-lock.json .npmrc ./\nRUN npm ci\nCOPY --chown=1000:1000 . .\nRUN npm run build\nRUN cat VERSION > /etc/version\nCMD [\"sh\"]\n"
	context := map[string]string{
		"Dockerfile": src, "package.json": "{\"name\":\"app\"}\n", "package-lock.json": "{}\n", ".npmrc": "audit=false\n", "VERSION": "1\n", "node_modules/a.js": "1\n",
	}
	d := Start(t)
	tools := standInLayer(t, append(standIns, projects.Tools()...))
	for _, wrong := range []struct{ name, from, to, says string }{
		{"nothing", "", "", ""},
		{"a file that an install reads is left out", " .npmrc", "", "files differ"},
		{"a file that an install needs is left out", " package-lock.json", "", "after the fix"},
		{"the owner is lost", "--chown=1000:1000 ", "", "files differ"},
		{"a copy is put over what was made", "COPY --chown=1000:1000 . .\nRUN npm run build\n", "RUN npm run build\nCOPY --chown=1000:1000 . .\n", "files differ"},
		{"a copy comes too late", "COPY --chown=1000:1000 . .\nRUN npm run build\nRUN cat VERSION > /etc/version\n", "RUN npm run build\nRUN cat VERSION > /etc/version\nCOPY --chown=1000:1000 . .\n", "after the fix"},
		{"a variable is lost", "ENV A=b\n", "", "configuration"},
		{"a command is lost", "RUN npm run build\n", "", "commands"},
		{"an install runs again for any file", " package-lock.json .npmrc", " package-lock.json .npmrc VERSION", "again, which it did not before"},
		{"a file is ignored", "", "", "files differ"},
	} {
		p := &projects.Project{Dockerfile: src, Context: context, Args: map[string]string{"GIT_SHA": "a"}}
		result := diagnostics.Fixed{Src: strings.Replace(src, wrong.from, wrong.to, 1)}
		if wrong.name == "a file is ignored" {
			result.Files = map[string]string{"/context/.dockerignore": "node_modules/a.js\n"}
		}
		err := d.proveSafe(t.Context(), p, result, tools)
		if wrong.says == "" && err != nil || wrong.says != "" && (err == nil || !strings.Contains(err.Error(), wrong.says)) {
			t.Errorf("%s: %v, want %q", wrong.name, err, wrong.says)
		}
	}
}
