package security

import (
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
)

var secretViaBroadCopy = &diagnostics.Rule{
	Name:     "secret-via-broad-copy",
	Severity: diagnostics.Warning,
	Local:    true,
	Stage:    checkSecretViaBroadCopy,
}

// checkSecretViaBroadCopy looks for credentials at the top of the context, and in the folders
// directly below it, that a COPY of the whole context takes in.
func checkSecretViaBroadCopy(p *diagnostics.Pass) {
	whole := copies.OfWholeContext(p.Context, p.Stage)
	if len(whole) == 0 {
		return
	}
	var found []string
	p.Context.Shallow(func(e files.Entry) {
		if !e.Ignored && !e.Mode.IsDir() && isSecretFile(e.Path) && !isHarmlessFile(p.Context, e.Path) && !whole[0].Excludes(e.Path) {
			found = append(found, e.Path)
		}
	})
	if len(found) == 0 {
		return
	}
	where := "and anyone who has the image can read it"
	if !p.Exported {
		where = "and it stays in the build cache, which may be pushed"
	}
	p.Report(diagnostics.Finding{
		Step: whole[0].Step, Span: diagnostics.Line(whole[0].Step.Instr),
		Format: "This COPY takes in %s, which usually holds credentials, %s%s",
		Args:   []any{strings.Join(found, " and "), where, func(p *diagnostics.Pass) string { return p.CreateIgnoreFile(found) }},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.IgnoreFix("Ignore "+strings.Join(found, " and ")+" in .dockerignore", found)
		},
	})
}
