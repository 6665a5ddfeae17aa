// Package projects makes up small projects whose Dockerfiles have the mistakes that fixes mend, and all around
// them what makes fixes go wrong: comments, semicolons, other shells, owners, ignore files, logs. Tests fix
// them, and ask whether anything was lost.
package projects

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// Project is a Dockerfile with its build context.
type Project struct {
	Dockerfile string
	Context    map[string]string // of files, with the Dockerfile and the ignore file
	Args       map[string]string // build arguments that it is built with
}

// Unknown is an image of which no table knows anything. It works in UnknownDir.
const (
	Unknown    = "acme/base:1"
	UnknownDir = "/srv/base"
)

// Random makes up a project, the same from the same source. Most of them build with the stand-ins of
// internal/buildkittest; which do not is for the daemon to say.
func Random(rng *rand.Rand) *Project {
	g := &generator{Rand: rng, forms: map[*ecosystem]*form{}, p: &Project{
		Context: map[string]string{"README.md": "read me\n", "VERSION": "1\n", "extra.conf": "extra\n"},
		Args:    map[string]string{"GIT_SHA": "abc", "BUILD_DATE": "today", "TOKEN": "t0ken"},
	}}
	g.tool = of(g, ecosystems)
	if g.chance(8) {
		g.folder = "ui"
	}
	g.files(g.tool)
	g.extras()
	for _, name := range []string{"VERSION", "README.md", "env.sh"} { // commands use them
		g.p.Context[g.in(name)] = "export A=b\n"
	}
	g.line(g.oneOf("", "", "", "", "# escape=\\", "# check=skip=all", "# A project.", "#!/usr/bin/env -S docker build . -f"))
	if g.chance(6) {
		g.line("ARG BASE=" + of(g, g.tool.images))
		g.from = "$BASE"
	}
	name := ""
	second := g.chance(3)
	if second {
		name = " AS build"
	}
	g.stage(name)
	if second {
		g.blank()
		g.line("FROM " + g.oneOf("debian:12", "alpine:3.22", "build", "build", Unknown))
		g.some(g.IntN(3), g.prelude...)
		g.line(g.oneOf("COPY --from=build /etc /copied", "COPY --from=build "+g.dir()+" /srv/copied", "# nothing is copied"))
		g.some(g.IntN(2), g.prelude...)
		g.line(`CMD ["sh"]`)
	}
	g.finish()
	return g.p
}

// generator is the state of making up one project.
type generator struct {
	*rand.Rand
	p       *Project
	b       strings.Builder // the Dockerfile
	tool    *ecosystem
	forms   map[*ecosystem]*form
	folder  string // of the context that holds the tool's project
	from    string // the base image as it is written, if not by its name
	workdir string // as the last WORKDIR says it
	alpine  bool
	author  bool // there is a MAINTAINER
	n       int  // counts names, which so are unique

	prelude []func()
}

func of[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) oneOf(list ...string) string { return of(g, list) }

// chance is true once in n times.
func (g *generator) chance(n int) bool { return g.IntN(n) == 0 }

func (g *generator) line(text string) {
	if text != "" {
		g.b.WriteString(text + "\n")
	}
}

// blank writes an empty line, or a comment, or nothing.
func (g *generator) blank() {
	g.b.WriteString(g.oneOf("", "", "", "\n", "# why\n", "\n# why\n", "\n# an end\n\n"))
}

func (g *generator) some(n int, kinds ...func()) {
	for range n {
		of(g, kinds)()
	}
}

// stage writes the stage that installs.
func (g *generator) stage(name string) {
	image := of(g, g.tool.images)
	if g.chance(12) {
		image = Unknown
	}
	g.alpine = strings.Contains(image, "alpine")
	g.prelude = []func(){g.volatile, g.volatile, g.packages, g.packages, g.download, g.maintainer, g.suppression, g.other, g.other}
	if g.from != "" {
		image = g.from
	}
	g.line("FROM " + image + name)
	g.some(g.IntN(4), g.prelude...)
	g.blank()
	if g.workdir = g.oneOf("/app", "/app", "/srv/app", "app", "", "/usr/src/app"); g.workdir != "" {
		g.line("WORKDIR " + g.workdir)
	}
	if g.chance(10) {
		g.line("USER 1000")
	}
	g.some(min(g.IntN(3), g.IntN(3)), g.prelude...)
	g.blank()
	g.copyAndInstall()
	g.some(g.IntN(3), g.tail, g.other, g.download)
	if g.chance(2) {
		g.line(g.oneOf("USER 1000", "EXPOSE 8080", `CMD ["sh"]`, "CMD sh", "ENTRYPOINT [\"sh\"]"))
	}
}

// dir is the directory that the project is copied to, absolute.
func (g *generator) dir() string {
	switch {
	case g.workdir == "":
		return "/app"
	case g.workdir[0] != '/':
		return "/" + g.workdir
	}
	return g.workdir
}

// in is a path of the tool's project in the context.
func (g *generator) in(name string) string {
	if g.folder == "" {
		return name
	}
	return g.folder + "/" + name
}

func (g *generator) files(tool *ecosystem) {
	for name, text := range tool.files {
		g.p.Context[g.in(name)] = text
	}
	if len(tool.forms) > 0 && g.chance(3) {
		f := of(g, tool.forms)
		g.forms[tool] = &f
		for name, text := range f.files {
			g.p.Context[g.in(name)] = text
		}
	}
	if len(tool.variants) > 0 && g.chance(2) {
		for name, text := range of(g, tool.variants) {
			g.p.Context[g.in(name)] = text
		}
	}
}

// extras are files that lie about, and an ignore file.
func (g *generator) extras() {
	extra := []map[string]string{
		{"install.log": "old\n"}, {"node_modules/left-pad/index.js": "1\n"}, {"node_modules/keep/a.js": "1\n"}, {"dist/keep": "1\n"}, {".git/HEAD": "ref: x\n"},
		{".env": "A=b\n"}, {"out/x": "1\n"}, {"venv/pyvenv.cfg": "home=/usr\n"}, {".venv/pyvenv.cfg": "home=/usr\n"}, {"vendor/a.txt": "1\n"}, {"usr/local/bin/tool": "1\n"},
		{".ruby-version": "3.3.0\n"}, {"env.sh": "export A=b\n"}, {"target/old": "1\n"},
	}
	for range g.IntN(4) {
		maps.Copy(g.p.Context, of(g, extra))
	}
	if ignore := g.oneOf("", "", "", "node_modules\n", ".git\n", "*.md\n!README.md\n", "node_modules\n!node_modules/keep\n", "**/node_modules\n.git\nDockerfile\n",
		"dist\n\n# keep these\n!dist/keep\n", "*.log", "vendor\nvenv\n.venv\n"); ignore != "" {
		g.p.Context[".dockerignore"] = ignore
	}
}

// finish is what concerns the whole text.
func (g *generator) finish() {
	src := g.b.String()
	if g.chance(12) {
		src = lowerKeywords(src)
	}
	if g.chance(6) {
		src = strings.TrimRight(src, "\n")
	}
	if g.chance(8) && !strings.Contains(src, "<<") {
		src = strings.ReplaceAll(src, "\n", "\r\n")
	}
	g.p.Dockerfile = src
	g.p.Context["Dockerfile"] = src
}

func lowerKeywords(src string) string {
	lines := strings.Split(src, "\n")
	for i, l := range lines {
		word, rest, ok := strings.Cut(l, " ")
		if ok && slices.Contains([]string{"FROM", "RUN", "COPY", "ENV", "ARG", "LABEL", "WORKDIR", "USER", "ADD", "CMD"}, word) {
			lines[i] = strings.ToLower(word) + " " + rest
		}
	}
	return strings.Join(lines, "\n")
}

func (g *generator) next() string {
	g.n++
	return fmt.Sprint(g.n)
}
