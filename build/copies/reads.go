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

// InstallInputs is what the installs of a RUN read of the context, by the files that stand where they work;
// nothing if the context is not known. Inputs.ReadsVar then says which variables they depend on.
func InstallInputs(bc *files.Context, s *stages.Step) (list []manifests.Inputs) {
	if bc == nil || s.Instr.Name != "RUN" {
		return nil
	}
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		inst, ok := cmd.Install()
		if !ok || inst.Build {
			continue
		}
		at := WorkingDir(s, cmd, inst)
		for _, dir := range broughtTo(bc, s, at) {
			list = append(list, manifests.ReadWith(bc, inst, manifests.Options{Dir: dir, Workdir: at, Env: Env(s)}))
		}
	}
	return list
}

// InputsOf is what an install of a step reads of the context, by the one directory of which the steps above
// bring files to where it works. ok is false if there is none, or several.
func InputsOf(bc *files.Context, s *stages.Step, cmd *shell.Command, inst *shell.Install) (dir string, in manifests.Inputs, ok bool) {
	at := WorkingDir(s, cmd, inst)
	dirs := broughtTo(bc, s, at)
	if len(dirs) != 1 {
		return "", in, false
	}
	return dirs[0], manifests.ReadWith(bc, inst, manifests.Options{Dir: dirs[0], Workdir: at, Env: Env(s)}), true
}

// broughtTo are the directories of the context of which the steps above, or mounts of the RUN, bring all or
// some files to the directory of the image.
func broughtTo(bc *files.Context, s *stages.Step, at string) (dirs []string) {
	add := func(dir string) {
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, stage := range s.Stage.Chain() {
		for _, above := range stage.Steps {
			if stage == s.Stage && above.N >= s.N {
				break
			}
			c, ok := Of(above)
			if !ok {
				continue
			}
			for _, dir := range c.Directories(bc, at) {
				add(dir)
			}
			if c.Dest != at && (c.IsDir || path.Dir(c.Dest) != at) {
				continue // its files come into another folder
			}
			for _, p := range c.Taken(bc) {
				if bc.Exists(p) && !isDir(bc, p) && !slices.Contains(ofNoProject, path.Base(p)) {
					add(path.Dir(p))
				}
			}
		}
	}
	for _, f := range s.Instr.Flags {
		if strings.Contains(f.Span.Of(s.Instr.Text), "--mount") {
			add(".")
		}
	}
	if len(dirs) == 0 {
		broughtBelow(bc, s, at, add)
	}
	return dirs
}

// ofNoProject are files that say nothing of the project whose folder they are copied to: its manifests may come from another
// stage.
var ofNoProject = []string{".dockerignore", ".editorconfig", ".gitattributes", ".gitignore"}

// broughtBelow adds the directories of the context of which the steps above bring files to folders below the directory of
// the image that are called as in the context: `COPY src/Api/Api.csproj src/Api/`.
func broughtBelow(bc *files.Context, s *stages.Step, at string, add func(dir string)) {
	for _, above := range s.Stage.ChainSteps() {
		c, ok := Of(above)
		if !ok || above.Stage == s.Stage && above.N >= s.N {
			continue
		}
		below, ok := strings.CutPrefix(c.Dest, strings.TrimSuffix(at, "/")+"/")
		if !ok || !c.IsDir {
			continue
		}
		for _, p := range c.Taken(bc) {
			if dir := path.Dir(p); !isDir(bc, p) && bc.Exists(p) {
				if dir == below {
					add(".")
				} else if up, ok := strings.CutSuffix(dir, "/"+below); ok {
					add(up)
				}
			}
		}
	}
}
