// Package manifests tells which files of the build context an install command reads, and whether
// that list is proven complete.
package manifests

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"weak"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/words"
)

// Inputs is what an install command reads from the context, and what it writes there.
type Inputs struct {
	Files        []string // existing, not ignored; manifests first, then lock files, then the rest; relative to the context root
	Folders      []string // directories of the context that it reads as a whole: dependencies on a path
	Outputs      []string // directories in the context's terms that the install fills and a later COPY could clobber
	Writes       []string // files in the context's terms that it writes, there or not: lock files of unfrozen forms, logs, redirects
	Scripts      []Script // what the project makes the install run
	Vars         []string // the environment variables that the files and scripts name, sorted; see ReadsVar
	AnyVar       bool     // a program runs that may read any variable, or that computes which one it reads
	RunsNothing  bool     // the lock file or the settings say that no package runs a script when it is installed
	Proven       bool     // the list is complete, and the install writes none of it
	Complete     bool     // the list is complete; the install may write lock files of it
	Why          string   // if not Proven: the reason, as the end of a sentence ("package.json runs a postinstall script")
	OutputIsLink string   // an output directory that is a link in the context
	Hidden       string   // a manifest that it needs and the ignore file hides; "" if it finds one
	Never        bool     // the install needs the sources: a move above them would break it
}

// ReadsVar reports whether the install may depend on the variable by what its files say: they expand
// it, or a program runs that may read any. Variables that tools read by themselves are ImplicitEnv's.
// MSBuild does not distinguish upper and lower case, and so neither does this.
func (in Inputs) ReadsVar(name string) bool {
	return in.AnyVar || slices.ContainsFunc(in.Vars, func(v string) bool { return strings.EqualFold(v, name) })
}

// Options say where an install runs.
type Options struct {
	Dir     string // the directory of the context that is copied to the working directory; "." for the root
	Workdir string // the working directory in the image; "" if it is not known
	Env     []Var  // what ENV and ARG set where it runs; assignments before the command are added to it
}

// Read finds the inputs of an install that runs in the directory dir of the context. Files above dir
// that the tool would find are listed too.
//
// It looks at the command and at the context, not at what ENV sets: see ReadWith.
func Read(c *files.Context, dir string, inst *shell.Install) Inputs {
	return ReadWith(c, inst, Options{Dir: dir})
}

// ReadWith is Read for an install of which more is known. With its working directory, absolute paths on its
// command line are followed, as long as the image's tree is laid out as the context's. A variable that names an
// input, such as PIP_CONSTRAINT, is followed where its value is known, and is a doubt where it is not. The last
// answer is kept with the install: its lists are not to be modified.
func ReadWith(c *files.Context, inst *shell.Install, o Options) Inputs {
	var env strings.Builder
	for _, v := range o.Env {
		env.WriteString(v.Name + "=" + v.Value + "\x00" + strconv.FormatBool(v.Known) + "\x00")
	}
	last := inst.Memo(readKey{}, func() any { return new(syntax.Last[question, Inputs]) }).(*syntax.Last[question, Inputs])
	return last.Get(question{weak.Make(c), o.Dir, o.Workdir, env.String()}, func() Inputs { return readWith(c, inst, o) })
}

type readKey struct{}

// question is all that decides what a certain install reads.
type question struct {
	bc                weak.Pointer[files.Context] // which is large, and not to be held
	dir, workdir, env string
}

func readWith(c *files.Context, inst *shell.Install, o Options) Inputs {
	eco, known := lookup(inst.Ecosystem)
	r := newReader(c, o.Dir, inst, eco)
	r.workdir = o.Workdir
	r.env = environment(o.Env, inst.Command)
	r.fill()
	if !inst.DepsOnly {
		why := inst.Why
		if why == "" {
			why = words.Code(inst.Phrase) + " reads the sources"
		}
		r.never("%s", why)
	}
	if !known {
		r.doubt("it is not known what else %s reads", words.Code(inst.Phrase))
		r.anyVar = true
	}
	if !c.Complete() {
		r.doubt("the build context is too large to be looked through")
	}
	r.named()
	if eco.read != nil {
		eco.read(r)
	} else {
		r.plain()
	}
	r.options()
	r.settings()
	r.written()
	r.variables()
	return r.inputs()
}

// Present reports whether the directory of the context looks like the one that the command works in:
// it has a manifest of the command's ecosystem, or something that the command names. It is true for
// what is not known here.
func Present(c *files.Context, inst *shell.Install, o Options) bool {
	dir := o.Dir
	if _, known := lookup(inst.Ecosystem); !known {
		return true
	}
	for _, w := range inst.Command.Words[1:] {
		_, value, _ := strings.Cut(w.Text, "=")
		for _, name := range []string{w.Text, value} {
			if p := path.Join(dir, name); p != path.Clean(dir) && inside(p) && c.Exists(p) {
				return true
			}
		}
	}
	return len(ReadWith(c, inst, o).Files) > 0
}
