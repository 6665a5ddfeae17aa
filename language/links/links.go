// Package links is what a Dockerfile leads to: the pages of images and of rules, the files of the build context that
// it takes, and the addresses in its text. It asks nobody: what is not sure to lead somewhere is no link.
package links

import (
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/navigation"
)

// Link is a place of the text that leads to something. One of URL, Path and Rule is set.
type Link struct {
	Span    text.Span         // on one line
	URL     string            // of a page, or of a line in a file of the workspace
	Path    string            // of a file, absolute
	Rule    *diagnostics.Rule // whose page is meant
	Tooltip string            // what it leads to, "" if the target says it
}

// Of are the links of a document, in the order of their places. None overlaps another one.
func Of(doc *language.Document) []Link {
	c := collector{doc: doc, table: doc.Occurrences()}
	c.header()
	for i, in := range doc.File.Instructions {
		c.fixed(in, doc.File.Start(i))
		switch in.Name {
		case "FROM":
			c.base(doc.Graph.StepAt(i), doc.File.Start(i))
		case "COPY", "ADD", "RUN":
			if in.Name == "RUN" && len(in.Flags) == 0 {
				continue // only mounts name something
			}
			for _, r := range c.table.In(i) {
				c.name(in, r)
			}
		}
	}
	f := doc.File
	at := len(f.Src) - len(f.Trailer)
	for line := range strings.Lines(f.Trailer) {
		for _, l := range ofComment(line) {
			c.add(l.shift(at))
		}
		at += len(line)
	}
	slices.SortStableFunc(c.list, func(a, b Link) int { return a.Span.Start - b.Span.Start })
	return c.list
}

type collector struct {
	doc   *language.Document
	table *occurrences.Table
	list  []Link
}

// add adds a link, unless it goes over the end of a line.
func (c *collector) add(l Link) {
	if l.Span.Len() > 0 && !strings.ContainsAny(l.Span.Of(c.doc.File.Src), "\r\n") {
		c.list = append(c.list, l)
	}
}

func (l Link) shift(by int) Link {
	l.Span = l.Span.Shift(by)
	return l
}

// header adds what parser directives lead to: the image of the frontend, and the pages of BuildKit's rules.
func (c *collector) header() {
	for _, d := range c.doc.File.Directives {
		switch d.Name {
		case "syntax":
			if url, title := pageOf(d.Value); url != "" {
				c.add(Link{Span: d.ValueSpan, URL: url, Tooltip: title})
			}
		case "check":
			for _, l := range checkRules(d.Value) {
				c.add(l.shift(d.ValueSpan.Start))
			}
		}
	}
}

// fixed adds what the text of an instruction and of its comments leads to by itself. It is kept with the instruction.
func (c *collector) fixed(in *syntax.Instruction, start int) {
	found := in.Memo(fixedKey{}, func() any { return inText(in) }).([]Link)
	for _, l := range found {
		c.add(l.shift(start))
	}
}

type fixedKey struct{}

// inText are the links in the text of an instruction: in its comments, in here-documents and in its arguments. The
// sources of an ADD are not among them: their variables are known.
func inText(in *syntax.Instruction) (list []Link) {
	sources := text.Span{}
	if in.Name == "ADD" {
		sources = in.Args
	}
	for _, span := range addresses(in.Text) {
		if span.Start < sources.Start || span.Start >= sources.End {
			list = append(list, Link{Span: span, URL: span.Of(in.Text)})
		}
	}
	for _, comment := range slices.Concat(in.Comments, in.Inner) {
		for _, l := range rules(comment.Of(in.Text)) {
			list = append(list, l.shift(comment.Start))
		}
	}
	return list
}

// name adds what a name leads to: an image, or what a step takes.
func (c *collector) name(in *syntax.Instruction, r occurrences.Ref) {
	switch {
	case r.Onbuild || r.Defines:
	case r.Kind == occurrences.Stage && c.table.KindOf(r) == occurrences.Image:
		if _, err := strconv.Atoi(r.Name); err != nil { // a stage that is not there, most likely
			c.image(r.Name, c.table.Span(r))
		}
	case r.Kind == occurrences.Path && r.Place == occurrences.InSource:
		if in.Name == "ADD" && remote(r.Name) {
			c.download(r)
			return
		}
		if files := navigation.ContextFiles(c.doc, r); len(files) == 1 {
			c.add(Link{Span: c.inside(r), Path: files[0], Tooltip: "in the build context"})
		}
	}
}

// base adds what the image of a FROM leads to. Its variables are replaced.
func (c *collector) base(from *stages.Step, start int) {
	if len(from.Instr.Words) == 0 || from.Stage == nil {
		return
	}
	base := from.Stage.Base
	if base.Known && from.Stage.Parent == nil && !slices.Contains(c.doc.Contexts, base.Text) {
		c.image(base.Text, from.Instr.Words[0].Span.Shift(start))
	}
}

// image adds the page of an image, or, if the workspace makes it, the place that does.
func (c *collector) image(name string, span text.Span) {
	if made, ok := c.doc.Made(name); ok && made.Link != "" {
		c.add(Link{Span: span, URL: made.Link, Tooltip: "made by " + made.File})
		return
	}
	if url, title := pageOf(name); url != "" {
		c.add(Link{Span: span, URL: url, Tooltip: title})
	}
}

// inside is the place of a name, without the quotes around it.
func (c *collector) inside(r occurrences.Ref) text.Span {
	span := c.table.Span(r)
	if s := span.Of(c.doc.File.Src); len(s) > 2 && strings.ContainsAny(s[:1], `"'`) && s[0] == s[len(s)-1] {
		return text.Span{Start: span.Start + 1, End: span.End - 1}
	}
	return span
}

// download adds the address of a source of ADD, its variables expanded.
func (c *collector) download(r occurrences.Ref) {
	value := c.table.Step(r).Expand(r.Name)
	if !value.Known {
		return
	}
	url := value.Text
	if found := addresses(url); len(found) != 1 || found[0].Len() != len(url) {
		if url = repository(url); url == "" {
			return
		}
	}
	c.add(Link{Span: c.inside(r), URL: url})
}

// remote reports whether a source of ADD is no path of the build context.
func remote(name string) bool {
	return strings.Contains(name, "://") || strings.HasPrefix(name, "git@")
}

// hosts are those of git repositories whose page has the address of the repository.
var hosts = []string{"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"}

// repository is the page of a git repository that is reached by SSH: git@github.com:owner/name.git.
func repository(url string) string {
	url, _, _ = strings.Cut(strings.TrimPrefix(url, "ssh://"), "#")
	rest, ok := strings.CutPrefix(url, "git@")
	host, path, found := strings.Cut(strings.Replace(rest, ":", "/", 1), "/")
	if !ok || !found || !slices.Contains(hosts, host) || !plain(path) {
		return ""
	}
	return "https://" + host + "/" + strings.TrimSuffix(path, ".git")
}

// plain reports whether a path is made of what can stand in an address as it is.
func plain(path string) bool {
	return path != "" && strings.IndexFunc(path, func(r rune) bool {
		return !strings.ContainsRune("-_./", r) && !('0' <= r && r <= '9') && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z')
	}) < 0
}

// pageOf is the page of an image and what it is; "" if that is not sure. Tags and digests have no part in it: their
// pages go with them.
func pageOf(name string) (url, title string) {
	ref, err := images.Parse(name)
	if err != nil {
		return "", ""
	}
	registry, path, _ := strings.Cut(ref.Name, "/")
	parts := strings.Split(path, "/")
	switch {
	case registry == "docker.io" && parts[0] == "library" && len(parts) == 2:
		if parts[1] == "scratch" || strings.Contains(parts[1], ".") { // ghcr.io, whose path is still to be typed
			return "", ""
		}
		return "https://hub.docker.com/_/" + parts[1], "Docker Hub"
	case registry == "docker.io" && len(parts) == 2:
		return "https://hub.docker.com/r/" + path, "Docker Hub"
	case registry == "ghcr.io" && len(parts) >= 2:
		return "https://github.com/" + parts[0] + "/" + parts[1] + "/pkgs/container/" + strings.Join(parts[1:], "%2F"), "GitHub"
	case registry == "quay.io" && len(parts) >= 2:
		return "https://quay.io/repository/" + path, "Quay"
	case registry == "mcr.microsoft.com":
		return "https://mcr.microsoft.com/artifact/mar/" + path, "Microsoft Artifact Registry"
	case registry == "public.ecr.aws" && len(parts) >= 2:
		return "https://gallery.ecr.aws/" + path, "Amazon ECR Public Gallery"
	case gcr[registry] != "" && len(parts) >= 2:
		return "https://console.cloud.google.com/gcr/images/" + parts[0] + "/" + gcr[registry] + "/" + strings.Join(parts[1:], "/"), "Google Cloud"
	case strings.HasSuffix(registry, "-docker.pkg.dev") && len(parts) >= 3:
		where := strings.TrimSuffix(registry, "-docker.pkg.dev")
		return "https://console.cloud.google.com/artifacts/docker/" + parts[0] + "/" + where + "/" + parts[1] + "/" + strings.Join(parts[2:], "%2F"), "Google Cloud"
	case registry == "cgr.dev" && parts[0] == "chainguard" && len(parts) == 2:
		return "https://images.chainguard.dev/directory/image/" + parts[1] + "/overview", "Chainguard"
	}
	return "", ""
}

// gcr are the registries of Google, with what their pages call them.
var gcr = map[string]string{"gcr.io": "GLOBAL", "us.gcr.io": "US", "eu.gcr.io": "EU", "asia.gcr.io": "ASIA"}
