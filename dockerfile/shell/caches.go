package shell

import (
	"path"
	"slices"
	"strings"
)

// Cache is a folder in which a program keeps what it has downloaded or built, for its next run. With a cache mounted
// there it is found again by the next build, and is in no layer.
type Cache struct {
	Path     string
	Locked   bool // two builds must not use it at once: sharing=locked
	Compiled bool // it keeps what has been compiled, so that only what has changed is compiled again
	Doc      string
}

// cache is a row about the folder of a cache.
type cache struct {
	program string
	// at are places of which the first counts whose variable is set: "$PIP_CACHE_DIR ~/.cache/pip". The last one has no
	// variable, and "~/" stands for the home of the user.
	at     string
	root   string // the last place for root, if that is another
	locked bool
	doc    string
}

const (
	ofDownloads = "what it has downloaded"
	ofCompiles  = "what it has compiled"
)

// caches is sorted by program. The places are those of the programs' own documentation.
var caches = []cache{
	{program: "apk", at: "/etc/apk/cache", locked: true, doc: ofDownloads + "; without --no-cache, which turns it off"},
	{program: "apt-get", at: "/var/cache/apt", locked: true, doc: "downloaded packages; Debian and Ubuntu images delete them unless /etc/apt/apt.conf.d/docker-clean is removed"},
	{program: "apt-get", at: "/var/lib/apt/lists", locked: true, doc: "lists of packages; without rm -rf of them"},
	{program: "bun", at: "$BUN_INSTALL_CACHE_DIR ~/.bun/install/cache", doc: ofDownloads},
	{program: "bundle", at: "$BUNDLE_USER_CACHE ~/.bundle/cache", doc: ofDownloads},
	{program: "cabal", at: "$CABAL_DIR/packages ~/.cabal/packages", doc: ofDownloads},
	{program: "cargo", at: "$CARGO_HOME/registry ~/.cargo/registry", doc: ofDownloads},
	{program: "cargo", at: "$CARGO_HOME/git ~/.cargo/git", doc: "repositories that it has fetched"},
	{program: "composer", at: "$COMPOSER_CACHE_DIR $COMPOSER_HOME/cache ~/.cache/composer", doc: ofDownloads},
	{program: "conda", at: "/opt/conda/pkgs", doc: ofDownloads},
	{program: "deno", at: "$DENO_DIR ~/.cache/deno", doc: ofDownloads},
	{program: "dnf", at: "/var/cache/dnf", locked: true, doc: "lists of packages, and packages with keepcache=1"},
	{program: "dotnet", at: "$NUGET_PACKAGES ~/.nuget/packages", doc: ofDownloads},
	{program: "go", at: "$GOMODCACHE $GOPATH/pkg/mod ~/go/pkg/mod", doc: "modules that it has downloaded"},
	{program: "go", at: "$GOCACHE ~/.cache/go-build", doc: ofCompiles},
	{program: "gradle", at: "$GRADLE_USER_HOME ~/.gradle", doc: ofDownloads + " and built"},
	{program: "mix", at: "$HEX_HOME ~/.hex", doc: ofDownloads},
	{program: "mvn", at: "~/.m2", doc: ofDownloads},
	{program: "npm", at: "$npm_config_cache $NPM_CONFIG_CACHE ~/.npm", doc: ofDownloads},
	{program: "pacman", at: "/var/cache/pacman/pkg", locked: true, doc: ofDownloads},
	{program: "pip", at: "$PIP_CACHE_DIR ~/.cache/pip", doc: ofDownloads + "; without --no-cache-dir, which turns it off"},
	{program: "pipenv", at: "$PIPENV_CACHE_DIR ~/.cache/pipenv", doc: ofDownloads},
	{program: "pnpm", at: "$PNPM_HOME/store ~/.local/share/pnpm/store", doc: ofDownloads},
	{program: "poetry", at: "$POETRY_CACHE_DIR/cache ~/.cache/pypoetry/cache", doc: ofDownloads + "; beside it stand virtual environments, which the image needs"},
	{program: "poetry", at: "$POETRY_CACHE_DIR/artifacts ~/.cache/pypoetry/artifacts", doc: "packages that it has downloaded and built"},
	{program: "sbt", at: "~/.cache/coursier", doc: ofDownloads},
	{program: "stack", at: "$STACK_ROOT ~/.stack", doc: ofDownloads + " and built"},
	{program: "swift", at: "~/.cache/org.swift.swiftpm", doc: ofDownloads},
	{program: "tdnf", at: "/var/cache/tdnf", locked: true, doc: ofDownloads},
	{program: "uv", at: "$UV_CACHE_DIR ~/.cache/uv", doc: ofDownloads},
	{program: "yarn", at: "$YARN_CACHE_FOLDER ~/.cache/yarn", root: "/usr/local/share/.cache/yarn", doc: ofDownloads + " (Yarn 1)"},
	{program: "yarn", at: "$YARN_GLOBAL_FOLDER/cache ~/.yarn/berry/cache", doc: ofDownloads + " (Yarn 2 and later)"},
	{program: "yum", at: "/var/cache/yum", locked: true, doc: ofDownloads},
	{program: "zypper", at: "/var/cache/zypp", locked: true, doc: ofDownloads},
}

// Caches are the folders of a program, by its name in a command. home is the home of the user, "" if it is not known;
// variable gives the value of a variable, ok is false if it is not set or not known.
func Caches(program, home string, variable func(name string) (value string, ok bool)) (list []Cache) {
	row := lookup(program)
	if row == nil {
		return nil
	}
	own := false // it has rows of its own name: yum is in the row of dnf
	for i := range caches {
		own = own || caches[i].program == program
	}
	for i := range caches {
		c := &caches[i]
		if own && c.program != program || !own && c.program != row.name {
			continue
		}
		if at := c.place(home, variable); at != "" {
			list = append(list, Cache{Path: at, Locked: c.locked, Compiled: c.doc == ofCompiles, Doc: c.doc})
		}
	}
	return list
}

// place is where the folder is; "" if it is not known.
func (c *cache) place(home string, variable func(string) (string, bool)) string {
	for at := range strings.SplitSeq(c.at, " ") {
		if name, isVar := strings.CutPrefix(at, "$"); isVar {
			name, rest, _ := strings.Cut(name, "/")
			if value, ok := variable(name); ok && path.IsAbs(value) {
				return path.Join(value, rest)
			}
			continue
		}
		if c.root != "" && home == "/root" {
			return c.root
		}
		rest, inHome := strings.CutPrefix(at, "~/")
		if !inHome {
			return at
		}
		if home != "" {
			return path.Join(home, rest)
		}
	}
	return ""
}

// filling says how a program fills its cache while it installs, and how it is told to keep none.
type filling struct {
	program  string
	sub      string // sub-commands that do, with | between alternatives
	bare     bool   // it does without any, too
	off      string // the option with which it keeps none
	variable string // the variable that does so, whatever its value
	offline  string // options with which it downloads nothing
	purge    string // the sub-command that empties the cache
	cleanUp  string // the command that does, as people write it
	setting  string // what a file of settings is called that may turn it off
	in       string // what folders of caches have in their names
	own      string // packages of the program itself, which are small
}

// fillings is sorted by program.
var fillings = []filling{
	{program: "npm", sub: "install|i|ci|add|clean-install|update", purge: "cache clean|cache rm", cleanUp: "npm cache clean --force", in: ".npm", setting: ".npmrc"},
	{program: "pip", sub: "install|wheel|download", off: "--no-cache-dir", variable: "PIP_NO_CACHE_DIR", offline: "--no-index", purge: "cache purge|cache remove", cleanUp: "pip cache purge", in: "pip", setting: "pip.conf", own: "pip setuptools wheel"},
	{program: "yarn", sub: "install|add|global add", bare: true, offline: "--offline", purge: "cache clean", cleanUp: "yarn cache clean", in: "yarn", setting: ".yarnrc"},
}

// CacheFill is what a command does to the cache of its program.
type CacheFill struct {
	Tool     string // the program
	Off      string // the option with which it keeps no cache; "" if there is none
	Variable string // the variable that does so, whatever its value
	CleanUp  string // the command that empties the cache
	Setting  string // a file of settings that may turn it off
	In       string // what the folders of its caches have in their names
	Purges   bool   // the command empties the cache, and fills none
}

// FillsCache tells how the command fills the cache of its program while it installs, or that it empties it. ok is false
// for all others, and where an option says that no cache is kept or nothing is downloaded.
func (c *Command) FillsCache() (fill CacheFill, ok bool) {
	p := c.row()
	for i := range fillings {
		f := &fillings[i]
		if f.program != p.name || c.InSubst {
			continue
		}
		words := c.Operands()
		if c.isModule(p) && len(words) > 0 {
			words = words[1:]
		}
		fill = CacheFill{Tool: f.program, Off: f.off, Variable: f.variable, CleanUp: f.cleanUp, Setting: f.setting, In: f.in}
		if _, fill.Purges = (&use{sub: f.purge}).fits(c, words); fill.Purges {
			return fill, true
		}
		_, fills := (&use{sub: f.sub}).fits(c, words)
		fills = fills || f.bare && len(words) == 0 && len(c.arguments()) == 0
		others := slices.ContainsFunc(words[min(1, len(words)):], func(w Word) bool { return !listed(f.own, w.Text) })
		_, without := c.WithoutCache()
		return fill, fills && !without && !c.hasListed(f.offline) && (f.own == "" || others || len(words) < 2)
	}
	return fill, false
}
