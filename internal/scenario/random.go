package scenario

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// Random makes up a scenario, the same from the same source: a Dockerfile of up to four stages with
// all kinds of instructions, a build context, and edits of either. Its images need busybox, a
// /made that everyone may write to, and the user node. Nearly all of its builds succeed; which do not
// is for the daemon to say.
func Random(rng *rand.Rand) *Scenario {
	g := &generator{Rand: rng, s: &Scenario{
		Title:      "random",
		Context:    map[string]Entry{},
		BuildArgs:  map[string]string{},
		Opts:       map[string]string{},
		Secrets:    map[string]string{"token": "secret"},
		BaseImages: map[string]Image{},
	}}
	g.context()
	g.images()
	for range 1 + min(g.IntN(4), g.IntN(4)) {
		g.doc.stages = append(g.doc.stages, g.stage())
	}
	g.doc.globals = "ARG BASE=" + g.image() + "\n"
	if g.IntN(4) > 0 {
		g.doc.globals += "ARG A1=global\n"
	}
	if g.IntN(4) == 0 {
		g.s.BuildArgs[g.name("A")] = g.value()
	}
	if g.IntN(6) == 0 {
		g.s.Target = of(g, g.doc.stages).name
	}
	g.st = g.start()
	works := g.doc.checker(g.st)
	for n, s := range g.doc.stages {
		s.steps = slices.DeleteFunc(s.steps, func(s step) bool { return !works(n, s) })
		if len(s.steps) == 0 {
			s.steps = []step{{text: "RUN true"}}
		}
	}
	g.s.Dockerfile = g.doc.String()
	g.st = g.start()
	if g.IntN(5) == 0 {
		before := g.doc.clone()
		g.s.PriorEdits = [][]Edit{g.edits()}
		if g.IntN(2) == 0 { // and back
			g.doc = before
			back := Edit{Op: "dockerfile", Entry: Entry{Content: ptr(g.doc.String())}}
			if g.try(back) {
				g.s.Edit = []Edit{back}
			}
		}
	}
	g.s.Edit = append(g.s.Edit, g.edits()...)
	g.s.DockerfileAfter = g.st.Dockerfile
	return g.s
}

// generator is the state of making up one scenario.
type generator struct {
	*rand.Rand
	s   *Scenario
	doc document
	st  *State // after the edits so far
	n   int    // counts names, which so are unique

	repo string // name of the git repository, of which no other scenario knows
}

// document is a Dockerfile in the making.
type document struct {
	globals string
	stages  []*stage
}

type stage struct {
	id      string // stands for the stage in the texts of others, as {id}, or {#id} for its number
	name    string
	from    string
	scratch bool // nothing can run in it
	steps   []step
}

// step is an instruction and what it needs to succeed.
type step struct {
	text  string
	files []string // of the context
	stage string   // id of the stage it reads
	reads string   // path in that stage, if somebody has to make it
	makes string
}

func (d document) String() string {
	var names []string
	for n, s := range d.stages {
		names = append(names, "{"+s.id+"}", s.name, "{#"+s.id+"}", fmt.Sprint(n))
	}
	var b strings.Builder
	b.WriteString(d.globals)
	for _, s := range d.stages {
		fmt.Fprintf(&b, "FROM %s AS %s\n", s.from, s.name)
		for _, step := range s.steps {
			b.WriteString(step.text + "\n")
		}
	}
	return strings.NewReplacer(names...).Replace(b.String())
}

func (d document) clone() document {
	var stages []*stage
	for _, s := range d.stages {
		c := *s
		c.steps = slices.Clone(s.steps)
		stages = append(stages, &c)
	}
	return document{d.globals, stages}
}

// start is the state before the edits.
func (g *generator) start() *State {
	st, err := g.s.start()
	if err != nil {
		panic(err) // the context is made so that this cannot be
	}
	return st
}

// works reports whether all steps find what they read.
func (d document) works(st *State) bool {
	works := d.checker(st)
	for n, s := range d.stages {
		for _, step := range s.steps {
			if !works(n, step) {
				return false
			}
		}
	}
	return st.Target == "" || slices.ContainsFunc(d.stages, func(s *stage) bool { return s.name == st.Target })
}

// checker tells of a step of the n-th stage whether it finds what it reads.
func (d document) checker(st *State) func(n int, s step) bool {
	var ignore []byte
	for _, name := range []string{".dockerignore", "Dockerfile.dockerignore"} { // the last one wins
		if f := st.Files[name]; f != nil {
			ignore = f.Data
		}
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(ignore))
	if err != nil {
		panic(err) // a buffer
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return func(int, step) bool { return false }
	}
	visible := func(name string) bool {
		real, err := st.Files.follow(name, true)
		if err != nil || real != "." && st.Files[real] == nil {
			return false
		}
		for _, p := range []string{name, real} {
			if hidden, err := matcher.MatchesOrParentMatches(p); hidden || err != nil {
				return false
			}
		}
		return true
	}
	return func(n int, s step) bool {
		for _, name := range s.files {
			if !visible(name) {
				return false
			}
		}
		if s.stage == "" {
			return true
		}
		from := slices.IndexFunc(d.stages, func(other *stage) bool { return other.id == s.stage })
		if from < 0 || from >= n {
			return false
		}
		return s.reads == "" || slices.ContainsFunc(d.stages[from].steps, func(other step) bool { return other.makes == s.reads })
	}
}

func ptr[T any](v T) *T { return &v }

// of picks one.
func of[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) one(list ...string) string { return of(g, list) }

func (g *generator) maybe(text string) string {
	if g.IntN(3) > 0 {
		return ""
	}
	return text
}

func (g *generator) next() int {
	g.n++
	return g.n
}

func (g *generator) name(letter string) string { return fmt.Sprint(letter, 1+g.IntN(3)) }

func (g *generator) value() string {
	return g.one("1", "2", "3", "x", "/srv", `"a b"`, "$A1", "${E1:-none}")
}

// names are what contexts consist of. The first are in every one of them.
var names = []string{
	"package.json", "src/a.js", "src/b.js", "conf/app.yml", "run.sh", "README.md",
	"package-lock.json", "src/lib/c.js", "src/lib/deep/d.txt", "src/lib.js", "conf/extra.yml", "docs/x.md", "docs/y.txt",
	"with space.txt", ".hidden", ".env", "assets/logo.svg", "test/a_test.js", "go.mod", "main.go", "vendor/v/v.txt",
	"src/.keep", "conf.d/z.yml", "a[1].txt", "Dockerfile.dev", "src/naïve.txt",
}

const always = 6

// content is what files hold: there are few of them, so that equal ones meet.
func (g *generator) content() Entry {
	return Entry{Content: ptr(g.one("", "1\n", "2\n", "three\n", "four\n", strings.Repeat("long\n", 500)))}
}

func (g *generator) mode() string { return g.one("644", "644", "755", "600", "664", "4755") }

func (g *generator) context() {
	for n, name := range names {
		if n >= always && g.IntN(2) == 0 {
			continue
		}
		e := g.content()
		e.Mode = "644"
		if g.IntN(5) == 0 {
			e.Mode = g.mode()
		}
		g.s.Context[name] = e
	}
	for _, link := range [][2]string{{"link", "src/a.js"}, {"src/link.js", "a.js"}, {"dirlink", "conf"}, {"src/dangling", "nowhere"}, {"conf/up.js", "../src/b.js"}} {
		if g.IntN(3) == 0 {
			g.s.Context[link[0]] = Entry{Symlink: link[1]}
		}
	}
	if g.IntN(4) == 0 {
		g.s.Context["src/empty"] = Entry{Dir: true, Mode: g.one("755", "700")}
	}
	if g.IntN(5) == 0 {
		g.s.Context["src/zz.js"] = Entry{Hardlink: "src/a.js"}
	}
	if g.IntN(4) == 0 {
		g.s.Context["data.tar"] = g.tarball()
	}
	if g.IntN(2) == 0 {
		g.s.Dockerignore = ptr(g.ignore())
	}
	if g.IntN(8) == 0 {
		g.s.Context["Dockerfile.dockerignore"] = Entry{Content: ptr(g.ignore())}
	}
	if _, outside := g.s.Context["conf/up.js"]; !outside && g.IntN(3) == 0 {
		g.s.NamedContexts = map[string]string{"named": "conf"}
	}
	g.s.HTTP = []Edit{g.download("one")}
	g.repo = fmt.Sprint("r", g.Uint32())
	g.s.Git = []Edit{{Op: "git", Repo: g.repo, Files: map[string]string{"a.txt": "1", "sub/b.txt": "1"}, Message: "one"}}
}

// download is what the web server sends from now on.
func (g *generator) download(body string) Edit {
	headers := map[string]string{}
	if g.IntN(3) == 0 {
		headers["ETag"] = g.one(`"1"`, `"2"`)
	}
	return Edit{Op: "http", URL: "/download", Entry: Entry{Content: ptr(body)}, Headers: headers}
}

func (g *generator) tarball() Entry {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	data := g.one("one", "two")
	w.WriteHeader(&tar.Header{Name: "in/archive.txt", Mode: 0o644, Size: int64(len(data))})
	w.Write([]byte(data))
	w.Close() // a buffer takes all
	return Entry{Bytes: b.Bytes()}
}

func (g *generator) ignore() string {
	patterns := []string{"*.md", "docs", "**/*.txt", "!README.md", "test/", "/conf/extra.yml", "Dockerfile", ".dockerignore",
		"**/.hidden", "src/lib/**", "!src/lib/c.js", "# a comment", "*.tar", "vendor", "s*c/lib", "  .env  ", "Dockerfile*", "", "**/deep", "[d]ocs/x.md"}
	g.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
	if g.IntN(10) == 0 {
		return "*\n!src\n!conf\n!package*.json\n!run.sh\n!README.md\n"
	}
	return strings.Join(patterns[:g.IntN(6)], "\n") + "\n"
}

var imageNames = []string{"alpine:3.20", "node:22", "python:3.12-slim", "debian"}

func (g *generator) images() {
	for _, name := range imageNames {
		i := Image{RootfsID: name}
		if g.IntN(6) == 0 {
			config := Image{}.Resolved()
			switch g.IntN(4) {
			case 0:
				config.WorkingDir = "/srv"
			case 1:
				config.User = "node"
			case 2:
				config.Env = append(config.Env, "E1=base")
			case 3:
				config.OnBuild = []string{"RUN echo built > /made/onbuild"}
			}
			i.Config = &config
		}
		g.s.BaseImages[name] = i
	}
	if g.IntN(3) == 0 {
		g.s.BaseImages["debian"] = g.s.BaseImages["node:22"] // one image under two names
	}
}

func (g *generator) image() string { return g.one(imageNames...) }

// stage makes a stage after those that are there.
func (g *generator) stage() *stage {
	n := g.next()
	s := &stage{id: fmt.Sprint("s", n), name: fmt.Sprint(g.one("stage", "build", "x-", "s"), n)}
	switch kind := g.IntN(10); {
	case kind == 0:
		s.from, s.scratch = "scratch", true
	case kind == 1:
		s.from = "$BASE"
	case kind == 2:
		s.from = "--platform=$BUILDPLATFORM " + g.image()
	case kind < 6 && len(g.doc.stages) > 0:
		parent := of(g, g.doc.stages)
		s.from, s.scratch = "{"+parent.id+"}", parent.scratch
	default:
		s.from = g.image()
	}
	for range 2 + g.IntN(7) {
		s.steps = append(s.steps, g.step(s))
	}
	if len(g.doc.stages) > 0 && g.IntN(3) > 0 { // else many a stage would be built for nothing
		s.steps = slices.Insert(s.steps, g.IntN(len(s.steps)), g.copyFrom(s))
	}
	if s.scratch { // an image without layers cannot be exported
		s.steps = append(s.steps, step{text: "COPY package.json /", files: []string{"package.json"}})
	}
	return s
}

// step makes an instruction of a stage.
func (g *generator) step(s *stage) step {
	kinds := []func(*stage) step{g.run, g.run, g.run, g.run, g.copy, g.copy, g.copy, g.copy, g.copyFrom, g.copyFrom, g.add, g.workdir, g.variable, g.variable, g.meta}
	if s.scratch {
		kinds = []func(*stage) step{g.copy, g.copy, g.copyFrom, g.workdir, g.variable, g.meta}
	}
	return of(g, kinds)(s)
}

// run is a RUN that succeeds, with the same output each time or another.
func (g *generator) run(s *stage) step {
	n := g.next()
	made := fmt.Sprint("/made/", n)
	st := step{makes: made}
	command := ""
	switch g.IntN(9) {
	case 0:
		command, st.makes = g.one("true", "touch /made", "chmod 777 /made", "ls -R / > /dev/null", "cat /etc/salt"), ""
	case 1:
		command = "cat /proc/sys/kernel/random/uuid > " + made
	case 2:
		command = fmt.Sprintf("echo \"$%s${%s}\" > %s", g.name("A"), g.name("E"), made)
	case 3:
		command = "find /srv /w /d -type f 2>/dev/null | sort | xargs -r cat 2>/dev/null | sha256sum > " + made
	case 4:
		command = fmt.Sprintf("echo one \\\n    # why\n\n  && echo %s \\\n    two > %s", g.one("1", "2"), made)
	case 5: // shells differ in nothing here
		st.text = fmt.Sprintf(`RUN ["/bin/sh", "-c", "echo %d > %s"]`, g.IntN(3), made)
		return st
	case 6:
		delimiter := g.one("EOF", "'EOF'", "END")
		st.text = fmt.Sprintf("RUN %s<<%s\n%secho %d > %s\n%s", g.one("", "", "cat > "+made+" "), delimiter, g.maybe("#!/bin/sh\n"), g.IntN(3), made, strings.Trim(delimiter, "'"))
		return st
	default:
		command = fmt.Sprintf("echo %d > %s", g.IntN(3), made)
	}
	flags := ""
	if g.IntN(3) == 0 {
		flags = g.mount(&st)
	}
	if g.IntN(12) == 0 {
		flags += g.one("--network=none ", "--security=sandbox ", "--network=default ")
	}
	st.text = "RUN " + flags + command
	return st
}

// mount is a --mount with what it needs.
func (g *generator) mount(st *step) string {
	switch g.IntN(8) {
	case 0:
		return "--mount=type=cache,target=/cache" + g.one("", "", ",id=own", ",sharing=locked", ",id=/cache", ",uid=1000", ",ro") + " "
	case 1:
		return "--mount=type=tmpfs,target=/scratch" + g.maybe(",size=1000000") + " "
	case 2:
		return g.one("--mount=type=ssh ", "--mount=type=secret,id="+g.one("token", "other")+g.maybe(",target=/token")+g.maybe(",mode=0444")+" ")
	case 3:
		return "--mount=target=/mnt" + g.maybe(",rw") + " "
	case 4:
		return "--mount=type=bind,from=" + g.image() + ",source=/etc,target=/mnt "
	case 5:
		if len(g.doc.stages) == 0 {
			break
		}
		from := of(g, g.doc.stages)
		if from.scratch {
			break
		}
		st.stage = from.id
		return "--mount=from={" + from.id + "},source=/made,target=/mnt" + g.maybe(",rw") + " "
	}
	source := g.one(names[:always]...)
	if g.IntN(2) == 0 {
		source = path.Dir(source)
	}
	st.files = []string{source}
	return "--mount=type=bind,source=" + source + ",target=/mnt" + g.maybe(",rw") + " "
}

func (g *generator) destination() string {
	return g.one("/w/", "/w/", "/d/e/", "./", ".", "/srv/in/", "sub/", "/$A1/", "/w/../v/", "${E1:-/w}/")
}

// copy is a COPY from the context, from another context or from the Dockerfile itself.
func (g *generator) copy(s *stage) step {
	flags := g.flags(s)
	switch g.IntN(9) {
	case 0:
		return step{text: fmt.Sprintf("COPY %s%s %s", flags, g.one(".", "./", "/", "*"), g.destination()), files: []string{"."}}
	case 1: // wildcards may match nothing
		return step{text: fmt.Sprintf("COPY %s%s %s", flags, g.one("*.json", "src/*.js", "conf/*", "s?c", "package*.json *.md", "src/**/*.js", "[a-c]*", "nothing*", "*/*.yml"), g.destination())}
	case 2:
		return step{text: fmt.Sprintf("COPY %s<<%s %s%d\nvalue=%s $A1\n%s", flags, "EOF", g.one("/w/inline", "inline"), g.IntN(3), g.value(), "EOF")}
	case 3:
		return step{text: fmt.Sprintf("COPY <<A <<'B' %s\none %s\nA\ntwo $E1\nB", "/d/e/", g.value())}
	case 4:
		sources := g.one("src/*.js", "src", "./src/./lib*", "conf/app.yml src/a.js", "**/*.yml")
		st := step{text: "COPY --parents " + sources + " /w/"}
		for name := range strings.FieldsSeq(sources) {
			if !strings.ContainsAny(name, "*") {
				st.files = append(st.files, name)
			}
		}
		return st
	case 5:
		if g.s.NamedContexts != nil {
			return step{text: fmt.Sprintf("COPY %s--from=named %s %s", flags, g.one(".", "*.yml", "[a-c]*", "/"), g.destination())}
		}
	case 6:
		return step{text: fmt.Sprintf(`COPY %s["%s", "src", "%s"]`, flags, "conf/app.yml", "/w/json/"), files: []string{"conf/app.yml", "src"}}
	}
	sources := []string{of(g, slices.Sorted(maps.Keys(g.s.Context)))}
	if g.IntN(3) == 0 {
		sources[0] = path.Dir(sources[0])
	}
	if strings.Contains(sources[0], " ") || strings.ContainsAny(sources[0], "[") {
		sources[0] = "run.sh"
	}
	for g.IntN(4) == 0 {
		sources = append(sources, g.one(names[:always]...))
	}
	spelled := slices.Clone(sources)
	if g.IntN(4) == 0 {
		spelled[0] = g.one("./", "/") + spelled[0]
	}
	return step{text: fmt.Sprintf("COPY %s%s %s", flags, strings.Join(spelled, " "), g.directory()), files: sources}
}

// directory is a destination that ends with a slash, as several sources need.
func (g *generator) directory() string { return strings.TrimSuffix(g.destination(), "/") + "/" }

func (g *generator) flags(s *stage) string {
	flags := ""
	if g.IntN(5) == 0 {
		flags += "--chown=" + g.owner(s, "1000", "1000:1000", "0:0") + " "
	} else if g.IntN(4) == 0 { // with which names cannot be resolved
		flags += g.maybe("--chown=1000 ") + "--link "
	}
	if g.IntN(6) == 0 {
		flags += "--chmod=" + g.one("755", "0644", "700", "u+x") + " "
	}
	if g.IntN(6) == 0 {
		flags += "--exclude=" + g.one("*.md", "**/*.txt", "lib", "*.yml", "nothing") + " "
	}
	return flags
}

// owner is one of the numbers, or a name where there are names.
func (g *generator) owner(s *stage, numbers ...string) string {
	if !s.scratch {
		numbers = append(numbers, "node", "node:node")
	}
	return of(g, numbers)
}

// copyFrom is a COPY from another stage, or from an image.
func (g *generator) copyFrom(s *stage) step {
	flags := g.flags(s)
	if len(g.doc.stages) == 0 || g.IntN(5) == 0 {
		return step{text: fmt.Sprintf("COPY %s--from=%s %s %s", flags, g.image(), g.one("/etc/salt", "/etc", "/home/node"), g.directory())}
	}
	from := of(g, g.doc.stages)
	if from.scratch {
		return g.copy(s)
	}
	st := step{stage: from.id}
	source := g.one("/made", "/made/", "/made/*", "/etc/passwd", "/")
	if source == "/" {
		source = "/made/../made"
	}
	var made []string
	for _, other := range from.steps {
		if other.makes != "" {
			made = append(made, other.makes)
		}
	}
	if len(made) > 0 && g.IntN(3) > 0 {
		source = of(g, made)
		st.reads = source
	}
	st.text = fmt.Sprintf("COPY %s--from={%s%s} %s %s", flags, g.one("", "", "#"), from.id, source, g.directory())
	return st
}

func (g *generator) add(s *stage) step {
	switch _, archive := g.s.Context["data.tar"]; {
	case archive && g.IntN(2) == 0:
		return step{text: "ADD " + g.one("", "", "--unpack=false ") + "data.tar " + g.directory(), files: []string{"data.tar"}}
	case g.IntN(3) == 0:
		const one = "--checksum=sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed "
		return step{text: "ADD " + g.one("", "", "--chmod=644 ", one) + "http://127.0.0.1:5078/download " + g.directory()}
	case g.IntN(3) == 0:
		return step{text: "ADD " + g.maybe("--keep-git-dir=true ") + "http://127.0.0.1:5078/git/" + g.repo + ".git#main" + g.maybe(":sub") + " " + g.directory()}
	}
	st := g.copy(s)
	if strings.HasPrefix(st.text, "COPY --parents") || strings.Contains(st.text, "--from") {
		return st
	}
	st.text = "ADD" + strings.TrimPrefix(st.text, "COPY")
	return st
}

func (g *generator) workdir(*stage) step {
	return step{text: "WORKDIR " + g.one("/w", "/w/", "/w", "sub", "/", "$A1", "/d/$E1", "./", "/srv")}
}

// variable sets what later steps see.
func (g *generator) variable(s *stage) step {
	switch g.IntN(8) {
	case 0, 1:
		return step{text: "ENV " + g.name("E") + "=" + g.value() + g.maybe(" "+g.name("E")+"="+g.value())}
	case 2:
		return step{text: "ENV " + g.name("E") + " " + strings.Trim(g.value(), `"`)}
	case 3, 4:
		return step{text: "ARG " + g.name("A") + "=" + g.value()}
	case 5:
		return step{text: "ARG " + g.one(g.name("A"), "BASE", "TARGETARCH", "A1 A2=two")}
	case 6:
		return step{text: "USER " + g.owner(s, "0", "1000", "1000:1000")}
	default:
		return step{text: "SHELL " + g.one(`["/bin/sh", "-c"]`, `["/bin/sh", "-ec"]`, `["/bin/ash", "-c"]`)}
	}
}

// meta is an instruction that makes no layer.
func (g *generator) meta(s *stage) step {
	n := fmt.Sprint(g.IntN(3))
	onbuild := "RUN echo " + n + " > /made/onbuild" + fmt.Sprint(g.next())
	if s.scratch {
		onbuild = "COPY package.json /onbuild/"
	}
	return step{text: g.one("LABEL a="+n, "LABEL b=$A1", "EXPOSE 808"+n, "CMD echo "+n, `CMD ["echo", "`+n+`"]`, `ENTRYPOINT ["x`+n+`"]`,
		"HEALTHCHECK --retries="+fmt.Sprint(1+g.IntN(3))+" CMD true", "HEALTHCHECK NONE", "VOLUME /v"+n, "STOPSIGNAL SIGTERM", "MAINTAINER m"+n,
		"ONBUILD "+onbuild, "# comment "+n)}
}
