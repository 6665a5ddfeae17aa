package sources

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// isCloudBuild takes the usual names, and those that speak of building: gcloud and triggers take any name, so
// that the text decides.
func isCloudBuild(name string) bool {
	return cloudBuildName.MatchString(path.Base(name)) || cloudBuildOther.MatchString(path.Base(name))
}

var cloudBuildOther = lazy.New(`(?i)build[\w.-]*\.ya?ml$`)

var cloudBuildName = lazy.New(`(?i)^([\w.-]+[.-])?cloudbuild([-._][\w.-]+)?\.(ya?ml|json)$`)

// readCloudBuild reads the steps of Cloud Build, which are commands in containers. /workspace is the root.
//
// Source: https://cloud.google.com/build/docs/build-config-file-schema.
func readCloudBuild(r *reading) {
	if !cloudBuildName.MatchString(path.Base(r.file)) {
		if src, err := r.files.Read(r.file, maxSource); err != nil || !strings.Contains(src, "/cloud-builders/") {
			return
		}
	}
	for _, doc := range r.documents() {
		vars := map[string]string{}
		substitutions := doc.Get("substitutions")
		for _, name := range substitutions.Keys() {
			vars[name] = substitutions.Get(name).String()
		}
		for range 5 { // they may refer to each other
			for _, name := range substitutions.Keys() {
				if v := vars[name]; strings.Contains(v, "$") && len(v) < 4096 {
					vars[name] = substituted(v, vars)
				}
			}
		}
		pushed := append(doc.Get("images").Strings(), doc.Get("artifacts", "images").Strings()...)
		steps := mappings(doc.Get("steps"))
		for _, step := range steps {
			if args := step.Get("args").Strings(); len(args) > 1 && args[0] == "push" {
				pushed = append(pushed, args[1:]...)
			}
		}
		for _, step := range steps {
			before := len(r.builds)
			r.cloudBuildStep(step, vars)
			for i := before; i < len(r.builds); i++ {
				r.builds[i].Released = r.builds[i].Released || tagsAny(step.Get("args").Strings(), pushed)
			}
		}
	}
}

func (r *reading) cloudBuildStep(step *yaml.Node, vars map[string]string) {
	line := max(step.LineOf("name"), 1)
	env := map[string]string{}
	for _, item := range step.Get("env").Strings() {
		if name, text, ok := strings.Cut(item, "="); ok {
			env[name] = substituted(text, vars)
		}
	}
	s := script{vars: with(vars, env), released: true, name: step.Get("id").String(), line: func(int) int { return line }}
	if s.name == "" {
		s.name = "step"
	}
	dir := substituted(step.Get("dir").String(), vars)
	if rest, ok := strings.CutPrefix(dir, "/workspace"); ok {
		dir = strings.TrimPrefix(rest, "/")
	}
	s.dirs = []string{joined(".", dir)} // what is submitted is the root, or the file's folder
	if own := joined(r.dir(), dir); own != s.dirs[0] {
		s.dirs = append(s.dirs, own)
	}
	if !isKnown(dir) {
		s.dirs = []string{unknown}
	}
	if text := step.Get("script").String(); text != "" {
		s.text = text
		r.script(s)
		return
	}
	var args []string
	for _, arg := range step.Get("args").Strings() {
		args = append(args, substituted(arg, vars))
	}
	name := step.Get("name").String()
	program := step.Get("entrypoint").String()
	if program == "" {
		program = programOfImage(name)
	}
	switch path.Base(program) {
	case "":
	case "bash", "sh", "dash":
		if i := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "-") && strings.HasSuffix(arg, "c") }); i >= 0 && i+1 < len(args) {
			s.text = args[i+1]
			r.script(s)
		}
	default:
		for i, arg := range args { // the folder is mounted there
			args[i] = strings.ReplaceAll(arg, "/workspace/", "./")
		}
		r.command(s, append([]string{program}, args...), line)
	}
}

// programOfImage is what a builder runs by itself; empty if that is not known to build images.
func programOfImage(image string) string {
	name, _, _ := strings.Cut(path.Base(image), "@")
	switch name, _, _ = strings.Cut(name, ":"); {
	case name == "docker" || name == "buildah" || name == "podman":
		return name
	case strings.Contains(image, "kaniko"):
		return "/kaniko/executor"
	case name == "docker-compose":
		return "docker-compose"
	}
	return ""
}

var substitution = lazy.New(`\$(\$|[A-Z_][A-Z0-9_]*|\{[A-Z_][A-Z0-9_]*\})`)

// substituted is a text with Cloud Build's variables filled in: those that the file sets, and unknown for all
// others. $$ is one $.
func substituted(text string, vars map[string]string) string {
	if len(text) > maxText {
		return unknown
	}
	filled := 0
	return substitution.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$$" {
			return "$"
		}
		v, ok := vars[strings.Trim(found, "${}")]
		if filled += len(v); !ok || filled > maxText {
			return unknown
		}
		return v
	})
}

// tagsAny reports whether the words of a build name one of the images, as the file spells them.
func tagsAny(words, images []string) bool {
	for i, word := range words {
		for _, flag := range []string{"--tag=", "-t=", "--destination=", "-d="} {
			word = strings.TrimPrefix(word, flag)
		}
		if i > 0 && slices.ContainsFunc(images, func(image string) bool { return repository(image) == repository(word) }) {
			return true
		}
	}
	return false
}
