package sources

import (
	"path"
	"strings"
	"unicode/utf8"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// The actions that build images. Each takes the inputs of a step, by name in lower case.
//
// Sources: the READMEs and the code of docker/build-push-action (versions 1 to 7), docker/bake-action,
// docker/github-builder and redhat-actions/buildah-build.

// buildPush reads a step with docker/build-push-action or one that takes its inputs.
// env is the step's environment.
func (j *job) buildPush(step *yaml.Node, with, env map[string]string, line int) {
	b := Build{Name: j.name, Place: Place{j.file, line, j.a.r.kind}}
	named(&b, with)
	j.place(&b, step, "context", "file")
	b.takeEpoch(among(env), j.epochAt(step, line))
	push := isOn(with["push"])
	for _, output := range csvList(with["outputs"], false) {
		push = push || strings.Contains(output, "push=true") || strings.Contains(output, "type=registry")
	}
	b.Released = push || isOn(with["load"]) && j.pushes
	context, dir := with["context"], ""
	git := context == ""
	if rest, ok := cutDefaultContext(context); ok {
		git, dir = true, strings.TrimPrefix(rest, ":")
	} else if raw := step.Get("with", "context").String(); ownURL.MatchString(raw) {
		_, fragment, _ := strings.Cut(context, "#")
		_, dir, _ = strings.Cut(fragment, ":")
		git = true
	}
	j.settle(b, git, context, dir, with["file"])
}

// settle adds a build whose paths are those of the inputs of an action. dir is the folder of a git context.
func (j *job) settle(b Build, git bool, context, dir, file string) {
	if git {
		r := j.a.r
		file = strings.TrimPrefix(file, "/")
		if err := r.settle(&b, ".", dir, dir, file); err != nil {
			j.a.noteAt(j.file, b.Place.Line, "%s", unread(err, file))
			return
		}
		b.Kind = Git
		if b.Missing != "" {
			at := missingAt(r.files, &b)
			r.noteAt(Note{File: at.File, Line: at.Line, Word: at.Text, Message: b.Missing, Wrong: true})
		}
		r.add(b)
		return
	}
	j.do(func(r *reading) {
		if err := r.settle(&b, ".", context, ".", file); err != nil {
			r.note(b.Place.Line, "%s", unread(err, file))
			return
		}
		b, ours := b, b
		if j.mounts.build(j.a.r, &ours) == nil && ours.Missing != "" {
			folderMissing := ours.Kind == Folder && inside(ours.Context) && !j.a.r.files.IsFolder(ours.Context)
			switch {
			case !*j.made:
				at := missingAt(j.a.r.files, &ours)
				r.noteAt(Note{File: at.File, Line: at.Line, Word: at.Text, Message: ours.Missing, Wrong: true})
			case folderMissing && j.a.r.files.IsFile(ours.Dockerfile):
				b.Kind, b.Context, b.Missing = Generated, "", ""
			default:
				r.note(b.Place.Line, "%s, unless a step before makes it", ours.Missing)
			}
		}
		r.add(b)
	})
}

// named fills in what an action's inputs say besides the paths.
func named(b *Build, with map[string]string) {
	for _, line := range csvList(with["build-args"], true) {
		b.arg(line)
	}
	if b.Target = with["target"]; !isKnown(b.Target) {
		b.Target, b.Unsure = "", true
	}
	for _, line := range csvList(with["build-contexts"], true) {
		b.context(line)
	}
	for _, input := range []string{"secrets", "secret-files", "secret-envs"} {
		for _, line := range csvList(with[input], true) {
			if id, _, ok := strings.Cut(line, "="); ok && isKnown(id) {
				b.Secrets = append(b.Secrets, strings.TrimSpace(id))
			}
		}
	}
	for _, line := range csvList(with["ssh"], true) {
		b.ssh(line)
	}
	b.Platforms = allKnown(csvList(with["platforms"], false))
	b.Images = allKnown(csvList(with["tags"], false))
	b.partlyNamed(csvList(with["tags"], false))
	b.Export = exportOf(csvList(with["cache-to"], true))
}

// arg takes in an argument K=V. One without = has its value from the environment of the run.
func (b *Build) arg(line string) {
	name, value, ok := strings.Cut(line, "=")
	switch name = strings.TrimSpace(name); {
	case !isKnown(name):
		b.Unsure = true
		return
	case name == "":
		return
	case !ok:
		value = unknown
	}
	if b.Args == nil {
		b.Args = map[string]*string{}
	}
	b.Args[name] = argument(value)
}

// context takes in a named context, NAME=PLACE, whose path counts from the runner's workspace.
func (b *Build) context(line string) {
	name, value, _ := strings.Cut(line, "=")
	fetched := isRemote(value) || strings.HasPrefix(value, "target:")
	switch _, value = fromRoot(".", value); {
	case value == "" || name == "":
		return
	case !isKnown(name) || !fetched && !isKnown(value):
		b.Unsure = true
		return
	case fetched:
		value = shown(value)
	default:
		value = joined(".", value)
	}
	if b.Contexts == nil {
		b.Contexts = map[string]string{}
	}
	b.Contexts[name] = value
}

// isOn reports whether a switch is on, or may be.
func isOn(s string) bool { return strings.EqualFold(s, "true") || !isKnown(s) }

// allKnown are the texts that are known.
func allKnown(list []string) (kept []string) {
	for _, s := range list {
		if isKnown(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

var defaultContext = lazy.New(`^\{\{\{?\s*defaultContext\s*\}?\}\}`)

// ownURL is the address of this repository.
var ownURL = lazy.New(`^(https://github\.com|\$\{\{\s*github\.server_url\s*\}\})/\$\{\{\s*github\.repository\s*\}\}`)

// cutDefaultContext is what stands after {{defaultContext}}.
func cutDefaultContext(context string) (string, bool) {
	if m := defaultContext.FindString(context); m != "" {
		return context[len(m):], true
	}
	return "", false
}

// csvList are the values of an input that is a list: by lines, and unless whole by commas. Values may stand
// in quotes, as in CSV.
func csvList(text string, whole bool) (list []string) {
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	for text != "" {
		var record []string
		record, text = csvRecord(text)
		if whole {
			add(strings.Join(record, ","))
			continue
		}
		for _, field := range record {
			add(field)
		}
	}
	return list
}

// csvRecord cuts the first record off a text. Quotes count at the start of a field only.
func csvRecord(text string) (fields []string, rest string) {
	var field strings.Builder
	start, quoted := true, false
	for text != "" {
		c, size := utf8.DecodeRuneInString(text)
		switch {
		case quoted && strings.HasPrefix(text, `""`):
			field.WriteByte('"')
			text = text[2:]
			continue
		case quoted && c == '"':
			quoted = false
		case !quoted && c == '"' && start:
			quoted, start = true, false
		case !quoted && c == ',':
			fields = append(fields, field.String())
			field.Reset()
			start = true
		case !quoted && c == '\n':
			return append(fields, strings.TrimSuffix(field.String(), "\r")), text[size:]
		default:
			field.WriteString(text[:size])
			start = start && (c == ' ' || c == '\t') && field.Len() == 0
		}
		text = text[size:]
	}
	return append(fields, field.String()), ""
}

// buildPushV1 reads a step with the first version of docker/build-push-action.
func (j *job) buildPushV1(step *yaml.Node, with map[string]string, line int) {
	b := Build{Name: j.name, Place: Place{j.file, line, j.a.r.kind}, Released: with["push"] != "false"}
	named(&b, map[string]string{"target": with["target"]})
	for _, arg := range csvList(with["build_args"], false) {
		b.arg(arg)
	}
	j.place(&b, step, "path", "dockerfile")
	context := with["path"]
	if context == "" {
		context = "."
	}
	j.settle(b, false, context, "", with["dockerfile"])
}

// smithers reads a step with mr-smithers-excellent/docker-build-push, which builds in the root.
func (j *job) smithers(step *yaml.Node, with map[string]string, line int) {
	b := Build{Name: j.name, Place: Place{j.file, line, j.a.r.kind}, Released: with["pushimage"] != "false" && with["push"] != "false"}
	named(&b, map[string]string{"target": with["target"], "platforms": with["platform"]})
	for _, arg := range csvList(with["buildargs"], false) {
		b.arg(arg)
	}
	j.place(&b, step, "", "dockerfile")
	j.settle(b, false, ".", "", with["dockerfile"])
}

// buildah reads a step with redhat-actions/buildah-build. Without a Dockerfile it makes an image of files.
func (j *job) buildah(step *yaml.Node, with map[string]string, line int) {
	files := lineList(with["containerfiles"] + "\n" + with["dockerfiles"])
	if len(files) == 0 {
		return
	}
	b := Build{Name: j.name, Place: Place{j.file, line, j.a.r.kind}, Released: j.pushes}
	named(&b, map[string]string{"platforms": with["platforms"]})
	for _, arg := range lineList(with["build-args"]) {
		b.arg(arg)
	}
	extra := lineList(with["extra-args"])
	for i, arg := range extra {
		if rest, ok := strings.CutPrefix(arg, "--target"); ok {
			rest = strings.TrimLeft(rest, "= ")
			if rest == "" && i+1 < len(extra) {
				rest = extra[i+1]
			}
			b.Target = rest
		} else if !isKnown(arg) {
			b.Unsure = true
		}
	}
	if !isKnown(b.Target) {
		b.Target, b.Unsure = "", true
	}
	context := with["context"]
	if context == "" {
		context = "."
	}
	if len(files) > 1 {
		j.a.noteAt(j.file, line, "it is not known what is built here: several Dockerfiles are put together")
		return
	}
	j.place(&b, step, "context", "containerfiles")
	if b.At.Dockerfile.Line == 0 {
		j.place(&b, step, "context", "dockerfiles")
	}
	j.settle(b, false, context, "", files[0])
}

// lineList are the lines of an input that have text.
func lineList(text string) (list []string) {
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// githubBuilder reads a call of Docker's own workflow, which builds a commit of the repository.
func (j *job) githubBuilder(step *yaml.Node, with map[string]string, line int) {
	b := Build{Name: j.name, Place: Place{j.file, line, j.a.r.kind}, Released: isOn(with["push"])}
	named(&b, with)
	j.place(&b, step, "context", "file")
	file := with["file"]
	if isKnown(file+with["context"]) && file != "" && !j.a.r.files.IsFile(joined(with["context"], file)) {
		if rest, ok := strings.CutPrefix(path.Clean(file), path.Clean(with["context"])+"/"); ok {
			file = rest
		}
	}
	j.settle(b, true, "", with["context"], file)
}

// bake reads a step with docker/bake-action, which calls bake. env is the step's environment.
func (j *job) bake(with, env map[string]string, line int, git bool) {
	call := Call{Kind: Bake, Dir: ".", Env: env, Place: Place{j.file, line, j.a.r.kind}, Git: git, Released: isOn(with["push"])}
	dir := with["workdir"]
	if source := with["source"]; source != "" {
		rest, ok := cutDefaultContext(source)
		call.Git = ok
		switch {
		case ok:
			dir = strings.TrimPrefix(rest, ":")
		case isRemote(source):
			j.a.noteAt(j.file, line, "this build is not known: its bake file is fetched from elsewhere")
			return
		default:
			dir = path.Join(dir, source)
		}
	}
	if context := with["context"]; context != "" && dir == "" { // of docker/github-builder
		dir = context
	}
	if !isKnown(dir) {
		j.a.noteAt(j.file, line, "it is not known which bake files this takes: %s is known only when it runs", shown(dir))
		return
	}
	call.Dir = onRunner(dir)
	hidden := ""
	files := csvList(with["files"], false)
	if len(files) == 0 {
		files = bakeFilesOf(env)
	}
	for _, file := range files {
		file = strings.TrimPrefix(file, "cwd://")
		if isRemote(file) {
			continue
		}
		if !isKnown(file) { // mostly one that docker/metadata-action wrote, with tags and labels
			hidden = file
			continue
		}
		if name := joined(call.Dir, file); inside(name) {
			call.Files = append(call.Files, name)
		}
	}
	if call.Unsure = hidden != ""; call.Unsure && len(call.Files) == 0 {
		j.a.noteAt(j.file, line, "it is not known which bake files this takes: %s is known only when it runs", shown(hidden))
		return
	}
	call.Targets = allKnown(csvList(with["targets"]+"\n"+with["target"], false))
	for _, text := range csvList(with["set"], true) {
		set, ok := bakeSetOf(text, call.variable)
		if !ok {
			continue
		}
		call.sets = append(call.sets, set)
		call.Released = call.Released || set.publishes()
	}
	j.do(func(r *reading) { r.calls = append(r.calls, call) })
}

var majorVersion = lazy.New(`\bv(\d+)`)

// isGitBake reports whether a version of docker/bake-action takes a commit of the repository if it is told
// nothing else: those from 6 on. The version may stand in a comment behind the revision.
func isGitBake(revision string, d *document, line int) bool {
	m := majorVersion.FindStringSubmatch(revision)
	if m == nil && d != nil && line <= len(d.lines) {
		if _, comment, ok := strings.Cut(d.lines[line-1], "#"); ok {
			m = majorVersion.FindStringSubmatch(comment)
		}
	}
	return m == nil || len(m[1]) > 1 || m[1] >= "6"
}

// buildsByName matches actions and workflows that say by their names that they build images.
var buildsByName = lazy.New(`(?i)(docker|container|image)s?[-_]build|build[-_](and[-_]push[-_])?(docker|container|image)`)

// foreign notes that an action which is not known here seems to build an image.
func (j *job) foreign(with map[string]string, uses string, line int) {
	name, _, _ := strings.Cut(uses, "@")
	dockerfile, context := buildsByName.MatchString(name), false
	for name, value := range with {
		if lower := strings.ToLower(name + "=" + value); strings.Contains(lower, "dockerfile") || strings.Contains(lower, "containerfile") {
			dockerfile = true
		}
		switch strings.NewReplacer("-", "", "_", "").Replace(name) {
		case "context", "buildcontext", "dockercontext", "dockerfilecontext", "path", "directory", "buildargs", "workdir":
			context = true
		}
	}
	if dockerfile && context {
		j.a.noteAt(j.file, line, "what %s builds is not known: it is of another repository", shown(name))
	}
}
