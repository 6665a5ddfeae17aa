package projects

import (
	"path"
	"strings"
)

// volatile defines what each build has another value for.
func (g *generator) volatile() {
	name := g.oneOf("GIT_SHA", "BUILD_DATE")
	switch g.IntN(5) {
	case 0:
		g.line("ARG " + name)
	case 1:
		g.line("ARG " + name + "=unknown")
		g.blank()
		g.line("LABEL revision=$" + name)
	case 2:
		g.line("ARG " + name)
		g.line("ENV " + name + "=$" + name)
	case 3:
		g.line("ARG " + name)
		g.line("ENV " + name + "=${" + name + "} MODE=production")
	case 4:
		g.line("ARG " + name)
		g.blank()
		g.line("RUN echo $" + name + " > /etc/" + strings.ToLower(name))
	}
	if g.chance(3) {
		g.line("RUN " + g.refresh() + " && " + g.add("git"))
	}
}

func (g *generator) refresh() string {
	if g.alpine {
		return "apk update"
	}
	return "apt-get update"
}

func (g *generator) add(name string) string {
	if g.alpine {
		return "apk add " + name
	}
	return "apt-get install -y " + name
}

// end is what may stand behind the last command of a RUN.
func (g *generator) end() string {
	return g.oneOf("", "", "", "", " # note", ";", " && true", " \\\n  && true", " || true", " && exit 0", " && exec true", "; exit 0", " > /dev/null", " && echo done # note", " \\\n  # inside\n  && true", "&& cd /tmp")
}

// packages installs packages of the system, in the ways that are told about.
func (g *generator) packages() {
	name := g.oneOf("curl", "git", "make")
	switch g.IntN(4) {
	case 0, 1:
		g.line("RUN " + g.refresh() + g.end())
		g.blank()
		if g.chance(5) {
			g.other()
		}
		g.line("RUN " + g.oneOf("", "", "set -e; ", "(true) && ") + g.add(name) + g.end())
	case 2:
		g.line("RUN " + g.refresh() + " && " + g.add(name) + g.end())
		g.blank()
		g.line("RUN rm -rf /var/lib/apt/lists/*" + g.end())
	case 3:
		g.line("RUN <<EOF\nset -e\n" + g.refresh() + "\n" + g.add(name) + "\nEOF")
	}
}

// download fetches a file, and removes it a layer too late.
func (g *generator) download() {
	file := "/tmp/a" + g.next() + ".tgz"
	url := "https://example.com/" + file[5:]
	get := g.oneOf("curl -fsSLo "+file+" "+url, "cd /tmp && curl -fsSO "+url)
	use := g.oneOf("", "", " && cp "+file+" /etc/", " && (cp "+file+" /etc/)", " && if true; then cp "+file+" /etc/; fi")
	g.line("RUN " + get + use + g.end())
	g.blank()
	g.line("RUN rm " + g.oneOf("", "-f ") + file + g.end())
}

func (g *generator) maintainer() {
	if !g.author {
		g.author = true
		g.line("MAINTAINER " + g.oneOf("me <me@example.com>", `"me"`, "o'hara", "two  words"))
	}
}

func (g *generator) suppression() {
	g.line("# layerwise ignore=" + g.oneOf("pipe-to-shell", "copy-before-install", "tls-verify-disabled, pipe-to-shell", "pkg-index-refresh-alone -- why"))
	if g.chance(2) {
		g.packages()
	}
}

// other is something else.
func (g *generator) other() {
	g.line(g.oneOf("ENV A=b", "ENV HOME=/root B=c", "LABEL x=y", "EXPOSE 8080", "VOLUME /data", "USER root", "STOPSIGNAL SIGTERM", "# a comment", "ONBUILD RUN true",
		"RUN mkdir -p /data/"+g.next(), "RUN <<EOF\nmkdir -p /etc/app\necho a > /etc/app/b\nEOF", `RUN ["mkdir", "-p", "/x"]`, `SHELL ["/bin/sh", "-ec"]`,
		"RUN adduser -D app"+g.next(), "RUN umask 077 && touch /etc/u"+g.next(), "RUN --mount=type=cache,target=/cache touch /cache/a", "RUN echo one \\\n    # inside\n\n    two > /etc/two"))
}

// copyAndInstall copies the project, and installs what it needs.
func (g *generator) copyAndInstall() {
	dest, at := g.oneOf(".", "./"), "" // where it goes, and where the install must change to
	if g.workdir == "" {
		dest = g.oneOf("/app", "/app/")
		at = "/app"
	}
	if g.folder != "" {
		at = strings.TrimSuffix(at+"/"+g.folder, "/")
		if g.workdir != "" {
			at = g.folder
		}
	}
	flags := g.oneOf("", "", "", "", "", "--chown=1000:1000 ", "--chmod=755 ", "--link ", "--chown=1000 ")
	source := g.oneOf(".", ".", ".", "./")
	again := g.chance(2)
	switch g.IntN(12) {
	case 0, 4: // the manifests first, with more than is needed
		g.copyManifests(flags, dest, g.oneOf(" README.md", " VERSION", " README.md VERSION"))
		again = true
	case 1: // the manifests, and at once all the rest
		g.copyManifests(flags, dest, "")
		g.line("COPY " + flags + source + " " + dest)
	case 2:
		g.line("ADD " + source + " " + dest)
	case 3:
		g.line("COPY " + flags + "VERSION extra.conf " + slash(dest, ""))
		g.line("COPY " + flags + source + " " + dest)
	default:
		g.line("COPY " + flags + source + " " + dest)
	}
	between := []func(){g.between, g.between, g.other, g.packages, g.volatile}
	g.some(min(g.IntN(3), g.IntN(3)), between...)
	g.blank()
	g.install(g.tool, at)
	if g.chance(4) { // another one below it
		tool := of(g, ecosystems)
		g.files(tool)
		g.some(g.IntN(2), between...)
		g.install(tool, at)
	}
	if again {
		g.line("COPY " + flags + source + " " + dest)
	}
}

func slash(dest, folder string) string {
	return strings.TrimSuffix(dest, "/") + strings.TrimSuffix("/"+folder, "/") + "/"
}

// copyManifests copies the files that the tool's install reads, those of each folder by a COPY. more are copied
// with the first.
func (g *generator) copyManifests(flags, dest, more string) {
	first := g.tool.first
	if f := g.forms[g.tool]; f != nil {
		first = f.first
	}
	byDir := map[string]string{}
	var dirs []string
	for _, name := range first {
		dir := path.Dir(name)
		if byDir[dir] == "" {
			dirs = append(dirs, dir)
		}
		byDir[dir] += g.in(name) + " "
	}
	for _, dir := range dirs {
		g.line("COPY " + flags + byDir[dir] + strings.TrimPrefix(more+" ", " ") + slash(dest, strings.TrimSuffix(path.Join(g.folder, dir), ".")))
		more = ""
	}
}

// install is a RUN that installs, with something else before and behind.
func (g *generator) install(tool *ecosystem, at string) {
	command := of(g, tool.install)
	if f := g.forms[tool]; f != nil {
		command = f.command
		if f.env != "" && g.chance(2) {
			g.line("ENV " + f.env)
		} else if f.env != "" {
			command = f.env + " " + command
		}
	}
	cd := ""
	if at != "" {
		cd = g.oneOf("cd "+at+" && ", "cd "+at+" && ", "cd "+at+"; ")
	}
	before := g.oneOf("", "", "", "", "", "", "mkdir -p out && ", "export C=d && ", "set -e; ", "set -ex && ", ". ./env.sh && ", g.refresh()+" && "+g.add("git")+" && ", "umask 022 && ",
		"cat VERSION && ", "touch ready && ", "echo $GIT_SHA && ", "(", "{ ", "if true; then ", "! false && ", "C=d ", "echo a | cat && ", "test -e VERSION || ")
	end := map[string]string{"(": ")", "{ ": "; }", "if true; then ": "; fi"}[before]
	behind := g.oneOf("", "", "", "", "", " && "+tool.build, " && "+tool.build, " \\\n    && "+tool.build, "; "+tool.build, " > install.log", " 2>&1 | tee install.log", " # install", ";",
		" && cp VERSION /etc/version", " && rm -rf /tmp/*", " || true", " && echo $C > /etc/c", " && mv README.md /etc/", " > /dev/null", " \\\n  # inside\n  && true", " && chown -R 1000 .", " &\nRUN true")
	if strings.HasPrefix(behind, " &\n") {
		behind = " & wait" // or it would end before it has done anything
	}
	mount := g.oneOf("", "", "", "", "--mount=type=cache,target=/cache ", "--mount=type=secret,id=none ", "--network=default ")
	if g.chance(15) {
		mount = "--mount=type=bind,target=" + g.dir() + " "
	}
	switch {
	case g.chance(14) && end == "":
		g.line("RUN " + mount + "<<EOF\nset -e\n" + cd + before + command + "\n" + g.oneOf("", tool.build+"\n", "# note\n") + "EOF")
	case g.chance(20) && at == "" && !strings.Contains(command, "="):
		g.line(`RUN ["` + strings.Join(strings.Fields(command), `", "`) + `"]`)
	default:
		g.line("RUN " + mount + cd + before + command + end + behind)
	}
}

// between stands between the copy and the install, and often has to do with the files.
func (g *generator) between() {
	g.line(g.oneOf("RUN chown -R 1000 .", "RUN chown -R 1000:1000 "+g.dir(), "RUN cp README.md /etc/readme || true", "RUN mkdir -p out", "ENV X=1", "USER 1000", "RUN ls > /etc/list", "RUN touch ready",
		"RUN echo a >> VERSION", "COPY extra.conf /etc/extra.conf", "COPY extra.conf ./other.conf", "ENV PATH="+g.dir()+"/node_modules/.bin:$PATH", "RUN rm -rf node_modules", "ARG TOKEN", "ENV CI=true",
		"WORKDIR "+g.dir(), "RUN mkdir -p /var/cache/app && chmod 700 /var/cache/app", "RUN pip install pip-tools", "RUN npm install -g pnpm", "RUN echo a > /etc/a", "RUN cat .env > /etc/env || true"))
}

// tail stands below the install.
func (g *generator) tail() {
	g.line(g.oneOf("RUN "+g.tool.build, "RUN cat VERSION > /etc/v || true", "RUN chown -R 1000 .", "RUN rm -f VERSION", "RUN ls -R . > /etc/listed", "COPY extra.conf /etc/", "RUN echo $GIT_SHA > /etc/sha", "ENV Z=1"))
}
