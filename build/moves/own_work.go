package moves

import (
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// OwnWork reports whether a RUN needs nothing but what the system has and what it downloads, unpacks or makes itself: it runs
// no program of the project, and reads none of the files, which a COPY has brought. made are the paths that it writes.
func OwnWork(run *stages.Step, files []string) (made []string, ok bool) {
	script := shell.Of(run.Instr, run.Shell)
	if !script.Known() || strings.Contains(run.Instr.FlagText(), "mount") {
		return nil, false
	}
	for _, c := range script.Commands {
		reads, writes, known := ownPaths(run, c)
		if !known || len(c.Words) > 0 && strings.Contains(c.Words[0].Text, "/") {
			return nil, false
		}
		for _, p := range reads {
			own := slices.ContainsFunc(made, func(dir string) bool { return copies.Below(p, dir) })
			if !own || slices.ContainsFunc(files, func(file string) bool { return copies.Below(file, p) || copies.Below(p, file) }) {
				return nil, false
			}
		}
		made = append(made, writes...)
	}
	return made, len(made) > 0
}

// InstallsOnly reports whether a step surely does nothing to the system: it installs what a project needs, or is known to
// write elsewhere.
func InstallsOnly(run *stages.Step) bool {
	script := shell.Of(run.Instr, run.Shell)
	return script.Known() && !slices.ContainsFunc(script.Commands, func(c *shell.Command) bool {
		inst, project := c.Install()
		t := touchOf(run, c)
		return !(project && !inst.Build) && (t.unknown || t.writes.all || t.writes.system || t.writes.global)
	})
}

// ownPaths are the paths that a command reads and writes beside those of the system and the settings of its user.
func ownPaths(s *stages.Step, c *shell.Command) (reads, writes []string, ok bool) {
	if sources, out, compiles := c.CompilesFiles(); compiles {
		dir := workingDir(s, c)
		for _, w := range sources {
			reads = append(reads, absolute(dir, w.Text))
		}
		return reads, []string{absolute(dir, out.Text)}, true
	}
	t := touchOf(s, c)
	_, installs := c.Install()
	if t.unknown || installs || t.reads.all || t.writes.all || t.writes.global || t.writes.system || t.writes.homes != nil || t.reads.global && !c.InSubst {
		return nil, nil, false
	}
	for _, p := range t.reads.places {
		reads = append(reads, p.path)
	}
	for _, p := range t.writes.places {
		writes = append(writes, p.path)
	}
	return reads, writes, true
}
