package caching

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/gitignore"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
)

// This file holds the kinds of things that a build context should not hold, and finds them in what copies take.

// kind is a kind of things that a build context should not hold.
type kind struct {
	name    string
	event   string // what happens again and again: "commit"
	names   []string
	made    []made
	logs    bool // log files too
	top     bool // they are looked for at the top of the context, and in the folders directly below it
	outputs bool // what git tracks is none
	// needed reports whether a stage uses such a thing on purpose.
	needed func(p *diagnostics.Pass, entry files.Entry) bool
}

var (
	vcs = kind{
		name:  "vcs",
		event: "commit",
		names: []string{".git", ".hg", ".svn", ".jj"},
		needed: func(p *diagnostics.Pass, _ files.Entry) bool {
			return gitOf(p) == usesGit || mentions(p, readsHistory...) || projectMentions(p.Context(), readsHistory)
		},
	}
	deps = kind{
		name:    "deps",
		event:   "local install",
		names:   []string{"node_modules", ".venv", "venv", "bower_components", ".pnpm-store", "Pods", ".bundle"},
		made:    madeDeps,
		outputs: true,
		needed:  named,
	}
	outputs = kind{
		name:  "outputs",
		event: "local build",
		names: []string{
			"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", "coverage", ".nyc_output",
			".next", ".nuxt", ".turbo", ".gradle", ".terraform", ".dart_tool", "dist-newstyle", ".stack-work",
			".zig-cache", "zig-out", "elm-stuff", ".DS_Store",
		},
		made:    madeOutputs,
		logs:    true,
		outputs: true,
		needed:  named,
	}
	self = kind{
		name:  "self",
		event: "edit",
		names: []string{
			"Dockerfile", "Containerfile", ".dockerignore", "compose.yaml",
			"docker-bake.hcl", ".github", ".gitlab-ci.yml", "Jenkinsfile", ".idea", ".vscode",
		},
		top:    true,
		needed: named,
	}
)

// readsHistory are tools that make a version from the repository's history when they build.
var readsHistory = []string{
	"setuptools_scm", "setuptools-scm", "hatch-vcs", "versioneer", "dunamai", "poetry-dynamic-versioning", "vergen", "shadow-rs", "git-version",
	"gitversion", "GitVersion", "MinVer", "Nerdbank.GitVersioning", "git-commit-id", "gradle-git-properties", "git describe", "git rev-parse", "git log", "git ls-files",
}

// projectMentions reports whether a file that says how the project is built has one of the words.
func projectMentions(ctx *files.Context, words []string) bool {
	for _, e := range ctx.List(".") {
		name := path.Base(e.Path)
		if path.Ext(name) == ".gemspec" {
			name = "gemspec"
		}
		switch name {
		case "gemspec", "Cargo.lock", "Cargo.toml", "build.rs", "pyproject.toml", "setup.py", "setup.cfg", "package.json", "pom.xml", "build.gradle", "build.gradle.kts",
			"Directory.Build.props", "Makefile", "CMakeLists.txt":
			body, err := ctx.Read(e.Path)
			if err == nil && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(body, w) }) {
				return true
			}
		}
	}
	return false
}

// named reports whether an instruction of the chain names the path.
func named(p *diagnostics.Pass, e files.Entry) bool { return mentions(p, e.Path) }

// gitUse is what a stage shows of whether its build needs the repository's history.
type gitUse int

const (
	noGit   gitUse = iota
	hasGit         // git is installed, and nothing shows what for: installs fetch packages with it
	usesGit        // something runs git, names .git or reads the history; or git is installed, and a program runs of which nobody knows what it does
)

type gitKey struct{}
type unknownKey struct{}

// gitOf looks at the chain. Addresses (github.com, x.git, git@host) are no use, nor is what is cloned from elsewhere.
func gitOf(p *diagnostics.Pass) gitUse {
	use := noGit
	for _, s := range p.SeeChain(gitKey{}, seeGit) {
		if what, ok := s.What.(gitUse); ok {
			use = max(use, what)
		}
	}
	if use == hasGit && diagnostics.Saw(p.SeeChain(unknownKey{}, runsAnything)) {
		return usesGit
	}
	return use
}

// seeGit is what one step shows: a gitUse, or nil.
func seeGit(s *stages.Step) any {
	text := s.Instr.Body.Of(s.Instr.Text)
	if strings.Contains(text, "buildvcs") {
		return usesGit
	}
	if s.Instr.Name == "FROM" || !strings.Contains(text, "git") {
		return nil
	}
	installs := false
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if _, ok := c.OSPackages(); ok && s.Instr.Name == "RUN" && gitWord.MatchString(c.Span.Of(s.Instr.Text)) {
			installs = true
			text = strings.Replace(text, c.Span.Of(s.Instr.Text), "", 1)
		}
	}
	switch {
	case gitWord.MatchString(strings.ReplaceAll(text, "git clone", "")):
		return usesGit
	case installs:
		return hasGit
	}
	return nil
}

// runsAnything is true for a RUN with a command that may run any program, or nil. What scripts of a package.json run, that says.
func runsAnything(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	script := shell.Of(s.Instr, s.Shell)
	if script.Partial || script.Unknown || slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
		e := c.Effects()
		return (!e.Known || e.Reads.All) && !c.RunsScripts()
	}) {
		return true
	}
	return nil
}

var gitWord = lazy.New(`(^|[^\w./@:-]|bin/)(\./)?\.?git($|[^\w.@:+-])`)

type mentionsKey struct{ words string }

// mentions reports whether an instruction of the chain has one of the words in its text.
func mentions(p *diagnostics.Pass, words ...string) bool {
	return diagnostics.Saw(p.SeeChain(mentionsKey{strings.Join(words, "\n")}, func(s *stages.Step) any {
		text := s.Instr.Body.Of(s.Instr.Text)
		if s.Instr.Name != "FROM" && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
			return true
		}
		return nil
	}))
}

// has reports whether a thing of that name is of the kind. All Dockerfiles are one thing, and so are all
// compose files.
func (k kind) has(name string) bool {
	if names.IsCompose(name) {
		name = "compose.yaml"
	}
	if strings.HasPrefix(name, "Dockerfile.") || strings.HasSuffix(strings.ToLower(name), ".dockerfile") {
		name = "Dockerfile"
	}
	return slices.Contains(k.names, name)
}

// isLog reports whether the file looks like a log.
func isLog(e files.Entry) bool { return e.Mode.IsRegular() && path.Ext(e.Path) == ".log" }

// isOutput reports whether a thing that looks like an output is one: git does not track it. Logs, and
// names that sources have too, are outputs only where git ignores them.
func isOutput(bc *files.Context, tracked gitignore.Tracked, e files.Entry) bool {
	if tracked.Has(e.Path, e.Mode.IsDir()) {
		return false
	}
	return !isLog(e) && (path.Base(e.Path) != "coverage" || !strings.Contains(e.Path, "/")) || gitignored(bc, e.Path)
}

// maxThings bounds how many things of a kind are looked at, in a context that is full of them.
const maxThings = 100

type kindKey string

// things are those of a kind that the context has. Lines of the ignore file that begin with ! bring back
// what is wanted, so that is none. A link is none either: a COPY takes where it points, which stays the same whatever
// happens there.
func (k kind) things(bc *files.Context) []files.Entry {
	return bc.Memo(kindKey(k.name), func() any {
		var things []files.Entry
		look := func(e files.Entry) bool {
			if !e.Ignored && e.Link == "" && (k.has(path.Base(e.Path)) || k.logs && isLog(e)) && !inside(e.Path) && !bc.BroughtBack(e.Path) {
				things = append(things, e)
			}
			return len(things) < maxThings
		}
		if k.top {
			bc.Shallow(func(e files.Entry) {
				if len(things) < maxThings {
					look(e)
				}
			})
		} else {
			bc.All(look)
		}
		return things
	}).([]files.Entry)
}

// inside reports whether the path lies where tools keep what they download or make: only the folder itself
// is a thing.
func inside(name string) bool {
	dir := path.Dir(name)
	if dir == "." {
		return false
	}
	for part := range strings.SplitSeq(dir, "/") {
		if part == "vendor" || strings.HasPrefix(part, ".") || slices.Contains(deps.names, part) || slices.Contains(outputs.names, part) {
			return true
		}
	}
	return false
}

// own is the Dockerfile itself, wherever it lies in the context.
func own(p *diagnostics.Pass) (files.Entry, bool) {
	bc := p.Context()
	name, inContext := strings.CutPrefix(filepath.ToSlash(p.Path()), strings.TrimSuffix(filepath.ToSlash(bc.Root), "/")+"/")
	e, ok := bc.Lookup(name)
	return e, inContext && ok && !e.Ignored && e.Link == "" && !bc.BroughtBack(name)
}

// taken are the things of a kind that the copies take in.
func (k kind) taken(p *diagnostics.Pass, list []copies.Copy) (found []files.Entry) {
	things := k.things(p.Context())
	if e, ok := own(p); ok && k.top && !slices.ContainsFunc(things, func(t files.Entry) bool { return t.Path == e.Path }) {
		things = append(things[:len(things):len(things)], e)
	}
	var remade []files.Entry
	for _, m := range k.made {
		remade = append(remade, m.taken(p, list)...)
	}
	var tracked gitignore.Tracked
	if k.outputs && len(things)+len(remade) > 0 {
		tracked = gitignore.TrackedIn(p.Context())
	}
	for n, e := range slices.Concat(things, remade) {
		switch {
		case k.outputs && !isOutput(p.Context(), tracked, e), n < len(things) && k.needed(p, e):
		case slices.ContainsFunc(list, func(c copies.Copy) bool { return !c.Excludes(e.Path) }):
			found = append(found, e)
		}
	}
	if !slices.ContainsFunc(found, func(e files.Entry) bool { return path.Base(e.Path) != ".dockerignore" }) {
		return nil // who edits the ignore file means to change what is copied
	}
	return found
}
