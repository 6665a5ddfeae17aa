package shell

import (
	"path"
	"slices"
	"strings"
)

// This file reads what package managers of operating systems leave behind, and which versions they leave open.

// leftovers adds what the command leaves and deletes.
func (m *manager) leftovers(c *Command, os *OSPackages) {
	whole := c.hasListed(m.root)                                // it works on another root folder, which is no folder of the image that is known
	usual := c.Program == c.row().name || c.Program == m.people // others have other options
	os.Recommends = usual && m.extras != "" && listed(m.byName, c.Operands()[0].Text) && !c.hasListed(m.extras) && !c.setsRecommends()
	os.CleansAll = os.Clean && (m.all == "" || slices.ContainsFunc(os.Packages, func(w Word) bool { return w.Text == m.all }))
	os.CleanUp = strings.Replace(m.cleanUp, "%", c.Program, 1)
	fills := os.Install || os.Upgrade || os.Refresh
	if m.lists != "" {
		fills = os.Fetches // the packages themselves are deleted by images of its distributions
	}
	if fills && os.KeepsIndex && !whole {
		os.Leaves = strings.Fields(m.leaves)
	}
	os.ForPeople = m.inScripts(c.Program, c.Operands())
}

// setsRecommends reports whether a -o option of the command decides on recommended packages.
func (c *Command) setsRecommends() bool {
	return slices.ContainsFunc(c.Words, func(w Word) bool { return strings.Contains(strings.ToLower(w.Text), "install-recommends") })
}

// inScripts is the program that scripts call in place of one that is made for people, for the sub-command; "" if there
// is none.
func (m *manager) inScripts(program string, operands []Word) string {
	if program != m.people || len(operands) == 0 {
		return ""
	}
	for part := range strings.FieldsSeq(m.scripts) {
		name, subs, _ := strings.Cut(part, "=")
		if slices.Contains(strings.Split(subs, "|"), operands[0].Text) {
			return name
		}
	}
	return ""
}

// unpinned are the packages whose version is left open: names without a version, which no variable, file, address or
// group stands for.
func (m *manager) unpinned(packages []Word) (list []Word) {
	for _, w := range packages {
		name := w.Text
		if bare, arch, ok := strings.Cut(name, ":"); ok && m.arch && !strings.ContainsAny(arch, m.pinned+"/") {
			name = bare
		}
		switch {
		case !w.Literal, name == "", strings.ContainsAny(name, m.pinned+"/@!*:{"):
		case slices.Contains(packageFiles, path.Ext(name)):
		case m.dashed && dashedVersion(name):
		default:
			list = append(list, w)
		}
	}
	return list
}

// packageFiles are the extensions of packages that are files.
var packageFiles = []string{".apk", ".deb", ".rpm"}

// dashedVersion reports whether a part of the name behind a dash begins with a digit, as in NAME-1.2-3.el9.
func dashedVersion(name string) bool {
	for n := 0; n+1 < len(name); n++ {
		if name[n] == '-' && '0' <= name[n+1] && name[n+1] <= '9' {
			return true
		}
	}
	return false
}

// covers reports whether a folder holds the other, or is it.
func covers(folder, other string) bool {
	folder = path.Clean(folder)
	return folder == "/" || other == folder || strings.HasPrefix(other, folder+"/")
}

// EmptiesAny reports whether the command deletes one of the folders, what is in it, or what holds it; dir is the
// step's directory. Where a path is named that its words do not tell, as to find, that counts, too.
func (c *Command) EmptiesAny(folders []string, dir string) bool {
	if c.InSubst {
		return false
	}
	for _, w := range c.Removes() {
		at := strings.TrimSuffix(w.Text, "*")
		if !path.IsAbs(at) {
			at = path.Join(dir, c.Dir, at)
			if path.IsAbs(c.Dir) {
				at = path.Join(c.Dir, strings.TrimSuffix(w.Text, "*"))
			}
		}
		if slices.ContainsFunc(folders, func(f string) bool { return covers(at, f) || covers(f, at) }) {
			return true
		}
	}
	if c.row() == noProgram && len(c.Words) > 0 && strings.Contains(path.Base(c.Words[0].Text), "clean") {
		return true // a script of someone's own
	}
	return !c.is(remover) && slices.ContainsFunc(c.Words, func(w Word) bool {
		return slices.ContainsFunc(folders, func(f string) bool {
			return strings.Contains(w.Text, f) || len(w.Text) > 1 && path.IsAbs(w.Text) && covers(w.Text, f)
		})
	})
}
