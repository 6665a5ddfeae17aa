package copies

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// made is what steps and commands may have made in the image: nothing of that has to be in the build context.
type made struct {
	any   bool     // by programs of which nothing is known: perhaps anything, anywhere
	trees []string // directories, in the form of Dir, in which there may be anything
	files []string // files
}

// tree adds a directory. Most commands of a stage work in the same one.
func (m *made) tree(dir string) {
	if n := len(m.trees); n == 0 || m.trees[n-1] != dir {
		m.trees = append(m.trees, dir)
	}
}

// at reports whether a directory may hold things that were made, whatever their names: it lies in one of the trees.
func (m *made) at(dir string) bool {
	return slices.ContainsFunc(m.trees, func(tree string) bool { _, inside := below(tree, dir); return inside })
}

// file reports whether the file may have been made.
func (m *made) file(name string) bool {
	return m.any || m.at(path.Dir(name)) || slices.Contains(m.files, name)
}

// manifest reports whether a file was made in the directory that an install may look for: it has an extension, or
// the name of a manifest.
func (m *made) manifest(dir string) bool {
	return m.at(dir) || slices.ContainsFunc(m.files, func(name string) bool {
		return path.Dir(name) == dir && (looksLikeFile(name) || manifest[path.Base(name)])
	})
}

// named reports whether a word of the command names a file that was made.
func (m *made) named(at string, cmd *shell.Command) bool {
	return slices.ContainsFunc(cmd.Words[1:], func(w shell.Word) bool {
		_, value, _ := strings.Cut(w.Text, "=")
		return slices.ContainsFunc([]string{w.Text, value}, func(name string) bool {
			if !path.IsAbs(name) {
				name = path.Join(at, name)
			}
			return slices.Contains(m.files, path.Clean(name))
		})
	})
}

// needed reports whether a file that the command needs in its directory may have been made.
func (m *made) needed(at string, cmd *shell.Command) bool {
	return slices.ContainsFunc(cmd.Needs(), func(name string) bool { return m.file(path.Join(at, name)) })
}

// stage adds what the steps of a stage may have made.
func (m *made) stage(stage *stages.Stage) {
	for _, s := range stage.Steps {
		m.step(s)
		if s.Instr.Name != "RUN" {
			continue
		}
		for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
			m.command(s, WorkingDir(s, cmd, nil), cmd)
		}
	}
}

// step adds what a COPY or ADD brings that is not of the build context: of another stage or image, of an address, or
// of a here-document.
func (m *made) step(s *stages.Step) {
	if s.Instr.Name != "COPY" && s.Instr.Name != "ADD" {
		return
	}
	var sd instructions.SourcesAndDest
	from := ""
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		sd, from = cmd.SourcesAndDest, cmd.From
	case *instructions.AddCommand:
		sd = cmd.SourcesAndDest
	default:
		return
	}
	dest := s.Expand(sd.DestPath)
	if !dest.Known {
		m.any = true
		return
	}
	to := DirOf(s.Join(dest.Text))
	isDir := strings.HasSuffix(dest.Text, "/") || dest.Text == "." || len(sd.SourcePaths)+len(sd.SourceContents) > 1
	lands := func(name string) {
		if isDir {
			name = path.Join(to, path.Base(name))
		} else {
			name = to
		}
		m.files = append(m.files, name)
	}
	for _, content := range sd.SourceContents {
		lands(content.Path)
	}
	for _, source := range sd.SourcePaths {
		switch {
		case from == "" && !isRemote(source) && !strings.Contains(source, "$"):
		case looksLikeFile(source) && !strings.HasSuffix(source, ".git") && !strings.ContainsAny(source, "$*?["):
			lands(source)
		default:
			m.tree(to)
		}
	}
}

// command adds what a command, which works in the directory at, may make. An install brings dependencies, and no project.
func (m *made) command(s *stages.Step, at string, cmd *shell.Command) {
	if inst, ok := cmd.Install(); ok && inst.DepsOnly || cmd.MakesNothing() {
		return
	}
	effects := cmd.Effects()
	switch {
	case cmd.StartsProject():
		m.any = m.any || !effects.Known
		m.tree(at)
	case !effects.Known:
		m.any = true
		return
	case effects.Writes.Tree, effects.Writes.All:
		m.tree(at)
	}
	if len(effects.Writes.Words) == 0 {
		return
	}
	dirs := cmd.MakesDirs()
	for _, w := range effects.Writes.Words {
		name := w.Text
		if v := ScriptValue(s, name); !w.Literal && v.Known {
			name = v.Text
		}
		if strings.ContainsAny(name, "$`*?[{~") {
			m.any = true
			return
		}
		if !path.IsAbs(name) {
			name = path.Join(at, name)
		}
		switch name = path.Clean(name); {
		case slices.Contains(dirs, w):
		case looksLikeFile(name) || manifest[path.Base(name)]:
			m.files = append(m.files, name)
		default:
			m.files = append(m.files, name) // a file, or a folder that is filled
			m.tree(name)
		}
	}
}

// MadeIn are paths of the image that the steps of a stage, and of those that it builds on, surely name: what commands
// write, where COPY and ADD put files, and the directories in which they work; the newest first. A directory ends with a
// slash. There may be others, and of some it is not known what is in them.
func MadeIn(stage *stages.Stage) (paths []string) {
	seen := map[string]bool{}
	add := func(p string) {
		if path.IsAbs(p) && p != "/" && !BelowUnknown(p) && !strings.ContainsAny(p, "$*?[\"'\\\n") && !seen[p] && len(paths) < maxMade {
			seen[p] = true
			paths = append(paths, p)
		}
	}
	for ; stage != nil; stage = stage.Parent {
		for i := len(stage.Steps) - 1; i >= 0; i-- {
			s := stage.Steps[i]
			var m made
			switch s.Instr.Name {
			case "RUN":
				for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
					m.outputs(s, cmd)
				}
			case "COPY", "ADD":
				if c, ok := Of(s); ok && c.IsDir {
					m.tree(c.Dest)
				}
				m.step(s)
			}
			for _, name := range m.files {
				add(name)
			}
			for _, dir := range m.trees {
				add(strings.TrimSuffix(dir, "/") + "/")
			}
			if s.Workdir.Known {
				add(strings.TrimSuffix(s.Workdir.Text, "/") + "/")
			}
		}
	}
	return paths
}

// maxMade bounds the paths that are told of a stage.
const maxMade = 200

// outputs adds what a command writes by name: its results, not the caches of an install.
func (m *made) outputs(s *stages.Step, cmd *shell.Command) {
	at := WorkingDir(s, cmd, nil)
	if inst, ok := cmd.Install(); ok {
		for _, dir := range inst.Outputs {
			m.tree(path.Join(at, dir))
		}
	}
	if cmd.MakesNothing() || cmd.InSubst {
		return
	}
	dirs := cmd.MakesDirs()
	for _, w := range cmd.Effects().Writes.Words {
		name := w.Text
		if v := s.Expand(name); !w.Literal && v.Known {
			name = v.Text
		}
		if w.Span.Len() == 0 || strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "~") {
			continue
		}
		if !path.IsAbs(name) {
			name = path.Join(at, name)
		}
		if name = path.Clean(name); slices.Contains(dirs, w) || strings.HasSuffix(w.Text, "/") {
			m.tree(name)
		} else {
			m.files = append(m.files, name)
		}
	}
}
