package sources

import (
	"path"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// isTaskfile reports whether a file is one of Task, taskfile.dev.
func isTaskfile(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".yml", ".yaml":
		folder := path.Base(path.Dir(name))
		return strings.Contains(base, "taskfile") || folder == "taskfiles" || folder == ".taskfiles" || folder == ".task" || folder == "tasks" && base != "main.yml"
	}
	return false
}

// taskfiles are the names that Task looks for, in its order.
var taskfiles = []string{"Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "taskfile.dist.yml", "Taskfile.dist.yaml", "taskfile.dist.yaml"}

// taskfile is a Taskfile.
type taskfile struct {
	r    *reading
	doc  *yaml.Node
	dir  string // the folder that its tasks run in
	vars []*yaml.Node
}

// readTaskfile reads the tasks of a Taskfile.
func readTaskfile(r *reading) {
	src, ok := r.source(maxSource)
	if !ok || !mayBuild(src) || !namesProgram(src) {
		return
	}
	docs, err := yaml.Documents(src, maxSource)
	if err != nil {
		r.mistake(err)
		return
	}
	if len(docs) == 0 || docs[0].Get("tasks") == nil {
		return
	}
	t := &taskfile{r: r, doc: docs[0], dir: r.dir()}
	t.vars = []*yaml.Node{t.doc.Get("vars")}
	t.included()
	calls := t.calls()
	tasks := t.doc.Get("tasks")
	for i, name := range tasks.Keys() {
		task := tasks.Get(name)
		given := calls[name]
		if len(given) == 0 {
			given = []taskCall{{}}
		}
		if len(given) > maxTurns {
			given = given[:maxTurns]
		}
		for _, call := range given {
			t.task(name, task, call, i == 0 || name == "default")
		}
	}
}

// included looks for a Taskfile above that includes this one: its folder and its variables count then.
func (t *taskfile) included() {
	for dir := t.r.dir(); ; dir = path.Dir(dir) {
		for _, name := range taskfiles {
			file := path.Join(dir, name)
			if file == t.r.file || !t.r.step() {
				continue
			}
			src, err := t.r.files.Read(file, maxSource)
			if err != nil {
				continue
			}
			docs, err := yaml.Documents(src, maxSource)
			if err != nil || len(docs) == 0 {
				continue
			}
			includes := docs[0].Get("includes")
			for _, key := range includes.Keys() {
				one := includes.Get(key)
				at := one.String()
				if one.Kind == yaml.Mapping {
					at = one.Get("taskfile").String()
				}
				if at = joined(dir, at); at != t.r.file && (at != t.r.dir() || !strings.Contains(strings.ToLower(path.Base(t.r.file)), "taskfile")) {
					continue
				}
				t.dir = dir
				if in := one.Get("dir"); in.IsText() {
					t.dir = joined(dir, in.Text)
				}
				t.vars = append([]*yaml.Node{one.Get("vars")}, t.vars...)
				t.vars = append(t.vars, docs[0].Get("vars"))
				return
			}
		}
		if dir == "." || dir == "/" || dir == ".." {
			return
		}
	}
}

// taskCall is a call of a task by another one, with variables.
type taskCall struct {
	vars *yaml.Node
	from *taskScope
}

// taskScope is where a template is evaluated: the first of its variables that has a value counts.
type taskScope struct {
	vars []*yaml.Node
	task string
	item string
	call *taskCall
}

// calls are those of each task that hand over variables.
func (t *taskfile) calls() map[string][]taskCall {
	calls := map[string][]taskCall{}
	tasks := t.doc.Get("tasks")
	for _, name := range tasks.Keys() {
		task := tasks.Get(name)
		from := &taskScope{vars: append([]*yaml.Node{task.Get("vars")}, t.vars...), task: name}
		for _, c := range append(task.Get("cmds").Items(), task.Get("deps").Items()...) {
			if called := c.Get("task").String(); called != "" && c.Get("vars") != nil && t.r.step() {
				calls[called] = append(calls[called], taskCall{c.Get("vars"), from})
			}
		}
	}
	return calls
}

// task reads a task.
func (t *taskfile) task(name string, task *yaml.Node, call taskCall, first bool) {
	scope := &taskScope{vars: append([]*yaml.Node{task.Get("vars")}, t.vars...), task: name}
	if call.vars != nil {
		scope.call = &call
	}
	dir := t.dir
	if in := task.Get("dir"); in.IsText() {
		at, name := fromRoot(t.dir, t.fill(in.Text, scope, 0))
		if dir = unknown; isKnown(at + name) {
			dir = joined(at, name)
		}
	}
	env := map[string]string{}
	for _, vars := range []*yaml.Node{t.doc.Get("env"), task.Get("env")} {
		for _, key := range vars.Keys() {
			env[key] = unknown
			if v := vars.Get(key); v.IsText() {
				env[key] = t.fill(v.Text, scope, 0)
			}
		}
	}
	s := script{name: name, dirs: []string{dir}, vars: env, dev: names.ForDevelopers(name), first: first}
	commands := task.Items()
	if task != nil && task.Kind == yaml.Mapping {
		commands = append(task.Get("cmds").Items(), task.Get("cmd").Items()...)
	}
	for _, c := range commands {
		text := c
		if c.Kind == yaml.Mapping {
			text = c.Get("cmd")
		}
		if !text.IsText() || !mayBuild(text.Text) {
			continue
		}
		items := []string{""}
		if loop := c.Get("for"); loop != nil {
			if items = loop.Strings(); loop.Kind != yaml.Sequence || len(items) == 0 || len(items) > maxTurns {
				items = []string{unknown}
			}
		}
		for _, item := range items {
			scope.item = item
			one := s
			one.text = t.fill(text.Text, scope, 0)
			at := text.Line
			one.line = func(n int) int { return at + n - 1 }
			if !strings.Contains(text.Text, "\n") {
				one.line = func(int) int { return at }
			}
			t.r.script(one)
		}
	}
}

var (
	taskBlock = lazy.New(`(?s)\{\{-?\s*(?:if|range|with)\b.*?\{\{-?\s*end\s*-?\}\}`)
	taskRef   = lazy.New(`\{\{-?(.*?)-?\}\}`)
	taskName  = lazy.New(`^\.([A-Za-z_][A-Za-z0-9_]*)$`)
	taskElse  = lazy.New(`^(?:\.([A-Za-z_][A-Za-z0-9_]*)\s*\|\s*default\s+"([^"]*)"|default\s+"([^"]*)"\s+\.([A-Za-z_][A-Za-z0-9_]*))$`)
)

// fill is a text with the values of its templates.
func (t *taskfile) fill(text string, scope *taskScope, depth int) string {
	if !strings.Contains(text, "{{") {
		return bounded(text)
	}
	if depth > 20 || !t.r.step() {
		return unknown
	}
	t.r.spend(len(text) >> 4)
	text = taskBlock.ReplaceAllString(text, unknown)
	size := 0
	return bounded(taskRef.ReplaceAllStringFunc(text, func(ref string) string {
		if size > maxText {
			return ""
		}
		inner := strings.TrimSpace(strings.Trim(ref, "{}-"))
		value := unknown
		if m := taskName.FindStringSubmatch(inner); m != nil {
			value, _ = t.variable(m[1], scope, depth)
		} else if m := taskElse.FindStringSubmatch(inner); m != nil {
			var ok bool
			if value, ok = t.variable(m[1]+m[4], scope, depth); !ok || value == "" {
				value = m[2] + m[3]
			}
		}
		size += len(value)
		t.r.spend(len(value) >> 6)
		return value
	}))
}

// variable is the value of a variable, and whether it has one.
func (t *taskfile) variable(name string, scope *taskScope, depth int) (string, bool) {
	switch name {
	case "TASKFILE_DIR", "ROOT_DIR":
		if name == "ROOT_DIR" && t.dir != t.r.dir() {
			return unknown, true
		}
		return absolute(t.r.dir()), true
	case "TASK":
		return scope.task, true
	case "ITEM":
		if scope.item != "" {
			return scope.item, true
		}
		return unknown, true
	case "CLI_ARGS", "USER_WORKING_DIR":
		return unknown, true
	}
	if c := scope.call; c != nil {
		if v := c.vars.Get(name); v != nil {
			if !v.IsText() {
				return unknown, true
			}
			return t.fill(v.Text, c.from, depth+1), true
		}
	}
	for i, vars := range scope.vars {
		v := vars.Get(name)
		if v == nil {
			continue
		}
		if !v.IsText() {
			return unknown, true
		}
		// A variable's own name in its text is that of a scope further out.
		outer := *scope
		if strings.Contains(v.Text, "."+name) {
			outer.vars = scope.vars[i+1:]
		}
		return t.fill(v.Text, &outer, depth+1), true
	}
	if engine.MatchString(name) {
		return "docker", false
	}
	return unknown, false
}
