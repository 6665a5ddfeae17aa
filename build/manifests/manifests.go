// Package manifests tells which files of the build context an install command reads, and whether
// that list is proven complete.
package manifests

import (
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
)

// Inputs is what an install command reads from the context.
type Inputs struct {
	Files        []string // existing, not ignored; manifests first, then lock files, then the rest; relative to the context root
	Outputs      []string // directories in the context's terms that the install fills and a later COPY could clobber
	Proven       bool     // the list is complete, and the install writes none of it
	Why          string   // if not Proven: the reason, as the end of a sentence ("package.json runs a postinstall script")
	OutputIsLink string   // an output directory that is a link in the context
	Never        bool     // the install needs the sources: a move above them would break it
}

// Read finds the inputs of an install that runs in the directory dir of the context (the context's
// directory that is copied to the working directory; "." for the root). Files above dir that the
// tool would find are listed too.
//
// It looks at the command and at the context. Variables that name further input files (see
// RedirectsInputs) are taken into account if they stand before the command; those that ENV sets are
// for the caller to check.
func Read(c *files.Context, dir string, inst *shell.Install) Inputs { return ReadAt(c, dir, "", inst) }

// ReadAt is Read for an install whose working directory in the image is known. Absolute paths on its
// command line can then be followed, as long as the image's tree is laid out as the context's.
func ReadAt(c *files.Context, dir, workdir string, inst *shell.Install) Inputs {
	eco, known := lookup(inst.Ecosystem)
	r := newReader(c, dir, inst, eco)
	r.workdir = workdir
	r.fill()
	if !inst.DepsOnly {
		why := inst.Why
		if why == "" {
			why = inst.Phrase + " reads the sources"
		}
		r.never("%s", why)
	}
	if !known {
		r.doubt("it is not known what else %s reads", inst.Phrase)
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
	return r.inputs()
}

// Present reports whether the directory of the context looks like the one that the command works in:
// it has a manifest of the command's ecosystem, or something that the command names. It is true for
// what is not known here.
func Present(c *files.Context, dir string, inst *shell.Install) bool {
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
	return len(Read(c, dir, inst).Files) > 0
}
