package sources

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

func isGoReleaser(name string) bool { return goreleaserName.MatchString(path.Base(name)) }

var goreleaserName = lazy.New(`^\.?goreleaser([-.][\w.-]+)?\.ya?ml$`)

// readGoReleaser reads which Dockerfiles goreleaser builds. It copies them, with the programs that it has made
// and what extra_files names, into a temporary folder and builds there: nobody can look into that context.
//
// Source: https://goreleaser.com/customization/docker/ and /dockers_v2/.
func readGoReleaser(r *reading) {
	for _, doc := range r.documents() {
		t := templates{"ProjectName": doc.Get("project_name").String()}
		for _, n := range mappings(doc.Get("dockers")) {
			b := Build{Images: t.known(n.Get("image_templates").Strings()), Released: released(n)}
			b.partlyNamed(t.all(n.Get("image_templates").Strings()))
			r.flags(&b, t.all(n.Get("build_flag_templates").Strings()))
			r.goreleaserBuild(b, n, t)
		}
		for _, n := range mappings(doc.Get("dockers_v2")) {
			b := Build{Platforms: t.known(n.Get("platforms").Strings()), Images: t.known(n.Get("images").Strings()), Released: released(n)}
			b.partlyNamed(t.all(n.Get("images").Strings()))
			if len(b.Platforms) == 0 {
				b.Platforms = []string{"linux/amd64", "linux/arm64"}
			}
			args := n.Get("build_args")
			for _, name := range args.Keys() {
				b.argument(t.filled(name), t.filled(args.Get(name).String()))
			}
			r.flags(&b, t.all(n.Get("flags").Strings()))
			r.goreleaserBuild(b, n, t)
		}
	}
}

// mappings are the items of a list that are mappings.
func mappings(list *yaml.Node) (items []*yaml.Node) {
	for _, n := range list.Items() {
		if n.Kind == yaml.Mapping {
			items = append(items, n)
		}
	}
	return items
}

// goreleaserBuild adds a build of an item of a list of images.
func (r *reading) goreleaserBuild(b Build, n *yaml.Node, t templates) {
	b.Name, b.Kind, b.Place, b.Default = n.Get("id").String(), Generated, r.place(max(n.LineOf("dockerfile"), 1)), true
	switch {
	case b.Name != "":
	case len(b.Images) > 0:
		b.Name = b.Images[0]
	default:
		b.Name = "dockers"
	}
	file := t.filled(n.Get("dockerfile").String())
	if file == "" {
		file = "Dockerfile"
	}
	if !isKnown(file) {
		r.note(b.Place.Line, "this image is left out: its Dockerfile, %s, is known only when it runs", shown(file))
		return
	}
	// goreleaser runs in the root, whatever file it is told to read.
	b.Dockerfile = joined(".", file)
	if own := joined(r.dir(), file); inside(own) && (!inside(b.Dockerfile) || !r.files.IsFile(b.Dockerfile)) && r.files.IsFile(own) {
		b.Dockerfile = own
	}
	if !inside(b.Dockerfile) {
		r.note(b.Place.Line, "this image is left out: its Dockerfile, %s, lies outside of the workspace", b.Dockerfile)
		return
	}
	if !r.files.IsFile(b.Dockerfile) {
		b.Missing = "there is no file " + b.Dockerfile
		r.note(b.Place.Line, "this image cannot be built: %s", b.Missing)
	}
	r.add(b)
}

// released reports whether goreleaser pushes an image. Only "true" keeps it from that for certain.
func released(n *yaml.Node) bool {
	return n.Get("skip_push").String() != "true" && n.Get("disable").String() != "true"
}

// flags takes in options of docker build, each an item of its own.
func (r *reading) flags(b *Build, flags []string) {
	for i := 0; i < len(flags); i++ {
		name, value, together := strings.Cut(flags[i], "=")
		if !isKnown(name) {
			b.Unsure = true
			continue
		}
		switch name {
		case "--build-arg", "--target", "--platform", "--build-context", "--secret", "--ssh":
		default:
			continue
		}
		if !together {
			if i++; i == len(flags) {
				return
			}
			value = flags[i]
		}
		key, rest, ok := strings.Cut(value, "=")
		switch {
		case name == "--target" && !isKnown(value):
			b.Unsure = true
		case name == "--target":
			b.Target = value
		case name == "--platform" && isKnown(value):
			b.Platforms = strings.Split(value, ",")
		case name == "--secret":
			if id := secretID(value); id != "" && isKnown(id) {
				b.Secrets = append(b.Secrets, id)
			}
		case name == "--ssh":
			b.ssh(value)
		case name == "--build-arg" && !ok:
			b.argument(key, unknown) // of the environment
		case name == "--build-arg":
			b.argument(key, rest)
		case name == "--build-context" && ok && isKnown(key):
			if b.Contexts == nil {
				b.Contexts = map[string]string{}
			}
			b.Contexts[key] = namedFrom(".", rest)
		}
	}
}

// argument sets a build argument. One without a known name makes the build unsure.
func (b *Build) argument(name, value string) {
	if !isKnown(name) {
		b.Unsure = true
		return
	}
	if b.Args == nil {
		b.Args = map[string]*string{}
	}
	b.Args[name] = argument(value)
}

// templates are the values of templates' names that are known, such as ProjectName.
type templates map[string]string

var releaseTemplate = lazy.New(`(?s)\{\{-?\s*\.?(.*?)\s*-?\}\}`)

// filled is a text with its templates filled in, and unknown for those that only the run knows.
func (t templates) filled(s string) string {
	return releaseTemplate.ReplaceAllStringFunc(s, func(found string) string {
		if v := t[releaseTemplate.FindStringSubmatch(found)[1]]; v != "" {
			return v
		}
		return unknown
	})
}

func (t templates) all(list []string) []string {
	var filled []string
	for _, s := range list {
		filled = append(filled, t.filled(s))
	}
	return filled
}

// known are the filled texts of which all is known.
func (t templates) known(list []string) (known []string) {
	for _, s := range t.all(list) {
		if s != "" && isKnown(s) {
			known = append(known, s)
		}
	}
	return known
}
