// Package occurrences finds where the names of a Dockerfile stand: each definition and use of a stage, variable,
// here-document, user, path and image, who replaces it, and what it means.
//
// It goes by the grammar of the text, not by what BuildKit makes of an instruction, so that it knows the names of
// an instruction that is still being typed. What an instruction holds is found once and kept with it (In); what a
// name means follows from the stage graph (Of).
package occurrences

import (
	"layerwise/dockerfile/text"
)

// Kind is what a name names.
type Kind uint8

// The kinds of names.
const (
	Variable Kind = iota // an ARG or ENV, or one that the base image or the build sets
	Local                // a variable that the script of the instruction sets itself
	Stage                // of FROM, --from and from=
	Image                // the same, where no stage has the name
	Context              // the same, where the build has a named context of that name
	Heredoc              // the word of a here-document, at its operator and at its end
	User                 // of USER and --chown: a user or a group, without the colon
	Path                 // of COPY, ADD, WORKDIR, VOLUME, and the mounts of RUN
)

// Place is where in an instruction a name stands that is used.
type Place uint8

// The places that make a difference to what a name means.
const (
	Elsewhere Place = iota
	InFrom          // the image of FROM
	InCopy          // COPY --from
	InMount         // from= of a mount
	InSource        // a path that COPY, ADD or a bind mount takes
	InTarget        // a path that an instruction makes, or goes to
)

// Expander is who replaces a variable by its value.
type Expander uint8

// The expanders.
const (
	Unclear        Expander = iota // of what is no variable
	Nobody                         // the text stays as it is: quotes, escapes, and the exec form. It is no use of a variable
	Builder                        // BuildKit, before the step: every ARG and ENV in effect
	BuildShell                     // the shell of a RUN: the same, and what the script itself sets
	ContainerShell                 // the shell that starts in the container: only ENV is left of the build
)

// Occurrence is one name in the text of an instruction.
type Occurrence struct {
	Kind  Kind
	Place Place
	// Defines says that the name gets its meaning here: AS name, ARG, ENV, an assignment in a script, <<EOF.
	Defines bool
	// Env says of a definition of a variable that it is by ENV, and Default that it comes with a value.
	Env, Default bool
	Onbuild      bool // it stands in an ONBUILD: another build decides what it means
	Group        bool // of a User: it is a group
	By           Expander
	Name         string    // as the text has it, continuations and quotes removed; of a stage's AS in lower case
	Span         text.Span // relative to the instruction's Text
	// Pair is, of the here-documents, the number in the instruction; of ARG and ENV, the pair that it stands in.
	Pair int
}
