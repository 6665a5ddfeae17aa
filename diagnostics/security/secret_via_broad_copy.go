package security

import (
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
)

var secretViaBroadCopy = &diagnostics.Rule{
	Name:     "secret-via-broad-copy",
	Severity: diagnostics.Warning,
	Stage:    checkSecretViaBroadCopy,
}

// checkSecretViaBroadCopy looks for credentials at the top of the context, and in the folders
// directly below it, that a COPY of the whole context takes in.
func checkSecretViaBroadCopy(p *diagnostics.Pass) {
	whole := p.WholeCopies()
	if len(whole) == 0 {
		return
	}
	var found []string
	for _, name := range secretFiles(p.Context()) {
		if !isHarmlessFile(p.Context(), name) && !whole[0].Excludes(name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return
	}
	where := "and anyone who has the image can read it"
	if !p.Exported() {
		where = "and it stays in the build cache, which may be pushed"
	}
	p.Report(diagnostics.Finding{
		Step: whole[0].Step, Span: diagnostics.Line(whole[0].Step.Instr),
		Message: func(p *diagnostics.Pass) string {
			return "This COPY takes in " + strings.Join(found, " and ") + ", which usually holds credentials, " + where + p.CreateIgnoreFile(found)
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.IgnoreFix("Ignore "+strings.Join(found, " and ")+" in .dockerignore", found)
		},
	})
}

// maxSecretFiles bounds how many files are looked into, in a context that is full of them.
const maxSecretFiles = 100

type secretFilesKey struct{}

// secretFiles are the files that are named like credentials, at the top of the context and in the folders
// directly below it.
func secretFiles(ctx *files.Context) []string {
	return ctx.Memo(secretFilesKey{}, func() any {
		var names []string
		ctx.Shallow(func(e files.Entry) {
			if len(names) < maxSecretFiles && !e.Ignored && !e.Mode.IsDir() && isSecretFile(e.Path) {
				names = append(names, e.Path)
			}
		})
		return names
	}).([]string)
}
