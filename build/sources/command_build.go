package sources

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// build reads what follows `docker build`.
func (r *reading) build(s *script, c *invocation, program string, words []word) *finding {
	p := buildOptions.parse(words)
	if p.on("help") || p.on("h") {
		return nil
	}
	free := program == "podman" || program == "buildah"
	f := &finding{line: c.line}
	b := &Build{Name: s.name, Place: r.place(c.line), Unsure: p.unsure, Dev: s.dev, Default: s.first}
	file, named := p.last("file")
	if free && len(p.all("file")) > 1 {
		f.note = "it is not known what is built here: several Dockerfiles are put together"
		return f
	}
	context := ""
	switch {
	case len(p.args) == 1:
		context = p.args[0].text
		b.At.Context = r.text(p.args[0].line, context)
	case len(p.args) > 1:
		f.note = fmt.Sprintf("it is not known what is built here: %s and %s may both be the build context", shown(p.args[0].text), shown(p.args[1].text))
		return f
	case p.unsure:
		context = unknown
	case free:
		context = "."
	default:
		return nil // nothing but a mistake
	}
	for _, text := range []*string{&context, &file.text} {
		plain, may := believed(*text)
		*text, b.Unsure = plain, b.Unsure || may
	}
	f.bare = !named && context == "."
	b.At.Dockerfile = r.text(file.line, file.text)
	r.arguments(b, c, &p)
	if !free {
		b.takeEpoch(c.value, r.text(c.line, ""))
	}
	if _, ok := p.last("build-arg-file", "from"); ok {
		b.Unsure = true // more arguments, another base image
	}
	r.named(f, b, c, &p)
	b.Released = s.released && (p.on("push") || pushes(p.all("output")))
	if err := r.places(b, c, free, context, file.text, named); err != nil {
		f.note = unread(err, file.text)
		return f
	}
	if ignore := path.Join(b.Context, ".containerignore"); free && b.IgnoreFile == "" && b.Kind == Folder && r.files.IsFile(ignore) {
		b.IgnoreFile = ignore
	}
	f.build = b
	return f
}

// unread is the note on a build that is not known.
func unread(err error, file string) string {
	if file != "" && file != "-" && isKnown(file) {
		return fmt.Sprintf("this build of %s is not known: %v", file, err)
	}
	return fmt.Sprintf("this build is not known: %v", err)
}

var errStdin = errors.New("its Dockerfile comes from standard input, and only the run knows it")

// places fills in a build's context and Dockerfile.
func (r *reading) places(b *Build, c *invocation, free bool, context, file string, named bool) error {
	switch {
	case context == "-" || named && file == "-":
		switch {
		case c.in.opaque || c.in.file == "" && c.in.text == "":
			return errStdin
		case c.in.text != "":
			b.Inline = c.in.text
		case !isKnown(c.in.file):
			return errStdin
		case !inside(c.in.file):
			return fmt.Errorf("its Dockerfile, %s, lies outside of the workspace", c.in.file)
		}
		if context == "-" {
			if b.Inline == "" && isArchive(c.in.file) {
				return errors.New("its build context comes from standard input, and only the run knows it")
			}
			b.Kind = Generated
			b.Dockerfile = c.in.file
			if b.Dockerfile != "" && !r.files.IsFile(b.Dockerfile) {
				b.Missing = "there is no file " + b.Dockerfile
			}
			return nil
		}
		return r.settle(b, c.dir, context, ".", c.in.file)
	case free && !isRemote(context):
		at, name := fromRoot(c.dir, context)
		if !isKnown(at + name) {
			break
		}
		folder := joined(at, name)
		if named {
			if from := joined(folder, file); isKnown(file) && !r.files.IsFile(joined(c.dir, file)) && r.files.IsFile(from) {
				return r.settle(b, c.dir, context, folder, file)
			}
		} else if r.files.IsFile(path.Join(folder, "Containerfile")) {
			return r.settle(b, c.dir, context, folder, "Containerfile")
		}
	}
	if named && file == "" {
		return errors.New("its Dockerfile has no name")
	}
	return r.settle(b, c.dir, context, c.dir, file)
}

// isArchive reports whether a file that is given as standard input holds a context, not a Dockerfile.
func isArchive(name string) bool {
	for _, ext := range []string{".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}

// arguments fills in what a command line says besides the paths.
func (r *reading) arguments(b *Build, c *invocation, p *parsed) {
	for _, v := range p.all("build-arg") {
		r.buildArg(b, c, v)
	}
	if v, ok := p.last("target"); ok {
		target, may := believed(v.text)
		if isKnown(target) {
			b.Target, b.At.Target = target, r.text(v.line, target)
		}
		b.Unsure = b.Unsure || may || !isKnown(target)
	}
}

// buildArg takes in an argument K=V, or K, whose value the environment has.
func (r *reading) buildArg(b *Build, c *invocation, w word) {
	k, v, has := strings.Cut(w.text, "=")
	switch {
	case !isKnown(k):
		b.Unsure = true
		return
	case k == "":
		return
	case !has:
		var ok bool
		if v, ok = c.value(k); !ok {
			v = unknown
		}
	}
	if b.Args == nil {
		b.Args = map[string]*string{}
	}
	b.Args[k] = argument(v)
	b.At.setArg(k, r.text(w.line, k))
}

// named fills in the options of docker and its like that name things.
func (r *reading) named(f *finding, b *Build, c *invocation, p *parsed) {
	for _, v := range p.all("tag") {
		f.tags = append(f.tags, v.text)
	}
	for _, v := range p.all("output") {
		for _, part := range strings.Split(v.text, ",") {
			if name, ok := strings.CutPrefix(part, "name="); ok && !slices.Contains(f.tags, name) {
				f.tags = append(f.tags, name)
			}
		}
	}
	for _, tag := range f.tags {
		if isKnown(tag) && tag != "" {
			b.Images = append(b.Images, tag)
		}
	}
	b.partlyNamed(f.tags)
	var exported []string
	for _, v := range p.all("cache-to") {
		exported = append(exported, v.text)
		b.exports(exported, r.text(v.line, ""))
	}
	for _, v := range p.all("build-context") {
		line := v.line
		k, v, _ := strings.Cut(v.text, "=")
		b.At.setContext(k, r.text(line, k))
		if !isKnown(k) || k == "" || v == "" {
			b.Unsure = true
			continue
		}
		if b.Contexts == nil {
			b.Contexts = map[string]string{}
		}
		switch at, name := fromRoot(c.dir, v); {
		case isRemote(v) && isKnown(v) || strings.HasPrefix(v, "target:"):
			b.Contexts[k] = v
		case !isKnown(at + name):
			b.Unsure = true
		default:
			b.Contexts[k] = joined(at, name)
		}
	}
	for _, v := range p.all("secret") {
		if id := secretID(v.text); id != "" && isKnown(id) {
			b.Secrets = append(b.Secrets, id)
		}
	}
	for _, v := range p.all("ssh") {
		b.ssh(v.text)
	}
	if v, ok := p.last("platform"); ok && isKnown(v.text) {
		for _, name := range strings.Split(v.text, ",") {
			if name = strings.TrimSpace(name); name != "" && !strings.HasSuffix(name, "/") {
				b.Platforms = append(b.Platforms, name)
			}
		}
	}
	if v, ok := p.last("ignorefile"); ok && isKnown(c.dir+v.text) && v.text != "" {
		b.IgnoreFile = joined(c.dir, v.text)
	}
}

// secretID is the id of a secret, "id=x,src=y".
func secretID(s string) string {
	for _, part := range strings.Split(s, ",") {
		if k, v, ok := strings.Cut(strings.TrimSpace(part), "="); ok && k == "id" {
			return v
		}
	}
	return ""
}

// ssh takes in an SSH agent or keys that a build passes: "default", "id=path,path".
func (b *Build) ssh(s string) {
	if id, _, _ := strings.Cut(strings.TrimSpace(s), "="); id != "" && isKnown(id) {
		b.SSH = append(b.SSH, id)
	}
}

// pushes reports whether outputs of a build push its result.
func pushes(outputs []word) bool {
	for _, o := range outputs {
		for _, part := range strings.Split(o.text, ",") {
			if part == "push=true" || part == "type=registry" {
				return true
			}
		}
	}
	return false
}

// kaniko reads a command line of kaniko's executor.
func (r *reading) kaniko(s *script, c *invocation, words []word) *finding {
	p := kanikoOptions.parse(words)
	context, named := p.last("context")
	context.text, _ = believed(context.text)
	if !named && len(p.all("dockerfile", "destination", "no-push")) == 0 {
		return nil // another executor
	}
	f := &finding{line: c.line}
	b := &Build{Name: s.name, Place: r.place(c.line), Unsure: p.unsure, Dev: s.dev, Default: s.first,
		Released: s.released && !p.on("no-push")}
	b.At.Context = r.text(context.line, context.text)
	r.arguments(b, c, &p)
	for _, v := range p.all("destination") {
		f.tags = append(f.tags, v.text)
		if isKnown(v.text) && v.text != "" {
			b.Images = append(b.Images, v.text)
		}
	}
	b.partlyNamed(f.tags)
	at := strings.TrimPrefix(context.text, "dir://")
	if !named {
		at = "/workspace"
	}
	if rest, ok := strings.CutPrefix(at, "/workspace"); ok && (rest == "" || rest[0] == '/') {
		at = root + rest // where kaniko's image expects the context
	}
	if sub, ok := p.last("context-sub-path"); ok {
		at += "/" + sub.text
	}
	for _, prefix := range []string{"s3://", "gs://", "tar://", "git://", "https://"} {
		if strings.HasPrefix(at, prefix) {
			f.note = unread(errRemote, "")
			return f
		}
	}
	file, namesFile := p.last("dockerfile")
	if file.text == "" {
		file.text, namesFile = "Dockerfile", false
	}
	name, may := believed(file.text)
	b.Unsure = b.Unsure || may
	b.At.Dockerfile = r.text(file.line, name)
	if rest, ok := strings.CutPrefix(name, "/workspace/"); ok {
		name = root + "/" + rest
	}
	from := c.dir
	if folder, rest := fromRoot(c.dir, at); isKnown(folder+rest+name) && !strings.HasPrefix(name, root) {
		// kaniko looks in the working directory first, also for the Dockerfile that nobody named.
		folder = joined(folder, rest)
		switch here := isKnown(c.dir) && folder != c.dir && r.files.IsFile(joined(c.dir, name)); {
		case !here:
			from = folder
		case !namesFile && r.files.IsFile(joined(folder, name)):
			f.note = unread(fmt.Errorf("its Dockerfile may be %s or %s", joined(c.dir, name), joined(folder, name)), "")
			return f
		}
	}
	if err := r.settle(b, c.dir, at, from, name); err != nil {
		f.note = unread(err, file.text)
		return f
	}
	f.build = b
	return f
}
