// Package stages resolves the build stages of a Dockerfile: which builds on which, and what
// variables, directory, user and shell are in effect at each instruction.
package stages

import (
	"layerwise/dockerfile/syntax"
)

// Graph is the stage graph of one file. It is never modified.
type Graph struct {
	File   *syntax.File
	Global []*Step // instructions before the first FROM: ARGs, or misplaced ones
	Stages []*Stage
	Target *Stage // the stage that the build exports; nil if the file has none
	first  []int  // of each stage: the index of its FROM in File.Instructions
}

// Stage is one build stage.
type Stage struct {
	Index  int
	Name   string  // the AS name in lower case, or ""
	Steps  []*Step // FROM first
	Parent *Stage  // the stage it builds on, or nil
	Base   Value   // the image it builds on, with ARGs expanded; for a stage, that stage's name
}

// Step is one instruction in its stage. Its fields describe what is in effect before it runs.
type Step struct {
	Stage   *Stage // nil before the first FROM
	N       int    // index in Stage.Steps, or in Graph.Global
	Instr   *syntax.Instruction
	Workdir Value
	User    Value
	Shell   []string // the SHELL in effect, e.g. /bin/sh -c
	Vars    *Scope   // ENV and ARG in effect
}

// Value is a value that may depend on something unknown, such as the base image.
type Value struct {
	Text  string
	Known bool
}

// Scope is a set of variables, as a chain of definitions: the newest wins.
type Scope struct {
	up    *Scope
	Name  string
	Value Value
	Env   bool  // by ENV, not ARG
	Step  *Step // where it is defined; nil for predefined ones
}

// Lookup finds the definition in effect.
func (s *Scope) Lookup(name string) (*Scope, bool) { panic("stages") }

// Resolve builds the graph. Stages of prev that the edit did not reach are shared with it.
func Resolve(f *syntax.File, args Args, prev *Graph) *Graph { panic("stages") }

// Args is what the build is started with.
type Args struct {
	Build  map[string]string // --build-arg
	Target string            // --target; empty for the last stage
}

// Offset is the place in the file's source at which the step's instruction Text begins: add a span
// of the instruction to it.
func (g *Graph) Offset(s *Step) int { panic("stages") }

// StepAt is the step of instruction i of the file.
func (g *Graph) StepAt(i int) *Step { panic("stages") }

// Find is the stage that a name or an index (as in COPY --from) means, seen from stage before.
func (g *Graph) Find(ref string, before int) *Stage { panic("stages") }

// Exported reports whether the stage's layers are in the image: it is the target, or one of the
// stages that the target builds on by FROM.
func (g *Graph) Exported(s *Stage) bool { panic("stages") }

// Children are the stages that build on s by FROM.
func (g *Graph) Children(s *Stage) []*Stage { panic("stages") }

// Expand replaces variables in word as BuildKit does at this step. It is unknown if the word uses a
// variable whose value is not known.
func (s *Step) Expand(word string) Value { panic("stages") }

// MakesLayer reports whether the instruction makes a file system layer (RUN, COPY, ADD and WORKDIR,
// except WORKDIR /).
func (s *Step) MakesLayer() bool { panic("stages") }
