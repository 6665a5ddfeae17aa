package shell

// Effects is what running a command does to its surroundings, as the table of programs knows it. Of a
// program, or a use of it, that is not in the table nothing is known: it may read and write anything.
type Effects struct {
	Known   bool
	Reads   Paths
	Writes  Paths
	Vars    Vars // the environment that it looks at, beside what its words expand
	Network bool
	Shell   ShellChange
	Users   []Word // the users and groups that it makes
	Cost    Cost
}

// Paths is a set of paths of the image. The zero value is empty.
type Paths struct {
	All    bool   // any path may be in it
	Tree   bool   // the directory that the command works in, with all below
	System bool   // what packages own: see InSystem
	Home   bool   // the home directory of the user, with all below
	Words  []Word // paths as they are written, relative to the command's directory; with all below them
}

// Vars is a set of environment variables. The zero value is empty.
type Vars struct {
	All      bool     // any variable may be in it
	Names    []string // sorted
	Prefixes []string // of names, sorted
}

// ShellChange is what a command changes for those after it in the same shell.
type ShellChange uint8

// The changes.
const (
	ChangesDir     ShellChange = 1 << iota // cd, pushd, popd
	ChangesOptions                         // set -e, shopt, umask, trap
	ChangesVars                            // export, X=1, unset, read
	ChangesOther                           // ., source, eval, alias: anything
	EndsShell                              // exit, exec PROGRAM: nothing after it runs
)

// Effects says what the command does.
func (c *Command) Effects() Effects { return Effects{} }
