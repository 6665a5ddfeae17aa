// Package moves judges what may stand where: whether a step, or a part of a RUN, may move below others
// and the image stay the same.
//
// The answer follows from what both sides read and write. What is not known counts as an overlap, so an
// answer of Safe is a proof: of the paths, the variables, and the directory, user and shell in effect.
package moves

import (
	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/manifests"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// Answer says whether a move keeps the image.
type Answer int

// The answers, the best first.
const (
	Safe     Answer = iota // it does
	Doubtful               // nothing is known that speaks against it, but it is not proven
	Never                  // it does not, or too little is known
)

// Verdict is an answer with its reason.
type Verdict struct {
	Answer Answer
	Why    string // the end of a sentence, empty if Safe: "`make` may read the copied files"
}

var safe = Verdict{}

// Worse is the verdict with the worse answer; of equals the first.
func (v Verdict) Worse(other Verdict) Verdict {
	if other.Answer > v.Answer {
		return other
	}
	return v
}

// Part is a step, or some commands of a RUN, that something moves across.
type Part struct {
	Step     *stages.Step
	Commands []*shell.Command // of a RUN; nil for all that it does
	Installs map[*shell.Command]Install
}

// commands are those of a RUN that it is about.
func (p Part) commands() []*shell.Command {
	if p.Commands == nil {
		return shell.Of(p.Step.Instr, p.Step.Shell).Commands
	}
	return p.Commands
}

// Install is what is known of an install command beside its program: what it reads and writes in the
// directory that a COPY delivers.
type Install struct {
	Inputs manifests.Inputs
	Dir    string // the directory of the context that is its working directory
}

// Judge answers for one build of a Dockerfile.
type Judge struct {
	Context *files.Context // nil if it is not known
	// Inputs tells what the installs of a RUN read of the context (copies.InstallInputs). It may be nil.
	Inputs func(*stages.Step) []manifests.Inputs
	// First are files of the context that stay copied, by a COPY of their own, above a RUN that moves above the COPY which
	// brings them.
	First []string
}

// Moved is a COPY of the build context that moves down. Names are those of the context.
type Moved struct {
	Copy   copies.Copy
	First  []string // files that are copied where it stood, as it would copy them
	Hidden []string // what the ignore file will hide from it, with all below
	There  []string // directories of the image that are there without it
}

// CopyBelow judges whether a COPY may move below the parts, which stand directly below it.
func (j Judge) CopyBelow(m Moved, over []Part) Verdict {
	verdict := safe
	moved := j.copied(m)
	if link := linkInto(m.Copy, moved); link != "" {
		verdict = doubt("%s is a link: the copied files have another path, too", link)
	}
	for _, part := range over {
		if other, ok := copies.Of(part.Step); ok && moved.all.meets(j.copied(Moved{Copy: other}).all) == apart {
			continue // what both bring is known by name
		}
		if verdict = verdict.Worse(crossCopy(m.Copy, moved, part)); verdict.Answer == Never {
			break
		}
	}
	return verdict
}
