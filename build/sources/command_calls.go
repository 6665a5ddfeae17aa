package sources

import (
	"slices"
	"strings"
)

// composeCall reads what follows `docker compose`.
func (r *reading) composeCall(s *script, c *invocation, t *traces, words []word) *finding {
	p := composeOptions.parse(words)
	if len(p.args) == 0 || p.on("help") {
		return nil
	}
	switch p.args[0].text {
	case "push":
		t.composePushed = true
		return nil
	case "build", "watch":
	case "up", "create":
		if pull, ok := p.last("pull"); ok && pull.text == "" && len(p.args) > 1 {
			p.args = without(words, p.args, "--pull")
		}
	case "run":
		// What follows the service is the command that it runs.
		i := slices.IndexFunc(words, func(w word) bool { return w.text == "run" })
		run := composeRun.parse(words[i+1:])
		p = composeOptions.parse(words[:i+1])
		p.args = append(p.args, run.args[:min(1, len(run.args))]...)
	default:
		return nil
	}
	call := &Call{Kind: Compose, Dir: c.dir, Env: c.env, Place: r.place(c.line), Released: s.released && p.args[0].text == "build" && p.on("push")}
	for _, v := range p.all("env-file") {
		if at, name := fromRoot(c.dir, v.text); isKnown(at + name) {
			call.EnvFiles = append(call.EnvFiles, joined(at, name))
		} else {
			call.EnvFiles = append(call.EnvFiles, "") // none that is known
		}
	}
	if project, ok := p.last("project-directory", "workdir"); ok {
		call.Project = joined(c.dir, project.text)
	}
	f := r.called(c, call, &p)
	if f != nil && f.note != "" && p.args[0].text != "build" && !p.on("build") {
		return nil // it may build nothing
	}
	return f
}

// without are the words of a command line but for the one that follows an option.
func without(words, args []word, option string) (kept []word) {
	i := slices.IndexFunc(words, func(w word) bool { return w.text == option })
	skipped := false
	for _, a := range args {
		if !skipped && i+1 < len(words) && a == words[i+1] {
			skipped = true
			continue
		}
		kept = append(kept, a)
	}
	return kept
}

// bakeCall reads what follows `docker buildx bake`.
func (r *reading) bakeCall(s *script, c *invocation, words []word) *finding {
	p := bakeOptions.parse(words)
	if p.on("help") {
		return nil
	}
	call := &Call{Kind: Bake, Dir: c.dir, Env: c.env, Place: r.place(c.line), Released: s.released && p.on("push")}
	for _, v := range p.all("var") {
		if name, text, ok := strings.Cut(v.text, "="); ok && isName(name) {
			call.Env = with(call.Env, map[string]string{name: text})
		}
	}
	for _, v := range p.all("set") {
		set, ok := bakeSetOf(v.text, c.value)
		if !ok {
			continue
		}
		call.sets = append(call.sets, set)
		if set.publishes() && (set.pattern == "*" || len(p.args) == 1 && p.args[0].text == set.pattern) {
			call.Released = s.released
		}
	}
	p.args = append([]word{{}}, p.args...)
	if len(p.all("file")) == 0 {
		for _, file := range bakeFilesOf(c.env) {
			p.flags = append(p.flags, flag{"file", word{text: file, line: c.line}})
		}
	}
	return r.called(c, call, &p)
}

// bakeFilesOf are the files that bake reads by its environment, if its call names none.
//
// Source: commands/bake.go of buildx.
func bakeFilesOf(env map[string]string) (files []string) {
	separator := env["BUILDX_BAKE_PATH_SEPARATOR"]
	if separator == "" {
		separator = ":"
	}
	for _, file := range strings.Split(env["BUILDX_BAKE_FILE"], separator) {
		if file = strings.TrimSpace(file); file != "" {
			files = append(files, file)
		}
	}
	return files
}

// called fills in the files, the targets and the arguments of a call, whose first word is the command.
func (r *reading) called(c *invocation, call *Call, p *parsed) *finding {
	f := &finding{line: c.line}
	files := p.all("file")
	if !isKnown(c.dir + call.Project) {
		f.note = "it is not known which " + string(call.Kind) + " files this takes: its folder is known only when it runs"
		return f
	}
	for _, v := range files {
		at, name := fromRoot(c.dir, v.text)
		if !isKnown(at + name) {
			f.note = "it is not known which " + string(call.Kind) + " files this takes: " + shown(v.text) + " is known only when it runs"
			return f
		}
		if name == "-" || isRemote(name) {
			continue
		}
		if name = joined(at, name); inside(name) {
			call.Files = append(call.Files, name)
		}
	}
	if len(files) > 0 && len(call.Files) == 0 {
		return nil // none of them is here
	}
	for _, v := range p.args[1:] {
		if name, _ := believed(v.text); isKnown(name) && name != "" {
			call.Targets = append(call.Targets, name)
		}
	}
	b := &Build{}
	for _, v := range p.all("build-arg") {
		r.buildArg(b, c, v)
	}
	call.Args = b.Args
	f.call = call
	return f
}
