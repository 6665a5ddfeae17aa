// Package grammar is the table of the Dockerfile language: its instructions, flags, keys of mounts, parser
// directives, variables, signals and protocols, as BuildKit takes them. It holds facts only: what is said of a
// Dockerfile is said by others, who look here. Tests compare each row with the BuildKit of go.mod, so that
// nothing is missing here, and nothing too much.
//
// Source: the code of BuildKit, and frontend/dockerfile/docs/reference.md there.
package grammar

import (
	"slices"
	"strings"
)

// Kind says what an argument or a value is.
type Kind int

const (
	Text          Kind = iota // anything
	Word                      // the very word that the argument is named, such as AS
	Choice                    // one of a closed set
	Bool                      // true or false; a flag or key alone means true
	Number                    // a whole number
	Duration                  // as Go writes it: 30s, 1m30s
	Size                      // of bytes: 64m
	Image                     // the name of an image, or a stage above
	Source                    // where files are taken from: a stage, a named context or an image
	StageName                 // the name that a stage is given
	Platform                  // os/arch[/variant]
	ContextPath               // a path in the build context, or in what --from names
	ImagePath                 // a path in the image
	Command                   // a command for the shell
	Program                   // a word of a command that is started without a shell
	Pair                      // name=value
	Declaration               // name or name=value
	Port                      // port[-port][/protocol]
	Signal                    // SIGTERM or 15
	User                      // user[:group], names or numbers
	Mode                      // of files: 0755, or u+x
	Checksum                  // sha256:…, or a commit
	Pattern                   // of paths, as in .dockerignore
	Name                      // a name that is free: of a secret, a cache, a variable
	Device                    // the name of a CDI device
	Mount                     // type=…,key=value
	OfInstruction             // a whole instruction
)

// Instruction is one row of the language.
type Instruction struct {
	Name       string // in upper case
	Doc        string // what it does, in a few words
	Layer      string // what it means for layers and the build cache, in a sentence
	Forms      []Form
	Flags      []Flag
	Heredocs   bool   // its text form takes here-documents
	OnBuild    bool   // it may stand behind ONBUILD
	Deprecated string // what to write instead, "" if it is not deprecated
}

// JSON reports whether the arguments may be a JSON array.
func (in *Instruction) JSON() bool {
	return slices.ContainsFunc(in.Forms, func(f Form) bool { return f.JSON })
}

// Form is one way to write the arguments.
type Form struct {
	Args []Arg
	JSON bool   // the arguments behind the last Word are the strings of a JSON array
	Doc  string // what is special about the form
}

// Arg is one argument of a form.
type Arg struct {
	Name     string // as it is shown
	Kind     Kind
	Optional bool
	Repeats  bool
	Expands  bool // the builder expands variables in it: on FROM those that are global, else those of the stage
	Doc      string
}

// Flag is a flag of an instruction. It is written as --name=value.
type Flag struct {
	Name    string // without dashes
	Value   Kind
	Values  []string // those of a Choice; for others, some that are common
	Repeats bool     // it may be given more than once
	Expands bool     // the builder expands variables in the value; for mounts: but not in that of from
	Since   string   // the first version of Dockerfile with it, such as "1.4"; "" if there is none without
	Default string   // what holds without the flag, "" if that is nothing
	Doc     string
}

// Find is the instruction of a name in any case; nil if there is none.
func Find(name string) *Instruction {
	upper := strings.ToUpper(name)
	i, ok := slices.BinarySearchFunc(Instructions, upper, func(in *Instruction, name string) int { return strings.Compare(in.Name, name) })
	if !ok {
		return nil
	}
	return Instructions[i]
}

// Names are the instructions, in upper case, sorted.
func Names() []string {
	names := make([]string, len(Instructions))
	for i, in := range Instructions {
		names[i] = in.Name
	}
	return names
}

// FlagNames are the names of the flags of an instruction, sorted; nil if it has none, or if there is no such instruction.
func FlagNames(instruction string) (names []string) {
	in := Find(instruction)
	if in == nil {
		return nil
	}
	for _, f := range in.Flags {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// Flag is the flag of a name, whose case counts; nil if the instruction has none such.
func (in *Instruction) Flag(name string) *Flag {
	for i := range in.Flags {
		if in.Flags[i].Name == name {
			return &in.Flags[i]
		}
	}
	return nil
}
