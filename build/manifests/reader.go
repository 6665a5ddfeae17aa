package manifests

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/internal/words"
)

// Bounds: a context that goes beyond them is legal, but not worth a longer look.
const (
	maxFiles  = 2000 // files in a list, and members of a workspace
	maxFolder = 100  // files of a folder that is read as a whole
	maxDepth  = 50   // manifests that name manifests
)

// A reader collects what one install reads. It trusts nothing: whatever it cannot follow to the end
// is recorded as a doubt.
type reader struct {
	c       *files.Context
	dir     string
	inst    *shell.Install
	eco     ecosystem
	workdir string // the install's directory in the image; may be empty
	env     []Var

	manifests, locks, others []string
	seen                     map[string]bool
	folders                  []string
	outputs                  []string
	writes                   []string
	scripts                  []Script
	vars                     map[string]bool
	anyVar                   bool
	why                      string // the first doubt, or what makes a move impossible
	isNever                  bool
}

func newReader(c *files.Context, dir string, inst *shell.Install, eco ecosystem) *reader {
	r := &reader{c: c, dir: path.Clean(dir), inst: inst, eco: eco, seen: map[string]bool{}, vars: map[string]bool{}}
	return r
}

// fill notes the directories that the install fills: those that its options name, or else those of
// its ecosystem.
func (r *reader) fill() {
	for _, out := range r.inst.Outputs {
		r.target(out)
	}
	if len(r.inst.Outputs) == 0 {
		for _, out := range r.eco.outputs {
			r.output(out)
		}
	}
}

// target notes a directory that an option of the command names.
func (r *reader) target(out string) {
	switch p, ok := r.toDir(out); {
	case strings.Contains(out, "$") || !ok:
		r.doubt("it is not known whether %s is among the copied files", out)
	case r.in(p) == ".":
		r.doubt("%s installs into the directory of the sources", r.inst.Phrase)
	default:
		r.output(p)
	}
}

// toDir makes a path of the command line relative to the install's directory. It cannot if the path
// is absolute and the image's directory is not known.
func (r *reader) toDir(p string) (string, bool) {
	if !path.IsAbs(p) {
		return p, true
	}
	if !path.IsAbs(r.workdir) {
		return "", false
	}
	up := ""
	for dir := path.Clean(r.workdir); ; dir, up = path.Dir(dir), up+"../" {
		if dir == path.Clean(p) {
			return path.Clean(up + "."), true
		}
		if rest, ok := strings.CutPrefix(path.Clean(p), strings.TrimSuffix(dir, "/")+"/"); ok {
			return up + rest, true
		}
	}
}

func (r *reader) inputs() Inputs {
	in := Inputs{
		Files:   slices.Concat(r.manifests, r.locks, r.others),
		Folders: r.folders, Outputs: r.outputs, Writes: r.writes, Scripts: r.scripts,
		Vars: sortedKeys(r.vars), AnyVar: r.anyVar,
		Why: r.why, Never: r.isNever,
	}
	if len(in.Files) == 0 && in.Why == "" {
		in.Why = "the build context has nothing that " + r.inst.Phrase + " is known to read"
	}
	in.Proven = in.Why == ""
	for _, out := range r.outputs {
		for p := out; p != "."; p = path.Dir(p) {
			if e, ok := r.c.Lookup(p); ok && isLink(e) && !e.Ignored {
				in.OutputIsLink = p
				return in
			}
		}
	}
	return in
}

// doubt records why the list may not be complete. The first doubt is the one that is told.
func (r *reader) doubt(format string, args ...any) {
	if r.why == "" {
		r.why = reason(format, args...)
	}
}

// never records why the install cannot run before the sources are there. It outranks all doubts.
func (r *reader) never(format string, args ...any) {
	if !r.isNever {
		r.isNever, r.why = true, reason(format, args...)
	}
}

// reason formats a reason as one line of bearable length: names from manifests may be anything.
func reason(format string, args ...any) string {
	line := strings.Join(strings.FieldsFunc(fmt.Sprintf(format, args...), unicode.IsControl), " ")
	return words.Shorten(line, 200)
}

// in is the path of a name in the install's directory, in the context's terms.
func (r *reader) in(name string) string { return path.Join(r.dir, name) }

// output notes a directory that the install fills, relative to its directory. Those outside the
// context are nobody's business.
func (r *reader) output(name string) {
	if p := r.in(name); !path.IsAbs(name) && inside(p) && p != "." && !slices.Contains(r.outputs, p) {
		r.outputs = append(r.outputs, p)
	}
}

// plain lists what a row of the table names, for the ecosystems that nothing more is known of.
func (r *reader) plain() {
	r.row()
	r.doubt("it is not certain which other files %s reads", r.inst.Phrase)
}

// row lists the files of the ecosystem's row, and reports whether there is a manifest.
func (r *reader) row() bool {
	for _, name := range r.eco.manifests {
		r.pattern(&r.manifests, r.in(name))
	}
	for _, name := range r.eco.locks {
		r.pattern(&r.locks, r.in(name))
	}
	for _, name := range r.eco.extra {
		r.pattern(&r.others, r.in(name))
	}
	for _, name := range r.eco.above {
		r.upwards(&r.others, name)
	}
	return len(r.manifests) > 0
}

// named lists the files that options of the command name.
func (r *reader) named() {
	for _, w := range r.inst.Files {
		if r.eco.name == "dotnet" {
			break // they may be directories
		}
		if p, ok := r.operand(w); ok {
			r.require(&r.manifests, p, "the command")
		}
	}
	if cmd := r.inst.Command; cmd != nil {
		for _, redirect := range cmd.Redirects {
			if strings.HasPrefix(redirect.Op, "<") && !strings.HasPrefix(redirect.Op, "<<") {
				r.doubt("%s reads %s", r.inst.Phrase, redirect.Target.Text)
			}
		}
	}
}

// operand is the path that a word of the command names. Without ok the doubt is recorded.
func (r *reader) operand(w shell.Word) (p string, ok bool) {
	switch {
	case !w.Literal:
		r.doubt("the name %s is known at build time only", w.Text)
	case isURL(w.Text):
		return "", false
	}
	if p, ok = r.toDir(w.Text); !ok {
		r.doubt("%s is named by its absolute path", w.Text)
		return "", false
	}
	return r.in(p), true
}

// flag reports whether the command has one of the flags.
func (r *reader) flag(names ...string) bool {
	return r.inst.Command != nil && r.inst.Command.HasFlag(names...)
}

// values are those of all the flags that the command has, as far as they are separate words or
// follow an equals sign.
func (r *reader) values(names ...string) (values []string) {
	if r.inst.Command == nil {
		return nil
	}
	words := r.inst.Command.Words
	for i, w := range words {
		name, value, joined := strings.Cut(w.Text, "=")
		if !slices.Contains(names, name) {
			continue
		}
		if !joined && i+1 < len(words) {
			value = words[i+1].Text
		}
		values = append(values, value)
	}
	return values
}

// value is the value of the first of the flags that the command has.
func (r *reader) value(names ...string) (shell.Word, bool) {
	if r.inst.Command == nil {
		return shell.Word{}, false
	}
	return r.inst.Command.Flag(names...)
}

// program is the command's program, e.g. "uv".
func (r *reader) program() string {
	if r.inst.Command == nil {
		return ""
	}
	return r.inst.Command.Program
}

// sub is the n-th operand of the command, from 0: the sub-command, and its own.
func (r *reader) sub(n int) string {
	if r.inst.Command == nil {
		return ""
	}
	operands := r.inst.Command.Operands()
	if n >= len(operands) {
		return ""
	}
	return operands[n].Text
}

// add puts a file into the list if COPY would deliver it: it exists and is not ignored.
func (r *reader) add(list *[]string, p string) bool {
	p = path.Clean(p)
	if r.seen[p] {
		return true
	}
	if !inside(p) || !r.there(p) {
		return false
	}
	if len(r.seen) >= maxFiles {
		r.doubt("there are more than %d files to read", maxFiles)
		return false
	}
	r.seen[p] = true
	*list = append(*list, p)
	return true
}

// there reports whether the path is a file that COPY delivers.
func (r *reader) there(p string) bool {
	e, ok := r.c.Lookup(p)
	if !ok {
		r.behindLink(p)
		return false
	}
	if e.Ignored || e.Mode.IsDir() {
		return false
	}
	_, ok = r.resolve(e)
	return ok
}

// resolve is the regular file that an entry is or leads to. COPY of a link by its name copies the
// file behind it, so that must be in the context too.
func (r *reader) resolve(e files.Entry) (string, bool) {
	first := e
	for range 10 {
		if !isLink(e) {
			return e.Path, e.Mode.IsRegular()
		}
		to := path.Join(path.Dir(e.Path), e.Link)
		if path.IsAbs(e.Link) || !inside(to) || !r.c.Exists(to) {
			break
		}
		e, _ = r.c.Lookup(to)
	}
	r.doubt("%s is a link to %s, which the build context does not have", first.Path, first.Link)
	return "", false
}

// behindLink records a doubt if a part of the path is a link: COPY of the file would make a
// directory where the link belongs.
func (r *reader) behindLink(p string) {
	for up := path.Dir(p); up != "." && up != "/"; up = path.Dir(up) {
		if e, ok := r.c.Lookup(up); ok && isLink(e) && !e.Ignored {
			r.doubt("%s lies behind the link %s", p, up)
			return
		}
	}
}

// require adds a file that another one names, and doubts the list if it is not there.
func (r *reader) require(list *[]string, p, by string) bool {
	p = path.Clean(p)
	switch {
	case !inside(p):
		r.doubt("%s names a file outside of the build context", by)
	case r.add(list, p):
		return true
	default:
		r.doubt("%s names %s, which the build context does not have", by, p)
	}
	return false
}

// pattern adds a file, the files that match a pattern in its last part, or a folder with all below.
func (r *reader) pattern(list *[]string, name string) {
	if dir, ok := strings.CutSuffix(name, "/"); ok {
		r.folder(list, dir)
		return
	}
	if !strings.ContainsAny(name, "*") {
		r.add(list, name)
		return
	}
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	if strings.Contains(dir, "*") {
		parent := path.Dir(dir)
		for _, e := range r.c.List(parent) {
			if ok, _ := path.Match(path.Base(dir), path.Base(e.Path)); ok && e.Mode.IsDir() && !e.Ignored {
				r.pattern(list, path.Join(e.Path, base))
			}
		}
		return
	}
	for _, e := range r.c.List(dir) {
		if ok, _ := path.Match(base, path.Base(e.Path)); ok {
			r.add(list, e.Path)
		}
	}
}

// folder adds all files below a directory, if there are not too many to name them one by one.
func (r *reader) folder(list *[]string, dir string) {
	e, ok := r.c.Lookup(dir)
	if !ok || e.Ignored && !e.Mode.IsDir() {
		return
	}
	if isLink(e) {
		r.doubt("%s is a link", dir)
		return
	}
	found := r.below(dir)
	if len(found) > maxFolder {
		r.never("%s reads %s, which has more than %d files", r.inst.Phrase, dir, maxFolder)
		return
	}
	for _, p := range found {
		r.add(list, p)
	}
}

// below are the paths of the files below a directory, at most one more than maxFolder.
func (r *reader) below(dir string) (found []string) {
	for _, e := range r.c.List(dir) {
		switch {
		case len(found) > maxFolder:
			return found
		case e.Mode.IsDir():
			found = append(found, r.below(e.Path)...)
		case !e.Ignored:
			found = append(found, e.Path)
		}
	}
	return found
}

// upwards adds the files of that name in the install's directory and in all above it.
func (r *reader) upwards(list *[]string, name string) {
	for dir := range r.parents() {
		r.add(list, path.Join(dir, name))
	}
}

// parents are the install's directory and those above it, up to the context's root.
func (r *reader) parents() func(func(string) bool) {
	return func(yield func(string) bool) {
		for dir := r.dir; inside(dir); dir = path.Dir(dir) {
			if !yield(dir) || dir == "." {
				return
			}
		}
	}
}

// nearest is the first of the directories upwards that has one of the files.
func (r *reader) nearest(names ...string) (dir string, ok bool) {
	for dir := range r.parents() {
		for _, name := range names {
			if r.c.Exists(path.Join(dir, name)) {
				return dir, true
			}
		}
	}
	return "", false
}

// lockWritten notes the lock files that the install may write, and records a doubt if one is in the
// context. One that is not there is no loss: the copy that follows brings none. name is that of the
// first one, if the ecosystem's row does not say.
func (r *reader) lockWritten(name ...string) {
	if r.inst.Frozen {
		return
	}
	for _, lock := range r.locks {
		r.write(lock)
	}
	if len(r.locks) > 0 {
		r.doubt("%s may rewrite %s", r.inst.Phrase, r.locks[0])
		return
	}
	for _, lock := range slices.Concat(name, r.eco.locks) {
		if lock = r.in(lock); inside(lock) {
			r.write(lock)
			return
		}
	}
}

// reads notes a directory that another file names and the install reads as a whole.
func (r *reader) reads(dir string) {
	p := path.Clean(dir)
	if e, ok := r.c.Lookup(p); p != "." && (!ok || e.Ignored && !e.Mode.IsDir()) {
		return
	}
	if inside(p) && len(r.folders) < maxFiles && !slices.Contains(r.folders, p) {
		r.folders = append(r.folders, p)
	}
}

func isLink(e files.Entry) bool { return e.Mode&fs.ModeSymlink != 0 }

// inside reports whether a clean path stays in the context.
func inside(p string) bool {
	return p != ".." && !strings.HasPrefix(p, "../") && !path.IsAbs(p)
}

func isURL(s string) bool { return strings.Contains(s, "://") }
