package shell

import (
	"path"
	"slices"
	"strings"
	"sync"
)

// Effects is what running a command does to its surroundings, as the table of programs knows it. Of a
// program, or a use of it, that is not in the table nothing is known: it may read and write anything,
// and All is set everywhere. What every program needs is not counted: its libraries, the clock, and its own file
// where PATH finds it; ./configure and bin/console read theirs, and so does php the script that it runs.
//
// An install by manifest reads Tree; what its manifests name beyond that, package build/manifests knows.
// That cd needs its directory is not counted: ChangesDir says so.
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
	All    bool // any path may be in it
	Tree   bool // the directory that the command works in, with all below
	System bool // what packages of the operating system own: see InSystem
	Global bool // where tools of a language install for the whole image: see InGlobal
	Home   bool // the home directory of the user, with all below
	// Words are paths as they are written, relative to the command's directory, with all below them. A word
	// may be a name that the program derives from one of the command (from an address), and has an empty span
	// if it is a name that the program looks for by itself (.npmrc).
	Words []Word
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
	ChangesOptions                         // set -e, shopt, umask
	ChangesVars                            // export, X=1, unset, read
	ChangesOther                           // ., source, eval, alias: anything
	EndsShell                              // exit, exec PROGRAM: nothing after it runs
	RunsAtExit                             // trap: commands that run when the shell ends
)

// Has reports whether the command may look at the variable.
func (v Vars) Has(name string) bool {
	if _, ok := slices.BinarySearch(v.Names, name); ok || v.All {
		return true
	}
	return slices.ContainsFunc(v.Prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// Empty reports whether no path is in the set.
func (p Paths) Empty() bool {
	return !p.All && !p.Tree && !p.System && !p.Global && !p.Home && len(p.Words) == 0
}

// Effects says what the command does. The result is kept with the command, and not the caller's to
// change. Give it a command whose variables are expanded as far as they are known (see Expand): a word
// that may stand for options makes the effects unknown.
func (c *Command) Effects() Effects {
	c.effected.Do(func() { c.effects = c.readEffects() })
	return c.effects
}

func (c *Command) readEffects() Effects {
	var e Effects
	e.wrapped(c)
	switch p := c.row(); {
	case len(c.Words) == 0:
		e.Known = true
		if len(c.Assigns) > 0 {
			e.Shell |= ChangesVars
		}
	case c.Program == "":
		e.Shell |= ChangesOther
	case len(c.Words) == 2 && p != noProgram && (c.Words[1].Text == "--version" || c.Words[1].Text == "--help"):
		e.Known = true
	default:
		e.read(c, p)
	}
	if slices.ContainsFunc(c.Wrappers, func(name string) bool { return ofKind(name, otherRoot) }) {
		e.Known = false // its paths are those of another root
	}
	e.Cost = c.Cost()
	for _, w := range c.OwnFiles() {
		e.Reads.word(w)
	}
	e.redirects(c)
	e.patterns(c.items)
	if slices.ContainsFunc(c.Wrappers, func(name string) bool { return ofKind(name, switcher) }) {
		// The home is another one than that of the step's user.
		e.Reads.All = e.Reads.All || e.Reads.Home
		e.Writes.All = e.Writes.All || e.Writes.Home
	}
	if slices.ContainsFunc(e.Reads.Words, func(w Word) bool { return holdsEnvironment(path.Join(c.Dir, w.Text), w.Text) }) {
		e.Vars.All = true
	}
	if !e.Known {
		e.Reads.All, e.Writes.All, e.Vars.All, e.Network = true, true, true, true
	}
	return e
}

// wrapped adds what the wrappers do that were seen through.
func (e *Effects) wrapped(c *Command) {
	if slices.ContainsFunc(c.Wrappers, func(name string) bool { return ofKind(name, endsShell) }) {
		e.Shell |= EndsShell
	}
	for _, w := range c.wrote {
		e.Writes.word(w)
	}
}

// read adds what the row says.
func (e *Effects) read(c *Command, p *program) {
	args, words := c.arguments(), c.Operands()
	if p.kind&messages == 0 && slices.ContainsFunc(words, mayBeOptions) {
		if u, _ := c.use(p, words); u != nil {
			e.Shell |= u.shell
		}
		return
	}
	if c.isModule(p) && len(words) > 0 {
		words = words[1:] // python -m MODULE
	}
	if u, subs := c.use(p, words); u != nil {
		words := words[subs:]
		e.Known = true
		e.Network = u.net
		e.Shell |= u.shell
		e.Reads.add(u.reads, words)
		e.Writes.add(u.writes, words)
		e.Reads.names(u.looks)
		e.Writes.names(u.keeps)
		e.Vars.add(p.vars, u.vars, p.ambient(), u.ambient())
	}
	e.options(p, args)
	if p.kind&messages != 0 {
		e.patterns(words)
	}
	if p.extra != nil {
		p.extra(c, e)
	}
}

// patterns adds the files that the shell looks for to expand the words of a message: echo * tells their names.
func (e *Effects) patterns(words []Word) {
	for _, w := range words {
		if !w.Literal && strings.ContainsAny(w.Text, "*?[") && !strings.ContainsAny(w.Text, " \t\n") {
			e.Reads.word(w)
		}
	}
}

// options adds the paths that options name. An option that the table does not know may name any.
func (e *Effects) options(p *program, args []argument) {
	dir, moved := Word{}, false
	for _, a := range args {
		switch {
		case a.flag == "" || !a.has:
		case listed(p.reads, a.flag):
			e.Reads.word(a.value)
		case listed(p.writes, a.flag):
			e.Writes.word(a.value)
		case listed(p.dir, a.flag):
			dir, moved = a.value, true
		case p.kind&messages != 0, p.fetches != nil && listed(p.fetches.dir, a.flag):
		case !listed(p.takes, a.flag):
			e.Reads.word(a.value)
			e.Writes.word(a.value)
		case isPath(a.value.Text): // a shell, a socket
			e.Reads.word(a.value)
		default:
			e.setting(a.value)
		}
	}
	if moved {
		e.Reads.moveTo(dir)
		e.Writes.moveTo(dir)
	}
}

// setting adds the path of a value NAME=PATH, whatever for: apt-get -o Dir::Etc::sourcelist=./list, git -c
// include.path=/app/gitconfig.
func (e *Effects) setting(w Word) {
	if _, value, ok := strings.Cut(w.Text, "="); ok && isPath(value) {
		w.Text = value
		e.Reads.word(w)
		e.Writes.word(w)
	}
}

// moveTo makes the paths relative to dir, where the command works instead.
func (p *Paths) moveTo(dir Word) {
	if inToldFolder(dir.Text) {
		p.Words = slices.DeleteFunc(p.Words, func(w Word) bool { return !path.IsAbs(w.Text) && !strings.Contains(w.Text, "..") })
		p.Tree, p.Global, p.Home = false, true, true
		return
	}
	for i, w := range p.Words {
		if !path.IsAbs(w.Text) {
			p.Words[i].Text = path.Join(dir.Text, w.Text)
			p.Words[i].Literal = w.Literal && dir.Literal
		}
	}
	switch {
	case p.Tree:
		p.Tree = false
		p.Words = append(p.Words, dir)
	case p.Global:
		p.word(dir) // npm install -g --prefix DIR installs there
	}
}

// word adds a path; the standard streams and addresses are none.
func (p *Paths) word(w Word) {
	switch {
	case w.Text == "" || w.Text == "-" || slices.Contains(p.Words, w) || strings.HasPrefix(w.Text, "/dev/") || isAddress(w.Text):
	case inToldFolder(w.Text):
		p.Global, p.Home = true, true
	default:
		p.Words = append(p.Words, w)
	}
}

// inToldFolder reports whether a path begins with a command that prints where its program installs for the whole image:
// $(npm root -g)/pnpm.
func inToldFolder(name string) bool {
	rest, ok := strings.CutPrefix(name, "$(")
	if !ok || strings.Contains(name, "..") {
		return false
	}
	command, below, ok := strings.Cut(rest, ")")
	program, use, _ := strings.Cut(strings.TrimSpace(command), " ")
	if !ok || below != "" && below[0] != '/' || strings.Contains(below, "$") {
		return false
	}
	p := lookup(program)
	return p != nil && p.tells != "" && slices.Contains(strings.Split(p.tells, "|"), strings.TrimSpace(use))
}

func isAddress(s string) bool { return strings.Contains(s, "://") && !strings.HasPrefix(s, "file:") }

// names adds files that the command does not name itself.
func (p *Paths) names(list string) {
	for _, name := range strings.Fields(list) {
		p.word(Word{Text: name, Literal: true})
	}
}

// add adds the places of a use with the operands.
func (p *Paths) add(at where, words []Word) {
	p.All = p.All || at&everything != 0
	p.Tree = p.Tree || at&tree != 0
	p.System = p.System || at&system != 0
	p.Global = p.Global || at&global != 0
	p.Home = p.Home || at&home != 0
	for n, w := range words {
		end := n == len(words)-1
		if at&operands != 0 || at&first != 0 && n == 0 || at&butFirst != 0 && n > 0 || at&last != 0 && end || at&butLast != 0 && !end ||
			at&files != 0 && mayBeFile(w) {
			p.word(w)
		}
		if at&beside != 0 {
			w.Text = path.Dir(w.Text)
			p.word(w)
		}
	}
}

// mayBeFile reports whether an operand that names a package may be a file.
func mayBeFile(w Word) bool {
	if !w.Literal {
		return true
	}
	name, _, _ := strings.Cut(w.Text, "[")
	if isAddress(name) {
		return false
	}
	if name == "." || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "file:") || strings.HasPrefix(name, "~") {
		return true
	}
	switch path.Ext(name) {
	case ".apk", ".conda", ".deb", ".egg", ".gem", ".gz", ".rpm", ".tar", ".tgz", ".whl", ".xz", ".zip", ".zst", ".bz2", ".rock", ".nupkg":
		return true
	}
	return false
}

// mayBeOptions reports whether the word is an expansion that may stand for options, or for several words.
func mayBeOptions(w Word) bool {
	if w.Literal || w.Text == "" || w.Text[0] != '$' && w.Text[0] != '`' || w.Span.Len() == len(w.Text)+2 {
		return false
	}
	rest := w.Text[1:]
	switch {
	case w.Text[0] == '`':
		return strings.IndexByte(rest, '`') == len(rest)-1
	case strings.HasPrefix(rest, "{"):
		return strings.IndexByte(rest, '}') == len(rest)-1
	case strings.HasPrefix(rest, "("):
		return strings.HasSuffix(rest, ")")
	}
	return isName(rest) || rest == "@" || rest == "*"
}

// redirects adds the files of redirections.
func (e *Effects) redirects(c *Command) {
	for _, r := range slices.Concat(c.Redirects, c.outer) {
		switch r.Op {
		case "<":
			e.Reads.word(r.Target)
		case "<>":
			e.Reads.word(r.Target)
			e.Writes.word(r.Target)
		case ">", ">>", ">|", "&>", "&>>":
			e.Writes.word(r.Target)
		case ">&":
			if strings.Trim(r.Target.Text, "0123456789-") != "" {
				e.Writes.word(r.Target)
			}
		}
	}
}

// ambient are the variables that every program looks at.
func (p *program) ambient() string {
	if p.kind&builtin != 0 {
		return ""
	}
	return anyProgram
}

// ambient are the variables that every use of the network looks at.
func (u *use) ambient() string {
	if u.net {
		return proxies
	}
	return ""
}

// add adds lists of variables; see program.vars.
func (v *Vars) add(lists ...string) {
	more := varsOf(strings.Join(lists, " "))
	v.All = v.All || more.All
	v.Names = join(v.Names, more.Names)
	v.Prefixes = join(v.Prefixes, more.Prefixes)
}

// join is the sorted union of two sorted lists, neither of which it changes.
func join(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}

// readVars keeps the lists that were read.
var readVars sync.Map

// varsOf reads a list of variables, which few different ones are.
func varsOf(list string) Vars {
	if v, ok := readVars.Load(list); ok {
		return v.(Vars)
	}
	var v Vars
	for _, name := range strings.Fields(list) {
		switch prefix, ok := strings.CutSuffix(name, "*"); {
		case name == "*":
			v.All = true
		case ok:
			v.Prefixes = append(v.Prefixes, prefix)
		default:
			v.Names = append(v.Names, name)
		}
	}
	slices.Sort(v.Names)
	slices.Sort(v.Prefixes)
	v.Names, v.Prefixes = slices.Compact(v.Names), slices.Compact(v.Prefixes)
	readVars.Store(list, v)
	return v
}

// anyProgram are the variables that the libraries of every program look at; and SOURCE_DATE_EPOCH, the date
// of reproducible builds, which useradd, Python's compiler and many others write into files.
const anyProgram = "HOME LANG LANGUAGE LC_* LD_AUDIT LD_BIND_NOT LD_BIND_NOW LD_DEBUG LD_DEBUG_OUTPUT LD_DYNAMIC_WEAK LD_HWCAP_MASK " +
	"LD_LIBRARY_PATH LD_ORIGIN_PATH LD_POINTER_GUARD LD_PRELOAD LD_PROFILE LD_PROFILE_OUTPUT LD_SHOW_AUXV LD_TRACE_LOADED_OBJECTS " +
	"LD_USE_LOAD_BIAS LD_VERBOSE LD_WARN PATH SOURCE_DATE_EPOCH TMPDIR TZ"

// proxies are the variables that programs which use the network look at.
const proxies = "ALL_PROXY FTP_PROXY HTTPS_PROXY HTTP_PROXY NO_PROXY SSL_CERT_* all_proxy ftp_proxy http_proxy https_proxy no_proxy"
