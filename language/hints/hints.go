// Package hints is what an editor may show inside the text of a Dockerfile though it does not stand there: the stage that
// a number means, the image that a variable makes, how much a COPY takes. Nothing is told of instructions that are half
// typed, and nothing that is not sure.
package hints

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
	"layerwise/language"
)

// Kind is what a hint tells. Each can be switched on.
type Kind string

// The kinds, by their names in the configuration.
const (
	Stages    Kind = "stages"    // the stage that --from=N means, and the number of a stage that is used by it
	Variables Kind = "variables" // the image that a FROM with variables names
	Files     Kind = "files"     // how much a COPY or ADD takes from the build context
)

// Kinds are all kinds.
var Kinds = []Kind{Stages, Variables, Files}

// Hint is shown behind an offset, with a blank before it.
type Hint struct {
	Offset  int
	Label   string
	Tooltip string // in a sentence
	Kind    Kind
}

// In are the hints of the instructions that a span touches, in the order of their places. on says which kinds are
// wanted; nil means all.
func In(doc *language.Document, span text.Span, on func(Kind) bool) []Hint {
	c := collector{doc: doc, on: on}
	f := doc.File
	last := min(f.Index(span.End), len(f.Instructions)-1)
	for i := max(f.Index(max(span.Start-1, 0)), 0); i <= last; i++ { // that ends there, too
		in := f.Instructions[i]
		switch in.Name {
		case "FROM", "COPY", "ADD":
		default:
			continue
		}
		if in.Cmd() == nil {
			continue
		}
		step := doc.Graph.StepAt(i)
		if in.Name == "FROM" {
			c.from(step, f.Start(i))
		} else {
			c.number(in, f.Start(i))
			c.files(step, f.Start(i))
		}
	}
	return slices.DeleteFunc(c.list, func(h Hint) bool { return h.Offset < span.Start || h.Offset > span.End })
}

type collector struct {
	doc  *language.Document
	on   func(Kind) bool
	list []Hint
}

func (c *collector) wants(kind Kind) bool { return c.on == nil || c.on(kind) }

// from tells which image a FROM with variables names, and the number of a stage that is used by it.
func (c *collector) from(step *stages.Step, start int) {
	in, stage := step.Instr, step.Stage
	if stage == nil || len(in.Words) == 0 {
		return
	}
	image := in.Words[0]
	if c.wants(Variables) && strings.Contains(image.Text, "$") && c.certain(step) {
		c.list = append(c.list, Hint{Offset: start + image.Span.End, Label: "= " + stage.Base.Text, Kind: Variables,
			Tooltip: "What the variables make of it in this build"})
	}
	if c.wants(Stages) && numbered(c.doc.Graph)[stage.Index] {
		c.list = append(c.list, Hint{Offset: start + in.Args.End, Label: fmt.Sprintf("stage %d", stage.Index), Kind: Stages,
			Tooltip: "Stages are numbered from 0, and this number is used below"})
	}
}

// certain reports whether it is known which image a FROM with variables names. An ARG without a value is there for the
// build to give it one.
func (c *collector) certain(step *stages.Step) bool {
	for _, name := range step.Uses() {
		def, ok := c.doc.Graph.GlobalVars().Lookup(name)
		if (!ok || def.Value.Text == "") && slices.ContainsFunc(c.doc.Graph.Global, declares(name)) {
			return false
		}
	}
	base := step.Stage.Base
	_, err := images.Parse(base.Text)
	return base.Known && err == nil
}

func declares(name string) func(*stages.Step) bool {
	return func(step *stages.Step) bool {
		return slices.ContainsFunc(step.Defines(), func(d stages.Definition) bool { return d.Name == name })
	}
}

// numbered are the stages that a --from names by their numbers. It is kept with the graph.
func numbered(g *stages.Graph) map[int]bool {
	return g.Memo(numberedKey{}, func() any {
		used := map[int]bool{}
		for _, in := range g.File.Instructions {
			if _, n := fromNumber(in); n >= 0 {
				used[n] = true
			}
		}
		return used
	}).(map[int]bool)
}

type numberedKey struct{}

// fromNumber is the --from of a COPY or ADD that is a number; -1 if there is none.
func fromNumber(in *syntax.Instruction) (value text.Span, n int) {
	if in.Name != "COPY" && in.Name != "ADD" {
		return value, -1
	}
	for _, f := range in.Flags {
		if f.Name.Of(in.Text) != "from" {
			continue
		}
		if n, err := strconv.Atoi(f.Value.Of(in.Text)); err == nil && n >= 0 {
			return f.Value, n
		}
	}
	return value, -1
}

// number tells which stage the number of a --from means: its name, or the image that it begins with.
func (c *collector) number(in *syntax.Instruction, start int) {
	if !c.wants(Stages) {
		return
	}
	value, n := fromNumber(in)
	if n < 0 || n >= len(c.doc.Graph.Stages) {
		return
	}
	stage := c.doc.Graph.Stages[n]
	label := stage.Name
	if label == "" && stage.Base.Known {
		label = "FROM " + stage.Base.Text
	}
	if label == "" || label == "FROM " {
		return
	}
	c.list = append(c.list, Hint{Offset: start + value.End, Label: "= " + label, Kind: Stages,
		Tooltip: fmt.Sprintf("The stage that begins on line %d", c.doc.Graph.Line(stage.Steps[0]))})
}

// few is how many bytes a single file must have to be told of.
const few = 1_000_000

// files tells how much a step takes from the build context, if that is known: from a list of all its files, in a folder
// that is the context for sure. A single small file is not told of.
func (c *collector) files(step *stages.Step, start int) {
	if !c.wants(Files) {
		return
	}
	copied, ok := copies.Of(step)
	bc := c.doc.Context()
	if !ok || bc == nil || !bc.Complete() || slices.ContainsFunc(copied.Sources, bc.Lacks) {
		return
	}
	taken := copied.Select(bc)
	if taken.Files == 0 || taken.Files == 1 && taken.Bytes < few || c.doc.Doubted() {
		return
	}
	c.list = append(c.list, Hint{Offset: start + step.Instr.Args.End, Label: words.Count(taken.Files, "file") + ", " + words.Size(taken.Bytes), Kind: Files,
		Tooltip: "What it takes from the build context, without what the ignore file leaves out"})
}
