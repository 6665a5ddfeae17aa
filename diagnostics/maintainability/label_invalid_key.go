package maintainability

import (
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
)

var labelInvalidKey = &diagnostics.Rule{
	Name:      "label-invalid-key",
	Severity:  diagnostics.Hint,
	Hadolint:  []string{"DL3048"},
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"labels/valid-key"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		for _, l := range labelsOf(s) {
			if what := wrongIn(l.key); what != "" && !isOthers(l.key) {
				p.Report(diagnostics.Finding{
					Step: s, Span: l.span,
					Message: diagnostics.Plain("The label " + l.key + " " + what + ", so that tools that search for labels by their usual form miss it; use small letters, digits, dots and hyphens"),
				})
			}
		}
	},
}

// wrongIn is what Docker's guidelines for labels forbid in the key: "has capitals"; "" if it is right. Underscores, which they
// forbid, too, hurt nobody.
func wrongIn(key string) string {
	switch {
	case key == "":
		return ""
	case strings.ContainsAny(key, " \t"):
		return "has blanks in its name"
	case strings.ToLower(key) != key:
		return "has capitals in its name"
	case strings.ContainsAny(key[:1], "0123456789.-"):
		return "begins with a digit, a dot or a hyphen"
	case strings.Contains(key, "/"):
		return "has a slash in its name"
	case strings.Contains(key, "..") || strings.Contains(key, "--"):
		return "has two dots or hyphens side by side"
	}
	return ""
}

// isOthers reports whether the form of the key is not the author's to choose: it belongs to the namespace of a project, or
// is one that podman runs.
func isOthers(key string) bool {
	return slices.ContainsFunc(namespaces, func(of string) bool { return strings.HasPrefix(key, of) }) || slices.Contains(runLabels, key)
}

var (
	namespaces = []string{"com.docker.", "com.github.", "com.microsoft.", "com.redhat.", "io.docker.", "io.k8s.", "io.openshift.", "org.dockerproject.", "org.label-schema.", "org.opencontainers."}
	runLabels  = []string{"INSTALL", "RUN", "UNINSTALL"}
)
