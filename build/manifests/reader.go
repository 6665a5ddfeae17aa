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
	runsNothing              bool   // see Inputs
	why                      string // the first doubt, or what makes a move impossible
	unsure                   bool   // the list may not be complete
	isNever                  bool
	hidden                   string // the first manifest that the ignore file hides
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
		r.doubt("%s installs into the directory of the sources", words.Code(r.inst.Phrase))
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
		Vars: sortedKeys(r.vars), AnyVar: r.anyVar, RunsNothing: r.runsNothing,
		Why: r.why, Never: r.isNever,
	}
	if len(r.manifests) == 0 && r.hidden != "" {
		in.Hidden = r.hidden
	}
	if in.Hidden != "" && !in.Never {
		in.Why = reason("%s hides %s, which %s needs", r.ignoreFile(), r.hidden, words.Code(r.inst.Phrase))
	}
	if len(in.Files) == 0 && in.Why == "" {
		in.Why = "the build context has nothing that " + words.Code(r.inst.Phrase) + " is known to read"
	}
	in.Proven = in.Why == ""
	in.Complete = in.Proven || !r.unsure && !in.Never && in.Hidden == "" && len(in.Files) > 0
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
	r.unsure = true
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

// ignoreFile is what messages call the ignore file.
func (r *reader) ignoreFile() string {
	if r.c.Ignore == nil {
		return "the ignore file"
	}
	return path.Base(r.c.Ignore.Path)
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
	r.doubt("it is not known which other files %s reads", words.Code(r.inst.Phrase))
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
				r.doubt("%s reads %s", words.Code(r.inst.Phrase), redirect.Target.Text)
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

// has reports whether the command has an option of the meaning.
func (r *reader) has(m shell.Meaning) bool { return r.inst.Command != nil && r.inst.Command.Has(m) }

// values are those of all the options of the meaning that the command has.
func (r *reader) values(m shell.Meaning) (values []string) {
	if r.inst.Command == nil {
		return nil
	}
	for _, w := range r.inst.Command.Values(m) {
		values = append(values, w.Text)
	}
	return values
}

// value is the value of the first of the options of the meaning that the command has.
func (r *reader) value(m shell.Meaning) (shell.Word, bool) {
	if r.inst.Command == nil {
		return shell.Word{}, false
	}
	return r.inst.Command.Value(m)
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
		unsure := r.unsure
		r.doubt("%s may rewrite %s", words.Code(r.inst.Phrase), r.locks[0])
		r.unsure = unsure // it reads no more files for that
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
