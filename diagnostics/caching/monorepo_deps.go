package caching

import (
	"fmt"
	"path"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/internal/words"
)

// A list of COPYs, one for each project of a repository, grows old: the install leaves out the projects that it misses, and
// what they need. Which projects an image is meant to have is not known, so only those count that others need which
// are there.
var monorepoDeps = &diagnostics.Rule{
	Name:     "monorepo-deps",
	Code:     "C40",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		for _, i := range incompleteInstalls(p) {
			if len(i.absent) == 0 || len(i.present) == 0 {
				continue
			}
			if needs := manifests.Needs(p.Context(), i.absent, i.present); len(needs) > 0 {
				i.reportProjects(p, needs)
			}
		}
	},
}

func (i *incomplete) reportProjects(p *diagnostics.Pass, needs []manifests.Need) {
	from := bringingFile(p, i, needs[0].By)
	if from.Step == nil {
		return
	}
	var missing, projects []string
	for _, need := range needs {
		missing, projects = append(missing, need.Manifest), append(projects, path.Dir(need.Manifest))
	}
	p.Report(diagnostics.Finding{
		Step: i.step, Span: i.step.Instr.FirstLine(i.cmd.Span),
		Message: diagnostics.Plain(fmt.Sprintf("%s does not install what %s %s, on which %s depends: no step above copies %s; copy %s, too",
			words.Code(i.inst.Phrase), and(projects), words.For(len(projects), "needs", "need"), path.Dir(needs[0].By), and(missing), words.For(len(missing), "it", "them"))),
		Related: []diagnostics.Related{{Step: from.Step, Span: diagnostics.Line(from.Step.Instr), Message: "what depends on it is copied here"}},
		Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return copyProjects(p, from, needs[0].By, missing) },
	})
}

// bringingFile is the COPY of the stage that brings a file of the context to where the install reads it.
func bringingFile(p *diagnostics.Pass, i *incomplete, name string) copies.Copy {
	dir, _, ok := copies.InputsOf(p.Context(), i.step, i.cmd, i.inst)
	if rel, inside := relative(dir, name); ok && inside {
		return bringing(p, i.step, path.Join(copies.WorkingDir(i.step, i.cmd, i.inst), rel))
	}
	return copies.Copy{}
}

// copyProjects copies the manifests as the one that depends on them is copied, each into a folder of its own.
func copyProjects(p *diagnostics.Pass, from copies.Copy, like string, missing []string) []diagnostics.Fix {
	in := from.Step.Instr
	to, ok := strings.CutSuffix(strings.TrimSuffix(in.Words[len(in.Words)-1].Text, "/")+"/", path.Dir(like)+"/")
	if in.JSON || !ok || len(in.Words) != 2 || !from.IsDir || from.Parents {
		return nil
	}
	var lines []string
	for _, name := range missing {
		line := rewrite.Keyword(from.Step, "COPY")
		for _, flag := range in.Flags {
			line += " " + flag.Span.Of(in.Text)
		}
		lines = append(lines, line+" "+copies.Word(p.Escape(), name)+" "+copies.Word(p.Escape(), to+path.Dir(name)+"/"))
	}
	return p.FixBy("Copy "+and(missing)+", too", diagnostics.Suggested, func(c *rewrite.Change) {
		c.Insert(rewrite.Below(from.Step), lines...)
	})
}
