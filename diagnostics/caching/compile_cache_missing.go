package caching

import (
	"fmt"
	"path"
	"slices"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var compileCacheMissing = &diagnostics.Rule{
	Name:     "compile-cache-missing",
	Severity: diagnostics.Hint,
	Stage:    checkCompileCache,
}

// checkCompileCache looks for the first command that compiles below a copy of the sources without the cache that its
// compiler would use. What it depends on has to be there already: otherwise build-downloads-deps tells of the mount.
func checkCompileCache(p *diagnostics.Pass) {
	var above []copies.Copy
	fetched := map[string]bool{} // ecosystems
	for _, seen := range p.SeeChain(fetchKey{}, copiesOrFetches) {
		s := seen.Step
		switch what := seen.What.(type) {
		case copied:
			if c, ok := copies.Of(s); ok && len(above) < copies.MaxWhole {
				above = append(above, c)
			}
		case []fetch:
			for _, f := range what {
				fetched[f.ecosystem] = fetched[f.ecosystem] || f.depsOnly
				if f.all && fetched[f.ecosystem] && s.Stage == p.Stage && reportCompile(p, above, s, f) {
					return
				}
			}
		}
	}
}

func reportCompile(p *diagnostics.Pass, above []copies.Copy, s *stages.Step, f fetch) bool {
	if p.Context() == nil || p.ContextDoubted() || s.Instr.JSON {
		return false
	}
	cmd := f.command(s)
	inst, ok := cmd.Install()
	if !ok || !inst.Build || len(cmd.Wrappers) > 0 {
		return false
	}
	anew, idle, compilesAnew := inst.CompilesAnew()
	if compilesAnew && !isSet(s, cmd, idle) {
		return false // it may be there for a reason
	}
	caches := slices.DeleteFunc(copies.CachesOf(s, cmd.Program), func(c shell.Cache) bool { return !c.Compiled })
	if len(caches) == 0 || toldElsewhere(cmd) {
		return false
	}
	mounted := slices.ContainsFunc(copies.CacheMounts(s), func(m copies.CacheMount) bool { return copies.Below(caches[0].Path, path.Clean(m.Target)) })
	if mounted && !compilesAnew {
		return false
	}
	dir := copies.WorkingDir(s, cmd, inst)
	for _, c := range above {
		contextDir, ok := c.Delivers(dir)
		if !ok || !c.Whole() && !c.Broad(p.Context()) || !manifests.HasDependencies(p.Context(), contextDir, inst.Ecosystem) {
			continue
		}
		n := c.Select(p.Context()).Files
		p.Report(diagnostics.Finding{
			Step: s, Span: cmd.Span,
			Message: func(p *diagnostics.Pass) string {
				what := fmt.Sprintf("Changing %s that line %d copies makes %s compile all packages again, also those that it depends on", anyOf(p.Context(), n), p.Line(c.Step), words.Code(inst.BuildPhrase()))
				leave := words.Code(anew.Text) + ", which changes nothing of the result without C code"
				switch {
				case mounted:
					return what + "; leave out " + leave + " and makes the cache mount useless"
				case compilesAnew:
					return what + "; leave out " + leave + ", and keep what it has compiled in a cache mount (" + caches[0].Path + ")"
				}
				return what + "; keep what it has compiled in a cache mount (" + caches[0].Path + ")"
			},
			Related: []diagnostics.Related{{Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Message: "what changes"}},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change, title := p.Change(), "Keep what "+words.Code(inst.BuildPhrase())+" compiles in a cache mount"
				if compilesAnew {
					change.DropWord(s, anew.Span)
					title += ", and leave out " + words.Code(anew.Text)
				}
				if mounted {
					title = "Leave out " + words.Code(anew.Text)
				} else {
					change.AddFlag(s, "--mount=type=cache,target="+caches[0].Path)
				}
				return suggest(change.Edit, title)
			},
		})
		return true
	}
	return false
}

// isSet reports whether the command runs with that value of the variable.
func isSet(s *stages.Step, cmd *shell.Command, want shell.Assign) bool {
	value, known := "", false
	for _, v := range copies.EnvAt(s, cmd) {
		if v.Name == want.Name {
			value, known = v.Value, v.Known
		}
	}
	for _, a := range cmd.Assigns {
		if a.Name == want.Name {
			value, known = a.Value.Text, a.Value.Literal
		}
	}
	return known && value == want.Value.Text
}

// toldElsewhere reports whether the command is told by variables of its own to keep its cache elsewhere.
func toldElsewhere(cmd *shell.Command) bool {
	return slices.ContainsFunc(cmd.Assigns, func(a shell.Assign) bool { return path.IsAbs(a.Value.Text) || !a.Value.Literal })
}
