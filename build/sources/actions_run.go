package sources

import (
	"maps"
	"path"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// pushesLater reports whether a step pushes what others have built, and the names of that, as far as it
// says them.
func (j *job) pushesLater(step *yaml.Node) (bool, []string) {
	if repo, _ := action(step.Get("uses").String()); path.Base(repo) == "push-to-registry" {
		return true, nil
	}
	text := step.Get("run").String()
	if !strings.Contains(text, "push") && !strings.Contains(text, "skopeo") {
		return false, nil
	}
	var names []string
	found := pushCommand.FindAllStringSubmatch(j.scope.expand(text), -1)
	for _, m := range found {
		names = append(names, strings.Trim(m[1], `"'`))
	}
	return len(found) > 0, names
}

var pushCommand = lazy.New(`\b(?:(?:docker|podman|nerdctl|buildah)\s+(?:image\s+)?push|skopeo\s+copy)(?:\s+-\S+)*\s+([^\s;&|]+)`)

// released reports whether a build of a script is pushed by another step.
func (j *job) released(b *Build) bool {
	if !j.pushes {
		return false
	}
	if len(b.Images) == 0 {
		return true // its names are not known
	}
	for _, image := range b.Images {
		for _, pushed := range j.pushed {
			if name := repository(pushed); strings.ContainsAny(name, "$"+unknown) || name == repository(image) {
				return true
			}
		}
	}
	return len(j.pushed) == 0
}

// action is the repository of an action, in lower case, and its revision.
func action(uses string) (repo, revision string) {
	repo, revision, _ = strings.Cut(strings.TrimSpace(uses), "@")
	return strings.TrimPrefix(strings.ToLower(repo), "https://github.com/"), revision
}

// run reads the script of a step.
func (j *job) run(n, step *yaml.Node, s expressions, env map[string]string) {
	shell := j.shell
	if step.Has("shell") {
		shell = s.textAt(step.Get("shell"))
	}
	if !isPOSIX(shell) || !mayBuild(n.Text) && !strings.Contains(n.Text, "${{") {
		return
	}
	dir := j.dir
	if step.Has("working-directory") {
		dir = s.textAt(step.Get("working-directory"))
	}
	text, line := s.script(n, j.doc)
	vars := map[string]string{"CI": "true", "GITHUB_WORKSPACE": root, "GITHUB_ACTION_PATH": textOf(index(s.contexts["github"], "action_path"))}
	maps.Copy(vars, env)
	j.do(func(r *reading) {
		sc := script{text: text, line: line, name: j.name, vars: vars, released: true}
		if dir := onRunner(dir); isKnown(dir) {
			sc.dirs = []string{dir}
		}
		r.script(sc)
		for i := range r.builds {
			r.builds[i].Released = r.builds[i].Released || j.released(&r.builds[i])
		}
	})
}

// isPOSIX reports whether a shell of a step is one whose language is read.
func isPOSIX(shell string) bool {
	first, _, _ := strings.Cut(strings.TrimSpace(shell), " ")
	switch path.Base(first) {
	case "", ".", "bash", "sh", "dash", "zsh":
		return true
	}
	return false
}

// script is a script with its expressions replaced, and where its lines stand in the file.
func (s expressions) script(n *yaml.Node, d *document) (string, func(int) int) {
	place := d.linesOf(n)
	if !strings.Contains(n.Text, "${{") {
		return n.Text, place
	}
	var parts []string
	var lines []int
	rest := strings.Split(n.Text, "\n")
	for i := 0; i < len(rest); i++ {
		part, first := rest[i], i
		for strings.Count(part, "${{") > strings.Count(part, "}}") && i+1 < len(rest) && i-first < 100 {
			i++
			part += "\n" + rest[i]
		}
		part = s.expand(part)
		parts = append(parts, part)
		for range strings.Count(part, "\n") + 1 {
			lines = append(lines, place(first+1))
		}
	}
	return strings.Join(parts, "\n"), func(k int) int {
		return lines[max(1, min(k, len(lines)))-1]
	}
}
