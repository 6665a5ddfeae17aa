package caching

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This rule is about files that an install takes as they are, and does without if they are not there. Where it fails
// without its lock file, npm-ci-needs-lockfile says so.
var depsCopyIncomplete = &diagnostics.Rule{
	Name:     "deps-copy-incomplete",
	Code:     "C02",
	Severity: diagnostics.Warning,
	Stage: func(p *diagnostics.Pass) {
		for _, i := range incompleteInstalls(p) {
			if i.from.Step != nil && len(i.missing) > 0 && !i.built {
				i.report(p)
			}
		}
	},
}

// maxInstalls bounds how many installs of a stage are looked at: for each, all steps above are, of which there may be
// maxAbove.
const maxInstalls, maxAbove = 20, 300

// incomplete is an install above which files that belong to it may not be copied.
type incomplete struct {
	step    *stages.Step
	cmd     *shell.Command
	inst    *shell.Install
	from    copies.Copy // that brings the manifest
	missing []string    // what it does without
	lack    manifests.Lack
	built   bool     // a build below installs what is missing
	present []string // what it finds of its files; all are relative to the context root
	absent  []string // what it does not find, and nobody knows what follows from that
}

type incompleteKey struct{}

// incompleteInstalls are the installs of the stage, if the build context is known.
func incompleteInstalls(p *diagnostics.Pass) []*incomplete {
	list, _ := p.Fact(incompleteKey{}, func(p *diagnostics.Pass) any { return findIncomplete(p) }).([]*incomplete)
	return list
}

func findIncomplete(p *diagnostics.Pass) (list []*incomplete) {
	installs := p.See(allDepsKey{}, hasInstalls)
	if len(installs) == 0 || len(installs) > maxInstalls || p.Context() == nil || p.ContextDoubted() || !p.Context().Complete() {
		return nil
	}
	above := 0
	for _, stage := range p.Stage.Chain() {
		above += len(stage.Steps)
	}
	if above > maxAbove {
		return nil
	}
	for n, seen := range installs {
		for _, cmd := range shell.Of(seen.Instr, seen.Shell).Commands {
			inst, ok := cmd.Install()
			if !ok || !inst.DepsOnly || seen.Instr.JSON {
				continue
			}
			again, built := laterInstalls(installs[n+1:], inst.Ecosystem)
			if again {
				continue
			}
			if i := inputsAbove(p, seen.Step, cmd, inst); i != nil {
				i.built = built
				list = append(list, i)
			}
			break
		}
	}
	return list
}

// laterInstalls reports whether the steps install dependencies of the ecosystem again, and whether a build of them does.
func laterInstalls(steps []diagnostics.Seen, ecosystem string) (again, built bool) {
	for _, seen := range steps {
		for _, cmd := range shell.Of(seen.Instr, seen.Shell).Commands {
			if inst, ok := cmd.Install(); ok && inst.Ecosystem == ecosystem {
				again, built = again || inst.DepsOnly, built || !inst.DepsOnly && !inst.Offline()
			}
		}
	}
	return again, built
}

type allDepsKey struct{}

// hasInstalls is true for a RUN with installs, builds that install among them, which mounts no files of the context; or nil.
func hasInstalls(s *stages.Step) any {
	if s.Instr.Name != "RUN" || len(s.Instr.Flags) > 0 && strings.Contains(s.Instr.Text, "type=bind") {
		return nil
	}
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if _, ok := c.Install(); ok {
			return true
		}
	}
	return nil
}

// inputsAbove tells which of the files that the install reads are there; nil if that is not known.
func inputsAbove(p *diagnostics.Pass, s *stages.Step, cmd *shell.Command, inst *shell.Install) *incomplete {
	dir, in, ok := copies.InputsOf(p.Context(), s, cmd, inst)
	if !ok {
		return nil
	}
	at := copies.WorkingDir(s, cmd, inst)
	image := map[string]string{} // of the files: where they would have to stand
	var wanted []string
	for _, name := range in.Files {
		if rel, inside := relative(dir, name); inside {
			image[name] = path.Join(at, rel)
			wanted = append(wanted, image[name])
		}
	}
	standing := copies.Standing(p.Context(), s, cmd, wanted)
	i := &incomplete{step: s, cmd: cmd, inst: inst}
	for _, name := range in.Files {
		to, inside := image[name]
		switch l := manifests.Lacks(p.Context(), inst.Ecosystem, name); {
		case !inside:
		case slices.Contains(standing, to):
			i.present = append(i.present, name)
			if l == manifests.LackVersions {
				i.lack = manifests.LackNothing // of two lock files the install takes one
			} else if i.from.Step == nil {
				i.from = bringing(p, s, to)
			}
		case l == manifests.LackVersions && inst.NeedsLock:
			return nil // npm-ci-needs-lockfile's
		case l != manifests.LackNothing:
			i.missing, i.lack = append(i.missing, name), max(i.lack, l)
		default:
			i.absent = append(i.absent, name)
		}
	}
	return i
}

func (i *incomplete) report(p *diagnostics.Pass) {
	p.Report(diagnostics.Finding{
		Step: i.step, Span: i.step.Instr.FirstLine(i.cmd.Span),
		Message: diagnostics.Plain(incompleteMessage(i.inst, i.missing, i.lack)),
		Related: []diagnostics.Related{{Step: i.from.Step, Span: diagnostics.Line(i.from.Step.Instr), Message: "the manifest is copied here"}},
		Fixes:   func(p *diagnostics.Pass) []diagnostics.Fix { return copyAlong(p, i.from, i.missing) },
	})
}

// bringing is the COPY of the pass's stage above s that puts a file of the context at the path of the image.
func bringing(p *diagnostics.Pass, s *stages.Step, to string) (found copies.Copy) {
	for _, step := range p.See(copyKey{}, isContextCopy) {
		if c, ok := copies.Of(step.Step); ok && step.N < s.N {
			if _, ok := c.Origin(p.Context(), to); ok {
				found = c
			}
		}
	}
	return found
}

func incompleteMessage(inst *shell.Install, missing []string, lack manifests.Lack) string {
	them := words.For(len(missing), "it", "them")
	effect := "so what " + words.For(len(missing), "it says", "they say") + " of how to install does not count"
	if lack == manifests.LackVersions {
		effect = "so each build may install versions that nobody has tried"
	}
	return words.Code(inst.Phrase) + " runs without " + and(missing) + ", which no step above copies, " + effect + "; copy " + them + " with the manifest"
}

// copyAlong takes the files along with the manifest, if they lie beside it and it is copied into a directory.
func copyAlong(p *diagnostics.Pass, c copies.Copy, missing []string) []diagnostics.Fix {
	in := c.Step.Instr
	if in.JSON || !c.IsDir || len(in.Words) < 2 || c.Parents {
		return nil
	}
	beside := sourceOf(in.Words[0])
	var text []string
	for _, name := range missing {
		if path.Dir(name) != path.Dir(beside) {
			return nil
		}
		text = append(text, copies.Word(p.Escape(), name))
	}
	return p.FixBy("Copy "+and(missing)+", too", diagnostics.Suggested, func(change *rewrite.Change) {
		change.InsertWords(c.Step, in.Words[len(in.Words)-2].Span, strings.Join(text, " "))
	})
}
