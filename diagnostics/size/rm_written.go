package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// This file finds what the steps of rm-in-later-layer write into a layer, and what takes it away again.

const devDependencies = "the development dependencies"

// noteInstalls notes the packages that the command installs by name, and development dependencies.
func noteInstalls(s *stages.Step, c *shell.Command, packages map[string]written) {
	note := func(key, what string) { packages[key] = written{key, s, what, -1} }
	if os, ok := c.OSPackages(); ok && os.Install {
		for _, w := range append(slices.Clone(os.Packages), os.Group) {
			if w.Literal && w.Text != "" {
				note(os.Manager+" "+w.Text, w.Text)
			}
		}
	}
	if inst, ok := c.Install(); ok && inst.ProductionFlag != "" && !inst.Production && !byEnv(s, c, inst) {
		note(c.Program, devDependencies)
	}
}

// uninstalls takes out of packages what the command removes, and returns the first of it.
func uninstalls(c *shell.Command, packages map[string]written) (w written, span text.Span, ok bool) {
	if os, isOS := c.OSPackages(); isOS && os.Remove {
		for _, name := range os.Packages {
			key := os.Manager + " " + name.Text
			if found, there := packages[key]; there && !ok {
				w, span, ok = found, name.Span, true
			}
			delete(packages, key)
		}
	}
	if c.DropsDevDeps() {
		w, ok = packages[c.Program]
		span = c.Span
		delete(packages, c.Program)
	}
	return w, span, ok
}

// brought are the files that a COPY or ADD puts into the image, as far as their places are known.
func brought(p *diagnostics.Pass, s *stages.Step) (list []written) {
	if c, ok := copies.Of(s); ok {
		for _, source := range c.Taken(p.Context()) {
			to, ok := c.Landing(source)
			if !ok || c.Unpacks(source) {
				continue
			}
			size := int64(-1)
			if p.Context() != nil {
				if e, there := p.Context().Lookup(source); there && e.Mode.IsRegular() {
					size = e.Size
				}
			}
			list = append(list, written{to, s, path.Base(source), size})
		}
		return list
	}
	var sd instructions.SourcesAndDest
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if c.From == "" || c.Parents {
			return nil
		}
		sd = c.SourcesAndDest
	case *instructions.AddCommand:
		sd = c.SourcesAndDest
	default:
		return nil
	}
	dest := s.Expand(sd.DestPath)
	if !dest.Known {
		return nil
	}
	isDir := strings.HasSuffix(dest.Text, "/") || path.Base(dest.Text) == "."
	at := path.Clean(dest.Text)
	if !path.IsAbs(at) {
		at = path.Join(copies.Dir(s), at)
	}
	for _, word := range sd.SourcePaths {
		source := s.Expand(word)
		name := path.Base(source.Text)
		if before, _, isQuery := strings.Cut(source.Text, "?"); isQuery && strings.Contains(source.Text, "://") {
			name = path.Base(before)
		}
		if !source.Known || strings.ContainsAny(name, "*?[") || path.Ext(name) == "" || path.Ext(name) == ".git" {
			continue // it may be a directory, or several files
		}
		if isDir {
			list = append(list, written{path.Join(at, name), s, name, -1})
		} else if len(sd.SourcePaths) == 1 {
			list = append(list, written{at, s, name, -1})
		}
	}
	return list
}

// checkFolders reports the folders of the build context that the RUN removes and a COPY above has brought among others.
func checkFolders(p *diagnostics.Pass, s *stages.Step, above []copies.Copy) {
	commands := shell.Commands(s.Instr, s.Shell)
	for i, c := range commands {
		if c.InSubst || slices.ContainsFunc(commands[i+1:], func(c *shell.Command) bool { _, ok := c.Install(); return ok }) {
			continue // what is removed for an install goes for its sake, not for the size
		}
		var gone []written
		var at text.Span
		for _, w := range c.Removes() {
			name, ok := inImage(s, c, w.Text)
			if !ok || writesAnew(s, commands[i+1:], path.Clean(name)) {
				continue
			}
			if f, ok := folderOf(p.Context(), above, path.Clean(name)); ok {
				if gone == nil {
					at = w.Span
				}
				if gone == nil || gone[0].step == f.step {
					gone = append(gone, f)
				}
			}
		}
		if gone != nil {
			reportRm(p, s, c, at, gone, true)
		}
	}
}

// writesAnew reports whether one of the commands makes what was removed: a link into a volume, an empty folder.
func writesAnew(s *stages.Step, commands []*shell.Command, place string) bool {
	return slices.ContainsFunc(commands, func(c *shell.Command) bool {
		return slices.ContainsFunc(c.Effects().Writes.Words, func(w shell.Word) bool {
			to, ok := inImage(s, c, w.Text)
			return ok && copies.Below(path.Clean(to), place)
		})
	})
}

// folderOf is the folder of the context that one of the copies puts at that place of the image, below where it puts all it takes.
func folderOf(bc *files.Context, above []copies.Copy, place string) (written, bool) {
	for _, c := range slices.Backward(above) {
		if place == c.Dest || !copies.Below(place, c.Dest) {
			continue
		}
		for _, dir := range c.Directories(bc, place) {
			if e, ok := bc.Lookup(dir); !ok || e.Ignored || c.LeavesOut(dir) {
				continue
			}
			if all := bc.Select([]string{dir}, c.Exclude); all.Files > 0 {
				return written{place, c.Step, path.Base(place), all.Bytes}, true
			}
		}
	}
	return written{}, false
}

// downloadsTo are the files in the image that the command downloads.
func downloadsTo(s *stages.Step, c *shell.Command) (list []string) {
	downloads, _ := c.Downloads()
	for _, f := range downloads {
		if w := f.Path(); w.Text != "" {
			if to, ok := inImage(s, c, w.Text); ok {
				list = append(list, to)
			}
		}
	}
	return list
}

// inImage is the absolute path of a name that a command uses, in the form of copies.Dir, with the values
// of its variables.
func inImage(s *stages.Step, c *shell.Command, name string) (string, bool) {
	if strings.ContainsAny(name, "$`") {
		value, ok := valueOf(s, name)
		if !ok {
			return "", false
		}
		name = value
	}
	switch {
	case path.IsAbs(name):
		return name, true
	case path.IsAbs(c.Dir):
		return path.Join(c.Dir, name), true
	case c.Dir == "":
		return path.Join(copies.Dir(s), name), true
	}
	return "", false
}

// leavesLists reports whether the RUN fetches package lists and leaves them in its layer.
func leavesLists(s *stages.Step, commands []*shell.Command) (written, bool) {
	lists := fetchesLists(commands)
	if lists == "" || shell.ListsIn(s.Instr.Text) != "" || slices.ContainsFunc(commands, (*shell.Command).DropsLists) {
		return written{}, false // a mount or a script of its own takes care of them
	}
	for _, c := range commands {
		if _, ok := removes(s, c, lists); ok {
			return written{}, false
		}
	}
	return written{lists, s, "the package lists", -1}, true
}

// fetchesLists is the folder of the package lists that one of the commands fetches, and that a Dockerfile deletes with
// rm; "" if none does.
func fetchesLists(commands []*shell.Command) string {
	for _, c := range commands {
		if os, ok := c.OSPackages(); ok && os.Refresh && os.Lists != "" {
			return os.Lists
		}
	}
	return ""
}

// removes reports whether the command is an rm of the path, and where it names it.
func removes(s *stages.Step, c *shell.Command, target string) (text.Span, bool) {
	if c.InSubst {
		return text.Span{}, false
	}
	for _, w := range c.Removes() {
		if namesPath(s, c, w, target) {
			return w.Span, true
		}
	}
	return text.Span{}, false
}

// movesAway reports whether the command is an mv of the path to another place.
func movesAway(s *stages.Step, c *shell.Command, target string) bool {
	return slices.ContainsFunc(c.Moves(), func(w shell.Word) bool { return namesPath(s, c, w, target) })
}

// namesPath reports whether the word of the command is the path, or a glob that matches it.
func namesPath(s *stages.Step, c *shell.Command, w shell.Word, target string) bool {
	name, ok := inImage(s, c, w.Text)
	matched, _ := path.Match(name, target)
	return ok && (matched || strings.TrimSuffix(strings.TrimSuffix(name, "*"), "/") == target)
}
