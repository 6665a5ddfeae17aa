package sources

import (
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// Configurations of CircleCI.
//
// Source: "Configuration reference", CircleCI's documentation, and the sources of the orbs circleci/docker,
// circleci/aws-ecr and circleci/gcp-gcr.

func isCircleCI(name string) bool {
	return path.Dir(name) == ".circleci" && isYAML(name)
}

// circle is the reading of one configuration.
type circle struct {
	r      *reading
	d      *document
	config *node
	orbs   map[string]string // the orb that a name stands for, without its version
	above  params            // pipeline.parameters
}

// params are the values of parameters by their names, with those in whose terms they are spelled.
type params map[string]param

type param struct {
	n  *node
	in params
}

func readCircleCI(r *reading) {
	d := r.document()
	if d == nil {
		return
	}
	c := &circle{r: r, d: d, config: r.nodes(d.root, d, nil), orbs: map[string]string{}}
	if c.config == nil {
		return
	}
	for _, name := range c.config.at("orbs").keys() {
		c.orbs[name], _, _ = strings.Cut(c.config.at("orbs", name).text(), "@")
	}
	c.above = params{}
	for _, name := range c.config.at("parameters").keys() {
		if v := c.config.at("parameters", name, "default"); v != nil {
			c.above["pipeline.parameters."+name] = param{v, nil}
		}
	}
	called := map[string]bool{}
	workflows := c.config.at("workflows")
	for _, workflow := range workflows.keys() {
		for _, item := range workflows.at(workflow, "jobs").items() {
			name, given := named1(item)
			called[name] = true
			for _, combination := range c.matrix(given) {
				c.job(name, given, combination, item.Line)
			}
		}
	}
	for _, name := range c.config.at("jobs").keys() {
		if !called[name] {
			c.job(name, nil, nil, 0)
		}
	}
}

// named1 is a step or a job: its name, and what is given to it.
func named1(item *node) (string, *node) {
	if keys := item.keys(); len(keys) == 1 {
		return keys[0], item.at(keys[0])
	}
	return item.text(), nil
}

// matrix are the combinations of a job's matrix; one without any if there is none.
func (c *circle) matrix(job *node) []params {
	rows := []params{{}}
	axes := job.at("matrix", "parameters")
	for _, name := range axes.keys() {
		var next []params
		for _, row := range rows {
			for _, v := range axes.at(name).items() {
				if len(next) < maxParallel && c.r.step() {
					row := maps.Clone(row)
					row[name] = param{v, c.above}
					next = append(next, row)
				}
			}
		}
		rows = next
	}
	excluded := job.at("matrix", "exclude").items()
	return slices.DeleteFunc(rows, func(row params) bool {
		return slices.ContainsFunc(excluded, func(e *node) bool {
			for _, name := range e.keys() {
				if c.text(e.at(name), c.above) != c.text(row[name].n, c.above) {
					return false
				}
			}
			return len(e.keys()) > 0
		})
	})
}

// given are the values of the parameters that something declares, by what is given and the defaults.
func (c *circle) given(declared, with *node, in, more params) params {
	values := maps.Clone(c.above)
	for _, name := range declared.keys() {
		full := "parameters." + name
		switch {
		case more[name].n != nil:
			values[full] = more[name]
		case with.at(name) != nil:
			values[full] = param{with.at(name), in}
		case declared.at(name, "default") != nil:
			values[full] = param{declared.at(name, "default"), c.above}
		}
	}
	return values
}

var circleExpression = lazy.New(`<<\s*([\w.-]+)\s*>>`)

// text is a scalar with its parameters replaced.
func (c *circle) text(n *node, in params) string { return c.replaced(n.text(), in, 0) }

func (c *circle) replaced(text string, in params, depth int) string {
	if !strings.Contains(text, "<<") {
		return text
	}
	if depth > 10 || !c.r.step() {
		return unknown
	}
	out := circleExpression.ReplaceAllStringFunc(text, func(s string) string {
		p, ok := in[circleExpression.FindStringSubmatch(s)[1]]
		if !ok || p.n == nil || p.n.isMap() || p.n.list != nil {
			return unknown
		}
		return c.replaced(p.n.text(), p.in, depth+1)
	})
	if len(out) > maxText {
		return unknown
	}
	return strings.ReplaceAll(out, `\<<`, "<<")
}

// circleJob is what the steps of a job share.
type circleJob struct {
	c    *circle
	name string
	dir  string // the folder on the machine in which the job's steps run
	repo string // that which holds the repository, if a step puts it elsewhere than into dir
	vars map[string]string
}

// job reads a job, or the job of an orb, as a workflow starts it.
func (c *circle) job(name string, given *node, combination params, line int) {
	job := c.config.at("jobs", name)
	if !job.isMap() {
		(&circleJob{c: c, name: name}).orb(name, given, line, c.above)
		return
	}
	in := c.given(job.at("parameters"), given, c.above, combination)
	vars := map[string]string{"CI": "true", "CIRCLECI": "true", "CIRCLE_WORKING_DIRECTORY": root}
	executor := job.at("executor")
	if executor.isMap() {
		executor = executor.at("name")
	}
	used := c.config.at("executors", c.text(executor, in))
	c.environment(vars, used.at("environment"), in)
	c.environment(vars, job.at("environment"), in)
	dir := c.text(job.at("working_directory"), in)
	if dir == "" {
		dir = c.text(used.at("working_directory"), in)
	}
	j := &circleJob{c: c, name: name, dir: dir, vars: vars}
	shell := job.at("shell")
	if shell == nil {
		shell = used.at("shell")
	}
	if shell != nil && !isPOSIX(c.text(shell, in)) {
		return
	}
	j.steps(given.at("pre-steps"), c.above, 0)
	j.steps(job.at("steps"), in, 0)
	j.steps(given.at("post-steps"), c.above, 0)
}

func (c *circle) environment(vars map[string]string, n *node, in params) {
	for _, item := range n.items() {
		for _, name := range item.keys() {
			vars[name] = c.text(item.at(name), in)
		}
	}
}

// steps reads steps, also those of commands that they call.
func (j *circleJob) steps(list *node, in params, depth int) {
	if p, ok := j.c.whole(list, in); ok {
		list, in = p.n, p.in
	}
	for _, step := range list.items() {
		if depth > 20 || !j.c.r.step() {
			return
		}
		if p, ok := j.c.whole(step, in); ok {
			j.steps(p.n, p.in, depth+1)
			continue
		}
		name, with := named1(step)
		if len(step.keys()) > 1 { // such as "run:" without the indentation below it
			name, with = step.keys()[0], step
		}
		switch name {
		case "run":
			j.run(with, in)
		case "checkout":
			if to := j.c.text(with.at("path"), in); to != "" {
				j.repo = j.onMachine(to)
			}
		case "when", "unless":
			j.steps(with.at("steps"), in, depth+1)
		case "steps":
			j.steps(with, in, depth+1)
		default:
			if command := j.c.config.at("commands", name); command.isMap() {
				j.steps(command.at("steps"), j.c.given(command.at("parameters"), with, in, nil), depth+1)
			} else if step.Node != nil {
				j.orb(name, with, step.Line, in)
			}
		}
	}
}

// whole is the parameter that a text is as a whole, such as a list of steps.
func (c *circle) whole(n *node, in params) (param, bool) {
	if n == nil || n.Node == nil || !n.IsText() {
		return param{}, false
	}
	m := circleExpression.FindStringSubmatch(n.Text)
	if m == nil || m[0] != strings.TrimSpace(n.Text) {
		return param{}, false
	}
	p, ok := in[m[1]]
	return p, ok && p.n != nil && (p.n.isMap() || p.n.list != nil)
}

// run reads a step of commands.
func (j *circleJob) run(n *node, in params) {
	dir, vars := "", j.vars
	if n.isMap() {
		if shell := n.at("shell"); shell != nil && !isPOSIX(j.c.text(shell, in)) {
			return
		}
		dir = j.c.text(n.at("working_directory"), in)
		vars = maps.Clone(vars)
		j.c.environment(vars, n.at("environment"), in)
		if run := n.at("run"); run.isMap() || run != nil && run.IsText() {
			n = run
		}
		if n.isMap() {
			n = n.at("command")
		}
	}
	if n == nil || !n.IsText() {
		return
	}
	l := &commandLines{}
	l.add(j.c.replacedByLines(n.text(), in), j.c.r.file, j.c.d.linesOf(n.Node))
	s := script{name: j.name, vars: vars, released: true}
	s.dirs = []string{j.inRepository(dir)}
	if on := j.onMachine(dir); s.dirs[0] == unknown && isKnown(on) {
		s.dirs[0] = joined(".", on) // beside the checkout
	}
	l.read(j.c.r, s)
}

// replacedByLines keeps the number of lines of a text.
func (c *circle) replacedByLines(text string, in params) string {
	parts := strings.Split(text, "\n")
	for i, part := range parts {
		if parts[i] = c.replaced(part, in, 0); strings.Contains(parts[i], "\n") {
			parts[i] = unknown
		}
	}
	return strings.Join(parts, "\n")
}

// inRepository is a folder on the machine as a path in the repository.
func (j *circleJob) inRepository(dir string) string {
	dir, home := j.onMachine(dir), j.repo
	if home == "" {
		home = j.onMachine("")
	}
	for _, at := range []string{home, "~/project"} {
		if rest, ok := strings.CutPrefix(dir, at); ok && (rest == "" || rest[0] == '/') {
			return joined(".", "./"+rest)
		}
		if j.repo != "" {
			break
		}
	}
	return unknown
}

// onMachine is a folder as seen from that in which the steps run.
func (j *circleJob) onMachine(dir string) string {
	home := j.dir
	if home == "" || home == "." {
		home = "~/project"
	}
	if !path.IsAbs(dir) && !strings.HasPrefix(dir, "~") {
		dir = path.Join(home, dir)
	}
	if rest, ok := strings.CutPrefix(dir, "/home/circleci/"); ok {
		dir = "~/" + rest
	}
	return path.Clean(dir)
}

// orb reads a step or a job of an orb that builds an image.
func (j *circleJob) orb(name string, with *node, line int, in params) {
	alias, element, ok := strings.Cut(name, "/")
	if !ok {
		return
	}
	text := func(key, byDefault string) string {
		if v := with.at(key); v != nil {
			return j.c.text(v, in)
		}
		return byDefault
	}
	var folder, context string
	switch j.c.orbs[alias] + "/" + element {
	case "circleci/docker/build", "circleci/docker/publish":
		folder, context = text("path", "."), text("docker-context", text("docker_context", "."))
	case "circleci/aws-ecr/build-and-push-image", "circleci/aws-ecr/build_and_push_image", "circleci/aws-ecr/build-image", "circleci/aws-ecr/build_image":
		folder = text("path", ".")
		context = text("build-path", text("build_path", folder))
	case "circleci/gcp-gcr/build-image", "circleci/gcp-gcr/build-and-push-image":
		folder, context = ".", text("docker-context", ".")
	default:
		return
	}
	b := Build{Name: j.name, Place: j.c.r.place(max(1, line)), Released: strings.Contains(element, "publish") || strings.Contains(element, "push")}
	for _, key := range []string{"extra_build_args", "extra-build-args"} {
		if v := text(key, ""); v != "" {
			b.options(v)
		}
	}
	file := path.Join(folder, text("dockerfile", "Dockerfile"))
	if err := j.c.r.settle(&b, ".", j.inRepository(context), ".", j.inRepository(file)); err != nil {
		j.c.r.note(b.Place.Line, "%s", unread(err, file))
		return
	}
	if b.Missing != "" {
		j.c.r.note(b.Place.Line, "%s, unless a step before makes it", b.Missing)
	}
	j.c.r.add(b)
}
