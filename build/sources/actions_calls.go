package sources

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// use reads a step that uses an action.
func (j *job) use(step *yaml.Node, s expressions, env map[string]string) {
	uses := strings.TrimSpace(step.Get("uses").Text)
	line := step.LineOf("uses")
	if uses == "." || strings.HasPrefix(uses, "./") || strings.HasPrefix(uses, "../") {
		j.callAction(step, s, env, uses, line)
		return
	}
	with := s.inputs(step.Get("with"))
	repo, revision := action(uses)
	switch name := path.Base(repo); {
	case strings.HasPrefix(uses, "docker://"):
	case name == "checkout" && strings.Count(repo, "/") == 1:
		j.checkout(step, with)
	case repo == "docker/build-push-action" && (revision == "v1" || strings.HasPrefix(revision, "v1.")):
		j.buildPushV1(step, with, line)
	case name == "build-push-action" && strings.Count(repo, "/") == 1:
		j.buildPush(step, with, env, line)
	case repo == "mr-smithers-excellent/docker-build-push" && with["directory"] == "":
		j.smithers(step, with, line)
	case repo == "redhat-actions/buildah-build":
		j.buildah(step, with, line)
	case name == "bake-action" && strings.Count(repo, "/") == 1:
		j.bake(with, env, line, isGitBake(revision, j.doc, line))
	case name == "retry" && step.Get("with", "command").IsText():
		j.run(step.Get("with", "command"), step, s, env)
		*j.made = true
	default:
		j.foreign(with, uses, line)
		*j.made = *j.made || !harmless(repo)
	}
}

// harmless reports whether an action makes no files in the workspace that matter.
func harmless(repo string) bool {
	owner, name, _ := strings.Cut(repo, "/")
	return owner == "docker" || strings.HasPrefix(name, "setup-") || strings.Contains(name, "login") || strings.Contains(name, "metadata") ||
		strings.HasSuffix(name, "/setup-action") || strings.Contains(name, "free-disk-space") || strings.Contains(name, "paths-filter")
}

// inputs are what a step gives to an action, by name in lower case.
func (s expressions) inputs(n *yaml.Node) map[string]string {
	with := map[string]string{}
	for _, name := range n.Keys() {
		with[strings.ToLower(name)] = strings.TrimSpace(s.textAt(n.Get(name)))
	}
	return with
}

// checkout notes which folder of the workspace holds what.
func (j *job) checkout(step *yaml.Node, with map[string]string) {
	repository := step.Get("with", "repository").String()
	own := repository == "" || with["repository"] == "" || strings.Contains(repository, "github.") || j.a.isOwn(with["repository"])
	at := onRunner(with["path"])
	if !inside(at) {
		return
	}
	j.mounts.add(at, own, ".")
}

// isOwn reports whether a name of a repository is that of this one, as its manifests say.
func (a *actions) isOwn(name string) bool {
	own, ok := a.own[name]
	if !ok {
		own = a.manifestsName(name)
		a.own[name] = own
	}
	return own
}

func (a *actions) manifestsName(name string) bool {
	for _, file := range []string{"go.mod", "package.json", "Cargo.toml", "pyproject.toml", "composer.json"} {
		text, _ := a.r.files.Read(file, maxSource)
		for _, m := range ownName.FindAllStringSubmatch(text, 3) {
			if strings.EqualFold(strings.TrimSuffix(m[1], ".git"), name) {
				return true
			}
		}
	}
	return false
}

// ownName is where manifests say of which repository they are.
var ownName = lazy.New(`(?im)^\s*(?:module|"?(?:url|repository|homepage)"?\s*[:=]).*github(?:\.com[/:]|:)([\w.-]+/[\w.-]+)`)

// callAction reads an action of the repository, or one that was checked out.
func (j *job) callAction(step *yaml.Node, s expressions, env map[string]string, uses string, line int) {
	on := onRunner(uses)
	folder, ok := j.mounts.repository(on)
	if !ok || !inside(folder) {
		*j.made = true
		return
	}
	a := j.a
	file := a.actionIn(folder)
	if file == "" {
		*j.made = true
		return // fetched by a step before, or made by one
	}
	d := a.r.documentOf(file, a.docs)
	if d == nil || d.root.Get("runs", "using").String() != "composite" {
		return
	}
	given := map[string]any{}
	for name, v := range s.inputs(step.Get("with")) {
		given[name] = v
	}
	inputs := a.declared(d.root.Get("inputs"), given, false)
	a.r.partOf(file)
	if !j.deeper(file, line) {
		return
	}
	from := caller{stack: append(slices.Clone(j.from.stack), file), inputs: inputs}
	key := fmt.Sprint(file, canonical(object{fields: inputs}), canonical(objectOf(env, false)), j.mounts.list, *j.made)
	if a.done[key] {
		return
	}
	a.done[key] = true
	callee := &job{
		a: a, file: file, doc: d, name: actionName(file), from: from, env: env,
		scope: a.actionScope(inputs, root+"/"+on), mounts: j.mounts, made: j.made, pushes: j.pushes, changed: map[string]bool{},
	}
	if m, ok := s.contexts["matrix"]; ok {
		callee.scope.contexts["matrix"] = m
	}
	callee.steps(d.root.Get("runs", "steps"))
	maps.Copy(j.changed, callee.changed)
}

// actionIn is the description of the action in a folder; empty if there is none.
func (a *actions) actionIn(folder string) string {
	for _, name := range []string{"action.yml", "action.yaml"} {
		if file := path.Join(folder, name); a.r.files.IsFile(file) {
			return file
		}
	}
	return ""
}

func (a *actions) actionScope(inputs map[string]any, dir string) expressions {
	s := a.scope()
	s.contexts["github"] = object{map[string]any{"workspace": root, "action_path": dir}, true}
	s.contexts["inputs"] = object{fields: inputs}
	return s
}

// deeper reports whether one more file may be called. If not, that is a note.
func (j *job) deeper(file string, line int) bool {
	return j.a.deeper(j.file, line, j.from.stack, file)
}

func (a *actions) deeper(at string, line int, stack []string, file string) bool {
	a.calls++
	switch {
	case slices.Contains(stack, file):
		a.noteAt(at, line, "%s was not read again: it calls itself", file)
	case len(stack) >= maxNesting:
		a.noteAt(at, line, "%s was not read: %d files call each other here", file, maxNesting)
	case a.calls > maxCalls:
		a.noteAt(at, line, "%s was not read: there are more than %d calls", file, maxCalls)
	default:
		return a.r.step()
	}
	return false
}

// callWorkflow reads a workflow that a job calls.
func (a *actions) callWorkflow(n *yaml.Node, s expressions, file, name string, from caller) {
	uses := strings.TrimSpace(n.Get("uses").Text)
	line := n.LineOf("uses")
	local, ok := strings.CutPrefix(uses, "./")
	if !ok {
		repo, _ := action(uses)
		if strings.HasPrefix(repo, "docker/github-builder/.github/workflows/") {
			j := &job{a: a, file: file, name: name, scope: s, mounts: &mounts{}, made: new(bool), from: from}
			with := s.inputs(n.Get("with"))
			if path.Base(repo) == "bake.yml" {
				j.bake(with, nil, line, true)
			} else if path.Base(repo) == "build.yml" {
				j.githubBuilder(n, with, line)
			}
		} else {
			(&job{a: a, file: file}).foreign(s.inputs(n.Get("with")), uses, line)
		}
		return
	}
	local = path.Clean(local)
	if !isKnown(local) || !inside(local) {
		return
	}
	if !a.r.files.IsFile(local) {
		a.r.noteAt(Note{File: file, Line: line, Message: "there is no file " + local, Wrong: true})
		return
	}
	if !a.deeper(file, line, from.stack, local) {
		return
	}
	d := a.r.documentOf(local, a.docs)
	if d == nil {
		return
	}
	if onlyCalled(d) {
		a.r.partOf(local)
	}
	given := map[string]any{}
	for _, name := range n.Get("with").Keys() {
		given[strings.ToLower(name)] = s.valueOf(n.Get("with", name))
	}
	inputs := a.declared(d.root.Get("on", "workflow_call", "inputs"), given, false)
	if key := local + canonical(object{fields: inputs}); !a.done[key] {
		a.done[key] = true
		a.workflow(local, d, caller{stack: from.stack, inputs: inputs})
	}
}

// ownAction reads the description of an action for itself. One that workflows call is read as these do.
func (a *actions) ownAction(d *document) {
	file := a.r.file
	runs := d.root.Get("runs")
	switch strings.ToLower(runs.Get("using").String()) {
	case "docker":
		a.dockerAction(runs)
	case "composite":
		dir := path.Dir(file)
		m := &mounts{}
		on := dir
		if !strings.HasPrefix(file, ".github/") {
			// Others call it in repositories of their own: only what it has beside it is known.
			on = ".action"
			m.add(on, true, dir)
		}
		inputs := a.declared(d.root.Get("inputs"), nil, false)
		j := &job{
			a: a, file: file, doc: d, name: actionName(file), mounts: m, made: new(bool), changed: map[string]bool{},
			scope: a.actionScope(inputs, root+"/"+on), from: caller{stack: []string{file}, inputs: inputs, own: true},
		}
		j.steps(runs.Get("steps"))
	}
}

// actionName is what builds of an action are called: its folder.
func actionName(file string) string {
	if dir := path.Dir(file); dir != "." {
		return path.Base(dir)
	}
	return "action"
}

// dockerAction reads an action that is built of a Dockerfile, in that one's folder.
func (a *actions) dockerAction(runs *yaml.Node) {
	image := runs.Get("image").String()
	if image == "" || strings.HasPrefix(image, "docker://") {
		return
	}
	line := runs.LineOf("image")
	file := joined(a.r.dir(), image)
	b := Build{Name: actionName(a.r.file), Place: a.r.place(line)}
	if err := a.r.settle(&b, path.Dir(file), ".", ".", file); err != nil {
		a.r.note(line, "this build is not known: %v", err)
		return
	}
	if b.Missing != "" {
		a.r.wrong(line, "%s", b.Missing)
	}
	a.r.add(b)
}
