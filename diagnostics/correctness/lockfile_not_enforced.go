package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var lockfileNotEnforced = &diagnostics.Rule{
	Name:       "lockfile-not-enforced",
	Severity:   diagnostics.Info,
	Production: true,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"ruby/missing-bundle-deployment"}},
	Stage: func(p *diagnostics.Pass) {
		installs := p.See(looseKey{}, looseInstall)
		if len(installs) == 0 || p.ForDevelopers(p.Stage) || p.Context() == nil || p.ContextDoubted() {
			return
		}
		for _, step := range installs {
			c, ok := step.What.(*shell.Command)
			if !ok {
				continue
			}
			if lock := lockAt(p, step.Step, c); lock != "" {
				reportLoose(p, step.Step, c, lock)
			}
		}
	},
}

type looseKey struct{}

// looseInstall is the first install of a RUN that need not keep to the lock file; or nil.
func looseInstall(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		inst, ok := c.Install()
		if !ok || inst.FrozenForm == "" || c.MayHoldOptions() {
			continue
		}
		set := func(v manifests.Var) bool { return slices.Contains(inst.FrozenEnv, v.Name) }
		if !slices.ContainsFunc(copies.EnvAt(s, c), set) {
			return c
		}
	}
	return nil
}

// lockAt is the lock file of the context that surely stands where the install works; "" if there is none.
func lockAt(p *diagnostics.Pass, s *stages.Step, c *shell.Command) string {
	inst, _ := c.Install()
	locks, _ := manifests.LockFiles(inst.Ecosystem)
	var above []*stages.Step
	for _, stage := range p.Stage.Chain() {
		for _, step := range stage.Steps {
			if step.Stage != s.Stage || step.N < s.N {
				above = append(above, step)
			}
		}
	}
	dir := copies.WorkingDir(s, c, inst)
	for _, lock := range locks {
		if source, ok := copies.OriginOf(p.Context(), above, path.Join(dir, lock)); ok {
			return source
		}
	}
	return ""
}

func reportLoose(p *diagnostics.Pass, s *stages.Step, c *shell.Command, lock string) {
	inst, _ := c.Install()
	form := inst.FrozenForm
	if !strings.HasPrefix(form, "-") {
		form = c.Program + " " + form
	}
	p.Report(diagnostics.Finding{
		Step: s, Span: s.Instr.FirstLine(c.Span),
		Message: diagnostics.Plain(words.Code(inst.Phrase) + " may install other versions than " + lock + " says, when that does not fit the manifest: nobody has tried these; use " + words.Code(form)),
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			operands := c.Operands()
			change := p.Change()
			switch {
			case s.Instr.JSON:
				return nil
			case form == inst.FrozenForm && len(operands) == 0:
				change.InsertWords(s, c.Words[0].Span, form)
			case form == inst.FrozenForm:
				change.InsertWords(s, operands[0].Span, form)
			case len(operands) == 1:
				change.ReplaceWord(s, operands[0].Span, inst.FrozenForm)
			default:
				return nil
			}
			edit, err := change.Edit()
			if err != nil {
				return nil
			}
			return []diagnostics.Fix{{Title: "Use " + words.Code(form) + ", which fails if the lock file does not fit", Edits: []diagnostics.FileEdit{edit}}}
		},
	})
}
