package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
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
	whole := copies.OfWholeContext(p.Context, p.Stage)
	if len(whole) == 0 {
		return
	}
	var found []string
	look := func(e files.Entry) {
		if !e.Ignored && !e.Mode.IsDir() && isSecretFile(e.Path) && !isHarmlessFile(p.Context, e.Path) && !excludes(whole[0], e.Path) {
			found = append(found, e.Path)
		}
	}
	for _, e := range p.Context.List(".") {
		look(e)
		if e.Mode.IsDir() && !e.Ignored && e.Path != "node_modules" && e.Path != ".git" {
			for _, below := range p.Context.List(e.Path) {
				look(below)
			}
		}
	}
	if len(found) == 0 {
		return
	}
	where := "and anyone who has the image can read it"
	if !p.Exported {
		where = "and it stays in the build cache, which may be pushed"
	}
	p.Report(diagnostics.Finding{
		Step: whole[0].Step, Span: diagnostics.Line(whole[0].Step.Instr),
		Format: "This COPY takes in %s, which usually holds credentials, %s", Args: []any{strings.Join(found, " and "), where},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return []diagnostics.Fix{{
				Title: "Ignore " + strings.Join(found, " and ") + " in .dockerignore",
				Edits: []diagnostics.FileEdit{p.IgnoreEdit(found)},
			}}
		},
	})
}

func excludes(c copies.Copy, name string) bool {
	return slices.ContainsFunc(c.Exclude, func(pattern string) bool { return strings.Contains(pattern, path.Base(name)) })
}
