package caching

import (
	"fmt"
	"io/fs"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// The permissions of a copied file are part of the COPY's cache key, also where --chmod sets others. Git keeps only
// whether a file is executable; the rest is the umask of whoever has checked it out.
var modeDrift = &diagnostics.Rule{
	Name:     "mode-drift",
	Code:     "C39",
	Severity: diagnostics.Hint,
	Off:      true,
	Stage: func(p *diagnostics.Pass) {
		copied := p.See(copyKey{}, isContextCopy)
		if len(copied) == 0 || p.Context() == nil || p.ContextDoubted() || !p.Context().Complete() || !p.Context().HasModes() {
			return
		}
		odd := unusualModes(p.Context())
		if len(odd) == 0 {
			return
		}
		for _, seen := range copied {
			c, ok := copies.Of(seen.Step)
			if !ok {
				continue
			}
			if taken := takenOf(p.Context(), c, odd); len(taken) > 0 {
				reportModes(p, c, taken)
				return
			}
		}
	},
}

type oddKey struct{}

// unusualModes are the files of the context whose permissions are not those that git gives with the usual umask.
func unusualModes(bc *files.Context) []files.Entry {
	return bc.Memo(oddKey{}, func() any {
		var odd []files.Entry
		bc.All(func(e files.Entry) bool {
			if usual := e.Mode&^fs.ModePerm != 0 || e.Mode == 0o644 || e.Mode == 0o755; !usual && !e.Ignored {
				odd = append(odd, e)
			}
			return true
		})
		return odd
	}).([]files.Entry)
}

// takenOf are those of the files that the copy takes.
func takenOf(bc *files.Context, c copies.Copy, list []files.Entry) (taken []files.Entry) {
	sources := c.Taken(bc)
	for _, e := range list {
		for _, source := range sources {
			if (source == "." || source == e.Path || strings.HasPrefix(e.Path, source+"/")) && !c.Excludes(e.Path) {
				taken = append(taken, e)
				break
			}
		}
	}
	return taken
}

func reportModes(p *diagnostics.Pass, c copies.Copy, taken []files.Entry) {
	first := taken[0]
	usual := fs.FileMode(0o644)
	if first.Mode&0o100 != 0 {
		usual = 0o755
	}
	what := first.Path
	if more := len(taken) - 1; more > 0 {
		what += " and " + words.Count(more, "more file")
	}
	what += words.For(len(taken), " has", " have")
	p.Report(diagnostics.Finding{
		Step: c.Step, Span: diagnostics.Line(c.Step.Instr), Once: "permissions of " + first.Path,
		Message: diagnostics.Plain(fmt.Sprintf("%s permissions that git does not keep (%o): on a machine where a checkout gives %o, this COPY has another cache key and reruns%s; use `umask 022`, and `chmod %[3]o` for what is there",
			what, first.Mode.Perm(), usual, andWhatFollows(p, c.Step))),
	})
}
