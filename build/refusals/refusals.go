// Package refusals finds why BuildKit refuses a Dockerfile that its parser takes: ports, references,
// platforms, stages and mounts that cannot be. The judge is BuildKit's own frontend, in this process.
//
// It takes some milliseconds, and 100 ms for 2,000 instructions, so it has no place on the way of a
// keystroke.
package refusals

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Refusal is one reason why BuildKit does not build a file.
type Refusal struct {
	Instruction int    // that BuildKit names: its number in the file; -1 if it names none
	Message     string // BuildKit's own, without the place
}

// maxRounds bounds how many refusals of one file are found, and roundWork the instructions that are
// converted for them: each takes a conversion of the whole file. There are two at least.
const (
	maxRounds = 20
	roundWork = 10_000
)

// maxInstructions and maxDepths (see stages.Graph.Depths) bound the files that are converted at all: more take
// longer than some two seconds. One stage may have 4,500 instructions.
const (
	maxInstructions = 20_000
	maxDepths       = 10_000_000
)

// Find is what BuildKit refuses of the file, in the order of the text, for a build with these attributes
// of its frontend (see llb.Input). It is silent about an instruction that the file cannot judge: one
// that the parser refuses already, or one that uses a variable whose value the build or the base image
// may give. It returns early, with what it has, when ctx ends.
func Find(ctx context.Context, g *stages.Graph, options map[string]string) []Refusal {
	f := g.File
	if f.CustomFrontend() || len(f.Errors) > 0 || len(f.Instructions) > maxInstructions || g.Depths() > maxDepths {
		return nil
	}
	s := search{g: g, options: options}
	if !s.removeRejected() {
		return nil
	}
	if len(s.removed) == 0 && plain(g, options) || g.Explodes() {
		return nil
	}
	for range max(2, min(maxRounds, roundWork/len(f.Instructions))) {
		message, at, refused := s.convert(ctx)
		if !refused {
			break
		}
		if at < 0 {
			s.list = append(s.list, Refusal{-1, message})
			break // nothing can be taken out to look further
		}
		if s.removed[at] {
			break // it was not this instruction alone
		}
		if step := g.StepAt(at); !s.uncertain(step, message) {
			s.list = append(s.list, Refusal{at, message})
		}
		s.remove(at)
	}
	slices.SortStableFunc(s.list, func(a, b Refusal) int { return a.Instruction - b.Instruction })
	return s.list
}

// search is the state of one Find.
type search struct {
	g       *stages.Graph
	options map[string]string
	removed map[int]bool // the instructions that are taken out
	torn    bool         // definitions of variables are among them
	list    []Refusal
}

// convert is BuildKit's verdict on what is left of the text: at is the instruction that it names, -1 if
// it names none.
func (s *search) convert(ctx context.Context) (message string, at int, refused bool) {
	if ctx.Err() != nil {
		return "", -1, false
	}
	_, err := llb.Convert(ctx, llb.Input{Dockerfile: s.text(nil), Options: s.options})
	var refusal *llb.Error
	if !errors.As(err, &refusal) || refusal.Crash || refusal.Lint {
		return "", -1, false
	}
	if refusal.Line > 0 {
		return refusal.Message, s.g.AtBuildLine(refusal.Line), true
	}
	return refusal.Message, s.withoutPlace(ctx, refusal.Message), true
}

// withoutPlace finds the instruction of a refusal that has no place: it is refused so without the others
// that may be the reason. -1 if there is none.
func (s *search) withoutPlace(ctx context.Context, message string) int {
	suspects := map[int]bool{}
	for i, in := range s.g.File.Instructions {
		suspects[i] = !s.removed[i] && in.Name != "FROM" && (hasNumber(in, len(s.g.Stages)) || !utf8.ValidString(in.Body.Of(in.Text)))
	}
	tries := 0
	for i := range s.g.File.Instructions {
		if !suspects[i] {
			continue
		}
		if tries++; tries > maxRounds || ctx.Err() != nil {
			break
		}
		suspects[i] = false
		_, err := llb.Convert(ctx, llb.Input{Dockerfile: s.text(suspects), Options: s.options})
		suspects[i] = true
		if err != nil && err.Error() == message {
			return i
		}
	}
	return -1
}

// hasNumber reports whether a COPY takes from a stage by a number that no stage has.
func hasNumber(in *syntax.Instruction, stages int) bool {
	if in.Name != "COPY" {
		return false
	}
	for _, f := range in.Flags {
		if n, err := strconv.Atoi(f.Value.Of(in.Text)); err == nil && f.Name.Of(in.Text) == "from" && (n < 0 || n >= stages) {
			return true
		}
	}
	return false
}

// removeRejected takes out what the parser refuses, or cannot expand. It reports false if the rest is not
// to be judged without it.
func (s *search) removeRejected() bool {
	s.removed = map[int]bool{}
	for i, in := range s.g.File.Instructions {
		step := s.g.StepAt(i)
		if in.Err() == nil && s.readable(step) {
			continue
		}
		if in.Name == "FROM" || step.Stage == nil {
			return false
		}
		s.remove(i)
	}
	return true
}

// readable reports whether BuildKit can expand the step, as far as that is a question of its form, or never
// gets to it.
func (s *search) readable(step *stages.Step) bool {
	needed := step.Stage == nil || s.g.Needed(step.Stage)
	if step.Instr.Name == "RUN" {
		_, err := step.Mounts()
		return err == nil || !needed
	}
	return !slices.ContainsFunc(step.Malformed(), func(m stages.Malformed) bool { return m.Always || needed })
}

// remove takes an instruction out.
func (s *search) remove(i int) {
	name := s.g.File.Instructions[i].Name
	s.removed[i] = true
	s.torn = s.torn || name == "ENV" || name == "ARG"
}

// text is what is left of the file, without others as well. Lines keep their numbers. What is left of a FROM is a stage of the same name on an image of which nothing is known.
func (s *search) text(others map[int]bool) []byte {
	f := s.g.File
	out := []byte(f.Header)
	for i, in := range f.Instructions {
		if !s.removed[i] && !others[i] {
			out = append(out, in.Text...)
			continue
		}
		out = append(out, in.Text[:in.Body.Start]...)
		if in.Name == "FROM" {
			out = append(out, "FROM unknown"...)
			if stage := s.g.StepAt(i).Stage; stage != nil && stage.Name != "" {
				out = append(out, " AS "+stage.Name...)
			}
		}
		for range strings.Count(in.Text[in.Body.Start:], "\n") {
			out = append(out, '\n')
		}
	}
	return append(out, f.Trailer...)
}
