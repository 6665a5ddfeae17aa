package caching

import (
	"fmt"
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
	"layerwise/internal/words"
)

// This file holds the rules about what a broad COPY takes in needlessly. Without any ignore file one
// finding says it all; with one, each kind of thing that it forgets is a finding of its own. A rule
// speaks only of paths that exist in the build context.

var dockerignoreMissing = &diagnostics.Rule{
	Name:     "dockerignore-missing",
	Code:     "C20",
	Severity: diagnostics.Warning,
	Stage:    checkDockerignoreMissing,
}

var (
	dockerignoreVCS     = forgotten("dockerignore-vcs", diagnostics.Warning, vcs)
	dockerignoreDeps    = forgotten("dockerignore-deps", diagnostics.Warning, deps)
	dockerignoreOutputs = forgotten("dockerignore-outputs", diagnostics.Info, outputs)
	dockerignoreSelf    = forgotten("dockerignore-self", diagnostics.Info, self)
)

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
			return mentions(p, "git", "buildvcs") || mentions(p, readsHistory...) || projectMentions(p.Context(), readsHistory)
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
	"gitversion", "GitVersion", "MinVer", "Nerdbank.GitVersioning", "git-commit-id", "gradle-git-properties", "git describe", "git rev-parse", "git log",
}

// projectMentions reports whether a file that says how the project is built has one of the words.
func projectMentions(ctx *files.Context, words []string) bool {
	for _, e := range ctx.List(".") {
		switch path.Base(e.Path) {
		case "Cargo.lock", "Cargo.toml", "build.rs", "pyproject.toml", "setup.py", "setup.cfg", "package.json", "pom.xml", "build.gradle", "build.gradle.kts",
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

func mentions(p *diagnostics.Pass, words ...string) bool {
	for _, s := range chainSteps(p.Stage) {
		if s.Instr.Name == "FROM" {
			continue
		}
		for _, w := range words {
			if strings.Contains(s.Instr.Body.Of(s.Instr.Text), w) {
				return true
			}
		}
	}
	return false
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

// message says what it costs that the copy takes what was found of the kind.
func (k kind) message(p *diagnostics.Pass, c copies.Copy, found []files.Entry) string {
	takes := "This COPY takes " + listPaths(found)
	event := "every " + k.event
	if k.name == self.name {
		event += words.For(len(found), " of it", " of them")
	}
	if k.name == deps.name && len(ecosystems(p)) > 0 {
		return takes + " from your machine: it overwrites what the image installed, and " + event + " reruns it"
	}
	return takes + ", so " + event + " reruns it" + andWhatFollows(p, c.Step)
}

// andWhatFollows ends a sentence about a step that reruns. It is empty if no layer builds on the step's.
func andWhatFollows(p *diagnostics.Pass, s *stages.Step) string {
	if !p.Final() || slices.ContainsFunc(s.Stage.Steps[s.N+1:], (*stages.Step).MakesLayer) {
		return " and every step below it"
	}
	return ""
}

// ecosystems are those of which commands of the stage, or of those that it builds on, install dependencies.
func ecosystems(p *diagnostics.Pass) (list []string) {
	for _, s := range p.SeeChain(ecosystemsKey{}, installsDeps) {
		for _, ecosystem := range s.What.([]string) {
			if !slices.Contains(list, ecosystem) {
				list = append(list, ecosystem)
			}
		}
	}
	return list
}

type ecosystemsKey struct{}

// installsDeps are the ecosystems of which commands of the step install dependencies.
func installsDeps(s *stages.Step) any {
	var list []string
	for _, cmd := range shell.Commands(s.Instr, s.Shell) {
		if inst, ok := cmd.Install(); ok && inst.DepsOnly {
			list = append(list, inst.Ecosystem)
		}
	}
	if list == nil {
		return nil
	}
	return list
}

// rooted ends a message about things of which a line of the ignore file names only the one at the top, where
// they are to be ignored in every folder.
func (k kind) rooted(ig *files.IgnoreFile, found []files.Entry) string {
	for _, e := range found {
		if k.top {
			break
		}
		base := path.Base(e.Path)
		for _, line := range ig.Patterns {
			if e.Path != base && !line.Negated && strings.Trim(line.Text, "/") == base {
				return fmt.Sprintf("; line %d of %s, %q, matches only at the top: write `**/%s` to match in every folder",
					line.Line+1, path.Base(ig.Path), line.Text, base)
			}
		}
	}
	return ""
}

// forgotten makes the rule for one kind: the ignore file exists, but does not list these things.
func forgotten(name string, severity diagnostics.Severity, k kind) *diagnostics.Rule {
	return &diagnostics.Rule{Name: name, Severity: severity, Stage: func(p *diagnostics.Pass) {
		broad := p.WholeCopies()
		if len(broad) == 0 || p.Context().Ignore == nil {
			return
		}
		found := k.taken(p, broad)
		if len(found) == 0 {
			return
		}
		p.Report(diagnostics.Finding{
			Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Once: name + " " + listPaths(found),
			Message: diagnostics.Plain(k.message(p, broad[0], found) + k.rooted(p.Context().Ignore, found)),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				lines, hidden := ignorePatterns(p, found)
				if len(lines) == 0 {
					return nil
				}
				title := "Ignore " + listPaths(hidden) + " in " + path.Base(p.Context().Ignore.Path)
				if k.name == vcs.name {
					title += checkHistory(p.Stage)
				}
				return p.IgnoreFix(title, lines)
			},
		})
	}}
}

// checkHistory ends the title of a fix that hides the history from a build that would record the commit:
// without it the build succeeds, and what is built no longer says what it was made from.
func checkHistory(s *stages.Stage) string {
	for _, step := range chainSteps(s) {
		for _, cmd := range shell.Commands(step.Instr, step.Shell) {
			if inst, ok := cmd.Install(); ok && inst.RecordsCommit {
				return " (check first: without the history, " + words.Code(inst.Phrase) + " no longer writes the commit into what it builds)"
			}
		}
	}
	return ""
}

func checkDockerignoreMissing(p *diagnostics.Pass) {
	broad := p.WholeCopies()
	if len(broad) == 0 || p.Context().Ignore != nil || p.Context().Commit {
		return
	}
	var found []files.Entry
	severity := diagnostics.Info
	for _, k := range []kind{vcs, deps, outputs} {
		found = append(found, k.taken(p, broad)...)
	}
	if len(found) > 0 {
		severity = diagnostics.Warning
	}
	found = append(found, self.taken(p, broad)...)
	if len(found) == 0 {
		return
	}
	installed := ecosystems(p)
	p.Report(diagnostics.Finding{
		Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Severity: severity, Once: "dockerignore-missing",
		Message: func(p *diagnostics.Pass) string {
			message := "There is no .dockerignore, so this COPY also takes " + listPaths(found) + ": any change to " + words.For(len(found), "it", "them") +
				" reruns the COPY" + andWhatFollows(p, broad[0].Step)
			if _, hidden := ignorePatterns(p, found); len(hidden) == 0 { // else the fix says what to do
				message += p.CreateIgnoreFile(newIgnoreFile(p, found, installed))
			}
			return message
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			_, hidden := ignorePatterns(p, found)
			if len(hidden) == 0 {
				return nil
			}
			return p.IgnoreFix("Create .dockerignore for "+listPaths(hidden), newIgnoreFile(p, found, installed))
		},
	})
}

var dockerignorePatternNoop = &diagnostics.Rule{
	Name:     "dockerignore-pattern-noop",
	Severity: diagnostics.Info,
	Stage:    checkPatternNoop,
}

// checkPatternNoop looks for lines of the ignore file that cannot do what they look like.
func checkPatternNoop(p *diagnostics.Pass) {
	broad := p.WholeCopies()
	if len(broad) == 0 || p.Context().Ignore == nil {
		return
	}
	for i, pattern := range p.Context().Ignore.Patterns {
		why := ""
		switch {
		case pattern.Err != nil:
			why = "is not a valid pattern: the build fails"
		case pattern.Negated && !slices.ContainsFunc(p.Context().Ignore.Patterns[:i], func(q files.Pattern) bool { return !q.Negated }):
			why = "does nothing: no line above it ignores anything"
		case strings.HasSuffix(pattern.Text, `\`) || strings.HasSuffix(strings.TrimSpace(pattern.Text), "/**/"):
			why = "does nothing: no file can match it"
		}
		if why != "" {
			message := fmt.Sprintf("Line %d of %s, %q, %s", pattern.Line+1, path.Base(p.Context().Ignore.Path), pattern.Text, why)
			p.Report(diagnostics.Finding{
				Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Once: message,
				Message: diagnostics.Plain(message),
			})
		}
	}
}
