package completion

import (
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
)

// The buckets of images, behind those of stages.
const (
	imageBucket  = maxStages + 10 // those that the file uses
	knownBucket  = imageBucket + 10
	commonBucket = imageBucket + 20
)

// images are the names of images: those that the file uses, those of the workspace, and common ones; behind a colon, tags.
func (l *list) images() {
	if name, _, tagged := strings.Cut(l.place.Typed, ":"); tagged && !strings.Contains(l.place.Typed, "@") {
		if port := strings.Contains(l.place.Typed, "/") && !strings.Contains(name, "/"); !port {
			l.tags(name)
			return
		}
	}
	seen := map[string]bool{}
	for i := range l.doc.Contexts {
		seen[l.doc.Contexts[i]] = true
	}
	own := l.stage()
	for i, s := range l.doc.Graph.Stages {
		if _, err := images.Parse(s.Base.Text); err == nil && i != own && s.Parent == nil && s.Base.Known && s.Base.Text != "scratch" && !seen[s.Base.Text] {
			seen[s.Base.Text] = true
			l.add(Item{Label: s.Base.Text, Kind: Image, Detail: "used in line " + strconv.Itoa(l.doc.Graph.Line(s.Steps[0])), Doc: about(s.Base.Text), Bucket: imageBucket})
		}
	}
	for _, image := range l.doc.Images() {
		if seen[image.Ref] {
			continue
		}
		seen[image.Ref] = true
		detail := "used in " + image.File
		if image.Made {
			detail = "made by " + image.File
		}
		l.add(Item{Label: image.Ref, Kind: Image, Detail: detail, Doc: about(image.Ref), Bucket: knownBucket})
	}
	from := l.place.Name == "FROM"
	for i, c := range images.CommonImages {
		if seen[c.Name] || c.Name == "scratch" && !from || !from && !c.Tool && l.place.Typed == "" {
			continue
		}
		it := Item{Label: c.Name, Kind: Image, Detail: c.Doc, Doc: about(c.Name), Bucket: commonBucket + i}
		if len(c.Tags) > 0 && c.Tags[0] != "latest" {
			tag := c.Tags[0]
			if slices.Contains(c.Tags, tag+"-slim") {
				tag += "-slim" // the same with fewer packages
			}
			it.Label += ":" + tag
		}
		if c.Name == "scratch" && own > 0 {
			it.Bucket = imageBucket - 1 // a last stage that takes all from others
		}
		if !seen[it.Label] {
			l.add(it)
		}
		if it.Label != c.Name && l.place.Typed != "" {
			l.add(Item{Label: c.Name, Kind: Image, Detail: c.Doc, Doc: about(c.Name), Bucket: commonBucket + i})
		}
	}
	l.more = true
}

// tags are those of an image: those that the file and the workspace use, then those of the table.
func (l *list) tags(name string) {
	seen := map[string]bool{}
	add := func(tag, detail string, bucket int) {
		if tag != "" && !seen[tag] {
			seen[tag] = true
			l.add(Item{Label: name + ":" + tag, Kind: Image, Detail: detail, Doc: about(name + ":" + tag), Bucket: bucket})
		}
	}
	canonical := func(ref string) (string, string) {
		r, err := images.Parse(ref)
		if err != nil {
			return "", ""
		}
		return r.Name, r.Tag
	}
	this, _ := canonical(name)
	own := l.stage()
	for i, s := range l.doc.Graph.Stages {
		if i != own && s.Parent == nil && s.Base.Known {
			if other, tag := canonical(s.Base.Text); other == this {
				add(tag, "used in line "+strconv.Itoa(l.doc.Graph.Line(s.Steps[0])), 1)
			}
		}
	}
	for _, image := range l.doc.Images() {
		if other, tag := canonical(image.Ref); other == this {
			add(tag, "used in "+image.File, 2)
		}
	}
	for i, tag := range images.CommonTags(name) {
		add(tag, "offline, of "+images.CommonAsOf, 10+i)
	}
}

// about says what is known of an image.
func about(ref string) string {
	f, ok := images.Lookup(ref, "")
	if !ok {
		return ""
	}
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	add("It holds", f.Distro)
	if f.Distro == "" {
		add("It holds", f.Family)
	}
	if f.PackageManager != "" && f.PackageManager != "none" {
		add("installs packages by", "`"+f.PackageManager+"`")
	}
	switch {
	case f.Distroless:
		parts = append(parts, "has no shell and no package manager")
	case f.User != "" && !images.IsRoot(f.User):
		add("works as the user", "`"+f.User+"`")
	}
	if f.Workdir != "" && f.Workdir != "/" {
		add("works in", "`"+f.Workdir+"`")
	}
	if len(parts) == 0 {
		return ""
	}
	parts[0] = strings.ToUpper(parts[0][:1]) + parts[0][1:]
	return strings.Join(parts, ", ") + ". The layers of the image come first: a newer image behind the tag reruns the whole stage."
}

// platforms are values of --platform: those of the build, and those that its builds are for.
func (l *list) platforms() {
	l.add(Item{Label: "$BUILDPLATFORM", Kind: Variable, Detail: "of the machine that builds", Doc: "The stage runs without emulation, whatever the image is built for. For stages that compile for another platform.", Bucket: 1})
	l.add(Item{Label: "$TARGETPLATFORM", Kind: Variable, Detail: "of the image; the default", Doc: "What holds without the flag, too.", Bucket: 2})
	seen := map[string]bool{}
	for _, b := range l.doc.Builds() {
		for _, p := range b.Platforms {
			if !seen[p] {
				seen[p] = true
				l.add(Item{Label: p, Kind: Value, Detail: "built by " + b.File, Bucket: 3})
			}
		}
	}
	for i, p := range []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/s390x", "linux/riscv64", "windows/amd64"} {
		if !seen[p] && (i < 2 || l.place.Typed != "") {
			l.add(Item{Label: p, Kind: Value, Bucket: 5 + i})
		}
	}
	l.more = true
}
