package sources

import (
	"maps"
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// Pipelines of Woodpecker and of Drone, from which it comes.
//
// Source: "Workflow syntax" and "Matrix workflows", Woodpecker's documentation; the reference pages of the plugins
// woodpeckerci/plugin-docker-buildx, plugins/docker and plugins/kaniko.

func isWoodpecker(name string) bool {
	switch path.Base(name) {
	case ".woodpecker.yml", ".woodpecker.yaml", ".drone.yml", ".drone.yaml":
		return true
	}
	return (path.Dir(name) == ".woodpecker" || strings.HasPrefix(name, ".woodpecker/")) && isYAML(name)
}

func readWoodpecker(r *reading) {
	src, ok := r.source(maxSource)
	if !ok {
		return
	}
	docs, err := yaml.Documents(src, maxSource)
	if err != nil {
		r.mistake(err)
		return
	}
	for _, doc := range docs {
		d := &document{doc, strings.Split(src, "\n"), r.file}
		config := r.nodes(doc, d, nil)
		key := "steps"
		if !doc.Has(key) {
			key = "pipeline"
		}
		steps := config.at(key)
		for _, vars := range axes(r, config.at("matrix")) {
			w := &woodpecker{r: r, d: d, vars: vars, name: config.at("name").text()}
			if steps.isMap() {
				for _, name := range steps.keys() {
					w.step(name, steps.at(name), doc.Get(key).LineOf(name))
				}
				continue
			}
			for _, step := range steps.items() {
				if step.isMap() {
					w.step(step.at("name").text(), step, step.Line)
				}
			}
		}
	}
}

// axes are the combinations of a matrix; one without any if there is none.
func axes(r *reading, matrix *node) (rows []map[string]string) {
	if include := matrix.at("include"); include != nil {
		for _, item := range include.items() {
			row := map[string]string{}
			for _, name := range item.keys() {
				row[name] = item.at(name).text()
			}
			rows = append(rows, row)
		}
		return rows[:min(len(rows), maxParallel)]
	}
	rows = []map[string]string{{}}
	for _, name := range matrix.keys() {
		var next []map[string]string
		for _, row := range rows {
			for _, v := range matrix.at(name).texts() {
				if len(next) < maxParallel && r.step() {
					row := maps.Clone(row)
					row[name] = v
					next = append(next, row)
				}
			}
		}
		rows = next
	}
	return rows
}

// woodpecker is the reading of one pipeline.
type woodpecker struct {
	r    *reading
	d    *document
	name string
	vars map[string]string // of the matrix
}

var plugin = lazy.New(`(^|/)(plugins/(docker|buildx|ecr|gcr|gar|acr|heroku|kaniko[a-z-]*)|plugin-docker-buildx|plugin-docker|plugin-kaniko|drone-docker(-buildx)?|drone-kaniko|drone-buildx|kaniko-plugin)(:|@|$)`)

var woodpeckerVariable = lazy.New(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// text is a scalar with the variables of the matrix.
func (w *woodpecker) text(n *node) string {
	text := n.text()
	if n.isMap() {
		return unknown // from_secret
	}
	return w.replaced(text)
}

func (w *woodpecker) replaced(text string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	return woodpeckerVariable.ReplaceAllStringFunc(text, func(s string) string {
		if v, ok := w.vars[s[2:len(s)-1]]; ok {
			return v
		}
		return s
	})
}

// setting is a text of a plugin's settings, in which a variable that is left is not known.
func (w *woodpecker) setting(n *node) string {
	text := w.text(n)
	if strings.Contains(text, "${") || strings.HasPrefix(text, "$") {
		return strings.ReplaceAll(woodpeckerVariable.ReplaceAllString(text, unknown), "$", unknown)
	}
	return text
}

func (w *woodpecker) step(name string, step *node, line int) {
	if !w.r.step() || !step.isMap() {
		return
	}
	if name == "" {
		name = w.name
	}
	if commands := step.at("commands"); commands != nil {
		w.commands(name, step, commands)
		return
	}
	if plugin.MatchString(step.at("image").text()) {
		settings := step.at("settings")
		if settings == nil {
			settings = step // as in the first versions
		}
		w.plugin(name, settings, max(1, line), strings.Contains(step.at("image").text(), "kaniko"))
	}
}

// commands reads the commands of a step, which one shell runs.
func (w *woodpecker) commands(name string, step, commands *node) {
	vars := map[string]string{"CI": "true", "CI_WORKSPACE": root, "DRONE_WORKSPACE": root}
	maps.Copy(vars, w.vars)
	environment := step.at("environment")
	for _, name := range environment.keys() {
		vars[name] = w.text(environment.at(name))
	}
	for _, item := range environment.items() {
		if k, v, ok := strings.Cut(item.text(), "="); ok {
			vars[k] = w.replaced(v)
		}
	}
	l := &commandLines{}
	for _, c := range commands.items() {
		if c != nil && c.IsText() {
			l.add(strings.ReplaceAll(w.text(c), "$$", "$"), w.r.file, w.d.linesOf(c.Node))
		}
	}
	s := script{name: name, vars: vars, released: true}
	if dir := w.text(step.at("directory")); isKnown(dir) {
		s.dirs = []string{joined(".", dir)}
	}
	l.read(w.r, s)
}

// plugin reads the settings of a plugin that builds an image.
func (w *woodpecker) plugin(name string, s *node, line int, kaniko bool) {
	get := func(keys ...string) *node {
		for _, key := range keys {
			if v := s.at(key); v != nil {
				return v
			}
		}
		return nil
	}
	b := Build{Name: name, Place: w.r.place(line)}
	b.Released = !slices.Contains([]string{"true", "yes"}, get("dry_run", "dry-run", "no_push").text())
	args := get("build_args", "build-args")
	for _, key := range args.keys() {
		b.arg(key + "=" + w.setting(args.at(key)))
	}
	if !args.isMap() {
		for _, item := range args.items() {
			text := w.setting(item)
			if args.IsText() {
				for _, part := range strings.Split(text, ",") {
					b.arg(strings.TrimSpace(part))
				}
			} else {
				b.arg(text)
			}
		}
	}
	for _, item := range get("build_args_from_env", "args_from_env", "build-args-from-env").texts() {
		b.arg(item)
	}
	if b.Target = w.setting(get("target")); !isKnown(b.Target) {
		b.Target, b.Unsure = "", true
	}
	b.Platforms = w.list(get("platforms", "platform"))
	tags := w.list(get("tags", "tag"))
	for _, repo := range w.list(get("repo")) {
		for _, tag := range tags {
			b.Images = append(b.Images, repo+":"+tag)
		}
		if len(tags) == 0 {
			b.Images = append(b.Images, repo)
		}
	}
	for _, item := range get("secrets").items() {
		if id := secretID(item.text()); id != "" && isKnown(id) {
			b.Secrets = append(b.Secrets, id)
		}
	}
	context := w.setting(get("context"))
	if context == "" {
		context = "."
	}
	file, from := w.setting(get("dockerfile")), "."
	if file == "" {
		file = "Dockerfile" // these plugins name it: in the root
	}
	if kaniko && isKnown(context+file) && !w.r.files.IsFile(joined(".", file)) && w.r.files.IsFile(joined(context, file)) {
		from = joined(".", context)
	}
	if err := w.r.settle(&b, ".", context, from, file); err != nil {
		w.r.note(line, "%s", unread(err, file))
		return
	}
	if b.Missing != "" {
		w.r.note(line, "%s, unless a step before makes it", b.Missing)
	}
	w.r.add(b)
}

// list are the known texts of a setting, which may be a list or stand in one text with commas.
func (w *woodpecker) list(n *node) (list []string) {
	for _, item := range n.items() {
		for _, part := range strings.Split(w.setting(item), ",") {
			if part = strings.TrimSpace(part); part != "" && isKnown(part) {
				list = append(list, part)
			}
		}
	}
	return list
}
