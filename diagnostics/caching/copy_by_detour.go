package caching

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyByDetour = &diagnostics.Rule{
	Name:     "copy-by-detour",
	Severity: diagnostics.Info,
	Stage:    checkDetours,
}

// checkDetours looks for stages of which the pass's stage takes nothing but what they have from an earlier stage
// themselves, so that all else that they do is done for nothing. Stages that test may be meant to hold up the build.
func checkDetours(p *diagnostics.Pass) {
	var tried []*stages.Stage
	for _, seen := range p.See(takingKey{}, takesFrom) {
		ref, _ := seen.What.(string)
		if ref == "" || len(tried) == maxFrom {
			continue
		}
		between := p.From(ref)
		if between == nil || slices.Contains(tried, between) {
			continue
		}
		tried = append(tried, between)
		if d := detourOver(p, between); d != nil && !usedByOthers(p, between) { // which asks for all stages: a letter in any brings it here again
			d.report(p)
		}
	}
}

type takingKey struct{}

// takesFrom is the stage or image that a step takes files from, as it names it; nil if it takes none, "" if it may be any.
func takesFrom(s *stages.Step) any {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			return c.From
		}
	case *instructions.RunCommand:
		if len(s.Instr.Flags) > 0 {
			return ""
		}
	}
	return nil
}

// detour is how a stage takes files from another one which only passes them on.
type detour struct {
	over    *stages.Stage
	copies  []*stages.Step // that take them
	taken   int            // how many files and folders: the steps of the other stage are gone through for each
	passed  []*stages.Step // the COPYs which have brought them there; none if it builds on where they come from
	from    *stages.Stage  // that they come from
	owner   bool           // what it passes on may have got another owner
	mode    bool           // or another mode
	idle    []*stages.Step // what it runs for nothing
	phrases []string       // what each of these runs
}

// detourOver is the detour of the pass's stage over the other one; nil if there is none, or if it costs nothing.
func detourOver(p *diagnostics.Pass, over *stages.Stage) *detour {
	d := &detour{over: over}
	for _, s := range over.Steps {
		if s.Instr.Name == "RUN" && slices.ContainsFunc(shell.Of(s.Instr, s.Shell).Commands, (*shell.Command).Checks) {
			return nil
		}
		if phrase, ok := dear(s); ok {
			d.idle, d.phrases = append(d.idle, s), append(d.phrases, phrase)
		}
	}
	if len(d.idle) == 0 || slices.Contains(p.Stage.Chain(), over) {
		return nil
	}
	for _, seen := range p.See(takingKey{}, takesFrom) {
		s := seen.Step
		c, isCopy := s.Instr.Cmd().(*instructions.CopyCommand)
		switch {
		case isCopy && c.From != "" && p.From(c.From) == over:
			if !d.take(p, s, c) {
				return nil
			}
		case !isCopy && mountsFrom(s, over):
			return nil
		}
	}
	return d
}

// take follows what a COPY takes back to the stage that it comes from.
func (d *detour) take(p *diagnostics.Pass, s *stages.Step, c *instructions.CopyCommand) bool {
	if d.taken += len(c.SourcePaths); c.Parents || len(c.SourcePaths) == 0 || d.taken > maxTried {
		return false
	}
	for _, word := range c.SourcePaths {
		source := s.Expand(word)
		name := path.Clean("/" + source.Text)
		if i := strings.IndexAny(name, "*?["); i >= 0 {
			name = path.Dir(name[:i] + "x")
		}
		if !source.Known || name == "/" {
			return false
		}
		o, ok := moves.OriginOf(d.over, name)
		from := d.over.Parent
		if ok && o.Copy != nil {
			from = p.From(o.From)
		}
		if !ok || from == nil || from.Index >= d.over.Index || d.from != nil && d.from != from {
			return false
		}
		d.from, d.owner, d.mode = from, d.owner || o.Owner && c.Chown == "", d.mode || o.Mode && c.Chmod == ""
		if o.Copy != nil && !slices.Contains(d.passed, o.Copy) {
			d.passed = append(d.passed, o.Copy)
		}
	}
	d.copies = append(d.copies, s)
	return true
}

// mountsFrom reports whether a RUN mounts something of the stage, or that is not known.
func mountsFrom(s *stages.Step, from *stages.Stage) bool {
	if s.Instr.Name != "RUN" || len(s.Instr.Flags) == 0 {
		return false
	}
	mounts, err := s.Mounts()
	return err != nil || mounts == nil && strings.Contains(s.Instr.FlagText(), "mount") || slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return refersTo(m.From, from) })
}

// refersTo reports whether a --from names the stage.
func refersTo(ref string, stage *stages.Stage) bool {
	return ref != "" && (strings.EqualFold(ref, stage.Name) || ref == strconv.Itoa(stage.Index))
}

// usedByOthers reports whether another stage than the pass's needs the stage: it is built for that anyway.
func usedByOthers(p *diagnostics.Pass, stage *stages.Stage) bool {
	return slices.ContainsFunc(p.Stages(), func(other *stages.Stage) bool {
		if other == p.Stage || other == stage {
			return false
		}
		return other.Parent == stage || slices.ContainsFunc(other.Steps, func(s *stages.Step) bool {
			c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
			return ok && refersTo(c.From, stage) || !ok && mountsFrom(s, stage)
		})
	})
}

func (d *detour) report(p *diagnostics.Pass) {
	first := d.copies[0]
	f := diagnostics.Finding{
		Step: first, Span: diagnostics.Line(first.Instr),
		Message: func(p *diagnostics.Pass) string {
			how := "on which that one builds"
			if len(d.passed) > 0 {
				how = fmt.Sprintf("and is only passed on (line %d)", p.Line(d.passed[0]))
			}
			with := ""
			switch {
			case d.owner && d.mode:
				with = ", with " + words.Code("--chown") + " and " + words.Code("--chmod") + " where owner and mode count"
			case d.owner:
				with = ", with " + words.Code("--chown") + " where the owner counts"
			case d.mode:
				with = ", with " + words.Code("--chmod") + " where the mode counts"
			}
			return fmt.Sprintf("All that this stage takes from %s comes from %s, %s: the build waits for %s (line %d)%s for nothing; copy it from %s%s",
				called(d.over), called(d.from), how, words.Code(d.phrases[0]), p.Line(d.idle[0]), andMore(len(d.idle)-1), called(d.from), with)
		},
	}
	for _, s := range d.copies[1:] {
		f.Related = append(f.Related, diagnostics.Related{Step: s, Span: diagnostics.Line(s.Instr), Message: "this too"})
	}
	for _, s := range d.passed {
		f.Related = append(f.Related, diagnostics.Related{Step: s, Span: diagnostics.Line(s.Instr), Message: "the files come from here"})
	}
	for _, s := range d.idle {
		f.Related = append(f.Related, diagnostics.Related{Step: s, Span: diagnostics.Line(s.Instr), Message: "this runs for nothing"})
	}
	p.Report(f)
}

// called is what a stage is called in a message.
func called(s *stages.Stage) string {
	if s.Name == "" {
		return "stage " + strconv.Itoa(s.Index)
	}
	return "stage " + s.Name
}
