package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyFromStageTooBroad = &diagnostics.Rule{
	Name:       "copy-from-stage-too-broad",
	Code:       "C21",
	Production: true,
	Severity:   diagnostics.Info,
	Stage:      checkCopyFromStage,
}

// maxFrom is how many copies of a stage are looked at: the steps of another stage are gone through for each.
const maxFrom = 10

// checkCopyFromStage looks for COPY --from of a folder that has the sources beside what was compiled of them.
func checkCopyFromStage(p *diagnostics.Pass) {
	if p.ForDevelopers(p.Stage) || !p.Exported() {
		return // before all steps of other stages are gone through
	}
	tried := 0
	for _, seen := range p.See(fromStageKey{}, takesFromStage) {
		t, ok := seen.What.(taken)
		if !ok || tried == maxFrom {
			continue
		}
		source := p.From(t.stage)
		if source == nil {
			continue
		}
		tried++
		for _, dir := range t.dirs {
			if c, cmd := compiledIn(p, source, dir); cmd != nil && !worksOnSources(p) {
				reportFromStage(p, seen.Step, c, cmd)
				break
			}
		}
	}
}

type fromStageKey struct{}

// taken is what a COPY takes from a stage: folders, by absolute paths.
type taken struct {
	stage string
	dirs  []string
}

// takesFromStage is a taken, or nil.
func takesFromStage(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
	if !ok || c.From == "" || len(c.ExcludePatterns) > 0 {
		return nil
	}
	t := taken{stage: c.From}
	for _, word := range c.SourcePaths {
		if v := s.Expand(word); v.Known && !strings.ContainsAny(v.Text, "*?[") && path.Clean("/"+v.Text) != "/" {
			t.dirs = append(t.dirs, path.Clean("/"+v.Text))
		}
	}
	if len(t.dirs) == 0 {
		return nil
	}
	return t
}

// compiledIn is the command that compiles in the folder of the stage, and the copy that has brought the sources there;
// nil if there is none, or if something is removed there again.
func compiledIn(p *diagnostics.Pass, stage *stages.Stage, dir string) (brought copies.Copy, compiles *shell.Command) {
	bc := p.Context()
	if p.ContextDoubted() {
		bc = nil
	}
	for _, s := range stage.ChainSteps() {
		switch s.Instr.Name {
		case "COPY":
			if c, ok := copies.Of(s); ok && c.Broad(bc) && copies.Below(c.Dest, dir) && (bc == nil || c.Select(bc).Files > 1) {
				brought = c
			}
		case "RUN":
			if brought.Step == nil {
				continue
			}
			for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
				gone := slices.Concat(cmd.Removes(), cmd.Moves())
				if !cmd.Compiles() && len(gone) == 0 {
					continue
				}
				at := copies.WorkingDir(s, cmd, nil)
				if len(gone) == 0 && copies.Below(at, dir) {
					compiles = cmd
				}
				if slices.ContainsFunc(gone, func(w shell.Word) bool {
					return !path.IsAbs(w.Text) && copies.Below(at, dir) || copies.Below(path.Clean(w.Text), dir)
				}) {
					return copies.Copy{}, nil
				}
			}
		}
	}
	return brought, compiles
}

// worksOnSources reports whether the stage, one that it builds on, or what the container starts, compiles by itself, or works
// on sources.
func worksOnSources(p *diagnostics.Pass) bool {
	argv, _ := copies.Entry(p.Stage)
	if line := shell.Source(strings.Join(argv, " ")); slices.ContainsFunc(line.Commands, (*shell.Command).RunsSources) {
		return true
	}
	return slices.ContainsFunc(p.SeeChain(compilesKey{}, compilesStep), func(s diagnostics.Seen) bool { return s.What != nil })
}

type compilesKey struct{}

// compilesStep is true for a RUN that compiles the project.
func compilesStep(s *stages.Step) any {
	if slices.ContainsFunc(shell.Commands(s.Instr, s.Shell), (*shell.Command).Compiles) {
		return true
	}
	return nil
}

func reportFromStage(p *diagnostics.Pass, s *stages.Step, c copies.Copy, cmd *shell.Command) {
	inst, _ := cmd.Install()
	p.Report(diagnostics.Finding{
		Step: s, Span: diagnostics.Line(s.Instr),
		Message: func(p *diagnostics.Pass) string {
			return fmt.Sprintf("Beside what %s builds, this takes the sources that line %d copies: they are in the image, and a change of any of them makes this layer anew; copy only what was built", words.Code(inst.Phrase), p.Line(c.Step))
		},
		Related: []diagnostics.Related{{Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Message: "the sources"}},
	})
}
