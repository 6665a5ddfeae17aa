package sources

// script is a text of a shell that may build images: a file, the lines of a recipe, a step of CI.
type script struct {
	text string // with unknown for what the source's own language did not tell
	// line is the line of the source on which a line of the text stands; both count from 1.
	line func(n int) int
	name string // what builds are called: the job, the target, the script
	file string // the script itself, relative to the root, which $0 stands for; "" for a text of another source
	// dirs are the folders in which it may be run, relative to the root. If there are several, a build is the
	// one whose Dockerfile is there; if more than one fits, that is a note. None: it is not known.
	dirs []string
	vars map[string]string // variables that are set before; unknown if their value is not known
	// dev: it is for developing or testing, by its name.
	dev bool
	// first: it is what runs if nothing is named.
	first bool
	// released: what it pushes is what users get.
	released bool
}
