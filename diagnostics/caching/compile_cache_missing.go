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
	if !ok || !inst.Build || inst.CompilesAnew() || len(cmd.Wrappers) > 0 {
		return false
	}
	caches := slices.DeleteFunc(copies.CachesOf(s, cmd.Program), func(c shell.Cache) bool { return !c.Compiled })
	mounts := copies.CacheMounts(s)
	if len(caches) == 0 || slices.ContainsFunc(mounts, func(m copies.CacheMount) bool { return copies.Below(caches[0].Path, path.Clean(m.Target)) }) || toldElsewhere(cmd) {
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
				return fmt.Sprintf("Changing %s that line %d copies makes %s compile all packages again, also those that it depends on; keep what it has compiled in a cache mount (%s)",
					anyOf(p.Context(), n), p.Line(c.Step), words.Code(inst.BuildPhrase()), caches[0].Path)
			},
			Related: []diagnostics.Related{{Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Message: "what changes"}},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				change := p.Change()
				change.AddFlag(s, "--mount=type=cache,target="+caches[0].Path)
				return suggest(change.Edit, "Keep what "+words.Code(inst.BuildPhrase())+" compiles in a cache mount")
			},
		})
		return true
	}
	return false
}

// toldElsewhere reports whether the command is told by variables of its own to keep its cache elsewhere.
func toldElsewhere(cmd *shell.Command) bool {
	return slices.ContainsFunc(cmd.Assigns, func(a shell.Assign) bool { return path.IsAbs(a.Value.Text) || !a.Value.Literal })
}
