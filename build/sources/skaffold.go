package sources

import (
	"path"
	"strconv"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// isSkaffold reports whether a file is one of skaffold's, by its name.
func isSkaffold(name string) bool { return skaffoldName.MatchString(path.Base(name)) }

var skaffoldName = lazy.New(`(?i)^skaffold([._-].*)?\.ya?ml$|[._-]skaffold\.ya?ml$`)

// artifact is an image that skaffold builds.
type artifact struct {
	line            int
	image, context  string
	builder         *yaml.Node // docker or kaniko; nil if none is named, which is docker
	other           bool       // it is built without a Dockerfile
	dockerfile      string
	dockerfileLine  int
	target          string
	args            map[string]*string
	secrets         []string
	ssh             string
	flags           []string // of the command line
	platforms, uses *yaml.Node
}

// readSkaffold reads the artifacts of each document, and those of its profiles.
//
// Source: skaffold.dev/docs/references/yaml
func readSkaffold(r *reading) {
	for _, doc := range r.documents() {
		if !strings.HasPrefix(doc.Get("apiVersion").String(), "skaffold/") {
			continue
		}
		build := doc.Get("build")
		for _, n := range build.Get("artifacts").Items() {
			r.artifact(newArtifact(n), build, "")
		}
		for _, p := range doc.Get("profiles").Items() {
			name := p.Get("name").String()
			for _, n := range p.Get("build", "artifacts").Items() {
				r.artifact(newArtifact(n), p.Get("build"), name)
			}
			r.patches(build, p.Get("patches"), name)
		}
	}
}

// newArtifact reads an artifact. Names of earlier versions of the format count, too.
func newArtifact(n *yaml.Node) *artifact {
	a := &artifact{line: n.LineOf("image"), image: n.Get("image").String(), platforms: n.Get("platforms"), uses: n.Get("requires")}
	if !n.Has("image") {
		a.line = n.LineOf("imageName")
		a.image = n.Get("imageName").String()
	}
	for _, key := range []string{"context", "workspace"} {
		if text := n.Get(key).String(); a.context == "" {
			a.context = text
		}
	}
	for _, key := range []string{"bazel", "buildpacks", "buildpack", "custom", "jib", "jibMaven", "jibGradle", "ko"} {
		a.other = a.other || n.Has(key)
	}
	for _, key := range []string{"docker", "kaniko"} {
		if n.Has(key) {
			a.other = false
			a.docker(n.Get(key))
		}
	}
	return a
}

// docker reads how an artifact's Dockerfile is built.
func (a *artifact) docker(n *yaml.Node) {
	a.builder = n
	a.dockerfileLine = n.LineOf("dockerfile")
	a.dockerfile = n.Get("dockerfile").String()
	if path := n.Get("dockerfilePath"); path.IsText() {
		a.dockerfile, a.dockerfileLine = path.String(), n.LineOf("dockerfilePath")
	}
	a.target = n.Get("target").String()
	a.args = map[string]*string{}
	args := n.Get("buildArgs")
	for _, name := range args.Keys() {
		a.arg(name, args.Get(name))
	}
	for _, secret := range append(n.Get("secrets").Items(), n.Get("secret")) {
		if id := secret.Get("id").String(); id != "" {
			a.secrets = append(a.secrets, id)
		}
	}
	a.ssh = n.Get("ssh").String()
	a.flags = n.Get("cliFlags").Strings()
}

func (a *artifact) arg(name string, v *yaml.Node) {
	a.args[name] = nil
	if v.IsText() {
		a.args[name] = argument(templated(v.String()))
	}
}

// templated is a text of which those parts are unknown that a Go template fills in.
func templated(text string) string { return goTemplate.ReplaceAllString(text, unknown) }

var goTemplate = lazy.New(`(?s)\{\{.*?\}\}`)

// patches reads an artifact again with what a profile changes in it, by JSON patches.
func (r *reading) patches(build *yaml.Node, patches *yaml.Node, profile string) {
	changed := map[int]*artifact{}
	var order []int
	items := build.Get("artifacts").Items()
	for _, p := range patches.Items() {
		parts := strings.Split(p.Get("path").String(), "/")
		if len(parts) < 4 || parts[1] != "build" || parts[2] != "artifacts" || !r.step() {
			continue
		}
		value, remove := p.Get("value"), p.Get("op").String() == "remove"
		i, err := strconv.Atoi(parts[3])
		if len(parts) == 4 && !remove && value != nil && value.Kind == yaml.Mapping {
			r.artifact(newArtifact(value), build, profile) // a whole artifact
			continue
		}
		if err != nil || i < 0 || i >= len(items) {
			continue
		}
		if changed[i] == nil {
			changed[i] = newArtifact(items[i])
			order = append(order, i)
		}
		if remove {
			value = nil
		}
		if !changed[i].patch(parts[4:], value) && !changed[i].other {
			r.note(p.LineOf("path"), "the profile %s changes an artifact in a way that is not read here", profile)
			changed[i].other = true
		}
	}
	for _, i := range order {
		r.artifact(changed[i], build, profile)
	}
}

// patch changes what stands at a path below an artifact. It reports whether it knows how.
func (a *artifact) patch(path []string, v *yaml.Node) bool {
	if len(path) > 1 && (path[0] == "docker" || path[0] == "kaniko") && a.builder == nil {
		a.builder = &yaml.Node{Kind: yaml.Mapping}
	}
	switch strings.Join(path, "/") {
	case "image":
		a.image = v.String()
	case "context":
		a.context = v.String()
	case "docker", "kaniko":
		if a.other = false; !v.IsNull() {
			a.docker(v)
		}
	case "docker/dockerfile", "kaniko/dockerfile":
		a.dockerfile = v.String()
		if v != nil {
			a.dockerfileLine = v.Line
		}
	case "docker/target", "kaniko/target":
		a.target = v.String()
	case "docker/buildArgs", "kaniko/buildArgs":
		a.args = map[string]*string{}
		for _, name := range v.Keys() {
			a.arg(name, v.Get(name))
		}
	case "sync", "hooks", "docker/cacheFrom", "docker/network", "docker/noCache", "kaniko/cache", "kaniko/image":
	default:
		if len(path) != 3 || path[1] != "buildArgs" {
			return len(path) > 0 && (path[0] == "sync" || path[0] == "hooks")
		}
		if a.args == nil {
			a.args = map[string]*string{}
		}
		if v == nil {
			delete(a.args, path[2])
		} else {
			a.arg(path[2], v)
		}
	}
	return true
}

// artifact adds the build of an artifact.
func (r *reading) artifact(a *artifact, build *yaml.Node, profile string) {
	if a.other || a.image == "" && a.builder == nil && a.context == "" || !r.step() {
		return
	}
	b := Build{Name: a.image, Place: r.place(a.line), Secrets: a.secrets, Default: profile == "", Dev: names.ForDevelopers(profile)}
	b.ssh(a.ssh)
	for name, v := range a.args {
		if b.Args == nil {
			b.Args = map[string]*string{}
		}
		b.Args[templated(name)] = v
	}
	for _, used := range a.uses.Items() { // the name of another artifact's image, with its tag, is an argument
		if alias := used.Get("alias").String(); alias != "" {
			if b.Args == nil {
				b.Args = map[string]*string{}
			}
			b.Args[alias] = nil
		}
	}
	if b.Target = templated(a.target); !isKnown(b.Target) {
		r.note(a.line, "the target of the image %s is known only when skaffold runs", a.image)
		b.Target, b.Unsure = "", true
	}
	platforms := a.platforms
	if platforms.IsNull() {
		platforms = build.Get("platforms")
	}
	b.Platforms = platforms.Strings()
	if image := templated(a.image); isKnown(image) {
		b.Images = []string{image}
	}
	context := templated(a.context)
	dir := joined(r.dir(), context)
	r.buildFlags(&b, ".", a.line, a.flags)
	dockerfile := templated(a.dockerfile)
	if dockerfile == "" {
		dockerfile = "Dockerfile"
	}
	if err := r.settle(&b, r.dir(), context, dir, dockerfile); err != nil {
		r.note(a.line, "the image %s is left out: %v", a.image, err)
		return
	}
	if b.Missing != "" {
		if a.builder == nil {
			r.note(a.line, "the image %s is left out: %s", a.image, b.Missing)
			return
		}
		line := a.line
		if a.dockerfile != "" && r.files.IsFolder(b.Context) {
			line = a.dockerfileLine
		}
		r.noteAt(Note{File: r.file, Line: line, Message: "the image " + a.image + " cannot be built: " + b.Missing, Wrong: !isMade(b.Context + "/" + b.Dockerfile)})
	}
	r.add(b)
}

// buildFlags reads options of docker build that a source adds to a build.
func (r *reading) buildFlags(b *Build, dir string, line int, flags []string) {
	if len(flags) == 0 {
		return
	}
	words := make([]word, len(flags))
	for i, f := range flags {
		words[i] = word{text: templated(f)}
	}
	p := buildOptions.parse(words)
	c := &invocation{dir: dir, line: line}
	r.named(&finding{}, b, c, &p)
	for _, v := range p.all("build-arg") {
		r.buildArg(b, c, v)
	}
	if v, ok := p.last("target"); ok {
		if b.Target = v.text; !isKnown(v.text) {
			b.Target, b.Unsure = "", true
		}
	}
	b.Unsure = b.Unsure || p.unsure
}
