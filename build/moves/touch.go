package moves

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// touch is what a step or a command reads and writes of the image's files.
type touch struct {
	reads, writes area
	unknown       bool // the program, or this use of it, is not known
}

// touchOf is what a command of the step touches.
func touchOf(s *stages.Step, c *shell.Command) touch { return touchBut(s, c, "") }

// touchBut leaves out what a variable makes it read.
func touchBut(s *stages.Step, c *shell.Command, variable string) touch {
	c = Expanded(s, c)
	e := c.Effects()
	if !e.Known || e.Shell&shell.RunsAtExit != 0 {
		return touch{unknown: true} // what a trap runs is not looked at
	}
	dir := workingDir(s, c)
	t := touch{reads: areaOf(s, dir, e.Reads), writes: areaOf(s, dir, e.Writes)}
	t.reads.places = append(t.reads.places, namedByVariables(s, c, e, dir, variable)...)
	t.reads.places = append(t.reads.places, lookedForAbove(dir, e.Reads)...)
	return t
}

// lookedForAbove are the files which a program looks for by itself, in the folders above its directory: most settings
// of tools (.npmrc, uv.toml, .cargo) count in all folders below.
func lookedForAbove(dir string, reads shell.Paths) (places []place) {
	for _, w := range reads.Words {
		if w.Span.Len() > 0 {
			continue
		}
		at := path.Dir(path.Join(dir, w.Text))
		for at != "/" && at != "." {
			at = path.Dir(at)
			places = append(places, place{path: path.Join(at, path.Base(w.Text))})
		}
	}
	return places
}

// namedByVariables are the files that the environment makes a command read: pip install flake8 reads what
// PIP_CONSTRAINT names.
func namedByVariables(s *stages.Step, c *shell.Command, e shell.Effects, dir, but string) (places []place) {
	env := slices.Clone(copies.EnvAt(s, c))
	for _, a := range c.Assigns {
		env = append(env, manifests.Var{Name: a.Name, Value: a.Value.Text, Known: a.Value.Literal})
	}
	for _, v := range env {
		switch {
		case !e.Vars.Has(v.Name) || v.Name == but || !manifests.RedirectsInputs(v.Name):
		case !v.Known:
			places = append(places, place{path: "/$" + v.Name})
		case manifests.Redirects(v.Name, v.Value):
			for _, name := range strings.FieldsFunc(v.Value, func(r rune) bool { return r == ' ' || r == ':' }) {
				places = append(places, placesOf(s, dir, name)...)
			}
		}
	}
	return places
}

// touchOfInstall is what an install touches whose inputs are known: the files that it reads, which its
// program's table cannot know, and what it writes. c delivers its directory.
func touchOfInstall(s *stages.Step, cmd *shell.Command, i Install, c copies.Copy) touch {
	e := Expanded(s, cmd).Effects()
	dir := workingDir(s, cmd)
	t := touch{unknown: i.Inputs.Never}
	reads, writes := e.Reads, e.Writes
	// What it reads and writes of its project stands in the inputs.
	reads.All, reads.Tree, writes.All, writes.Tree = false, false, false, false
	inst, _ := cmd.Install()
	reads.Words, writes.Words = without(reads.Words, inst.Dir), without(writes.Words, inst.Dir)
	t.reads, t.writes = areaOf(s, dir, reads), areaOf(s, dir, writes)
	t.writes.system, t.writes.global = true, true
	project := copies.WorkingDir(s, cmd, inst)
	if isProjects(project) {
		t.reads.own, t.writes.own = project, project
	}
	at := func(name string) (place, bool) {
		rel, inside := relative(i.Dir, name)
		return place{path: path.Join(project, rel)}, inside
	}
	for _, f := range i.Inputs.Files {
		if p, ok := c.Image(f); ok {
			t.reads.places = append(t.reads.places, place{path: p})
		}
	}
	for _, out := range i.Inputs.Outputs {
		if p, ok := at(out); ok {
			t.writes.places = append(t.writes.places, p)
		}
	}
	t.writes.homes = homes(s)
	s.Vars.All(func(v *stages.Scope) bool {
		if manifests.NamesOutput(v.Name) && v.Name != "HOME" {
			name := v.Value.Text
			if !v.Value.Known {
				name = "$" + v.Name
			}
			t.writes.places = append(t.writes.places, placesOf(s, copies.Dir(s), name)...)
		}
		return true
	})
	return t
}

// isProjects reports whether a folder in which a project is installed is its own, though it lies in one of the system. What
// an install reads and writes there, its inputs say. Packages do own folders in /usr and /var.
func isProjects(dir string) bool {
	return slices.ContainsFunc([]string{"/etc/", "/opt/", "/usr/src/"}, func(parent string) bool { return strings.HasPrefix(dir, parent) })
}

// without are the paths but for the directory that an option makes an install work in.
func without(paths []shell.Word, dir shell.Word) []shell.Word {
	if dir.Text == "" {
		return paths
	}
	return slices.DeleteFunc(slices.Clone(paths), func(w shell.Word) bool { return w.Span == dir.Span && w.Text == dir.Text })
}

// Expanded is the command with the values of variables that the Dockerfile sets.
func Expanded(s *stages.Step, c *shell.Command) *shell.Command {
	if c.Depth > 0 || len(c.Assigns) > 0 {
		return c
	}
	return c.Expand(func(w shell.Word) (string, bool) {
		if strings.ContainsAny(w.Text, "`(*?[{~\\'\"") && !plainVariable.MatchString(w.Text) {
			return "", false
		}
		v := copies.ScriptValue(s, w.Text)
		return v.Text, v.Known
	})
}

// workingDir is the directory in which a command of the step works, in the form of copies.Dir. Options that
// name another directory are in the effects of the command already.
func workingDir(s *stages.Step, c *shell.Command) string {
	return goTo(s, copies.Dir(s), c.Dir)
}

// anywhere stands for a directory that cannot be told.
const anywhere = "/$anywhere"

// goTo is the directory to which a cd leads, if it can be told.
func goTo(s *stages.Step, dir, to string) string {
	if strings.Contains(to, "$") {
		if v := copies.ScriptValue(s, to); v.Known {
			to = v.Text
		}
	}
	switch {
	case strings.HasPrefix(to, "$"), strings.HasPrefix(to, "`"), strings.HasPrefix(to, "~"), strings.Contains(to, "\x00"), to == "-":
		return anywhere
	case path.IsAbs(to):
		return path.Clean(to)
	}
	return path.Join(dir, to)
}

// areaOf places the paths of a command.
func areaOf(s *stages.Step, dir string, p shell.Paths) area {
	a := area{all: p.All, system: p.System, global: p.Global}
	if p.Tree {
		a.places = append(a.places, place{path: dir})
	}
	if p.Home {
		a.homes = homes(s)
	}
	for _, w := range p.Words {
		a.places = append(a.places, placesOf(s, dir, w.Text)...)
		a.all = a.all || len(a.places) > maxPlaces
	}
	return a
}

// maxPlaces bounds what is compared with each other.
const maxPlaces = 500

// placesOf are where a word of a command leads. What the shell cannot be known to make of it stays in the
// path as it is written, and so counts as uncertain.
func placesOf(s *stages.Step, dir, name string) []place {
	if strings.Contains(name, "$") {
		if v := copies.ScriptValue(s, name); v.Known {
			name = v.Text
		}
	}
	switch {
	case name == "~" || strings.HasPrefix(name, "~/"):
		var list []place
		for _, home := range homes(s) {
			if name == "~" {
				home = strings.TrimSuffix(home, anyUser)
			}
			list = append(list, place{path: path.Join(home, name[1:])})
		}
		return list
	case strings.HasPrefix(name, "~"), strings.HasPrefix(name, "$"):
		return []place{{path: "/"}} // of another user, or anything
	}
	if i := strings.IndexAny(name, "*?[{"); i >= 0 {
		name = path.Dir(name[:i] + "x") // the folder in which the shell looks for names
	}
	if !path.IsAbs(name) {
		name = path.Join(dir, name)
	}
	return []place{{path: path.Clean(name)}}
}

// homes are the directories that may be the user's home: what HOME says, or where they usually lie.
func homes(s *stages.Step) []string {
	if home, ok := s.Vars.Lookup("HOME"); ok {
		if !home.Value.Known || !path.IsAbs(home.Value.Text) {
			return []string{unknownHome}
		}
		return []string{path.Clean(home.Value.Text)}
	}
	if name, _, _ := strings.Cut(s.User.Text, ":"); s.User.Known && (name == "root" || name == "0" || name == "") {
		return []string{"/root"}
	}
	if s.User.Text == "" {
		return []string{"/root", "/home" + anyUser} // whom a base image runs as, has a home where it is usual
	}
	return []string{"/root", "/home" + anyUser, someHome}
}

// someHome stands for a directory that a user was given as a home, wherever it is.
const someHome = "$HOME/"

// unknownHome stands for a home that the build decides.
const unknownHome = "$HOME"

// anyUser stands for the folder of some user below /home.
const anyUser = "/*"

// relative returns the path of file below dir; both are relative to the context.
func relative(dir, file string) (string, bool) {
	if dir == "." || dir == "" {
		return file, true
	}
	if file == dir {
		return ".", true
	}
	return strings.CutPrefix(file, dir+"/")
}

// copied is what a COPY writes: all, which nothing that it crosses may write too, and late, which is not
// there before it, so that nothing may read it. Where the context is known, each thing at the top of its
// sources counts for itself, so that a folder that a RUN makes beside them stays apart from them.
type copied struct {
	written
	owned   bool     // folders that it makes get an owner or a mode of their own
	folders []string // that are there without it: the step's directory, and those of the files that are copied first
}

func (j Judge) copied(m Moved) copied {
	moved := copied{owned: m.Copy.Chown != "" || m.Copy.Chmod != "", folders: append([]string{copies.Dir(m.Copy.Step)}, m.There...)}
	moved.written = j.written(m)
	for _, name := range m.First {
		if at, ok := m.Copy.Image(name); ok {
			moved.folders = append(moved.folders, path.Dir(at))
		}
	}
	return moved
}

// there reports whether the directory is there before the COPY.
func (m copied) there(dir string) bool {
	if name := strings.TrimPrefix(dir, "/"); dir == "/" || !strings.Contains(name, "/") && shell.TopFolder(name) {
		return true
	}
	return slices.ContainsFunc(m.folders, func(folder string) bool { return inside(folder, dir) })
}

// pin is a late file by which tools choose a version of themselves, for a command that works in the directory.
func (m copied) pin(dir string) string {
	for _, p := range m.pins {
		if inside(dir, path.Dir(p.path)) {
			return path.Base(p.path)
		}
	}
	return ""
}

// module is a late file or folder in the directory that is imported in place of a module that imports says is needed.
func (m copied) module(imports func(string) bool, dir string) string {
	for _, p := range m.modules {
		name, in := p.module, path.Dir(p.path)
		if path.Base(p.path) == "__init__.py" {
			name, in = path.Base(in), path.Dir(in)
		}
		if name != "" && in == dir && imports(name) {
			return path.Base(p.path)
		}
	}
	return ""
}

// pinFiles are looked for by asdf, mise, pyenv, rbenv, nodenv, goenv, rustup, .NET and Corepack, in the
// directory and above. They are sorted.
var pinFiles = []string{
	".corepack.env", ".go-version", ".java-version", ".mise.toml", ".node-version", ".python-version", ".ruby-version", ".tool-versions",
	"global.json", "mise.toml", "rust-toolchain", "rust-toolchain.toml",
}

// linkInto is a symbolic link of the image, made by a RUN above the COPY, through which the COPY writes.
func linkInto(c copies.Copy, moved copied) string {
	for _, stage := range c.Step.Stage.Chain() {
		for _, s := range stage.Steps {
			if stage == c.Step.Stage && s.N >= c.Step.N {
				return ""
			}
			if s.Instr.Name != "RUN" || !strings.Contains(s.Instr.Text, "ln ") {
				continue
			}
			for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
				for _, w := range cmd.Links() {
					for _, link := range placesOf(s, workingDir(s, cmd), w.Text) {
						if slices.ContainsFunc(moved.all.places, func(p place) bool { return inside(p.path, link.path) && link.path != "/" }) {
							return link.path
						}
					}
				}
			}
		}
	}
	return ""
}
