package sources

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// readers are all kinds of sources, sorted.
var readers = []reader{
	{Bake, isBake, readBake},
	{CloudBuild, isCloudBuild, readCloudBuild},
	{Compose, isCompose, readCompose},
	{Devcontainer, isDevcontainer, readDevcontainer},
	{GoReleaser, isGoReleaser, readGoReleaser},
	{Jenkins, isJenkins, readJenkins},
	{Just, isJust, readJust},
	{Make, isMake, readMake},
	{PackageJSON, isPackageJSON, readPackageJSON},
	{Shell, isShell, readShell},
	{Skaffold, isSkaffold, readSkaffold},
	{Taskfile, isTaskfile, readTaskfile},
	{Tilt, isTilt, readTilt},
}

// IsSource reports whether a file may say how Dockerfiles are built, by its path, relative to the root of
// the workspace, with slashes.
func IsSource(name string) bool {
	return slices.ContainsFunc(readers, func(k reader) bool { return k.takes(name) })
}

// Result is what sources say.
type Result struct {
	Builds []Build // sorted by place
	Notes  []Note  // sorted by place
}

// Read reads sources. names are paths relative to the root of the workspace; files that are no sources are
// left out. What they name is read too. It stops early if ctx is done.
func Read(ctx context.Context, files *Files, names []string) *Result {
	var all []*reading
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		all = append(all, read(files, name)...)
	}
	return gather(all)
}

// read reads one source, by each reader that takes it.
func read(files *Files, name string) (all []*reading) {
	for _, k := range readers {
		if k.takes(name) {
			all = append(all, readWith(files, name, k.kind, k.read))
		}
	}
	return all
}

// readWith reads one source by one reader. If that crashes, it is a note.
func readWith(files *Files, name string, kind Kind, read func(*reading)) (r *reading) {
	r = &reading{files: &watched{files: files, looks: map[look]bool{}}, file: name, kind: kind}
	r.guard(read)
	return r
}

// guard makes a note of it if a reader crashes.
func (r *reading) guard(read func(*reading)) {
	defer func() {
		if p := recover(); p != nil {
			r.builds, r.calls, r.notes, r.instead = nil, nil, nil, nil
			r.note(1, "this file was not read: its reader failed (%v)", p)
			r.crashed = true
		}
	}()
	read(r)
}

// gather joins what the readings of all sources have found, and reads what they call.
func gather(all []*reading) *Result {
	answers := append(composeAnswers(all), bakeAnswers(all)...)
	res := &Result{}
	for _, r := range append(answers, whole(answers, all)...) {
		res.Builds = append(res.Builds, r.builds...)
		res.Notes = append(res.Notes, r.notes...)
	}
	slices.SortStableFunc(res.Builds, func(a, b Build) int { return comparePlaces(a.Place, b.Place) })
	res.Builds = distinct(res.Builds)
	slices.SortStableFunc(res.Notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	res.Notes = slices.Compact(res.Notes)
	return res
}

// whole leaves out the readings of sources that are read as parts of others.
func whole(answers, all []*reading) (kept []*reading) {
	type source struct {
		kind Kind
		file string
	}
	parts := map[source]bool{}
	add := func(r *reading) {
		for _, file := range r.instead {
			parts[source{r.kind, file}] = true
		}
	}
	for _, r := range answers {
		add(r)
	}
	for _, r := range all { // of files that include each other, the first is whole
		if !parts[source{r.kind, r.file}] {
			add(r)
		}
	}
	for _, r := range all {
		if !parts[source{r.kind, r.file}] {
			kept = append(kept, r)
		}
	}
	return kept
}

func comparePlaces(a, b Place) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Kind, b.Kind))
}

// distinct leaves one of equal builds of one place. It is released, and a default, if one of them is so, and
// for development if all are.
func distinct(builds []Build) (kept []Build) {
	for _, b := range builds {
		same := false
		for i := len(kept) - 1; i >= 0 && kept[i].Place == b.Place && !same; i-- {
			like, k := b, &kept[i]
			like.Released, like.Default, like.Dev = k.Released, k.Default, k.Dev
			if same = reflect.DeepEqual(*k, like); same {
				k.Released, k.Default, k.Dev = k.Released || b.Released, k.Default || b.Default, k.Dev && b.Dev
			}
		}
		if !same {
			kept = append(kept, b)
		}
	}
	return kept
}

// String is a build in one line, for tests and logs.
func (b Build) String() string {
	file := b.Dockerfile
	if b.Inline != "" {
		file = fmt.Sprintf("inline(%d bytes)", len(b.Inline))
	}
	s := fmt.Sprintf("%s:%d %s %q: %s, %s %s", b.Place.File, b.Place.Line, b.Place.Kind, b.Name, file, b.Kind, b.Context)
	add := func(name string, value any) { s += fmt.Sprintf(", %s %v", name, value) }
	if b.IgnoreFile != "" {
		add("ignore file", b.IgnoreFile)
	}
	if b.Target != "" {
		add("target", b.Target)
	}
	for _, name := range slices.Sorted(maps.Keys(b.Args)) {
		if v := b.Args[name]; v == nil {
			add("arg", name)
		} else {
			add("arg", name+"="+*v)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Contexts)) {
		add("context", name+"="+b.Contexts[name])
	}
	lists := []struct {
		name string
		list []string
	}{{"secrets", b.Secrets}, {"platforms", b.Platforms}, {"images", b.Images}}
	for _, l := range lists {
		if len(l.list) > 0 {
			add(l.name, l.list)
		}
	}
	marks := []struct {
		name string
		is   bool
	}{{"released", b.Released}, {"dev", b.Dev}, {"unsure", b.Unsure}, {"default", b.Default}, {"missing: " + b.Missing, b.Missing != ""}}
	for _, m := range marks {
		if m.is {
			s += ", " + m.name
		}
	}
	return s
}
