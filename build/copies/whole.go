package copies

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// maxWhole bounds the copies of the whole context that each command of a stage is compared with.
const maxWhole = 50

// OfWholeContext are the stage's copies of the whole context. There are none if the context is not
// known, if they are too many, or if it does not look like the one that the file is built with: it lacks
// a file that a COPY or a command names, or it shows nothing that the stage names, no sources and no
// repository's root: what is in a folder such as packaging/ is built from a directory above.
func OfWholeContext(ctx *files.Context, s *stages.Stage) (whole []Copy) {
	if ctx == nil {
		return nil
	}
	known := false // a COPY names something that is there
	for _, step := range s.Steps {
		if len(whole) > 0 && lacks(ctx, whole, step) {
			return nil
		}
		c, ok := Of(step)
		if !ok {
			continue
		}
		if slices.ContainsFunc(c.Sources, ctx.Lacks) {
			return nil
		}
		if c.Whole() {
			if whole = append(whole, c); len(whole) > maxWhole {
				return nil
			}
		} else {
			known = known || c.Select(ctx).Files > 0
		}
	}
	namesOne := func(step *stages.Step) bool { return names(ctx, whole, step) }
	if !known && len(whole) > 0 && !isProject(ctx) && !slices.ContainsFunc(s.Steps[whole[0].Step.N:], namesOne) {
		return nil
	}
	return whole
}

type projectKey struct{}

// isProject reports whether the directory holds the root of a repository, sources, or a manifest, which
// may also lie in a folder directly below. Sources below folders are no sign: contrib/ has them too.
func isProject(ctx *files.Context) bool {
	return ctx.Memo(projectKey{}, func() any {
		found := false
		ctx.Shallow(func(e files.Entry) {
			top := path.Dir(e.Path) == "."
			found = found || path.Base(e.Path) == ".git" || !e.Mode.IsDir() && (manifest[path.Base(e.Path)] || top && source[path.Ext(e.Path)])
		})
		return found
	}).(bool)
}

// manifest are files that only projects have, and whose names do not say so by their extension.
var manifest = map[string]bool{
	"package.json": true, "deno.json": true, "requirements.txt": true, "pyproject.toml": true, "Pipfile": true, "Gemfile": true, "go.mod": true,
	"Cargo.toml": true, "composer.json": true, "pom.xml": true, "pubspec.yaml": true, "CMakeLists.txt": true,
	"rebar.config": true, "shard.yml": true, "stack.yaml": true,
}

// source are the extensions of sources and of what is built from them. Those of shell scripts and
// settings are not among them: packages of every kind are built with such.
var source = map[string]bool{
	".c": true, ".cabal": true, ".cc": true, ".cjs": true, ".clj": true, ".cpp": true, ".cr": true, ".cs": true, ".csproj": true, ".d": true,
	".dart": true, ".edn": true, ".elm": true, ".erl": true, ".ex": true, ".exs": true, ".fs": true, ".fsproj": true, ".gleam": true, ".go": true,
	".gradle": true, ".groovy": true, ".hs": true, ".htm": true, ".html": true, ".ipynb": true, ".jar": true, ".java": true, ".jl": true, ".js": true,
	".jsx": true, ".kt": true, ".kts": true, ".lisp": true, ".lua": true, ".m": true, ".mjs": true, ".ml": true, ".nim": true, ".php": true, ".pl": true,
	".pm": true, ".py": true, ".r": true, ".R": true, ".rb": true, ".rs": true, ".sbt": true, ".scala": true, ".sln": true, ".svelte": true,
	".swift": true, ".tf": true, ".ts": true, ".tsx": true, ".v": true, ".vala": true, ".vb": true, ".vue": true, ".war": true, ".zig": true,
}

// lacks reports whether the step needs something in a copied directory that the context has not got:
// the project that it builds, its Makefile, a script. A step above may have made it, but then nothing
// is lost except a finding.
func lacks(ctx *files.Context, whole []Copy, s *stages.Step) bool {
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		inst, isInstall := cmd.Install()
		if !isInstall {
			inst = &shell.Install{Command: cmd}
		}
		at := WorkingDir(s, cmd, inst)
		for _, c := range whole {
			if program := programPath(cmd, at); program != "" {
				p, ok := c.Delivers(program)
				if ok && !ctx.Exists(p) {
					return true
				}
			}
			dir, ok := c.Delivers(at)
			if ok && (isInstall && !manifests.Present(ctx, dir, inst) || lacksMakefile(ctx, dir, cmd)) {
				return true
			}
		}
	}
	return false
}

// names reports whether a command of the step names something in a copied directory that is there.
func names(ctx *files.Context, whole []Copy, s *stages.Step) bool {
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		at := WorkingDir(s, cmd, &shell.Install{Command: cmd})
		for _, w := range cmd.Words {
			name := w.Text
			if !path.IsAbs(name) {
				name = path.Join(at, name)
			}
			for _, c := range whole {
				if p, ok := c.Delivers(path.Clean(name)); ok && w.Literal && p != "." && ctx.Exists(p) {
					return true
				}
			}
		}
	}
	return false
}

// programPath is the absolute path of a program that is called by its path; "" if it is found
// through PATH.
func programPath(cmd *shell.Command, dir string) string {
	if len(cmd.Words) == 0 || !cmd.Words[0].Literal || !strings.Contains(cmd.Words[0].Text, "/") {
		return ""
	}
	if program := cmd.Words[0].Text; !path.IsAbs(program) {
		return path.Join(dir, program)
	}
	return path.Clean(cmd.Words[0].Text)
}

func lacksMakefile(ctx *files.Context, dir string, cmd *shell.Command) bool {
	needs := cmd.Needs()
	return len(needs) > 0 && !slices.ContainsFunc(needs, func(name string) bool {
		return ctx.Exists(path.Join(dir, name))
	})
}

// WorkingDir is the directory of the image in which the command of the step works, in the form of
// Copy.Dest.
func WorkingDir(s *stages.Step, cmd *shell.Command, inst *shell.Install) string {
	dir := Dir(s)
	for _, to := range []string{cmd.Dir, inst.Dir.Text} {
		if path.IsAbs(to) {
			dir = path.Clean(to)
		} else {
			dir = path.Join(dir, to)
		}
	}
	return dir
}
