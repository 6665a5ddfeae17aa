package cache

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
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
	dockerignoreVCS = forgotten("dockerignore-vcs", diagnostics.Warning, vcs,
		": each commit re-runs it and all that follows")
	dockerignoreDeps = forgotten("dockerignore-deps", diagnostics.Warning, deps,
		": each local install re-runs it, and replaces what the image has installed")
	dockerignoreOutputs = forgotten("dockerignore-outputs", diagnostics.Info, outputs,
		": each local build re-runs it and all that follows")
	dockerignoreSelf = forgotten("dockerignore-self", diagnostics.Info, self,
		": each edit there re-runs it and all that follows")
)

// kind is a kind of things that a build context should not hold.
type kind struct {
	name  string
	names []string
	made  []made
	logs  bool // log files too
	// needed reports whether a stage uses such a thing on purpose.
	needed func(p *diagnostics.Pass, entry files.Entry) bool
}

var (
	vcs = kind{
		name:  "vcs",
		names: []string{".git", ".hg", ".svn", ".jj"},
		needed: func(p *diagnostics.Pass, _ files.Entry) bool {
			return mentions(p, "git", "buildvcs") || mentions(p, readsHistory...) || projectMentions(p.Context(), readsHistory)
		},
	}
	deps = kind{
		name:   "deps",
		names:  []string{"node_modules", ".venv", "venv", "bower_components", ".pnpm-store", "Pods", ".bundle"},
		made:   madeDeps,
		needed: named,
	}
	outputs = kind{
		name: "outputs",
		names: []string{
			"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", "coverage", ".nyc_output",
			".next", ".nuxt", ".turbo", ".gradle", ".terraform", ".dart_tool", "dist-newstyle", ".stack-work",
			".zig-cache", "zig-out", "elm-stuff",
			".DS_Store", ".idea", ".vscode",
		},
		made:   madeOutputs,
		logs:   true,
		needed: named,
	}
	self = kind{
		name: "self",
		names: []string{
			"Dockerfile", "Containerfile", ".dockerignore", "compose.yaml",
			"docker-bake.hcl", ".github", ".gitlab-ci.yml", "Jenkinsfile",
		},
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

// isKept reports whether the project keeps the file: git does not ignore it.
func isKept(ctx *files.Context, e files.Entry) bool {
	return !gitignored(ctx, e.Path)
}

// maxThings bounds how many things of a kind are looked at, in a context that is full of them.
const maxThings = 100

type kindKey string

// things are those of a kind that the context has at its top, and in the folders directly below it.
func (k kind) things(ctx *files.Context) []files.Entry {
	return ctx.Memo(kindKey(k.name), func() any {
		var things []files.Entry
		ctx.Shallow(func(e files.Entry) {
			if len(things) < maxThings && !e.Ignored && (k.has(path.Base(e.Path)) || k.logs && isLog(e)) {
				things = append(things, e)
			}
		})
		return things
	}).([]files.Entry)
}

// taken are the things of a kind that the copies take in: at the top of the context and in the folders
// directly below it; those that a tool makes beside a manifest anywhere.
func (k kind) taken(p *diagnostics.Pass, list []copies.Copy) (found []files.Entry) {
	for _, e := range k.things(p.Context()) {
		if isLog(e) && isKept(p.Context(), e) {
			continue
		}
		if !k.needed(p, e) && slices.ContainsFunc(list, func(c copies.Copy) bool { return !c.Excludes(e.Path) }) {
			found = append(found, e)
		}
	}
	for _, m := range k.made {
		found = append(found, m.taken(p, list)...)
	}
	if !slices.ContainsFunc(found, func(e files.Entry) bool { return path.Base(e.Path) != ".dockerignore" }) {
		return nil // who edits the ignore file means to change what is copied
	}
	return found
}

// forgotten makes the rule for one kind: the ignore file exists, but does not list these things.
func forgotten(name string, severity diagnostics.Severity, k kind, cost string) *diagnostics.Rule {
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
			Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr),
			Message: diagnostics.Plain("This COPY takes in " + listPaths(found) + cost),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				return p.IgnoreFix("Ignore "+listPaths(found)+" in "+path.Base(p.Context().Ignore.Path), ignorePatterns(p, found))
			},
		})
	}}
}

func checkDockerignoreMissing(p *diagnostics.Pass) {
	broad := p.WholeCopies()
	if len(broad) == 0 || p.Context().Ignore != nil {
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
	p.Report(diagnostics.Finding{
		Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Severity: severity,
		Message: func(p *diagnostics.Pass) string {
			return "There is no .dockerignore, so this COPY takes in " + listPaths(found) + " too: a change there re-runs it and all that follows" +
				p.CreateIgnoreFile(newIgnoreFile(p, found))
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.IgnoreFix("Create .dockerignore for "+listPaths(found), newIgnoreFile(p, found))
		},
	})
}

func listPaths(entries []files.Entry) string {
	var names []string
	for _, e := range entries {
		names = append(names, e.Path)
	}
	if len(names) > 3 {
		more := count(len(names)-2, "other path")
		if len(names) >= maxThings {
			more = "at least " + more
		}
		return strings.Join(names[:2], ", ") + " and " + more
	}
	if len(names) > 1 {
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return names[0]
}

// newIgnoreFile are the lines of an ignore file for the entries; it needs not be copied itself.
func newIgnoreFile(p *diagnostics.Pass, entries []files.Entry) []string {
	return append(ignorePatterns(p, entries), ".dockerignore")
}

// ignorePatterns are rooted for what stands at the top, and match at any depth for what recurs. What a
// COPY of another stage names is left out.
func ignorePatterns(p *diagnostics.Pass, entries []files.Entry) (patterns []string) {
	for _, e := range entries {
		base := path.Base(e.Path)
		pattern := e.Path
		if slices.Contains(deps.names, base) || slices.Contains(outputs.names, base) || allOf(p.Context().Folders(base), entries) {
			pattern = "**/" + base
		}
		if all := diagnostics.DockerfilePattern(e.Path); all != "" && matchesOnly(p.Context(), all, entries) {
			pattern = all
		}
		if !namedByCopy(p, e.Path) && !slices.Contains(patterns, pattern) {
			patterns = append(patterns, pattern)
		}
	}
	return patterns
}

// matchesOnly reports whether a pattern for the top of the context matches several of the entries, and
// nothing else.
func matchesOnly(ctx *files.Context, pattern string, entries []files.Entry) bool {
	n := 0
	for _, e := range ctx.List(".") {
		if ok, _ := path.Match(pattern, e.Path); !ok || e.Ignored {
			continue
		}
		n++
		if !slices.ContainsFunc(entries, func(f files.Entry) bool { return f.Path == e.Path }) {
			return false
		}
	}
	return n > 2
}

// allOf reports whether there are several folders, and all are among the entries.
func allOf(folders, entries []files.Entry) bool {
	return len(folders) > 1 && !slices.ContainsFunc(folders, func(f files.Entry) bool {
		return !slices.ContainsFunc(entries, func(e files.Entry) bool { return e.Path == f.Path })
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
			why = "is not a valid pattern, and the build fails"
		case pattern.Negated && !slices.ContainsFunc(p.Context().Ignore.Patterns[:i], func(q files.Pattern) bool { return !q.Negated }):
			why = "brings nothing back, because nothing is ignored above it"
		case strings.HasSuffix(pattern.Text, `\`) || strings.HasSuffix(strings.TrimSpace(pattern.Text), "/**/"):
			why = "matches nothing"
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
