package correctness

import (
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
)

var syntaxDirectiveTypo = &diagnostics.Rule{
	Name:      "syntax-directive-typo",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"syntax-directive-typo"}},
	File: func(p *diagnostics.Pass) {
		f := p.File()
		if i := slices.IndexFunc(f.Directives, func(d syntax.Directive) bool { return d.Name == "syntax" }); i >= 0 {
			checkFrontend(p, f.Directives[i])
			return
		}
		if len(f.Instructions) == 0 {
			return
		}
		for _, comment := range f.Instructions[0].Comments {
			if lateSyntax.MatchString(comment.Of(f.Instructions[0].Text)) {
				reportLate(p, comment.Shift(f.Start(0)))
				return
			}
		}
	},
}

// lateSyntax is a comment that would choose the frontend at the top of the file.
var lateSyntax = lazy.New(`(?i)^#\s*syntax\s*=\s*\S+/\S+\s*$`)

// frontends are the images of Docker's own frontend.
var frontends = []string{"docker/dockerfile", "docker/dockerfile-upstream", "docker.io/docker/dockerfile"}

// checkFrontend reports a frontend whose name is nearly that of Docker's own.
func checkFrontend(p *diagnostics.Pass, d syntax.Directive) {
	if !p.File().CustomFrontend() {
		return
	}
	name := frontendName.FindString(d.Value)
	meant := syntax.Nearest(name, frontends)
	if meant == "" && (name == "dockerfile" || name == "docker") {
		meant = frontends[0]
	}
	if meant == "" || name == meant {
		return
	}
	p.Report(diagnostics.Finding{
		Span:    d.ValueSpan,
		Message: diagnostics.Plain("The build begins by fetching the image " + name + ", and lets it read this file; did you mean " + meant + "?"),
	})
}

// frontendName is the name of an image without its tag and digest.
var frontendName = lazy.New(`^[^:@\s]+`)

func reportLate(p *diagnostics.Pass, comment text.Span) {
	p.Report(diagnostics.Finding{
		Span:    comment,
		Message: diagnostics.Plain("This line chooses nothing here: it counts only at the top of the file, above blank lines, instructions and other comments; move it up"),
	})
}
