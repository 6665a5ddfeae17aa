package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var stableCopyBelowSources = &diagnostics.Rule{
	Name:     "stable-copy-below-sources",
	Severity: diagnostics.Info,
	Stage:    checkStableCopies,
}

// checkStableCopies looks for COPYs of what hardly ever changes, as it comes from an image of a fixed tag or from a stage
// that takes nothing of the project, below a copy of sources, which change all the time.
func checkStableCopies(p *diagnostics.Pass) {
	var above []*delayed
	for _, seen := range p.See(liftKey{}, copiesOrDear) {
		if seen.What != true {
			continue
		}
		if len(above) > 0 {
			if from := stableFrom(p, seen.Step); from != "" {
				for _, d := range above {
					if seen.N-d.sources.N <= maxAway && d.take(p, seen.Step, from) {
						break
					}
				}
				continue
			}
		}
		if len(above) < maxVolatile {
			if d := delayedBy(p, seen.Step); d != nil {
				above = append(above, d)
			}
		}
	}
	for _, d := range above {
		if len(d.taken) > 0 {
			d.report(p)
		}
	}
}

// stableFrom is what a COPY takes its files from, if that changes with no source: "caddy:2.10", "stage tools". It is empty
// for others, and for one that makes its layer on its own.
func stableFrom(p *diagnostics.Pass, s *stages.Step) string {
	c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok || c.From == "" || c.Link {
		return ""
	}
	if stage := p.From(c.From); stage != nil {
		if !isStable(p, stage, 0) {
			return ""
		}
		return called(stage)
	}
	if !isFixed(p, c.From) {
		return ""
	}
	return c.From
}

// isFixed reports whether the name is that of an image of one version. One that the workspace makes has it from there.
func isFixed(p *diagnostics.Pass, name string) bool {
	image, err := images.Parse(name)
	return err == nil && (image.Digest != "" || hasVersion.MatchString(image.Tag)) && (!p.NamedContext(name) || p.MadeHere(name))
}

var hasVersion = lazy.New(`\d`)

// maxDeep is how many stages are followed that take files from each other.
const maxDeep = 5

// isStable reports whether the stage surely takes nothing of the build context, and no argument that differs between builds.
func isStable(p *diagnostics.Pass, stage *stages.Stage, deep int) bool {
	root := stage.Root()
	if deep == maxDeep || !root.Scratch() && (!root.Base.Known || !isFixed(p, root.Base.Text)) {
		return false
	}
	return !slices.ContainsFunc(stage.ChainSteps(), func(s *stages.Step) bool {
		switch c := s.Instr.Cmd().(type) {
		case *instructions.CopyCommand:
			from := p.From(c.From)
			return c.From == "" || p.NamedContext(c.From) || from != nil && (from.Index >= stage.Index || !isStable(p, from, deep+1))
		case *instructions.AddCommand:
			return len(copies.Sources(s)) > 0
		case *instructions.ArgCommand:
			return slices.ContainsFunc(s.Defines(), func(d stages.Definition) bool { return p.Changing(d.Name) })
		case *instructions.RunCommand:
			mounts, err := s.Mounts()
			return err != nil || mounts == nil && strings.Contains(s.Instr.FlagText(), "mount") ||
				slices.ContainsFunc(mounts, func(m *instructions.Mount) bool { return m.Type == instructions.MountTypeBind })
		case nil:
			return true
		}
		return false
	})
}

// delayed are such COPYs, which wait for sources for nothing.
type delayed struct {
	sources  *stages.Step
	changing string // "any of the 12 files"
	from     string // what the first of them takes its files from
	taken    []*stages.Step
	doubt    string
}

// delayedBy is the beginning of a delayed below the step, if that copies sources.
func delayedBy(p *diagnostics.Pass, s *stages.Step) *delayed {
	if l := liftAbove(p, s); l != nil && !l.fetched && !l.few(p) {
		switch {
		case l.from != "":
			return &delayed{sources: s, changing: "any file of " + l.from}
		case p.Context() == nil || p.ContextDoubted():
			return &delayed{sources: s, changing: "any file"}
		}
		return &delayed{sources: s, changing: anyOf(p.Context(), l.copy.Select(p.Context()).Files)}
	}
	// A folder that is not there is made before the build.
	if c, ok := copies.Of(s); ok && len(c.Sources) == 1 && p.Context() != nil && c.Select(p.Context()).Files == 0 && writtenAsFolder(s) {
		return &delayed{sources: s, changing: "any file"}
	}
	return nil
}

// writtenAsFolder reports whether the first source ends with a slash.
func writtenAsFolder(s *stages.Step) bool {
	c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	return ok && len(c.SourcePaths) > 0 && strings.HasSuffix(s.Expand(c.SourcePaths[0]).Text, "/")
}

func (d *delayed) take(p *diagnostics.Pass, s *stages.Step, from string) bool {
	judge := judgeOf(p)
	if p.ContextDoubted() {
		judge.Context = nil
	}
	over := slices.DeleteFunc(slices.Clone(p.Stage.Steps[d.sources.N:s.N]), func(o *stages.Step) bool { return slices.Contains(d.taken, o) })
	v := judge.TakenAbove(s, over)
	if v.Answer == moves.Never {
		return false
	}
	if len(d.taken) == 0 {
		d.from = from
	}
	d.taken = append(d.taken, s)
	if d.doubt == "" {
		d.doubt = v.Why
	}
	return true
}

func (d *delayed) report(p *diagnostics.Pass) {
	step := d.taken[0]
	f := diagnostics.Finding{
		Step: step, Span: diagnostics.Line(step.Instr),
		Message: func(p *diagnostics.Pass) string {
			this, it := "this COPY", "it"
			if len(d.taken) > 1 {
				this, it = this+andMore(len(d.taken)-1), "them"
			}
			return fmt.Sprintf("Changing %s that line %d copies reruns %s, though what comes from %s does not change with them; move %s above that line", d.changing, p.Line(d.sources), this, d.from, it)
		},
		Related: []diagnostics.Related{{Step: d.sources, Span: diagnostics.Line(d.sources.Instr), Message: "what changes"}},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			title := "Move " + words.Code(first(d.taken[0])) + andMore(len(d.taken)-1) + " above " + words.Code(first(d.sources))
			if d.doubt != "" {
				title += " (check first: " + d.doubt + ")"
			}
			return p.FixBy(title, diagnostics.Suggested, func(c *rewrite.Change) { c.Move(rewrite.Above(d.sources), d.taken...) })
		},
	}
	if p.ForDevelopers(p.Stage) || !p.Published() && names.StageForDevelopers(path.Base(p.Path())) {
		f.Severity = diagnostics.Hint
	}
	for _, s := range d.taken[1:] {
		f.Related = append(f.Related, diagnostics.Related{Step: s, Span: diagnostics.Line(s.Instr), Message: "this reruns too"})
	}
	p.Report(f)
}
