package copies

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// MaxWhole bounds the copies of the whole context that each command of a stage is compared with.
const MaxWhole = 50

// wholeOf are the stage's copies of the whole context; none if they are too many.
func wholeOf(s *stages.Stage) (whole []Copy) {
	for _, step := range s.Steps {
		if c, ok := Of(step); ok && c.Whole() {
			if whole = append(whole, c); len(whole) > MaxWhole {
				return nil
			}
		}
	}
	return whole
}

// mounts weighs the sources of the bind mounts of the context.
func (e *Evidence) mounts(bc *files.Context, s *stages.Step) {
	mounts, err := s.Mounts()
	if err != nil {
		return
	}
	for _, m := range mounts {
		if m.Type != instructions.MountTypeBind || m.From != "" || strings.Contains(m.Source, "$") {
			continue
		}
		if source := files.Rooted(m.Source); source != "." {
			e.Lacks = e.Lacks || missing(bc, source)
			e.Shows = e.Shows || bc.Exists(source)
		}
	}
}

type projectKey struct{}

// isProject reports whether the directory holds the root of a repository, sources, or a manifest, which
// may also lie in a folder below. Sources below folders are no sign: contrib/ has them too.
func isProject(bc *files.Context) bool {
	return bc.Memo(projectKey{}, func() any {
		found := false
		bc.All(func(e files.Entry) bool {
			name := path.Base(e.Path)
			found = !installed(e.Path) && (e.Path == ".git" || !e.Mode.IsDir() && !e.Ignored && (manifest[name] || name == e.Path && source[path.Ext(name)]))
			return !found
		})
		return found
	}).(bool)
}

// installed reports whether the path lies where tools put what they download.
func installed(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		if part == "node_modules" || part == "vendor" || strings.HasPrefix(part, ".") && part != "." {
			return true
		}
	}
	return false
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

// script weighs the commands of a RUN, unless they cannot matter, as most do not: one look at the instruction tells, and
// a long stage is weighed at each keystroke.
func (e *Evidence) script(bc *files.Context, whole []Copy, s *stages.Step, made *made) {
	w := weightOf(s)
	here := w.here && made.at(Dir(s)) // then it is no evidence if a file is not there, and anything may be made again
	if w.matters || w.here && !here {
		e.commands(bc, whole, s, made)
		return
	}
	made.any = made.any || w.unknown
}

// weight is what of a RUN's commands matters to the evidence, whatever is in effect at its step.
type weight struct {
	matters bool // one installs, is called by its path, or makes something that is known
	here    bool // one needs files in the directory of the step, or makes some there, of which nothing is known
	unknown bool // of one it is not known what it makes, nor where
}

type weightKey struct{ script *shell.Script } // the script tells of the shell

func weightOf(s *stages.Step) weight {
	script := shell.Of(s.Instr, s.Shell)
	return s.Instr.Memo(weightKey{script}, func() any {
		var w weight
		for _, cmd := range script.Commands {
			_, installs := cmd.Install()
			effects := cmd.Effects()
			needs := len(cmd.Needs()) > 0
			makes := !cmd.MakesNothing()
			tree := makes && effects.Known && (effects.Writes.Tree || effects.Writes.All)
			w.unknown = w.unknown || makes && !effects.Known
			w.here = w.here || needs || tree
			away := slices.ContainsFunc(cmd.Needs(), func(name string) bool { return path.IsAbs(name) || strings.HasPrefix(path.Clean(name), "..") })
			w.matters = w.matters || installs || away || programPath(cmd, "/") != "" || (needs || tree) && cmd.Dir != "" ||
				makes && (cmd.StartsProject() || effects.Known && len(effects.Writes.Words) > 0)
		}
		return w
	}).(weight)
}

// commands weighs what the step's commands need in a copied directory: the project that they build, its
// Makefile, a script. What a step or a command above may have made there is no evidence.
func (e *Evidence) commands(bc *files.Context, whole []Copy, s *stages.Step, made *made) {
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		inst, isInstall := cmd.Install()
		at := WorkingDir(s, cmd, inst)
		for _, c := range whole {
			if made.any && !isInstall {
				break // all that it needs may have been made
			}
			if program := programPath(cmd, at); program != "" {
				p, ok := c.Delivers(program)
				e.Lacks = e.Lacks || ok && !made.file(program) && !installed(p) && missing(bc, p)
			}
			dir, ok := c.Delivers(at)
			if !ok || strings.ContainsAny(dir, "$\x00") {
				continue // elsewhere, or nobody knows where
			}
			if isInstall && !cmd.StartsProject() {
				present := manifests.Present(bc, inst, manifests.Options{Dir: dir, Workdir: at})
				elsewhere := made.any && !bc.Exists(dir) || made.manifest(at) || made.named(at, cmd) || namesBehindLink(bc, dir, cmd) || namesMount(s, at, cmd)
				e.Lacks, e.Shows = e.Lacks || !present && !elsewhere, e.Shows || present && inst.DepsOnly
			}
			e.Lacks = e.Lacks || lacksMakefile(bc, dir, cmd) && !made.needed(at, cmd)
		}
		made.command(s, at, cmd)
	}
}

// namesMount reports whether a word of the command leads into a mount of the step.
func namesMount(s *stages.Step, at string, cmd *shell.Command) bool {
	mounts, err := s.Mounts()
	return err == nil && slices.ContainsFunc(mounts, func(m *instructions.Mount) bool {
		target := m.Target
		if !path.IsAbs(target) {
			target = path.Join(Dir(s), target)
		}
		return slices.ContainsFunc(cmd.Words, func(w shell.Word) bool {
			name := w.Text
			if !path.IsAbs(name) {
				name = path.Join(at, name)
			}
			return m.Target != "" && strings.HasPrefix(path.Clean(name)+"/", path.Clean(target)+"/")
		})
	})
}

// missing reports whether the context has not got what a step names. What lies behind a link is not known.
// What lies there, though the ignore file hides it, is not missing: the folder has it.
func missing(bc *files.Context, name string) bool {
	return bc.Lacks(name) && !behindLink(bc, name) && !isIgnored(bc, name)
}

// isIgnored reports whether a path, or a folder that it is in, is there and ignored.
func isIgnored(bc *files.Context, name string) bool {
	for name = files.Rooted(name); name != "."; name = path.Dir(name) {
		if e, ok := bc.Lookup(name); ok {
			return e.Ignored
		}
	}
	return false
}

func behindLink(bc *files.Context, name string) bool {
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if e, ok := bc.Lookup(dir); ok && e.Mode&fs.ModeSymlink != 0 {
			return true
		}
	}
	return false
}

func namesBehindLink(bc *files.Context, dir string, cmd *shell.Command) bool {
	return slices.ContainsFunc(cmd.Words, func(w shell.Word) bool { return behindLink(bc, path.Join(dir, w.Text)) })
}

// names reports whether a command of the step names something in a copied directory that is there.
func names(bc *files.Context, whole []Copy, s *stages.Step) bool {
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		at := WorkingDir(s, cmd, nil)
		for i, w := range cmd.Words {
			name := w.Text
			if i == 0 && !strings.Contains(name, "/") {
				continue // a program that is found through PATH: make, though there may be a folder of that name
			}
			if !path.IsAbs(name) {
				name = path.Join(at, name)
			}
			for _, c := range whole {
				if p, ok := c.Delivers(path.Clean(name)); ok && w.Literal && p != "." && bc.Exists(p) {
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

func lacksMakefile(bc *files.Context, dir string, cmd *shell.Command) bool {
	needs := cmd.Needs()
	return len(needs) > 0 && !slices.ContainsFunc(needs, func(name string) bool {
		return bc.Exists(path.Join(dir, name))
	})
}

// WorkingDir is the directory of the image in which the command of the step works, in the form of
// Copy.Dest. inst is what the command installs; nil if it installs nothing.
func WorkingDir(s *stages.Step, cmd *shell.Command, inst *shell.Install) string {
	dir := enter(Dir(s), expanded(s, cmd))
	if inst != nil {
		dir = dirOfLists(s, inst, enter(dir, inst.Dir.Text))
	}
	return dir
}

// dirOfLists is the directory of the lists that pip is given, if all lie in one that its own has nothing to do
// with: it looks for nothing else of the project, so that is where it works.
func dirOfLists(s *stages.Step, inst *shell.Install, dir string) string {
	lists := ""
	mounts, err := s.Mounts()
	if err != nil || slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.Type == instructions.MountTypeBind }) {
		return dir // they may be mounted there
	}
	for _, w := range inst.Files {
		name := ScriptValue(s, w.Text)
		if inst.Ecosystem != "pip" || !name.Known || !path.IsAbs(name.Text) {
			return dir
		}
		at := path.Dir(path.Clean(name.Text))
		if _, inside := below(dir, at); lists != "" && at != lists || inside && dir != "/" {
			return dir
		}
		lists = at
	}
	if lists == "" {
		return dir
	}
	return lists
}

// expanded is where the cd of a command's script leads, with the variables of the step replaced.
func expanded(s *stages.Step, cmd *shell.Command) string {
	if v := ScriptValue(s, cmd.Dir); v.Known {
		return v.Text
	}
	return cmd.Dir
}

// enter is the directory that cd leads to.
func enter(dir, to string) string {
	switch {
	case to == "":
		return dir
	case path.IsAbs(to):
		return path.Clean(to)
	}
	return path.Join(dir, to)
}
