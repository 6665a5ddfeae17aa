package bakeoracle

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/docker/buildx/bake"
	"layerwise/build/sources"
)

func TestMain(m *testing.M) {
	os.Setenv("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP", "true") // the environment decides nothing
	os.Exit(m.Run())
}

// target is a build as buildx has it, with paths relative to the project.
type target struct {
	context, dockerfile, inline, stage string
	args, contexts                     map[string]string
	platforms                          []string
	standard                           bool
}

// byBuildx is what buildx makes of a project: its targets by name, of those of its own groups and of the
// named ones.
func byBuildx(files map[string]string, names []string) (map[string]target, error) {
	var list []bake.File
	for _, name := range []string{"compose.yaml", "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"} {
		if text, ok := files[name]; ok {
			list = append(list, bake.File{Name: name, Data: []byte(text)})
		}
	}
	defaults := map[string]string{"BAKE_CMD_CONTEXT": "cwd://", "BAKE_LOCAL_PLATFORM": "linux/amd64"}
	config, _, err := bake.ParseFiles(list, defaults, nil)
	if err != nil {
		return nil, err
	}
	found := map[string]target{}
	standard, _ := config.ResolveGroup("default")
	if len(standard) == 1 && !slices.ContainsFunc(config.Targets, func(t *bake.Target) bool { return t.Name == standard[0] }) {
		standard = nil
	}
	for _, name := range slices.Concat(names, standard) {
		t, err := config.ResolveTarget(name, nil, &bake.EntitlementConf{})
		if err != nil {
			return nil, err
		}
		c := convert(t)
		c.standard = slices.Contains(standard, name)
		found[name] = c
	}
	return found, nil
}

func convert(t *bake.Target) target {
	local := func(name string) string { return strings.TrimPrefix(name, "cwd://") }
	c := target{context: local(*t.Context), args: map[string]string{}, contexts: map[string]string{}, platforms: t.Platforms}
	if !strings.Contains(c.context, "://") {
		c.context = path.Clean(c.context)
	}
	if name, ok := strings.CutPrefix(*t.Dockerfile, "cwd://"); ok {
		c.dockerfile = path.Clean(name)
	} else if strings.Contains(c.context, "://") { // it is fetched too, and counts from there
		c.dockerfile = path.Clean(*t.Dockerfile)
	} else {
		c.dockerfile = path.Join(c.context, *t.Dockerfile)
	}
	if t.DockerfileInline != nil && *t.DockerfileInline != "" {
		c.inline, c.dockerfile = *t.DockerfileInline, ""
	}
	if t.Target != nil {
		c.stage = *t.Target
	}
	for name, v := range t.Args {
		if v != nil {
			c.args[name] = *v
		}
	}
	for name, from := range t.Contexts {
		if !strings.Contains(from, ":") || strings.HasPrefix(from, "cwd://") {
			from = path.Clean(local(from))
		}
		c.contexts[name] = from
	}
	return c
}

// byLayerwise are the targets of bake files that the reader finds, by name, and the services of compose files. Sources that
// call bake are left out.
func byLayerwise(t *testing.T, files map[string]string) (builds map[string]sources.Build, services map[string]bool) {
	t.Helper()
	own := maps.Clone(files)
	maps.DeleteFunc(own, func(name, _ string) bool {
		base := path.Base(name)
		return sources.IsSource(name) && !strings.Contains(base, "bake") && !strings.Contains(base, "compose")
	})
	builds, services = map[string]sources.Build{}, map[string]bool{}
	for _, b := range read(t, own) {
		if b.Place.Kind == sources.Bake {
			builds[b.Name] = b
		} else {
			services[b.Name] = true
		}
	}
	return builds, services
}

// read are the builds that the reader finds, of one target those of calls first.
func read(t *testing.T, files map[string]string) []sources.Build {
	t.Helper()
	dir := t.TempDir()
	var names []string
	for name, text := range files {
		names = append(names, name)
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := sources.NewFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	slices.Sort(names)
	return sources.Read(context.Background(), f, names).Builds
}

// compare is how both differ, where they should not; and how many values only the run knows for Layerwise.
func compare(files map[string]string, builds map[string]sources.Build, services map[string]bool) (differences []string, open int, err error) {
	theirs, err := byBuildx(files, slices.Sorted(maps.Keys(builds)))
	if err != nil {
		return nil, 0, err
	}
	differ := func(name, what string, ours, theirs any) {
		if fmt.Sprint(ours) != fmt.Sprint(theirs) {
			differences = append(differences, fmt.Sprintf("%s: %s: Layerwise has %v, buildx has %v", name, what, ours, theirs))
		}
	}
	for name, b := range builds {
		o := theirs[name]
		differ(name, "context", b.Context, o.context)
		differ(name, "dockerfile", b.Dockerfile, o.dockerfile)
		differ(name, "inline", b.Inline, o.inline)
		if b.Unsure {
			open++
		} else {
			differ(name, "target", b.Target, o.stage)
			differ(name, "names of args", slices.Sorted(maps.Keys(b.Args)), withOpen(b.Args, o.args))
		}
		differ(name, "default", b.Default, o.standard)
		differ(name, "platforms", b.Platforms, o.platforms)
		for arg, v := range b.Args {
			if v == nil {
				open++ // a variable without value, or a value of the time: buildx takes the environment's, or its own
				continue
			}
			differ(name, "arg "+arg, *v, o.args[arg])
		}
		for named, from := range b.Contexts {
			if from == "" {
				open++
				continue
			}
			differ(name, "context "+named, from, o.contexts[named])
		}
	}
	for name, o := range theirs {
		if _, ok := builds[name]; !ok && o.standard && !services[name] {
			differences = append(differences, name+": Layerwise does not have it")
		}
	}
	return differences, open, nil
}

// withOpen are the names of buildx' args, and of ours that may be null: buildx drops those that are.
func withOpen(ours map[string]*string, theirs map[string]string) []string {
	names := slices.Collect(maps.Keys(theirs))
	for name, v := range ours {
		if _, ok := theirs[name]; !ok && v == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
