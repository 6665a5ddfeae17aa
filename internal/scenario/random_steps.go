package scenario

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

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
	case kind < 7 && len(g.doc.stages) > 0:
		parent := g.earlier()
		s.from, s.scratch = "{"+parent.id+"}", parent.scratch
	default:
		s.from = g.image()
	}
	if len(g.doc.stages) > 0 && g.IntN(8) == 0 { // begins as another one does
		like := of(g, g.doc.stages)
		s.from, s.scratch = like.from, like.scratch
		if s.from == "node:22" {
			s.from = "debian" // which may be the same image
		}
		s.steps = slices.Clone(like.steps[:1+g.IntN(len(like.steps))])
	}
	for range 2 + g.IntN(6) {
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

// earlier is a stage that is there, often the newest, so that few are built for nothing.
func (g *generator) earlier() *stage {
	if g.IntN(2) == 0 {
		return g.doc.stages[len(g.doc.stages)-1]
	}
	return of(g, g.doc.stages)
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
		command, st.makes = g.one("true", "touch /made", "chmod 777 /made || true", "ls -R /made > /dev/null", "cat /etc/salt"), ""
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
	if g.IntN(5) < 2 {
		flags = g.mount(&st)
	}
	if g.IntN(12) == 0 {
		flags += g.one("--network=none ", "--security=sandbox ", "--network=default ")
	}
	st.text = "RUN " + flags + command
	return st
}

const cacheMount = "--mount=type=cache,target=/cache"

var cacheOptions = []string{"", "", ",id=own", ",id=own", ",id=other", ",id=other", ",id=own,sharing=private", ",sharing=locked", ",id=/cache", ",uid=1000", ",ro"}

// mount is a --mount with what it needs.
func (g *generator) mount(st *step) string {
	switch g.IntN(10) {
	case 0, 6, 7:
		return cacheMount + g.one(cacheOptions...) + " "
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
		if strings.Contains(sources, "/./") { // the part before must be there
			st.files = []string{"src/lib.js"}
		}
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
	from := g.earlier()
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
		return g.user(s)
	default:
		return step{text: "SHELL " + g.one(`["/bin/sh", "-c"]`, `["/bin/sh", "-ec"]`, `["/bin/ash", "-c"]`)}
	}
}

func (g *generator) user(s *stage) step {
	return step{text: "USER " + g.owner(s, "0", "1000", "1000:1000")}
}

// unused is a variable that nothing below need use.
func (g *generator) unused() step {
	return step{text: g.one("ARG "+g.name("A"), "ENV "+g.name("E")) + "=" + g.value()}
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
