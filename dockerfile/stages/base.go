package stages

import (
	"maps"
	"slices"
	"strings"
)

// Base is what is known of an image that a stage builds on. Empty fields are not known.
type Base struct {
	Windows bool
	Workdir string
	User    string
	Shell   []string           // empty for the system's own
	Env     map[string]*string // the variables that it certainly sets; nil if the value is not known
}

// Image is what is known of an image, by its reference and a platform that may be empty.
func (g *Graph) Image(ref, platform string) (Base, bool) {
	if g.args.Image == nil {
		return Base{}, false
	}
	return g.args.Image(ref, platform)
}

var (
	linuxShell   = []string{"/bin/sh", "-c"}
	windowsShell = []string{"cmd", "/S", "/C"}
)

// defaultPath is the PATH that BuildKit gives Linux images which set none.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// startState is what is in effect after FROM.
func (g *Graph) startState(stage *Stage) InEffect {
	if stage.Parent != nil {
		stage.Windows = stage.Parent.Windows
		return stage.Parent.end
	}
	base := g.image(stage)
	stage.Windows = base.Windows
	return base.inEffect(stage.Scratch())
}

// image is what is known of the image that a stage builds on.
func (g *Graph) image(stage *Stage) Base {
	windows := strings.HasPrefix(stage.Platform, "windows")
	if stage.Scratch() || !stage.Base.Known {
		return Base{Windows: windows}
	}
	if b, ok := g.Image(stage.Base.Text, stage.Platform); ok {
		return b
	}
	return Base{Windows: windows || isWindowsImage(stage.Base.Text)}
}

// isWindowsImage goes by the name of an image of which nothing else is known.
func isWindowsImage(name string) bool {
	name = strings.ToLower(name)
	for _, mark := range []string{"windows", "nanoserver", "servercore", "dotnet/framework"} {
		if strings.Contains(name, mark) {
			return true
		}
	}
	return false
}

// inEffect is what a stage on the image starts with. scratch says that there is no image: what is not known
// is not there.
func (b Base) inEffect(scratch bool) InEffect {
	st := InEffect{Shell: linuxShell}
	if b.Windows {
		st.Shell = windowsShell
	}
	if len(b.Shell) > 0 {
		st.Shell, st.OwnShell = b.Shell, true
	}
	if b.User != "" {
		st.User = known(b.User)
	}
	if strings.HasPrefix(b.Workdir, "/") { // the directories of Windows are not followed
		st.Workdir = known(clean(b.Workdir))
	}
	if scratch {
		st.User = known("")
		st.Vars = &Scope{Name: "", Value: known("")} // marks that no other variables exist
		if !b.Windows {
			st.Workdir = known("/")
			st.Vars = st.Vars.define("PATH", known(defaultPath), true, nil)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Env)) {
		value := Value{}
		if text := b.Env[name]; text != nil {
			value = known(*text)
		}
		st.Vars = st.Vars.define(name, value, true, nil)
	}
	return st
}
