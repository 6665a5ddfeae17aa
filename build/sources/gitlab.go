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

// Pipelines of GitLab CI.
//
// Source: "CI/CD YAML syntax reference", "Use CI/CD configuration from other files" and "CI/CD inputs", GitLab
// Docs.

func isGitLab(name string) bool {
	return strings.HasSuffix(path.Base(name), ".gitlab-ci.yml")
}

const (
	maxIncludes = 150 // GitLab's own limits
	maxParallel = 200
	maxExtends  = 20 // more than GitLab's, which is 11
)

// pipeline is a pipeline with all files that it is made of.
type pipeline struct {
	r        *reading
	config   *node
	resolved map[string]*node // jobs with what they extend
	included map[string]bool  // files with their inputs
	children []string         // files on the way to this one, if jobs of others start it
	dirs     []string         // in which scripts run
}

func readGitLab(r *reading) {
	p := &pipeline{r: r, resolved: map[string]*node{}, included: map[string]bool{}, dirs: []string{"."}}
	if r.dir() != "." {
		p.dirs = append(p.dirs, r.dir()) // it may be that of a project which was copied here
	}
	p.config = p.file(r.file, nil, 0)
	p.jobs(nil)
}

// file is a file with those that it includes; nil if it cannot be read.
func (p *pipeline) file(name string, inputs map[string]string, depth int) *node {
	key := name + fmt.Sprint(inputs)
	if p.included[key] || len(p.included) >= maxIncludes || depth > maxExtends {
		if len(p.included) >= maxIncludes {
			p.r.note(1, "not all of this file was read: it includes more than %d others", maxIncludes)
		}
		return nil
	}
	p.included[key] = true
	other := &reading{files: p.r.files, file: name, kind: p.r.kind}
	src, ok := other.source(maxSource)
	docs, err := yaml.Documents(src, maxSource)
	if err != nil {
		other.mistake(err)
	}
	for _, n := range other.notes {
		p.r.noteAt(n)
	}
	if !ok || len(docs) == 0 {
		return nil
	}
	own := docs[len(docs)-1]
	if len(docs) > 1 && docs[0].Has("spec") {
		inputs = withDefaults(docs[0].Get("spec", "inputs"), inputs)
	} else if inputs == nil {
		inputs = map[string]string{}
	}
	d := &document{own, strings.Split(src, "\n"), name}
	config := p.r.nodes(own, d, inputs)
	var all *node
	for _, in := range config.at("include").items() {
		all = p.r.merged(all, p.include(in, depth))
	}
	return p.r.merged(all, config)
}

// withDefaults are the inputs of a file: those given, else their defaults, else unknown.
func withDefaults(spec *yaml.Node, given map[string]string) map[string]string {
	inputs := map[string]string{}
	for _, name := range spec.Keys() {
		v, ok := given[name]
		switch {
		case ok:
		case spec.Get(name).Has("default"):
			v = spec.Get(name, "default").String()
		default:
			v = unknown
		}
		inputs[name] = v
	}
	return inputs
}

var inputPattern = lazy.New(`\$\[\[\s*inputs\.([\w-]+)\s*(\|[^\]]*)?\]\]`)

// withInputs replaces $[[ inputs.x ]] in a text.
func withInputs(text string, inputs map[string]string) string {
	return inputPattern.ReplaceAllStringFunc(text, func(s string) string {
		m := inputPattern.FindStringSubmatch(s)
		v, ok := inputs[m[1]]
		if !ok || m[2] != "" {
			return unknown
		}
		return v
	})
}

// include is what an item of include brings. Files of other repositories are not read.
func (p *pipeline) include(in *node, depth int) *node {
	name := in.text()
	var inputs map[string]string
	if in.isMap() {
		if in.at("local") == nil {
			return nil
		}
		name = in.at("local").text()
		if given := in.at("inputs"); given != nil {
			inputs = map[string]string{}
			for _, key := range given.keys() {
				inputs[key] = given.at(key).text()
			}
		}
	}
	if name == "" || isRemote(name) || !isKnown(name) || strings.Contains(name, "$") {
		return nil
	}
	files := p.r.matching(doubleStar.ReplaceAllString(rooted(name), "**/*$1"))
	if len(files) == 0 && !strings.ContainsAny(name, "*?[") {
		p.r.noteAt(Note{File: in.doc.name, Line: max(1, in.Line), Message: "there is no file " + rooted(name), Wrong: true})
	}
	var all *node
	for _, file := range files {
		p.r.partOf(file)
		all = p.r.merged(all, p.file(file, inputs, depth+1))
	}
	return all
}

// doubleStar is ** before the rest of a name, which for GitLab means any depth too.
var doubleStar = lazy.New(`\*\*([^/])`)

// notJobs are the keys of a pipeline that are no jobs.
var notJobs = set("default include stages variables workflow image services before_script after_script cache spec")

// jobs reads all jobs. above are variables that a pipeline gives to one that it starts.
func (p *pipeline) jobs(above map[string]string) {
	for _, name := range p.config.keys() {
		if strings.HasPrefix(name, ".") || notJobs[name] || !p.config.at(name).isMap() {
			continue
		}
		if !p.r.step() {
			return
		}
		if job := p.job(name, 0); job != nil {
			p.read(name, job, above)
		}
	}
}

// job is a job with what it extends.
func (p *pipeline) job(name string, depth int) *node {
	if job, ok := p.resolved[name]; ok {
		return job
	}
	own := p.config.at(name)
	if !own.isMap() || depth > maxExtends {
		return own
	}
	p.resolved[name] = nil // of a circle
	var all *node
	for _, base := range own.at("extends").texts() {
		all = p.r.merged(all, p.job(base, depth+1))
	}
	job := p.r.merged(all, own)
	p.resolved[name] = job
	return job
}

// read reads a job, for each of its combinations of variables.
func (p *pipeline) read(name string, job *node, above map[string]string) {
	vars := map[string]string{"CI": "true", "CI_PROJECT_DIR": root}
	maps.Copy(vars, above)
	p.variables(vars, p.config.at("variables"))
	p.variables(vars, job.at("variables"))
	for _, rule := range job.at("rules").items() {
		for _, key := range rule.at("variables").keys() {
			vars[key] = unknown
		}
	}
	main, after := &commandLines{}, &commandLines{}
	p.script(main, p.inherited(job, "before_script"), 0)
	p.script(main, job.at("script"), 0)
	p.script(after, p.inherited(job, "after_script"), 0)
	for _, combination := range p.combinations(job) {
		all := maps.Clone(vars)
		maps.Copy(all, combination)
		expandVariables(all)
		p.trigger(job, all)
		for _, l := range []*commandLines{main, after} {
			l.read(p.r, script{name: name, dirs: p.dirs, vars: all, released: true})
		}
	}
}

// inherited is a key of a job, else of default, else of the pipeline.
func (p *pipeline) inherited(job *node, key string) *node {
	for _, n := range []*node{job, p.config.at("default"), p.config} {
		if v := n.at(key); v != nil {
			return v
		}
	}
	return nil
}

// variables adds variables: texts, or mappings with a text for people.
func (p *pipeline) variables(vars map[string]string, n *node) {
	for _, key := range n.keys() {
		v := n.at(key)
		switch {
		case key == "" || v == nil:
		case v.isMap():
			vars[key] = v.at("value").text()
		case v.Tag == "!reference":
			vars[key] = p.reference(v, 0).text()
		default:
			vars[key] = v.text()
		}
	}
}

// combinations are the variables of parallel: matrix; one without any if there is none.
func (p *pipeline) combinations(job *node) (all []map[string]string) {
	for _, item := range job.at("parallel", "matrix").items() {
		rows := []map[string]string{{}}
		for _, key := range item.keys() {
			var next []map[string]string
			for _, row := range rows {
				for _, v := range item.at(key).texts() {
					if len(next) >= maxParallel || !p.r.step() {
						break
					}
					row := maps.Clone(row)
					row[key] = v
					next = append(next, row)
				}
			}
			rows = next
		}
		all = append(all, rows...)
	}
	if len(all) > maxParallel {
		p.r.noteAt(Note{File: job.at("parallel").doc.name, Line: max(1, job.at("parallel").Line),
			Message: fmt.Sprintf("not all of this matrix was read: it has more than %d combinations", maxParallel)})
		all = all[:maxParallel]
	}
	if len(all) == 0 {
		return []map[string]string{{}}
	}
	return all
}

// script adds the commands of a script, which may be nested and refer to others.
func (p *pipeline) script(l *commandLines, n *node, depth int) {
	if n == nil || depth > 10 || !p.r.step() || l.text.Len() > maxScript {
		return
	}
	switch {
	case n.Tag == "!reference":
		p.script(l, p.reference(n, depth), depth+1)
	case n.Kind == yaml.Sequence:
		for _, item := range n.list {
			p.script(l, item, depth+1)
		}
	case n.IsText():
		l.add(n.text(), n.doc.name, n.doc.linesOf(n.Node))
	}
}

// reference is what !reference [job, key, …] stands for.
func (p *pipeline) reference(n *node, depth int) *node {
	keys := n.texts()
	if len(keys) == 0 || depth > 10 {
		return nil
	}
	v := p.config.at(keys[0])
	if job := p.job(keys[0], 0); job != nil {
		v = job
	}
	return v.at(keys[1:]...)
}

// trigger reads the pipeline that a job starts, if its file is here.
func (p *pipeline) trigger(job *node, vars map[string]string) {
	for _, in := range job.at("trigger", "include").items() {
		name := in.text()
		if in.isMap() {
			name = in.at("local").text()
		}
		name = expandedIn(name, vars)
		if name == "" || !isKnown(name) || isRemote(name) || len(p.children) > 2 {
			continue
		}
		file := rooted(name)
		if !p.r.files.IsFile(file) || slices.Contains(p.children, file) || file == p.r.file {
			continue
		}
		p.r.partOf(file)
		child := &pipeline{r: p.r, resolved: map[string]*node{}, included: map[string]bool{}, children: append(slices.Clone(p.children), file), dirs: p.dirs}
		child.config = child.file(file, nil, 0)
		child.jobs(vars)
	}
}
