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

// Pipelines of Azure DevOps.
//
// Source: "YAML schema reference for Azure Pipelines", "Template expressions", "Docker@2", Microsoft Learn.

func isAzure(name string) bool {
	if !isYAML(name) {
		return false
	}
	return azureFile.MatchString(path.Base(name)) || azureFolder.MatchString(path.Dir(name)+"/")
}

var (
	azureFile   = lazy.New(`^\.?azure-?pipelines?([^a-zA-Z].*)?\.ya?ml$`)
	azureFolder = lazy.New(`(^|/)(\.?azure-?pipelines?|\.azuredevops|\.azure|\.vsts|\.pipelines)/`)
)

// azure is the reading of one pipeline, with its templates.
type azure struct {
	r     *reading
	docs  map[string]*document
	calls int
}

// azureScope is what a part of a pipeline has around it.
type azureScope struct {
	s     expressions // of ${{ }}
	vars  map[string]string
	d     *document
	stack []string
	name  string // of the job
	cmd   bool   // its scripts are those of Windows
	apart bool   // the repository is not where the job starts
	push  bool   // a step pushes what others have built
}

func readAzure(r *reading) {
	a := &azure{r: r, docs: map[string]*document{}}
	d := a.r.documentOf(r.file, a.docs)
	if d == nil {
		return
	}
	a.file(d, azureScope{vars: map[string]string{}, d: d, stack: []string{r.file}, name: strings.TrimSuffix(path.Base(r.file), path.Ext(r.file))}, object{fields: map[string]any{}})
}

// file reads a pipeline or a template.
func (a *azure) file(d *document, sc azureScope, given object) {
	sc.d = d
	parameters := object{fields: map[string]any{}, open: true}
	sc.s = expressions{map[string]any{}, a.r.step}
	declared := d.root.Get("parameters")
	for _, name := range declared.Keys() { // the old way: names and defaults
		parameters.fields[strings.ToLower(name)] = sc.s.valueOf(declared.Get(name))
	}
	for _, p := range declared.Items() {
		if p.Get("name").IsText() {
			v := any(unknown)
			if p.Has("default") {
				v = sc.s.valueOf(p.Get("default"))
			}
			parameters.fields[strings.ToLower(p.Get("name").Text)] = v
		}
	}
	maps.Copy(parameters.fields, given.fields)
	sc.s.contexts["parameters"] = parameters
	sc = a.variables(sc, d.root.Get("variables"), 0)
	if extends := d.root.Get("extends"); extends.Has("template") {
		a.template(extends, sc)
	}
	sc = inPool(sc, d.root.Get("pool"))
	a.stages(d.root.Get("stages"), sc)
	a.jobs(d.root.Get("jobs"), sc)
	if d.root.Has("steps") {
		a.steps(d.root.Get("steps"), sc)
	}
}

func inPool(sc azureScope, pool *yaml.Node) azureScope {
	if image := sc.text(pool.Get("vmImage")); image != "" {
		sc.cmd = strings.HasPrefix(image, "windows") || strings.HasPrefix(image, "vs20")
	}
	return sc
}

// text is a scalar with its template expressions and variables replaced.
func (sc *azureScope) text(n *yaml.Node) string { return sc.macros(sc.s.expand(n.String()), false) }

var macro = lazy.New(`\$\(([A-Za-z_][\w.-]*)\)`)

// macros replaces $(name). In a script a name that is not known may be a command.
func (sc *azureScope) macros(text string, inScript bool) string {
	if !strings.Contains(text, "$(") {
		return text
	}
	text = strings.ReplaceAll(text, "$(Pipeline.Workspace)/s", root)
	out := macro.ReplaceAllStringFunc(text, func(s string) string {
		name := s[2 : len(s)-1]
		if v, ok := sc.vars[strings.ToLower(name)]; ok {
			return v
		}
		switch strings.ToLower(name) {
		case "build.sourcesdirectory", "system.defaultworkingdirectory", "build.repository.localpath":
			return root
		}
		if inScript && strings.ToLower(name) == name && !strings.Contains(name, ".") {
			return s
		}
		return unknown
	})
	if len(out) > maxText {
		return unknown
	}
	return out
}

// variables is the scope with more variables: a mapping, or a list of names and values.
func (a *azure) variables(sc azureScope, n *yaml.Node, depth int) azureScope {
	if n.IsNull() || depth > 5 {
		return sc
	}
	sc.vars = maps.Clone(sc.vars)
	set := func(name string, v string) {
		if strings.HasPrefix(strings.TrimSpace(v), "$[") {
			v = unknown
		}
		sc.vars[strings.ToLower(name)] = v
	}
	if n.Kind == yaml.Mapping {
		for _, name := range n.Keys() {
			if strings.HasPrefix(name, "${{") { // under a condition
				for _, inner := range n.Get(name).Keys() {
					set(inner, unknown)
				}
				continue
			}
			set(name, sc.text(n.Get(name)))
		}
	}
	for _, item := range a.items(n, sc, 0) {
		switch v := item.n; {
		case v.Get("name").IsText():
			set(v.Get("name").Text, item.sc.text(v.Get("value")))
		case v.Get("template").IsText():
			if d, _ := a.open(v, sc); d != nil {
				sc = a.variables(sc, d.root.Get("variables"), depth+1)
			}
		}
	}
	sc.s = sc.s.with("variables", objectOf(sc.vars, true))
	return sc
}

// part is an item of a list, with what it has around it.
type part struct {
	n  *yaml.Node
	sc azureScope
}

var each = lazy.New(`^\$\{\{\s*each\s+(\w+)\s+in\s+(.*?)\}\}$`)

// items are those of a list, with the parts that conditions and loops of the template language bring.
func (a *azure) items(n *yaml.Node, sc azureScope, depth int) (all []part) {
	if n == nil || n.Kind != yaml.Sequence || depth > 20 {
		return nil
	}
	for _, item := range n.List {
		if !a.r.step() {
			return all
		}
		keys := item.Keys()
		if len(keys) != 1 || !strings.HasPrefix(keys[0], "${{") {
			all = append(all, part{item, sc})
			continue
		}
		body := item.Get(keys[0])
		if m := each.FindStringSubmatch(keys[0]); m != nil {
			list, known := sc.s.value("${{" + m[2] + "}}").([]any)
			if !known {
				list = []any{unknown}
			}
			for _, v := range list[:min(len(list), maxParallel)] {
				inner := sc
				inner.s = sc.s.with(strings.ToLower(m[1]), v)
				all = append(all, a.items(body, inner, depth+1)...)
			}
			continue
		}
		all = append(all, a.items(body, sc, depth+1)...)
	}
	return all
}

// open is the template that a part names, and the values of its parameters; nil if it is not here.
func (a *azure) open(n *yaml.Node, sc azureScope) (*document, object) {
	name := sc.text(n.Get("template"))
	name, repository, _ := strings.Cut(name, "@")
	if repository != "" && repository != "self" || !isKnown(name) || name == "" {
		return nil, object{}
	}
	file := path.Join(path.Dir(sc.d.name), name)
	if strings.HasPrefix(name, "/") {
		file = rooted(name)
	}
	line := n.LineOf("template")
	if !inside(file) || !a.r.files.IsFile(file) {
		a.r.noteAt(Note{File: sc.d.name, Line: line, Message: "there is no file " + file, Wrong: true})
		return nil, object{}
	}
	a.r.partOf(file)
	if a.calls++; a.calls > maxCalls || len(sc.stack) > maxExtends || slices.Contains(sc.stack, file) {
		a.r.noteAt(Note{File: sc.d.name, Line: line, Message: fmt.Sprintf("%s was not read: too many templates call each other here", file)})
		return nil, object{}
	}
	given, _ := sc.s.valueOf(n.Get("parameters")).(object)
	return a.r.documentOf(file, a.docs), given
}

// template reads the template that a part names.
func (a *azure) template(n *yaml.Node, sc azureScope) {
	if d, given := a.open(n, sc); d != nil {
		sc.stack = append(slices.Clone(sc.stack), d.name)
		a.file(d, sc, given)
	}
}

func (a *azure) stages(n *yaml.Node, sc azureScope) {
	for _, stage := range a.items(n, sc, 0) {
		if stage.n.Has("template") {
			a.template(stage.n, stage.sc)
			continue
		}
		inner := inPool(a.variables(stage.sc, stage.n.Get("variables"), 0), stage.n.Get("pool"))
		a.jobs(stage.n.Get("jobs"), inner)
	}
}

func (a *azure) jobs(n *yaml.Node, sc azureScope) {
	for _, item := range a.items(n, sc, 0) {
		job := item.n
		if job.Has("template") {
			a.template(job, item.sc)
			continue
		}
		inner := inPool(a.variables(item.sc, job.Get("variables"), 0), job.Get("pool"))
		for _, key := range []string{"job", "deployment"} {
			if name := inner.text(job.Get(key)); name != "" {
				inner.name = shown(name)
			}
		}
		matrix := job.Get("strategy", "matrix")
		rows := matrix.Keys()
		if len(rows) > maxParallel {
			a.r.noteAt(Note{File: inner.d.name, Line: max(1, matrix.Line), Message: fmt.Sprintf("not all of this matrix was read: it has more than %d combinations", maxParallel)})
			rows = rows[:maxParallel]
		}
		for _, row := range rows {
			a.steps(job.Get("steps"), a.variables(inner, matrix.Get(row), 0))
		}
		if len(rows) == 0 {
			a.steps(job.Get("steps"), inner)
		}
		for _, strategy := range []string{"runOnce", "rolling", "canary"} {
			for _, hook := range []string{"preDeploy", "deploy", "routeTraffic", "postRouteTraffic"} {
				a.steps(job.Get("strategy", strategy, hook, "steps"), inner)
			}
		}
	}
}

func (a *azure) steps(n *yaml.Node, sc azureScope) {
	items := a.items(n, sc, 0)
	checkouts := 0
	for _, item := range items {
		if checkout := item.n.Get("checkout").String(); checkout != "" && checkout != "none" {
			checkouts++
			sc.apart = sc.apart || item.n.Has("path") || checkouts > 1
		}
		command := strings.ToLower(item.n.Get("inputs", "command").String())
		sc.push = sc.push || strings.HasPrefix(item.n.Get("task").String(), "Docker@") && strings.HasPrefix(command, "push")
	}
	for _, item := range items {
		step := item.n
		item.sc.apart, item.sc.push = sc.apart, sc.push
		switch {
		case !a.r.step():
			return
		case step.Has("template"):
			a.template(step, item.sc)
		case step.Has("task"):
			a.task(step, item.sc)
		case step.Has("bash"):
			a.script(step.Get("bash"), step.Get("workingDirectory"), step, item.sc)
		case step.Has("script") && !item.sc.cmd:
			a.script(step.Get("script"), step.Get("workingDirectory"), step, item.sc)
		}
	}
}

// environment is that of a step.
func (sc azureScope) environment(step *yaml.Node) map[string]string {
	vars := map[string]string{"CI": "true", "TF_BUILD": "True", "BUILD_SOURCESDIRECTORY": root, "SYSTEM_DEFAULTWORKINGDIRECTORY": root}
	for name, v := range sc.vars {
		vars[strings.ToUpper(strings.NewReplacer(".", "_", " ", "_").Replace(name))] = v
	}
	env := step.Get("env")
	for _, name := range env.Keys() {
		vars[name] = sc.text(env.Get(name))
	}
	return vars
}

// script reads a step of commands.
func (a *azure) script(n, folder, step *yaml.Node, sc azureScope) {
	if !n.IsText() || !mayBuild(n.Text) || sc.apart {
		return
	}
	vars := sc.environment(step)
	text, line := sc.s.script(n, sc.d)
	l := &commandLines{}
	l.add(sc.macros(text, true), sc.d.name, line)
	s := script{name: sc.name, vars: vars, released: true}
	if dir := sc.text(folder); isKnown(joined(".", dir)) {
		s.dirs = []string{joined(".", dir)}
	}
	l.read(a.r, s)
}
