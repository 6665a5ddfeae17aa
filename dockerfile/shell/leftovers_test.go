package shell_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
)

// TestLeftovers: what a command of a package manager leaves in the image, and what deletes it.
func TestLeftovers(t *testing.T) {
	for line, want := range map[string]string{
		"apt-get update":                                 "leaves /var/lib/apt/lists",
		"apt-get install -y curl":                        "recommends; unpinned curl",
		"apt install curl=8 git ./x.deb --update":        "leaves /var/lib/apt/lists; recommends; unpinned git; use apt-get",
		"apt-get install -y --no-install-recommends x=1": "",
		"apt-get install -o APT::Install-Recommends=0 x": "unpinned x",
		"apt-get build-dep git":                          "",
		"aptitude install -R curl":                       "unpinned curl",
		"apt search curl":                                "use apt-cache",
		"apt edit-sources":                               "",
		"apk add curl":                                   "leaves /var/cache/apk /etc/apk/cache; unpinned curl",
		"apk add --no-cache curl=~8 !pyc git@edge":       "",
		"apk add -p /rootfs curl":                        "unpinned curl",
		"apk del curl":                                   "",
		"dnf install -y git-2.49.0 gcc-c++ @tools":       "leaves /var/cache/dnf /var/cache/libdnf5 /var/cache/yum /var/cache/tdnf; unpinned gcc-c++",
		"dnf clean all":                                  "cleans",
		"dnf clean -y all":                               "cleans",
		"yum clean metadata":                             "",
		"yum install -y --installroot=/mnt git":          "unpinned git",
		"dnf group install dev":                          "leaves /var/cache/dnf /var/cache/libdnf5 /var/cache/yum /var/cache/tdnf",
		"zypper -n in git":                               "leaves /var/cache/zypp; unpinned git",
		"zypper cc":                                      "cleans",
	} {
		os, _ := commands(line)[0].OSPackages()
		var got []string
		say := func(is bool, what string) {
			if is {
				got = append(got, what)
			}
		}
		say(len(os.Leaves) > 0, "leaves "+strings.Join(os.Leaves, " "))
		say(os.Recommends, "recommends")
		say(os.CleansAll, "cleans")
		say(len(os.Unpinned) > 0, "unpinned "+texts(os.Unpinned))
		say(os.ForPeople != "", "use "+os.ForPeople)
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s: got %q, want %q", line, s, want)
		}
	}
}

// TestEmptiesAny: a command deletes a folder however it names it.
func TestEmptiesAny(t *testing.T) {
	for line, want := range map[string]bool{
		"rm -rf /var/lib/apt/lists/*":                 true,
		"rm -rf /var/lib/apt/lists":                   true,
		"rm -rf /var/lib/apt":                         true,
		"rm -rf /var/lib/apt/lists/*_dists_*":         true,
		"find /var/lib/apt/lists -type f -delete":     true,
		"/cleanup.sh":                                 true,
		"rm -rf /var/lib/apt/other /var/lib/aptitude": false,
		"npm cache clean --force":                     false,
		"ls /":                                        false,
		"apt-get clean":                               false,
	} {
		if got := commands(line)[0].EmptiesAny([]string{"/var/lib/apt/lists"}, "/"); got != want {
			t.Errorf("%s: got %t", line, got)
		}
	}
}

// TestUnpinned: which packages a command leaves to the day of the build.
func TestUnpinned(t *testing.T) {
	for line, want := range map[string]string{
		"pip install flask gunicorn==23.0.0 click>=8":        "pip flask",
		"python3 -m pip install --user flask[async]":         "pip flask[async]",
		"pip install -r requirements.txt flask":              "",
		"pip install -U pip . ./x a.whl git+https://x/y $P":  "",
		"uv pip install --system flask":                      "pip flask",
		"uv tool install ruff":                               "other ruff",
		"npm i -g pm2 @a/b @a/c@1 ./x git+https://x/y npm":   "npm pm2 @a/b",
		"npm install express":                                "",
		"npm ci":                                             "",
		"yarn global add serve":                              "npm serve",
		"gem install rails nokogiri:1.18.0 -- --with-x lib":  "gem rails",
		"gem install rails -v 8":                             "",
		"go install a.org/x@latest b.org/y@v1.0.0 c.org/z":   "go a.org/x",
		"go run a.org/x@latest b@latest":                     "go a.org/x",
		"cargo install --locked ripgrep":                     "other ripgrep",
		"cargo install --path . ":                            "",
		"dotnet tool install -g dotnet-ef":                   "other dotnet-ef",
		"composer global require a/b":                        "other a/b",
		"corepack prepare pnpm@latest yarn@4.0.0 --activate": "other pnpm",
		"echo pip install flask":                             "",
	} {
		l, ok := commands(strings.ReplaceAll(line, "click>=8", "'click>=8'"))[0].Unpinned()
		got := ""
		if ok {
			got = l.Kind + " " + texts(l.Packages)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// TestFillsCache: what fills the cache of a program, and what empties it.
func TestFillsCache(t *testing.T) {
	for line, want := range map[string]string{
		"pip install flask":                "pip",
		"python -m pip install flask":      "pip",
		"pip install --no-cache-dir flask": "",
		"pip install --no-cache flask":     "",
		"pip install --no-index flask":     "",
		"pip install -U pip wheel":         "",
		"pip install -r requirements.txt":  "pip",
		"pip cache purge":                  "pip, emptied",
		"pip list":                         "",
		"npm ci":                           "npm",
		"npm cache clean --force":          "npm, emptied",
		"npm run build":                    "",
		"yarn":                             "yarn",
		"yarn install --offline":           "",
		"yarn build":                       "",
		"yarn cache clean":                 "yarn, emptied",
	} {
		fill, ok := commands(line)[0].FillsCache()
		got := ""
		if ok {
			got = fill.Tool
		}
		if ok && fill.Purges {
			got += ", emptied"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// TestUnpacks: an archive that is unpacked as ADD does it, and one that is taken apart in another way.
func TestUnpacks(t *testing.T) {
	for line, want := range map[string]string{
		"tar -xzf a.tar.gz -C /x":           "a.tar.gz",
		"tar xf a.tar":                      "a.tar",
		"tar xf a.tar --strip-components=1": "a.tar, in part",
		"tar xf a.tar bin":                  "a.tar, in part",
		"tar -czf a.tar /x":                 "",
		"tar xf -":                          "",
		"unzip a.zip":                       "",
	} {
		file, plain := commands(line)[0].Unpacks()
		got := file.Text
		if got != "" && !plain {
			got += ", in part"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// TestUsers: the numbers of users that are made, and who is noted in the logs of logins.
func TestUsers(t *testing.T) {
	for line, want := range map[string]string{
		"useradd -u 10001 app":    "app 10001, logged",
		"useradd -lu 10001 app":   "app 10001",
		"adduser -u 10001 -D app": "app 10001",
		"useradd app":             "",
	} {
		c := commands(line)[0]
		got := ""
		if name, number, ok := c.UserNumbered(); ok {
			got = name.Text + " " + number.Text
		}
		if _, ok := c.LogsUser(); ok {
			got += ", logged"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
	if !shell.DownloadsByAddress("curl") || shell.DownloadsByAddress("git") || shell.DownloadsByAddress("unknown") {
		t.Error("curl downloads files by their addresses, and the others do not")
	}
}
