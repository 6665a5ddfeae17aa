package sources

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// readers are all kinds of sources, sorted.
var readers = []reader{
	{Azure, isAzure, readAzure},
	{Bake, isBake, readBake},
	{CircleCI, isCircleCI, readCircleCI},
	{CloudBuild, isCloudBuild, readCloudBuild},
	{Compose, isCompose, readCompose},
	{Devcontainer, isDevcontainer, readDevcontainer},
	{GitHubActions, isWorkflow, readActions},
	{GitLabCI, isGitLab, readGitLab},
	{GoReleaser, isGoReleaser, readGoReleaser},
	{Jenkins, isJenkins, readJenkins},
	{Just, isJust, readJust},
	{Make, isMake, readMake},
	{PackageJSON, isPackageJSON, readPackageJSON},
	{Shell, isShell, readShell},
	{Skaffold, isSkaffold, readSkaffold},
	{Taskfile, isTaskfile, readTaskfile},
	{Tilt, isTilt, readTilt},
	{Woodpecker, isWoodpecker, readWoodpecker},
}

// IsSource reports whether a file may say how Dockerfiles are built, by its path, relative to the root of
// the workspace, with slashes.
func IsSource(name string) bool {
	return slices.ContainsFunc(readers, func(k reader) bool { return k.takes(name) })
}

// Patterns are the names of the files that may say how Dockerfiles are built, as globs for editors, which match below
// any folder. They may take more than IsSource does, and not what only its folder tells from others.
var Patterns = []string{
	"**/*{compose,Compose,COMPOSE}*.{yaml,yml}", "**/*bake*.{hcl,json}", "**/.{github,forgejo,gitea}/workflows/*.{yaml,yml}", "**/action.{yaml,yml}",
	"**/*.gitlab-ci.yml", "**/.circleci/*.{yaml,yml}", "**/.{woodpecker,drone}.{yaml,yml}", "**/.woodpecker/**/*.{yaml,yml}",
	"**/*azure-pipelines*.{yaml,yml}", "**/.azure/*.{yaml,yml}", "**/cloudbuild*.{yaml,yml,json}", "**/*[Bb]uild*.{yaml,yml}", "**/{Jenkinsfile,Jenkinsfile.*,*.jenkinsfile,*.Jenkinsfile}",
	"**/{Makefile,makefile,GNUmakefile,Makefile.*,*.mk}", "**/{justfile,Justfile,.justfile,*.just}", "**/*[Tt]askfile*.{yaml,yml}",
	"**/{tasks,taskfiles,.taskfiles,.task}/*.{yaml,yml}", "**/*.{sh,bash}", "**/package.json", "**/skaffold*.{yaml,yml}", "**/Tiltfile",
	"**/{devcontainer,.devcontainer}.json", "**/*goreleaser*.{yaml,yml}",
}

// Result is what sources say.
type Result struct {
	Builds []Build // sorted by place
	Notes  []Note  // sorted by place
}

// Read reads sources. names are paths relative to the root of the workspace; files that are no sources are
// left out. What they name is read too. It stops early if ctx is done.
func Read(ctx context.Context, files *Files, names []string) *Result {
	return gather(ctx, names, func(_ key, file string, kind Kind, read func(*reading)) *reading {
		return readWith(files, file, kind, read)
	})
}

// key names a reading: a source by a reader.
type key struct {
	file string
	kind Kind
}

// ask reads, or remembers what was read and still holds.
type ask func(k key, file string, kind Kind, read func(*reading)) *reading

// read reads a source, by each reader that takes it.
func (l ask) read(name string) (all []*reading) {
	for _, k := range readers {
		if k.takes(name) {
			all = append(all, l(key{file: name, kind: k.kind}, name, k.kind, k.read))
		}
	}
	return all
}

// readWith reads one source by one reader. If that crashes, it is a note.
func readWith(files *Files, name string, kind Kind, read func(*reading)) (r *reading) {
	r = &reading{files: &watched{files: files, looks: map[look]bool{}}, file: name, kind: kind}
	r.guard(read)
	r.findChanging()
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

// gather reads all sources, then what they call, and joins what was found.
func gather(ctx context.Context, names []string, l ask) *Result {
	var all []*reading
	for _, name := range names {
		if ctx.Err() != nil {
			break
		}
		all = append(all, l.read(name)...)
	}
	return together(all)
}

// together puts in one what readings have found, and what the sources that they call say then.
func together(all []*reading) *Result {
	all = whole(nil, all)
	answers := append(composeAnswers(all), bakeAnswers(all)...)
	res := &Result{}
	for _, r := range append(answers, whole(answers, all)...) {
		res.Builds = append(res.Builds, r.builds...)
		res.Notes = append(res.Notes, r.notes...)
	}
	slices.SortStableFunc(res.Builds, func(a, b Build) int { return comparePlaces(a.Place, b.Place) })
	res.Builds = distinct(res.Builds)
	sortNotes(res.Notes)
	res.Notes = slices.Compact(res.Notes)
	return res
}

func sortNotes(notes []Note) {
	slices.SortStableFunc(notes, func(a, b Note) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
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

// distinct joins the builds of one place, which come one after the other, that differ in nothing but their names: a matrix of tags builds the
// same. It is released, and a default, if one of them is so, exports of the cache what the one with most does, and is for development if all are.
func distinct(builds []Build) (kept []Build) {
	at := map[string]int{} // where in kept, by all that tells builds apart
	alone := func(i int) bool {
		return (i == 0 || builds[i-1].Place != builds[i].Place) && (i == len(builds)-1 || builds[i+1].Place != builds[i].Place)
	}
	for i, b := range builds {
		if alone(i) { // as most are
			kept = append(kept, b)
			continue
		}
		alike := b
		alike.Name, alike.Images, alike.Released, alike.Default, alike.Unsure, alike.Dev, alike.At, alike.Export = "", nil, false, false, false, false, Attributes{}, ExportNone
		key, _ := json.Marshal(alike)
		i, again := at[string(key)]
		if !again {
			at[string(key)] = len(kept)
			kept = append(kept, b)
			continue
		}
		k := &kept[i]
		for _, image := range b.Images {
			if !slices.Contains(k.Images, image) {
				k.Images = append(slices.Clip(k.Images), image)
			}
		}
		k.partlyNamed(b.partly)
		if k.Export == ExportNone || b.Export == ExportAll {
			k.Export, k.At.Export = b.Export, b.At.Export
		}
		k.Released, k.Default, k.Unsure, k.Dev = k.Released || b.Released, k.Default || b.Default, k.Unsure || b.Unsure, k.Dev && b.Dev
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
	if b.Export != ExportNone {
		add("cache export", b.Export)
	}
	lists := []struct {
		name string
		list []string
	}{{"secrets", b.Secrets}, {"ssh", b.SSH}, {"platforms", b.Platforms}, {"images", b.Images}}
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
