package security

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// useImageUser offers the unprivileged user that an image for programs brings along.
func useImageUser(p *diagnostics.Pass) []diagnostics.Fix {
	image, ok := images.Of(p.Stage)
	if !ok || len(image.Users) != 1 || image.Kind != images.Runtime && image.Kind != images.SDK {
		return nil
	}
	for name := range image.Users {
		return runAs(p, name)
	}
	return nil
}

// runAs adds a USER, and says what may not work then.
func runAs(p *diagnostics.Pass, name string) []diagnostics.Fix {
	fixes := insertUser(p, name)
	if doubts := ofRoot(p.Stage, name); len(doubts) > 0 {
		for i := range fixes {
			fixes[i].Title += " (check first: " + strings.Join(doubts, ", and ") + ")"
		}
	}
	return fixes
}

// ofRoot tells what belongs to root that the program may write or open: the first directory and the first
// port.
func ofRoot(s *stages.Stage, user string) (doubts []string) {
	var dirs, given []string
	port := ""
	low := func(list []string) {
		for _, p := range list {
			if number, _, _ := strings.Cut(strings.SplitN(p, "/", 2)[0], "-"); port == "" {
				if n, err := strconv.Atoi(number); err == nil && n < 1024 {
					port = number
				}
			}
		}
	}
	image, _ := images.Of(s)
	low(image.Expose)
	for _, stage := range s.Chain() {
		for _, step := range stage.Steps {
			switch c := step.Instr.Cmd().(type) {
			case *instructions.ExposeCommand:
				low(c.Ports)
			case *instructions.VolumeCommand:
				for _, dir := range c.Volumes {
					if v := step.Expand(dir); v.Known {
						dirs = append(dirs, pathAt(step, v.Text))
					}
				}
			case *instructions.CopyCommand:
				if of(c.Chown, user) {
					if copied, ok := copies.Of(step); ok {
						given = append(given, copied.Dest)
					}
				}
			case *instructions.RunCommand:
				made, owned := directories(step, user)
				dirs, given = append(dirs, made...), append(given, owned...)
			}
		}
	}
	for _, dir := range dirs {
		if !under(dir, given) && !under(dir, systemFolders) {
			doubts = append(doubts, dir+" belongs to root")
			break
		}
	}
	if port != "" {
		doubts = append(doubts, fmt.Sprintf("on some systems only root may open port %s", port))
	}
	return doubts
}

// directories are those that a RUN of root makes, and those that it gives to the user.
func directories(s *stages.Step, user string) (made, given []string) {
	add := func(list *[]string, words []shell.Word) {
		for _, w := range words {
			if w.Literal {
				*list = append(*list, pathAt(s, w.Text))
			}
		}
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if !s.User.Known || isRoot(s.User) {
			add(&made, c.MakesDirs())
		}
		if owner, files, ok := c.GivesFiles(); ok && of(owner.Text, user) {
			add(&given, files)
		}
	}
	return made, given
}

// of reports whether an owner, as chown and COPY --chown write it, is the user.
func of(owner, user string) bool {
	name, _, _ := strings.Cut(strings.Trim(owner, `"'`), ":")
	return name == user
}

// pathAt is a path of the image as the step sees it, as far as its directory is known.
func pathAt(s *stages.Step, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(s.Workdir.Text, name)
}

func under(dir string, list []string) bool {
	for _, top := range list {
		if dir == top || strings.HasPrefix(dir, strings.TrimSuffix(top, "/")+"/") {
			return true
		}
	}
	return false
}

// systemFolders are those that programs do not write to, or that anyone may.
var systemFolders = []string{"/bin", "/etc", "/lib", "/opt", "/proc", "/root", "/sbin", "/sys", "/tmp", "/usr", "/var/tmp"}
