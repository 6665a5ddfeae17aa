package moves

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Origin is where a stage has a file or folder from, of which it has changed nothing that a COPY of it would take along
// but perhaps owner and mode, which a COPY --from can give as well.
type Origin struct {
	Copy  *stages.Step // the COPY --from that has brought it; nil if it was there when the stage began
	From  string       // the stage or image, as that names it
	Path  string       // what it is called there
	Owner bool         // the stage may have changed its owner or group
	Mode  bool         // the stage may have changed its mode
}

// OriginOf follows a file or folder, as it is when the stage ends, back to where the stage has it from: through cp, and
// past all that surely writes nothing there. ok is false if it is made or changed in the stage, or that is not known.
func OriginOf(stage *stages.Stage, name string) (o Origin, ok bool) {
	o.Path = path.Clean(name)
	if slices.ContainsFunc(chainAbove(stage), func(s *stages.Step) bool { return s.Held() != nil && s.Stage == stage.Parent }) {
		return o, false // what an ONBUILD does in the stage has no step there
	}
	for n, s := range slices.Backward(stage.Steps) {
		switch cmd := s.Instr.Cmd().(type) {
		case nil:
			return o, false
		case *instructions.RunCommand:
			if !o.before(s) {
				return o, false
			}
		case *instructions.AddCommand:
			if mayLand(s, cmd.DestPath, o.Path) {
				return o, false
			}
		case *instructions.CopyCommand:
			if !mayLand(s, cmd.DestPath, o.Path) {
				continue
			}
			from, at, known := copies.FromStage(s, o.Path)
			if !known || cmd.Chmod != "" || !bringsAll(stage, n, o.Path) {
				return o, false
			}
			o.Copy, o.From, o.Path, o.Owner = s, from, at, o.Owner || cmd.Chown != ""
			return o, true
		case *instructions.WorkdirCommand:
			if makesDir(s, cmd, o.Path) {
				return o, false
			}
		}
	}
	return o, true
}

// mayLand reports whether something that is copied to dest may lie at the path, in it or above it.
func mayLand(s *stages.Step, dest, name string) bool {
	to := destination(s, dest)
	return to.all || to.meets(area{places: []place{{path: name}}}) != apart
}

// bringsAll reports whether nothing is at the path when step n of the stage copies something to it: a COPY adds to a folder
// that is there.
func bringsAll(stage *stages.Stage, n int, name string) bool {
	if shell.InSystem(name) || shell.InGlobal(name) || strings.Count(name, "/") < 2 && shell.TopFolder(strings.Trim(name, "/")) {
		return false // the base image may have it
	}
	o := Origin{Path: name}
	before := slices.Concat(chainAbove(stage), stage.Steps[:n])
	return !slices.ContainsFunc(before, func(s *stages.Step) bool {
		switch cmd := s.Instr.Cmd().(type) {
		case *instructions.RunCommand:
			return !o.before(s) || o.Path != name
		case *instructions.AddCommand:
			return mayLand(s, cmd.DestPath, name)
		case *instructions.CopyCommand:
			return mayLand(s, cmd.DestPath, name)
		case *instructions.WorkdirCommand:
			return makesDir(s, cmd, name)
		}
		return false
	})
}

// makesDir reports whether a WORKDIR may make a folder in the path.
func makesDir(s *stages.Step, c *instructions.WorkdirCommand, name string) bool {
	dir := s.Join(s.Expand(c.Path).Text)
	return !dir.Known || below(path.Clean(dir.Text), name)
}

func chainAbove(stage *stages.Stage) []*stages.Step {
	if stage.Parent == nil {
		return nil
	}
	return stage.Parent.ChainSteps()
}

// before follows the path to what it was before the RUN; false if that may have changed it.
func (o *Origin) before(s *stages.Step) bool {
	script := shell.Of(s.Instr, s.Shell)
	mounts, err := s.Mounts()
	if err != nil || !script.Known() || slices.ContainsFunc(script.Commands, func(c *shell.Command) bool { return c.Background }) {
		return false
	}
	for _, m := range mounts {
		if (area{places: []place{{path: path.Clean("/" + m.Target)}}}).meets(area{places: []place{{path: o.Path}}}) != apart {
			return false // what it did there is not in the image
		}
	}
	for _, c := range slices.Backward(script.Commands) {
		from, elsewhere := copiedTo(s, c, o.Path)
		switch {
		case from != "" && c.Depth == 0 && c.Op != "||":
			o.Path, o.Owner = from, o.Owner || s.User.Text != "" && !images.IsRoot(s.User.Text)
			_, _, sets := c.GivesFiles()
			o.Owner, o.Mode = o.Owner || sets, o.Mode || sets
		case elsewhere, len(c.MakesDirs()) > 0 && makesDirsOutside(s, c, o.Path):
		case sparesPath(s, c, o.Path):
		case c.ChangesOwner():
			o.Owner = true
		case c.ChangesMode():
			o.Mode = true
		default:
			return false
		}
	}
	return true
}

// makesDirsOutside reports whether all directories that the command makes surely lie outside of the path, which may be a folder.
func makesDirsOutside(s *stages.Step, c *shell.Command, name string) bool {
	dir := workingDir(s, c)
	return !slices.ContainsFunc(c.MakesDirs(), func(w shell.Word) bool {
		made := absolute(dir, w.Text)
		return !w.Literal || !path.IsAbs(made) || below(made, name)
	})
}

// below reports whether the path lies in the folder.
func below(name, dir string) bool { return name != dir && inside(name, dir) }

// sparesPath reports whether a command surely writes nothing at the path. What packages of the system own is not looked for
// outside its folders; other installs write where variables say, as GOBIN and UV_PROJECT_ENVIRONMENT.
func sparesPath(s *stages.Step, c *shell.Command, name string) bool {
	t := touchOf(s, c.Expand(func(w shell.Word) (string, bool) {
		return "https://" + w.Text, strings.HasSuffix(strings.ToUpper(strings.Trim(w.Text, "${}")), "URL") // no option
	}))
	if _, installs := c.Install(); installs || t.unknown || t.writes.all || t.writes.global && !isSystem(c) {
		return false
	}
	if !shell.InSystem(name) && !shell.InGlobal(name) {
		t.writes.system, t.writes.global = false, false
	}
	return area{places: []place{{path: name}}}.meets(t.writes) == apart
}

// copiedTo is the file that a command has copied to the path, as its words tell: cp a b /to/. elsewhere says that it surely
// copies to other paths only.
func copiedTo(s *stages.Step, c *shell.Command, name string) (from string, elsewhere bool) {
	words, to, ok := c.Copies()
	if !ok || c.InSubst || !to.Literal || len(c.Moves()) > 0 || len(c.Redirects) > 0 {
		return "", false
	}
	dir := workingDir(s, c)
	dest := absolute(dir, to.Text)
	elsewhere = len(words) > 1 || strings.HasSuffix(to.Text, "/") // it is a folder
	for _, w := range words {
		source := absolute(dir, w.Text)
		at := path.Join(dest, path.Base(source))
		switch {
		case !w.Literal, !path.IsAbs(source):
			return "", false
		case at == name, dest == name && path.Base(source) == path.Base(name) && path.Ext(name) != "":
			return source, false
		case copies.Below(name, at), copies.Below(at, name):
			return "", false
		}
	}
	return "", elsewhere
}

func absolute(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}
