package shell

import (
	"slices"
	"strings"
	"sync"
)

// Phrase is a way to call a program that is usual in Dockerfiles.
type Phrase struct {
	Program string
	Sub     string // the sub-command; "" if there is none
	With    string // the options and operands that belong to it, "" for none
	After   string // what people have to add, "" if nothing: "PACKAGE"
	First   string // what stands before it in the same RUN, with what joins it: "apt-get update && "
	Last    string // and what behind it
	Files   string // files of which one is in the directory that it works in, "" if it needs none
	Takes   string // files that it reads, as far as they are there, "" for Files
	Options []Option
	Doc     string // what it does, to layers and the cache too

	images string // that bring the program, by the last part of their names
}

// Option is an option of a program.
type Option struct {
	Name string // with its dashes; it ends with "=" if a value follows it there
	Doc  string // "" if nothing is known but that there is such an option
}

// Line is the whole command, up to what people have to add.
func (p *Phrase) Line() string {
	line := strings.Join(slices.DeleteFunc([]string{p.Program, p.Sub, p.With}, func(s string) bool { return s == "" }), " ")
	if p.After != "" {
		line += " "
	}
	return line
}

// Brings reports whether an image is one of those that bring the program: by the last part of its name, such as "node".
func (p *Phrase) Brings(image string) bool { return listed(p.images, image) }

// Manager is the package manager of an operating system that the program is: apt, apk, dnf; "" if it is none.
func Manager(program string) string {
	if p := lookup(program); p != nil {
		return p.packages.named()
	}
	return ""
}

// IsManager reports whether the program is the package manager that a distribution is said to have: apt-get is apt, and
// yum is not dnf.
func IsManager(program, manager string) bool {
	p := lookup(program)
	return p != nil && p.packages != nil && (program == manager || program == p.name && manager == p.packages.name)
}

// Programs are the names of the programs of the table that a RUN calls, sorted. Servers are none, nor what is another
// name of a program. The list is not the caller's to change.
func Programs() []string { return called() }

var called = sync.OnceValue(func() (names []string) {
	for i := range programs {
		if p := &programs[i]; len(p.name) > 1 && (p.kind&(daemon|supervisor|repl|rootOnly) == 0 || p.kind&interpreter != 0) {
			names = append(names, p.name)
		}
	}
	return names
})

// RunsScript reports whether the sub-command of the program runs a script of a package.json by its name.
func RunsScript(program, sub string) bool {
	p := lookup(program)
	return p != nil && p.kind&scripts != 0 && (sub == "run" || sub == "run-script")
}

// Subs are the sub-commands of a program that the table knows, behind those words that are there already, in its order.
func Subs(program string, given ...string) (subs []string) {
	p := lookup(program)
	if p == nil || len(given) > 1 {
		return nil
	}
	for _, u := range p.uses {
		for sub := range strings.SplitSeq(u.sub, "|") {
			one, two, both := strings.Cut(sub, " ")
			switch {
			case len(given) == 0 && len(one) > 2: // shorter ones are short for others
				subs = append(subs, one)
			case len(given) == 1 && both && one == given[0]:
				subs = append(subs, two)
			}
		}
	}
	return unique(subs)
}

// Options are the options of a program that the table knows, in its order: those with a value.
func Options(program string) (options []Option) {
	p := lookup(program)
	if p == nil {
		return nil
	}
	var names []string
	for _, list := range []string{p.reads, p.writes, p.dir, p.takes} {
		names = append(names, strings.Fields(list)...)
	}
	for _, name := range unique(names) {
		options = append(options, Option{Name: name})
	}
	return options
}

// unique is the list without what stood in it before.
func unique(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(s string) bool {
		was := seen[s]
		seen[s] = true
		return was
	})
}

var (
	aptOptions = []Option{
		{"-y", "answers yes to every question: nobody can in a build"},
		{"--no-install-recommends", "leaves out packages that are only recommended, so that the layer is smaller"},
		{"-q", "shows no progress"},
		{"--fix-missing", "goes on if a package cannot be downloaded"},
	}
	dnfOptions = []Option{
		{"-y", "answers yes to every question: nobody can in a build"},
		{"--setopt=install_weak_deps=False", "leaves out packages that are only recommended, so that the layer is smaller"},
		{"--nodocs", "leaves out manual pages and other documentation"},
		{"--allowerasing", "may remove packages that are in the way"},
	}
	npmOptions = []Option{
		{"--omit=dev", "leaves out development dependencies"},
		{"--ignore-scripts", "does not run the scripts of packages"},
		{"--no-audit", "does not ask the registry for known weaknesses"},
		{"--no-fund", "says nothing of funding"},
		{"--prefer-offline", "takes what is in the cache without asking whether it is still right"},
	}
	pipOptions = []Option{
		{"--no-cache-dir", "keeps no downloads in the layer; without use if a cache is mounted"},
		{"-r", "installs what a file names"},
		{"--no-deps", "installs no dependencies"},
		{"--require-hashes", "fails unless each package has the hash that the file names"},
		{"--upgrade", "takes newer versions of what is there"},
		{"--user", "installs into the home of the user"},
		{"--prefix=", "installs into this folder"},
	}
	composerOptions = []Option{
		{"--no-dev", "leaves out development dependencies"},
		{"--no-interaction", "asks no questions: nobody can answer in a build"},
		{"--no-scripts", "runs no scripts of the project, which may need its sources"},
		{"--no-autoloader", "writes no autoloader: run dump-autoload when the sources are there"},
		{"--prefer-dist", "downloads archives, not repositories"},
		{"--optimize-autoloader", "makes the autoloader faster"},
	}
	cargoOptions = []Option{
		{"--release", "builds with optimizations"},
		{"--locked", "fails if Cargo.lock is not up to date, and does not change it"},
		{"--target", "builds for another platform"},
		{"--bin", "builds one program only"},
		{"--features", "turns on features"},
	}
	goOptions = []Option{
		{"-o", "where the program is written"},
		{"-trimpath", "keeps paths of the build out of the program, so that it is the same each time"},
		{"-ldflags=", `options of the linker: "-s -w" leaves out symbols, so that the program is smaller`},
		{"-tags=", "build tags"},
		{"-mod=", "readonly or vendor: where modules are taken from"},
	}
)

const (
	installs  = "Its layer holds what it installs. It reruns when "
	onInstall = installs + "a manifest that was copied above has changed, and not for other sources if they are copied below."
	onSources = "It reruns when one of the sources that were copied above has changed."
	onLine    = installs + "the line itself or a step above has changed: new versions of packages do not rerun it."
)

// phrases is the table of what is usual, in the order in which it is offered. Rows of one program stand together.
var phrases = []Phrase{
	{Program: "apt-get", Sub: "install", With: "-y --no-install-recommends", After: "PACKAGE", First: "apt-get update && ", Last: " && rm -rf /var/lib/apt/lists/*", Options: aptOptions,
		Doc: "Installs packages of Debian or Ubuntu. The lists of packages are fetched and deleted in the same RUN, so that they are never old, and not in the layer. " + onLine},
	{Program: "apt-get", Sub: "update", Options: aptOptions[2:3], Doc: "Fetches the lists of packages. In a RUN of its own it is taken from the cache when the lists are old: write it before the install, joined by `&&`."},
	{Program: "apt-get", Sub: "upgrade", With: "-y", Options: aptOptions, Doc: "Brings all packages of the base image up to date. " + onLine},
	{Program: "apt-get", Sub: "purge", With: "-y --auto-remove", After: "PACKAGE", Options: []Option{aptOptions[0], {"--auto-remove", "removes what only these packages needed, too"}},
		Doc: "Removes packages. The image gets smaller only if the same RUN has installed them."},
	{Program: "apt-get", Sub: "clean", Doc: "Deletes downloaded packages. Debian and Ubuntu images do so by themselves."},
	{Program: "apk", Sub: "add", With: "--no-cache", After: "PACKAGE", Options: []Option{{"--no-cache", "fetches the list of packages and does not store it, so that the layer is smaller"}, {"--virtual", "a name for these packages, to remove them together"},
		{"--update-cache", "fetches the list of packages first"}}, Doc: "Installs packages of Alpine. " + onLine},
	{Program: "apk", Sub: "del", After: "PACKAGE", Doc: "Removes packages. The image gets smaller only if the same RUN has installed them."},
	{Program: "apk", Sub: "upgrade", With: "--no-cache", Doc: "Brings all packages of the base image up to date. " + onLine},
	{Program: "dnf", Sub: "install", With: "-y", After: "PACKAGE", Last: " && dnf clean all", Options: dnfOptions, Doc: "Installs packages of Fedora, RHEL and their like. The same RUN deletes what was downloaded. " + onLine},
	{Program: "dnf", Sub: "clean", With: "all", Doc: "Deletes what was downloaded. The image gets smaller only if the same RUN has fetched it."},
	{Program: "dnf", Sub: "upgrade", With: "-y", Options: dnfOptions, Doc: "Brings all packages of the base image up to date. " + onLine},
	{Program: "yum", Sub: "install", With: "-y", After: "PACKAGE", Last: " && yum clean all", Options: dnfOptions[:1], Doc: "Installs packages of CentOS and older RHEL. The same RUN deletes what was downloaded. " + onLine},
	{Program: "microdnf", Sub: "install", With: "-y", After: "PACKAGE", Last: " && microdnf clean all", Options: dnfOptions[:3], images: "ubi8-minimal ubi9-minimal ubi10-minimal", Doc: "Installs packages of minimal RHEL images. " + onLine},
	{Program: "tdnf", Sub: "install", With: "-y", After: "PACKAGE", Last: " && tdnf clean all", Options: dnfOptions[:1], Doc: "Installs packages of Azure Linux and Photon. " + onLine},
	{Program: "zypper", Sub: "install", With: "-y --no-recommends", After: "PACKAGE", Last: " && zypper clean --all", Options: []Option{aptOptions[0], {"--no-recommends", aptOptions[1].Doc}}, Doc: "Installs packages of openSUSE. " + onLine},
	{Program: "pacman", With: "-Syu --noconfirm", After: "PACKAGE", Options: []Option{{"-Syu", "fetches the lists, and brings all packages up to date"}, {"--noconfirm", aptOptions[0].Doc}, {"--needed", "leaves what is up to date"}}, Doc: "Installs packages of Arch Linux. " + onLine},

	{Program: "npm", Sub: "ci", Files: "package-lock.json npm-shrinkwrap.json", Takes: "package.json package-lock.json npm-shrinkwrap.json", images: "node", Options: npmOptions,
		Doc: "Installs exactly what the lock file names, and fails if package.json does not fit it. " + onInstall},
	{Program: "npm", Sub: "install", Files: "package.json", Takes: "package.json", images: "node", Options: append(slices.Clone(npmOptions), Option{"-g", "installs for the whole image"}),
		Doc: "Installs what package.json names; without a lock file the newest versions that fit. " + onInstall},
	{Program: "npm", Sub: "run", With: "build", Files: "package.json", images: "node", Options: []Option{{"--workspaces", "runs it in all workspaces"}, {"--if-present", "does nothing if there is no such script"}}, Doc: "Runs a script of package.json. " + onSources},
	{Program: "npm", Sub: "prune", With: "--omit=dev", Files: "package.json", images: "node", Options: npmOptions[:1], Doc: "Removes development dependencies. The image gets smaller only if it happens in the RUN that has installed them, or in a stage that others copy from."},
	{Program: "npm", Sub: "cache", With: "clean --force", Doc: "Deletes the downloads of npm. The image gets smaller only if the same RUN has fetched them."},
	{Program: "yarn", Sub: "install", With: "--frozen-lockfile", Files: "yarn.lock", Takes: "package.json yarn.lock", images: "node", Options: []Option{{"--frozen-lockfile", "fails if yarn.lock is not up to date (Yarn 1)"}, {"--immutable", "fails if yarn.lock is not up to date (Yarn 2 and later)"}, {"--production", "leaves out development dependencies (Yarn 1)"}},
		Doc: "Installs what yarn.lock names. " + onInstall},
	{Program: "yarn", Sub: "build", Files: "yarn.lock", images: "node", Doc: "Runs the script `build` of package.json. " + onSources},
	{Program: "pnpm", Sub: "install", With: "--frozen-lockfile", Files: "pnpm-lock.yaml", Takes: "package.json pnpm-lock.yaml pnpm-workspace.yaml", images: "node pnpm", Options: []Option{{"--frozen-lockfile", "fails if pnpm-lock.yaml is not up to date"}, {"--prod", "leaves out development dependencies"}, {"--offline", "takes everything from the store, which fetch has filled"}},
		Doc: "Installs what pnpm-lock.yaml names. " + onInstall},
	{Program: "pnpm", Sub: "fetch", Files: "pnpm-lock.yaml", Takes: "pnpm-lock.yaml pnpm-workspace.yaml", images: "node pnpm", Doc: "Downloads what pnpm-lock.yaml names; it needs no package.json, so that other changes of that do not rerun it."},
	{Program: "pnpm", Sub: "run", With: "build", Files: "pnpm-lock.yaml", images: "node pnpm", Doc: "Runs a script of package.json. " + onSources},
	{Program: "bun", Sub: "install", With: "--frozen-lockfile", Files: "bun.lock bun.lockb", Takes: "package.json bun.lock bun.lockb", images: "bun", Options: []Option{{"--frozen-lockfile", "fails if the lock file is not up to date"}, {"--production", "leaves out development dependencies"}}, Doc: "Installs what the lock file names. " + onInstall},
	{Program: "bun", Sub: "run", With: "build", Files: "bun.lock bun.lockb", images: "bun", Doc: "Runs a script of package.json. " + onSources},
	{Program: "corepack", Sub: "enable", images: "node", Doc: "Makes yarn and pnpm available in the version that package.json names."},

	{Program: "pip", Sub: "install", With: "--no-cache-dir -r requirements.txt", Files: "requirements.txt", Takes: "requirements.txt", images: "python", Options: pipOptions, Doc: "Installs what requirements.txt names. " + onInstall},
	{Program: "pip", Sub: "install", With: "--no-cache-dir .", Files: "pyproject.toml setup.py", images: "python", Options: pipOptions, Doc: "Builds and installs the project with what it needs. " + onSources},
	{Program: "uv", Sub: "sync", With: "--locked --no-install-project", Files: "uv.lock", Takes: "pyproject.toml uv.lock", images: "uv python", Options: []Option{{"--locked", "fails if uv.lock is not up to date"}, {"--no-install-project", "installs the dependencies only, so that the sources are not needed yet"}, {"--no-dev", "leaves out development dependencies"}},
		Doc: "Installs what uv.lock names. " + onInstall},
	{Program: "uv", Sub: "pip install", With: "--system -r requirements.txt", Files: "requirements.txt", Takes: "requirements.txt", images: "uv", Options: []Option{{"--system", "installs into the Python of the image"}, {"-r", pipOptions[1].Doc}, {"--no-cache", pipOptions[0].Doc}}, Doc: "Installs what requirements.txt names. " + onInstall},
	{Program: "poetry", Sub: "install", With: "--no-root --no-interaction", Files: "poetry.lock", Takes: "pyproject.toml poetry.lock", images: "python", Options: []Option{{"--no-root", "installs the dependencies only, so that the sources are not needed yet"}, {"--only=main", "leaves out development dependencies"}, {"--no-interaction", "asks no questions: nobody can answer in a build"}},
		Doc: "Installs what poetry.lock names. " + onInstall},
	{Program: "pipenv", Sub: "install", With: "--system --deploy", Files: "Pipfile.lock", Takes: "Pipfile Pipfile.lock", images: "python", Options: []Option{{"--system", "installs into the Python of the image"}, {"--deploy", "fails if Pipfile.lock is not up to date"}}, Doc: "Installs what Pipfile.lock names. " + onInstall},

	{Program: "go", Sub: "mod download", Files: "go.mod", Takes: "go.mod go.sum", images: "golang go", Doc: "Downloads the modules that go.mod names. " + onInstall},
	{Program: "go", Sub: "build", With: "-o", After: "/out/app .", Files: "go.mod", images: "golang go", Options: goOptions, Doc: "Builds the program. With `CGO_ENABLED=0` it runs in any image, also in `scratch`. " + onSources},
	{Program: "go", Sub: "install", After: "MODULE@VERSION", images: "golang go", Options: goOptions[1:], Doc: "Builds a program and puts it into `/go/bin`. " + onLine},
	{Program: "go", Sub: "test", With: "./...", Files: "go.mod", images: "golang go", Doc: "Runs the tests; the build fails if they do. " + onSources},

	{Program: "cargo", Sub: "build", With: "--release --locked", Files: "Cargo.toml", images: "rust", Options: cargoOptions, Doc: "Builds the project with its dependencies. " + onSources},
	{Program: "cargo", Sub: "fetch", With: "--locked", Files: "Cargo.lock", Takes: "Cargo.toml Cargo.lock", images: "rust", Options: cargoOptions[1:3], Doc: "Downloads the dependencies, and builds nothing."},
	{Program: "cargo", Sub: "install", With: "--locked", After: "CRATE", images: "rust", Options: cargoOptions[1:4], Doc: "Builds a program and puts it into `/usr/local/cargo/bin`. " + onLine},

	{Program: "mvn", Sub: "dependency:go-offline", With: "-B", Files: "pom.xml", Takes: "pom.xml", images: "maven", Options: []Option{{"-B", "asks no questions, and shows no progress"}}, Doc: "Downloads what pom.xml names. " + onInstall},
	{Program: "mvn", Sub: "package", With: "-B -DskipTests", Files: "pom.xml", images: "maven", Options: []Option{{"-B", "asks no questions, and shows no progress"}, {"-DskipTests", "runs no tests"}, {"-o", "works offline: it takes what is there"}}, Doc: "Builds the project into `target/`. " + onSources},
	{Program: "gradle", Sub: "dependencies", With: "--no-daemon", Files: "build.gradle build.gradle.kts", Takes: "build.gradle build.gradle.kts settings.gradle settings.gradle.kts gradle.properties", images: "gradle", Options: []Option{{"--no-daemon", "leaves no process running, which ends with the step anyway"}}, Doc: "Downloads what the build files name. " + onInstall},
	{Program: "gradle", Sub: "build", With: "--no-daemon", Files: "build.gradle build.gradle.kts", images: "gradle", Options: []Option{{"--no-daemon", "leaves no process running, which ends with the step anyway"}, {"-x", "leaves out a task: -x test"}}, Doc: "Builds the project into `build/`. " + onSources},
	{Program: "sbt", Sub: "assembly", Files: "build.sbt", images: "sbt", Doc: "Builds the project into one archive. " + onSources},
	{Program: "dotnet", Sub: "restore", images: "sdk", Options: []Option{{"--locked-mode", "fails if packages.lock.json is not up to date"}, {"-r", "for which platform: linux-x64"}}, Doc: "Downloads what the project files name. " + onInstall},
	{Program: "dotnet", Sub: "publish", With: "-c Release -o", After: "/app", images: "sdk", Options: []Option{{"-c", "Release or Debug"}, {"-o", "the folder that the result is written to"}, {"--no-restore", "downloads nothing: restore has"}, {"-r", "for which platform: linux-x64"}}, Doc: "Builds what is needed to run the project. " + onSources},

	{Program: "bundle", Sub: "install", Files: "Gemfile", Takes: "Gemfile Gemfile.lock", images: "ruby", Options: []Option{{"--jobs", "how many gems are installed at once"}, {"--retry", "how often a download is tried again"}}, Doc: "Installs what the Gemfile names. " + onInstall},
	{Program: "composer", Sub: "install", With: "--no-dev --no-interaction --no-scripts --no-autoloader", Files: "composer.json", Takes: "composer.json composer.lock", images: "composer php", Options: composerOptions, Doc: "Installs what composer.lock names, without what needs the sources. " + onInstall},
	{Program: "composer", Sub: "dump-autoload", With: "--optimize", Files: "composer.json", images: "composer php", Options: []Option{{"--optimize", "makes the autoloader faster"}, composerOptions[0]}, Doc: "Writes the autoloader, for which the sources have to be there. " + onSources},
	{Program: "docker-php-ext-install", After: "EXTENSION", images: "php", Doc: "Builds extensions of PHP. " + onLine},
	{Program: "mix", Sub: "deps.get", With: "--only prod", Files: "mix.exs", Takes: "mix.exs mix.lock", images: "elixir", Doc: "Downloads the dependencies. " + onInstall},
	{Program: "mix", Sub: "release", Files: "mix.exs", images: "elixir", Doc: "Builds what is needed to run the project. " + onSources},
	{Program: "dart", Sub: "pub get", Files: "pubspec.yaml", Takes: "pubspec.yaml pubspec.lock", images: "dart", Doc: "Downloads what pubspec.yaml names. " + onInstall},
	{Program: "swift", Sub: "build", With: "-c release", Files: "Package.swift", images: "swift", Doc: "Builds the project. " + onSources},
	{Program: "deno", Sub: "install", With: "--frozen", Files: "deno.lock", Takes: "deno.json deno.jsonc deno.lock", images: "deno", Doc: "Downloads what the lock file names. " + onInstall},
	{Program: "conda", Sub: "env", With: "update -n base -f environment.yml", Files: "environment.yml", Takes: "environment.yml", images: "miniconda3 anaconda3 miniforge3 mambaforge", Doc: "Installs what environment.yml names. " + onInstall},
	{Program: "make", Files: "Makefile makefile GNUmakefile", images: "gcc buildpack-deps", Options: []Option{{"-j", "how many commands run at once"}}, Doc: "Builds what the Makefile says. " + onSources},

	{Program: "curl", With: "-fsSL", After: "URL -o FILE", Options: []Option{{"-f", "fails if the server answers with an error"}, {"-s", "shows no progress"}, {"-S", "shows errors all the same"}, {"-L", "follows redirections"}, {"-o", "the file that is written"}}, Doc: "Downloads a file. It reruns when the line or a step above has changed, and not when the file has: `ADD` with `--checksum` fetches it without curl."},
	{Program: "wget", With: "-q", After: "URL -O FILE", Options: []Option{{"-q", "shows no progress"}, {"-O", "the file that is written"}}, Doc: "Downloads a file. It reruns when the line or a step above has changed, and not when the file has: `ADD` with `--checksum` fetches it without wget."},
	{Program: "git", Sub: "clone", With: "--depth 1", After: "URL", Options: []Option{{"--depth", "how many commits are fetched"}, {"--branch", "a branch or tag"}, {"--recurse-submodules", "fetches submodules too"}}, Doc: "Fetches a repository. It is not fetched again when it has new commits: `ADD` of the repository is."},
	{Program: "groupadd", With: "--system", After: "GROUP", Options: []Option{{"--system", "a number below those of people"}, {"--gid", "its number"}}, Doc: "Makes a group."},
	{Program: "useradd", With: "--system --create-home --shell /usr/sbin/nologin", After: "USER", Options: []Option{{"--system", "a number below those of people, and no home unless it is asked for"}, {"--create-home", "makes the home folder"}, {"--shell", "what a login starts"}, {"--uid", "the number: files of volumes have it"}, {"--no-log-init", "keeps large numbers from making a large log file"}}, Doc: "Makes a user, for `USER` below. Debian, Ubuntu, Fedora and their like."},
	{Program: "addgroup", With: "-S", After: "GROUP", Options: []Option{{"-S", "a number below those of people"}, {"-g", "its number"}}, Doc: "Makes a group, on Alpine."},
	{Program: "adduser", With: "-S -D -G GROUP", After: "USER", Options: []Option{{"-S", "a number below those of people"}, {"-D", "no password"}, {"-G", "its group"}, {"-u", "its number: files of volumes have it"}, {"-H", "no home folder"}}, Doc: "Makes a user, for `USER` below. Alpine."},
	{Program: "mkdir", With: "-p", After: "FOLDER", Options: []Option{{"-p", "also the folders above it, and no error if it is there"}, {"-m", "its permissions"}}, Doc: "Makes a folder. WORKDIR does so by itself."},
	{Program: "rm", With: "-rf", After: "PATH", Options: []Option{{"-r", "folders with what is in them"}, {"-f", "no error if it is not there"}}, Doc: "Deletes files. The image gets smaller only if the same RUN has made them."},
	{Program: "chown", With: "-R", After: "USER:GROUP PATH", Options: []Option{{"-R", "folders with what is in them"}}, Doc: "Gives files to a user. Each of them is stored again in this layer: `COPY --chown` does not."},
	{Program: "chmod", With: "+x", After: "FILE", Options: []Option{{"-R", "folders with what is in them"}}, Doc: "Changes permissions. The files are stored again in this layer: `COPY --chmod` does not."},
	{Program: "tar", With: "-xzf", After: "FILE -C FOLDER", Options: []Option{{"-x", "unpacks"}, {"-z", "gzip"}, {"-f", "the archive"}, {"-C", "the folder that it works in"}, {"--strip-components=", "leaves out so many folders of the names"}}, Doc: "Unpacks an archive. `ADD` unpacks local archives by itself."},
}

// Phrases are all that there are, in the order in which they are offered.
func Phrases() []Phrase { return phrases }
