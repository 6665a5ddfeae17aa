package size

import (
	"slices"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var wgetAndCurlBoth = &diagnostics.Rule{
	Name:       "wget-and-curl-both",
	Production: true,
	Severity:   diagnostics.Hint,
	Off:        true,
	Hadolint:   []string{"DL4001"},
	Elsewhere:  diagnostics.Elsewhere{Trivy: []string{"DS-0014"}, KICS: []string{"fc775e75-fcfb-4c98-b2f2-910c5858b359"}, Semgrep: []string{"use-either-wget-or-curl"}},
	Stage:      checkDownloaders,
}

// checkDownloaders reports the second program for downloads that the chain installs. To call one that is there costs
// nothing.
func checkDownloaders(p *diagnostics.Pass) {
	found := p.SeeChain(downloadersKey{}, installsDownloaders)
	if len(found) == 0 || !p.Exported() {
		return
	}
	if slices.ContainsFunc(found, func(s diagnostics.Seen) bool { return s.What == removesOne }) {
		return
	}
	first := ""
	for _, seen := range found {
		if seen.What == nil {
			continue
		}
		for _, c := range shell.Commands(seen.Instr, seen.Shell) {
			os, ok := c.OSPackages()
			for _, w := range os.Packages {
				switch {
				case !ok || !shell.DownloadsByAddress(w.Text):
				case !os.Install || first == w.Text:
				case first == "":
					first = w.Text
				default:
					if seen.Stage == p.Stage {
						p.Report(diagnostics.Finding{
							Step: seen.Step, Span: w.Span,
							Message: diagnostics.Plain("The image gets " + words.Code(w.Text) + " beside " + words.Code(first) + ", which does the same; install one of them"),
						})
					}
					return
				}
			}
		}
	}
}

type downloadersKey struct{}

const removesOne = "removes one"

// installsDownloaders tells of a RUN that installs a program for downloads, or removes one.
func installsDownloaders(s *stages.Step) (what any) {
	if s.Instr.Name != "RUN" {
		return nil
	}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		os, ok := c.OSPackages()
		if ok && os.Remove && what != nil {
			return removesOne // perhaps all that nothing needs any more: apt-get purge --auto-remove
		}
		if !ok || !slices.ContainsFunc(os.Packages, func(w shell.Word) bool { return shell.DownloadsByAddress(w.Text) }) {
			continue
		}
		if os.Remove {
			return removesOne
		}
		what = installs
	}
	return what
}
