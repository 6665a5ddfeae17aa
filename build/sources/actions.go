package sources

import (
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// Workflows of GitHub Actions, and actions that stand in the repository.
//
// The paths in a job count from the runner's workspace, which is the root of the repository unless
// actions/checkout was told otherwise: see mounts.
//
// Source: "Workflow syntax for GitHub Actions" and "Metadata syntax", GitHub Docs.

// isWorkflow reports whether a file is a workflow or the description of an action.
func isWorkflow(name string) bool {
	switch path.Base(name) {
	case "action.yml", "action.yaml":
		return true
	}
	switch path.Dir(name) {
	case ".github/workflows", ".gitea/workflows", ".forgejo/workflows": // which have the same syntax
		return isYAML(name)
	}
	return false
}

func isYAML(name string) bool {
	ext := path.Ext(name)
	return ext == ".yml" || ext == ".yaml"
}

const (
	maxNesting = 10    // of reusable workflows and actions: GitHub's own limit
	maxCalls   = 1_000 // of them in one source
)

// actions is the reading of one workflow, with those that it calls.
type actions struct {
	r     *reading
	docs  map[string]*document
	done  map[string]bool // calls that were read, by all that decides what is in them
	calls int
	own   map[string]bool // names of repositories, and whether they are this one
}

// caller is where a file is read from.
type caller struct {
	stack  []string // the files, from the source down
	inputs map[string]any
	own    bool // it is the source itself, which nobody calls
}

// readActions reads a workflow or an action.
func readActions(r *reading) {
	a := &actions{r: r, docs: map[string]*document{}, done: map[string]bool{}, own: map[string]bool{}}
	d := a.r.documentOf(r.file, a.docs)
	if d == nil {
		return
	}
	if strings.HasPrefix(path.Base(r.file), "action.") {
		a.ownAction(d)
		return
	}
	a.workflow(r.file, d, caller{inputs: a.defaults(d), own: true})
}

// onlyCalled reports whether nothing but calls starts a workflow.
func onlyCalled(d *document) bool {
	on := d.root.Get("on")
	called := on.Has("workflow_call") || slices.Contains(on.Strings(), "workflow_call")
	return called && len(on.Keys()) <= 1 && len(on.List) <= 1
}

func (a *actions) scope() expressions { return expressions{map[string]any{}, a.r.step} }

// defaults are the inputs of a workflow when nobody gives any.
func (a *actions) defaults(d *document) map[string]any {
	inputs := a.declared(d.root.Get("on", "workflow_call", "inputs"), nil, false)
	maps.Copy(inputs, a.declared(d.root.Get("on", "workflow_dispatch", "inputs"), nil, true))
	return inputs
}

// declared are the values of inputs: those that are given, and the defaults of the others. Of a dispatch,
// a person gives those that have no default.
func (a *actions) declared(n *yaml.Node, given map[string]any, dispatch bool) map[string]any {
	inputs := map[string]any{}
	for _, name := range n.Keys() {
		in := n.Get(name)
		v, ok := given[strings.ToLower(name)]
		switch {
		case ok:
		case in.Has("default"):
			v = a.scope().valueOf(in.Get("default"))
		case in.Get("type").String() == "boolean":
			v = false
		case dispatch || given == nil && in.Get("required").String() == "true":
			v = unknown
		default:
			v = ""
		}
		inputs[strings.ToLower(name)] = v
	}
	return inputs
}

// job is what the steps of a job share.
type job struct {
	a      *actions
	file   string // in which its steps stand
	doc    *document
	name   string
	scope  expressions
	env    map[string]string
	dir    string // where commands run, as the runner sees it
	shell  string
	mounts *mounts
	// made: steps before may have made files.
	made *bool
	// pushes: a step pushes images that others have built; pushed are those that are named there.
	pushes  bool
	pushed  []string
	changed map[string]bool // variables that steps have set
	from    caller
}

// workflow reads the jobs of a workflow.
func (a *actions) workflow(file string, d *document, from caller) {
	s := a.scope()
	s.contexts["github"] = object{map[string]any{
		"workspace": root,
		"event":     object{map[string]any{"inputs": object{from.inputs, true}}, true},
	}, true}
	s.contexts["inputs"] = object{fields: from.inputs}
	env := s.environment(nil, d.root.Get("env"))
	defaults := d.root.Get("defaults", "run")
	from.stack = append(slices.Clone(from.stack), file)
	jobs := d.root.Get("jobs")
	for _, name := range jobs.Keys() {
		n := jobs.Get(name)
		if !a.builds(n) {
			continue
		}
		matrix := n.Get("strategy", "matrix")
		combinations, cut := s.jobsOf(matrix)
		if cut {
			a.noteAt(file, n.Get("strategy").LineOf("matrix"), "not all of this matrix was read: it has more than %d combinations", maxJobs)
		}
		for _, combination := range combinations {
			js := s.with("matrix", combination)
			if never(js, n.Get("if"), from) {
				continue
			}
			jobEnv := js.with("env", objectOf(env, true)).environment(env, n.Get("env"))
			if uses := n.Get("uses"); uses.IsText() {
				a.callWorkflow(n, js, file, name, from)
				continue
			}
			run := n.Get("defaults", "run")
			j := &job{
				a: a, file: file, doc: d, name: name, scope: js, env: jobEnv, from: from,
				dir:     js.textAt(firstOf(run.Get("working-directory"), defaults.Get("working-directory"))),
				shell:   js.textAt(firstOf(run.Get("shell"), defaults.Get("shell"))),
				mounts:  &mounts{},
				made:    new(bool),
				changed: map[string]bool{},
			}
			if j.shell == "" && strings.HasPrefix(strings.ToLower(js.expand(strings.Join(n.Get("runs-on").Strings(), " "))), "windows") {
				j.shell = "pwsh"
			}
			j.steps(n.Get("steps"))
		}
	}
}

// builds reports whether a job may build anything.
func (a *actions) builds(n *yaml.Node) bool {
	if n.Has("uses") {
		return true
	}
	for _, step := range n.Get("steps").Items() {
		if run := step.Get("run").String(); step.Has("uses") || mayBuild(run) || strings.Contains(run, "${{") {
			return true
		}
	}
	return false
}

func firstOf(nodes ...*yaml.Node) *yaml.Node {
	for _, n := range nodes {
		if !n.IsNull() {
			return n
		}
	}
	return nil
}

// never reports whether a condition is false whatever the run brings: by what the matrix or the caller says.
func never(s expressions, condition *yaml.Node, from caller) bool {
	text := condition.String()
	decided := strings.Contains(text, "matrix") || strings.Contains(text, "inputs") && !from.own
	if !decided || text == "" {
		return false
	}
	v := s.condition(text)
	return !isUnknown(v) && !truthy(v)
}

// environment is the variables of a layer, with those of the layers above it.
func (s expressions) environment(above map[string]string, n *yaml.Node) map[string]string {
	env := map[string]string{}
	maps.Copy(env, above)
	for _, name := range n.Keys() {
		env[name] = s.textAt(n.Get(name))
	}
	return env
}

// steps reads the steps of a job or of an action.
func (j *job) steps(list *yaml.Node) {
	for _, step := range list.Items() {
		pushes, names := j.pushesLater(step)
		j.pushes, j.pushed = j.pushes || pushes, append(j.pushed, names...)
	}
	for _, step := range list.Items() {
		if !j.a.r.step() {
			return
		}
		s := j.scope.with("env", objectOf(j.variables(), true))
		if never(s, step.Get("if"), j.from) {
			continue
		}
		env := s.environment(j.variables(), step.Get("env"))
		s = s.with("env", objectOf(env, true))
		switch {
		case step.Get("uses").IsText():
			j.use(step, s, env)
		case step.Get("run").IsText():
			j.run(step.Get("run"), step, s, env)
			*j.made = true
			for _, name := range variablesSet(step.Get("run").Text) {
				j.changed[name] = true
			}
		}
	}
}

// variables are those of the job, as the steps before left them.
func (j *job) variables() map[string]string {
	env := map[string]string{}
	maps.Copy(env, j.env)
	for name := range j.changed {
		env[name] = unknown
	}
	return env
}

// variablesSet are the variables that a script leaves to the steps after it.
func variablesSet(text string) (names []string) {
	if !strings.Contains(text, "GITHUB_ENV") {
		return nil
	}
	for _, m := range envAssignment.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

var envAssignment = lazy.New(`([A-Za-z_][A-Za-z0-9_]*)(?:=|<<)`)

// do reads something in the file of the job, with paths as the runner sees them.
func (j *job) do(read func(*reading)) {
	r := &reading{files: j.a.r.files, file: j.file, kind: j.a.r.kind, steps: j.a.r.steps}
	if !j.mounts.plain() {
		r.files = &watched{parent: j.a.r.files, mounts: j.mounts}
	}
	read(r)
	j.a.take(r, j.mounts)
}

// take adds what another reading has found, with the paths of the repository.
func (a *actions) take(r *reading, m *mounts) {
	a.r.spend(max(0, r.steps-a.r.steps))
	for _, b := range r.builds {
		if err := m.build(a.r, &b); err != nil {
			a.noteAt(b.Place.File, b.Place.Line, "%s", unread(err, b.Dockerfile))
			continue
		}
		a.r.add(b)
	}
	for _, c := range r.calls {
		if m.call(&c) {
			a.r.calls = append(a.r.calls, c)
		} else if len(c.Files) > 0 {
			a.noteAt(c.Place.File, c.Place.Line, "what this builds is not known: it does not count from a folder of this repository")
		}
	}
	for _, n := range r.notes {
		a.r.noteAt(n)
	}
}

func (a *actions) noteAt(file string, line int, format string, args ...any) {
	r := &reading{file: file}
	r.note(line, format, args...)
	a.r.noteAt(r.notes[0])
}
