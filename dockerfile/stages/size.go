package stages

import (
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// maxValue and maxValues bound, in bytes, one variable and all that is made of a file: its instructions with their
// variables replaced, and what its commands are given. BuildKit has no bounds: ENV A=$A$A doubles with each line,
// and 40 of them would take all memory.
const (
	maxValue  = 64 << 10
	maxValues = 64 << 20
)

// Explodes reports whether what the file makes of its variables, directories, users and shells may be too large,
// so that it must not be given to BuildKit. It takes each value for the largest that a variable of that name may
// have so far.
func (g *Graph) Explodes() bool {
	s := sizes{of: map[string]int{}}
	for name, value := range g.args.Build {
		s.of[name] = len(value)
	}
	for _, step := range g.Global {
		s.add(step)
	}
	ends := make([]given, len(g.Stages))
	for _, stage := range g.Stages {
		s.given = given{}
		if stage.Parent != nil {
			s.given = ends[stage.Parent.Index]
		}
		for _, step := range stage.Triggers(g) {
			s.add(step)
		}
		for _, step := range stage.Steps {
			s.add(step)
		}
		if ends[stage.Index] = s.given; s.exceeded {
			return true
		}
	}
	return s.exceeded
}

// given is how many bytes each command is given beside its own text.
type given struct{ environment, directory, user, shell int }

// sizes adds up what variables become.
type sizes struct {
	given
	of       map[string]int // the largest value of each variable so far
	total    int            // of all instructions so far
	exceeded bool
}

func (s *sizes) add(step *Step) {
	if s.exceeded {
		return
	}
	in := step.Instr
	replaced := replaces(in.Text)
	for _, d := range step.Defines() {
		size := len(in.Text)
		for _, name := range d.Uses {
			if replaced {
				size *= 1 + s.of[name]
			} else {
				size += s.of[name]
			}
			if size > maxValue {
				s.exceeded = true
				return
			}
		}
		s.of[d.Name] = max(s.of[d.Name], size)
		s.environment += s.of[d.Name]
	}
	size := len(in.Text)
	for _, name := range step.Uses() {
		times := strings.Count(in.Text, name)
		if replaced {
			times *= len(in.Text)
		}
		size += times * s.of[name]
	}
	switch c := in.Cmd().(type) {
	case *instructions.WorkdirCommand:
		if strings.HasPrefix(c.Path, "/") {
			s.directory = 0
		}
		s.directory += size
		size += s.directory
	case *instructions.UserCommand:
		s.user = size
	case *instructions.ShellCommand:
		s.shell = size
	case *instructions.RunCommand:
		size += s.environment + s.directory + s.user + s.shell
	case *instructions.CopyCommand, *instructions.AddCommand:
		size += s.directory
	}
	s.total += size
	s.exceeded = s.total > maxValues
}

// replacement is the beginning of ${A//x/$B}, which may put B in many places.
var replacement = regexp.MustCompile(`\$\{\w+/`)

func replaces(text string) bool {
	return strings.Contains(text, "${") && replacement.MatchString(text)
}

// Depths adds up, over all steps, how many steps stand above them, in their stage and those that it builds on.
// BuildKit's work on a file grows with it: for a step it looks through those above.
func (g *Graph) Depths() (sum int) {
	ends := make([]int, len(g.Stages))
	for _, stage := range g.Stages {
		above := 0
		if stage.Parent != nil {
			above = ends[stage.Parent.Index]
		}
		n := len(stage.Steps)
		sum += n*above + n*(n-1)/2
		ends[stage.Index] = above + n
	}
	return sum
}
