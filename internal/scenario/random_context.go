package scenario

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
)

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
		if g.IntN(12) == 0 {
			e.XAttrs = map[string]string{"user.note": "1"}
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
		if g.IntN(20) == 0 {
			i.Arch = "arm64"
		}
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
