package moves

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// MountInstead judges whether a COPY of single files, which the RUN deletes in the end, or one below it, may
// be a read-only bind mount of that RUN: nothing between reads the files, and the RUN does nothing to them.
// Commands of the RUN that go, because they only delete the files, are named; those that are left must not.
func (j Judge) MountInstead(c copies.Copy, user *stages.Step, gone ...*shell.Command) Verdict {
	if c.Add || c.Parents || len(c.Exclude) > 0 || c.Chown != "" || c.Chmod != "" || copies.BelowUnknown(c.Dest) {
		return never("the files are not mounted as they are copied")
	}
	var files area
	for _, source := range c.Taken(j.Context) {
		to, ok := c.Landing(source)
		if !ok {
			return never("the COPY may take a folder")
		}
		files.places = append(files.places, place{path: to, plain: !strings.Contains(to, "$")})
	}
	script := shell.Of(user.Instr, user.Shell)
	if user.Instr.Name != "RUN" || script.Partial || script.Unknown || len(script.Commands) == 0 || user.N < c.Step.N {
		return never("the RUN is too complex to be understood")
	}
	for _, between := range user.Stage.Steps[c.Step.N+1 : user.N] {
		if v := crossCopy(c, copied{written: newWritten(files, files)}, Part{Step: between}); v.Answer != Safe {
			return never("the files may be needed before the RUN")
		}
	}
	if crossMounts(copied{written: newWritten(files, area{})}, user).Answer != Safe {
		return never("a mount of the RUN hides the files")
	}
	verdict := safe
	for _, cmd := range script.Commands {
		if !slices.Contains(gone, cmd) {
			verdict = verdict.Worse(leavesMounted(user, cmd, files))
		}
	}
	for _, p := range files.places {
		if dir := path.Dir(p.path); !slices.Contains(dirsOfSystems, dir) {
			verdict = verdict.Worse(doubt("the image would have no folder %s unless something else creates it", dir))
		}
	}
	return verdict
}

// dirsOfSystems are folders that every system has. They are sorted.
var dirsOfSystems = []string{"/", "/etc", "/opt", "/root", "/tmp", "/usr/bin", "/usr/local/bin", "/usr/src", "/var/tmp"}

// leavesMounted judges whether a command leaves files as they are: a mounted file cannot be changed.
func leavesMounted(s *stages.Step, c *shell.Command, files area) Verdict {
	t := touchOf(s, c)
	switch {
	case t.unknown, t.writes.all:
		return doubt("%s must not write there", phraseOf(c))
	}
	for _, w := range c.Moves() {
		if files.meets(area{places: placesOf(s, workingDir(s, c), w.Text)}) != apart {
			return never("%s moves a file, and a mounted file cannot be moved", phraseOf(c))
		}
	}
	// A folder above is changed with all in it; a wildcard may mean the files.
	if files.meets(t.writes) == apart {
		return safe
	}
	worst := apart
	for _, p := range t.writes.places {
		worst = max(worst, files.meets(area{places: []place{p}}))
	}
	if worst != apart || t.writes.system || t.writes.homes != nil {
		return never("%s changes the files, and mounted files cannot be changed", phraseOf(c))
	}
	return safe
}

// LeavesAlone reports whether the command surely reads and writes nothing in a directory of the image, which
// holds files of the project: what packages install is not looked for there.
func LeavesAlone(s *stages.Step, c *shell.Command, dir string) bool {
	t := touchOf(s, c)
	if t.unknown || t.reads.all || t.writes.all {
		return false
	}
	if dir == "/" || !shell.InSystem(dir) && !shell.InGlobal(dir) {
		t.reads.system, t.reads.global, t.writes.system, t.writes.global = false, false, false, false
	}
	project := area{places: []place{{path: dir}}}
	return project.meets(t.reads) == apart && project.meets(t.writes) == apart
}
