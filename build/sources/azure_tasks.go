package sources

import (
	"fmt"
	"path"
	"strings"

	"layerwise/internal/yaml"
)

// task reads a step with one of the tasks that build.
func (a *azure) task(step *yaml.Node, sc azureScope) {
	name, version, _ := strings.Cut(step.Get("task").String(), "@")
	line := step.LineOf("task")
	inputs := map[string]string{}
	for _, key := range step.Get("inputs").Keys() {
		inputs[strings.ToLower(key)] = sc.text(step.Get("inputs", key))
	}
	switch strings.ToLower(name) {
	case "docker":
		if !sc.apart {
			a.docker(version, inputs, line, sc)
		}
	case "dockercompose":
		if !sc.apart {
			a.compose(inputs, step, line, sc)
		}
	case "bash":
		a.script(step.Get("inputs", "script"), step.Get("inputs", "workingDirectory"), step, sc)
	case "cmdline":
		if !sc.cmd {
			a.script(step.Get("inputs", "script"), step.Get("inputs", "workingDirectory"), step, sc)
		}
	}
}

// docker reads a step with the task Docker.
func (a *azure) docker(version string, in map[string]string, line int, sc azureScope) {
	b := Build{Name: sc.name, Place: Place{sc.d.name, line, a.r.kind}}
	command := strings.ToLower(in["command"])
	context := in["buildcontext"]
	if strings.HasPrefix(version, "2") {
		switch command {
		case "", "buildandpush":
			b.Released = true
		case "build":
			b.Released = sc.push
			b.options(in["arguments"])
		default:
			return
		}
		for _, tag := range csvList(in["tags"], false) {
			if repo := in["repository"]; repo != "" && isKnown(repo+tag) {
				b.Images = append(b.Images, repo+":"+tag)
			}
		}
	} else {
		if command += strings.ToLower(in["action"]); command != "" && command != "build an image" && command != "build" {
			return
		}
		b.Released = sc.push
		for _, arg := range lineList(in["buildarguments"]) {
			b.arg(arg)
		}
		b.options(in["arguments"])
		context = in["context"]
		if in["usedefaultcontext"] != "false" {
			context = "**"
		}
	}
	file, ok := a.only(in["dockerfile"], "**/Dockerfile", line, sc)
	if !ok {
		return
	}
	if context == "" || context == "**" {
		context = path.Dir(file)
	}
	if err := a.r.settle(&b, ".", context, ".", file); err != nil {
		a.r.noteAt(Note{File: sc.d.name, Line: line, Message: unread(err, file)})
		return
	}
	if b.Missing != "" {
		a.r.noteAt(Note{File: sc.d.name, Line: line, Message: b.Missing + ", unless a step before makes it"})
	}
	a.r.add(b)
}

// only is the one file that a pattern names. It may be none that is here, but if there are several, that is a
// note.
func (a *azure) only(pattern, byDefault string, line int, sc azureScope) (string, bool) {
	if pattern == "" {
		pattern = byDefault
	}
	_, pattern = fromRoot(".", pattern)
	if !isKnown(pattern) || !strings.ContainsAny(pattern, "*?") {
		return pattern, true
	}
	files := a.r.matching(path.Clean(pattern))
	if len(files) == 1 {
		return files[0], true
	}
	message := fmt.Sprintf("it is not known what is built here: %s names %d files", pattern, len(files))
	a.r.noteAt(Note{File: sc.d.name, Line: line, Message: message})
	return "", false
}

// compose reads a step with the task DockerCompose.
func (a *azure) compose(in map[string]string, step *yaml.Node, line int, sc azureScope) {
	action := strings.ToLower(in["action"] + in["dockercomposecommand"])
	if !strings.Contains(action, "build") && !strings.Contains(action, "run services") && !strings.Contains(action, "up") {
		return
	}
	file, ok := a.only(in["dockercomposefile"], "**/docker-compose.yml", line, sc)
	if !ok || !isKnown(file) {
		return
	}
	call := Call{Kind: Compose, Dir: ".", Place: Place{sc.d.name, line, a.r.kind}, Released: strings.Contains(action, "build")}
	for _, name := range append([]string{file}, lineList(in["additionaldockercomposefiles"])...) {
		if name = joined(".", name); isKnown(name) && inside(name) {
			call.Files = append(call.Files, name)
		}
	}
	call.Env = sc.environment(step)
	a.r.calls = append(a.r.calls, call)
}
