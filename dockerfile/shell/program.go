package shell

import "strings"

// program is a row of the table. Lists of options, sub-commands and variables are strings of words.
type program struct {
	name    string
	aliases string // other names of it, and programs that are used in the same way
	kind    kind

	takes  string   // options that take a value: a name, a number, an address
	reads  string   // options whose value is a path that it reads
	writes string   // options whose value is a path that it writes
	logs   string   // those of writes whose value is one file beside its results: a log, a report
	dir    string   // options whose value is the directory that it works in
	means  meanings // what else options mean that somebody asks for

	long string // of one that abbreviates: other long options, which somebody asks for, or with whose whole names others begin

	vars string // variables that it looks at; NAME_* stands for a prefix, * for all
	uses []use  // the first that fits tells what the command does; if none does, it is not known

	users    string                       // that a server works as by itself
	compiled string                       // options and endings of files that say that it runs what was compiled before, for which the runtime is enough
	serves   string                       // an option with which it is a server that works as another user
	named    string                       // sub-commands that install packages by name
	tells    string                       // uses that print a folder in which it installs for the whole image: "root -g|root --global"
	prunes   string                       // sub-commands that remove development dependencies
	needs    string                       // files of which one must be in the directory
	language string                       // of which it is the interpreter
	inline   string                       // of an interpreter: the option whose value is a script
	modules  string                       // of an interpreter: the option whose value is a module that it runs
	script   string                       // of a switcher: options whose value is a script for the shell
	tls      *certificates                // how it stops to check certificates; nil: it is not known
	unsigned *certificates                // of a package manager: how it stops to check signatures
	secrets  []secretWords                // in which words it is given credentials
	fetches  *downloading                 // how it downloads by address; nil: it does not
	extra    func(c *Command, e *Effects) // what data cannot say
	install  func(*call) *Install         // how it reads manifests, or builds
	packages *manager                     // of the operating system's packages; nil: it is none
	before   int                          // of a wrapper: operands before the command

	sets    string // of a builtin: variables that it sets by itself
	names   where  // of a builtin: operands that are names of variables which it sets
	namedBy string // options whose value is the name of a variable that it sets
	asks    string // options whose value is the name of a variable that it looks at
}

// use is one way to call a program.
type use struct {
	sub    string // the first operands that choose it, with | between alternatives: "install|config set"; "" fits all
	with   string // if not empty, one of these options must be given
	reads  where
	writes where
	looks  string // files of the directory that it reads, if they are there
	keeps  string // files of the directory that it writes
	net    bool
	lists  bool // it lists whole directories
	cost   Cost
	shell  ShellChange
	vars   string // beside those of the program
}

// kind is what sort of program it is.
type kind uint64

const (
	builtin         kind = 1 << iota // a part of the shell: it looks at no environment
	shellKind                        // sh and its like
	interpreter                      // of another language
	wrapper                          // runs the command that its arguments hold
	switcher                         // a wrapper that runs it as another user
	oneDash                          // long options have one dash: go, terraform
	noCluster                        // -abc is one option: mvn, gradle
	refreshes                        // renews expired package lists by itself
	lister                           // lists or hashes directories, whatever is in them
	remover                          // rm
	mover                            // mv
	owner                            // chown
	giver                            // install: -o names an owner
	sourcer                          // .
	evaluator                        // eval
	exporter                         // export
	userMaker                        // useradd: its operands are users
	accounts                         // it changes users and groups, which only root may
	settings                         // it changes settings of the system, and installs nothing
	scripts                          // it runs scripts of a package.json
	fromInput                        // it makes commands of its input: xargs
	daemon                           // a server that, started as root, works as another user by itself
	supervisor                       // it starts others, and may do so as another user
	rootOnly                         // it changes the network or mounts of the machine, which only root may
	dropper                          // made for entrypoints that give up root
	repl                             // without arguments it waits for what someone types
	devTool                          // it is a development dependency, or needs them
	gems                             // its groups of packages are those of a Gemfile
	packageRunner                    // its first operand is a program of a package: npx
	runsTools                        // a sub-command that it has not got is a program of a package: yarn
	ownVars                          // it reads no variables but its own
	succeeds                         // it always succeeds
	dirMaker                         // mkdir
	keepsUser                        // its words may name users, but nothing switches to them because of it
	standalone                       // what it builds runs without it and without the sources
	messages                         // its words are text, never options that name files
	changer                          // it changes what is there, and makes nothing: chmod
	linker                           // ln
	waiter                           // it waits for what runs in the background
	entersDir                        // cd, pushd: its operand is where those after it work
	leavesDir                        // popd
	optionSetter                     // set
	finder                           // command: -v and -V ask where a program is, and run nothing
	setsVars                         // a wrapper: NAME=VALUE before the command is of its environment
	endsShell                        // a wrapper that takes the shell's place: exec
	otherRoot                        // a wrapper whose command has other paths: chroot
	setsAny                          // it may set any variable of its shell: eval, trap
	callsBuiltin                     // a wrapper that may call parts of the shell: command, builtin
	applets                          // it is many programs by their names, a shell among them: busybox
	verifier                         // it compares files with checksums or signatures
	unpacker                         // it takes files apart, and fails if they are of another kind
	runsServices                     // its operands are a service and what to do with it: service
	managesServices                  // its operands are what to do and services: systemctl
	printer                          // it prints its words, or what the system is: it has no reason to fail
	abbreviates                      // a long option may be cut short, as long as no other one begins so: see whole
	forLater                         // it only changes its shell, for what runs there after it: export, umask
)

// where is a place that a use reads or writes.
type where uint16

const (
	everything where = 1 << iota
	tree
	system
	global
	home
	operands // all operands behind the sub-command
	first
	butFirst
	last
	butLast
	files  // those operands that look like a file: ./x, /x, x.deb, x.whl, $x
	beside // the directories that the operands are in
)

// index finds a row by a name or alias.
var index map[string]*program

func init() {
	index = make(map[string]*program, 3*len(programs))
	for i := range programs {
		p := &programs[i]
		index[p.name] = p
		for _, alias := range strings.Fields(p.aliases) {
			index[alias] = p
		}
	}
}

// lookup is the row of the program; nil if there is none. Versions in a name do not count: pip3.11, gcc-12.
func lookup(name string) *program {
	if p := index[name]; p != nil {
		return p
	}
	short := strings.TrimRight(strings.TrimRight(name, "0123456789."), "-")
	if short == name || short == "" {
		return nil
	}
	return index[short]
}

// IsProgram reports whether the name is one of the table.
func IsProgram(name string) bool { return lookup(name) != nil }

// noProgram is the row of programs that are not in the table.
var noProgram = &program{}

// row is the row of the table by which the command is read: that of MODULE for python -m MODULE.
func (c *Command) row() *program {
	c.found.Do(func() { c.rowOf = c.findRow() })
	return c.rowOf
}

func (c *Command) findRow() *program {
	p := lookup(c.Program)
	if p == nil {
		return noProgram
	}
	if name, ok := c.module(p); ok {
		if module := lookup(name); module != nil {
			return module
		}
	}
	return p
}

// module is the name of the module that the interpreter of the row is told to run: MODULE of python -m MODULE.
func (c *Command) module(p *program) (name string, ok bool) {
	if p.modules == "" || len(c.Words) < 3 || c.Words[1].Text != p.modules {
		return "", false
	}
	return c.Words[2].Text, true
}

// isModule reports whether the row is that of MODULE in python -m MODULE, the first operand.
func (c *Command) isModule(p *program) bool { return p != noProgram && p != lookup(c.Program) }

// is reports whether the command's program is of the kind.
func (c *Command) is(k kind) bool { return c.row().kind&k != 0 }

// takesValue reports whether the option takes its next word.
func (p *program) takesValue(flag string) bool {
	return listed(p.takes, flag) || listed(p.reads, flag) || listed(p.writes, flag) || listed(p.dir, flag)
}

// listed reports whether the word is one of the list.
func listed(list, word string) bool {
	if word == "" || strings.Contains(word, " ") {
		return false
	}
	for end := 0; ; {
		at := strings.Index(list[end:], word) + end
		if at < end {
			return false
		}
		end = at + len(word)
		if (at == 0 || list[at-1] == ' ') && (end == len(list) || list[end] == ' ') {
			return true
		}
	}
}

// fits reports whether the command is used in this way, and how many operands are the sub-command.
func (u *use) fits(c *Command, operands []Word) (subs int, ok bool) {
	if u.with != "" && !c.hasListed(u.with) {
		return 0, false
	}
	if u.sub == "" {
		return 0, true
	}
	for rest := u.sub; rest != ""; {
		var sub string
		sub, rest, _ = strings.Cut(rest, "|")
		one, two, both := strings.Cut(sub, " ")
		switch {
		case len(operands) == 0 || operands[0].Text != one:
		case !both:
			return 1, true
		case len(operands) > 1 && operands[1].Text == two:
			return 2, true
		}
	}
	return 0, false
}

// use is the way in which the program is used, and how many operands are its sub-command; nil if it is
// none that is known.
func (c *Command) use(p *program, operands []Word) (u *use, subs int) {
	for n := range p.uses {
		if subs, ok := p.uses[n].fits(c, operands); ok {
			return &p.uses[n], subs
		}
	}
	return nil, 0
}
