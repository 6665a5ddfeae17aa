package catalog

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/internal/words"
)

// Page is the rule's page as it is shown: below its first sentence stand the severity, how to change it,
// and the names that others have for the mistake. These come from the rule, so that they are always true.
func Page(r *diagnostics.Rule) string {
	facts := []string{"Severity: " + r.Severity.String() + "."}
	if r.Off {
		facts[0] = "Severity: " + r.Severity.String() + ", off by default."
		facts = append(facts, "To turn it on, write `"+r.Name+": on` below `rules` in `.layerwise.yaml`.")
	} else {
		facts = append(facts, "To turn it off, write `"+r.Name+": off` below `rules` in `.layerwise.yaml`.")
	}
	if r.Always {
		facts = append(facts, "A comment cannot silence it, because the build fails all the same.")
	}
	if len(r.BuildKit) > 0 {
		facts = append(facts, "BuildKit calls it "+ids(r.BuildKit)+".")
	}
	if len(r.Hadolint) > 0 {
		facts = append(facts, "Hadolint calls it "+ids(r.Hadolint)+".")
	}
	var others []string
	for _, tool := range diagnostics.Tools() {
		if list := r.IDs(tool); len(list) > 0 && tool != diagnostics.BuildKit && tool != diagnostics.Hadolint && tool != diagnostics.KICS {
			others = append(others, ids(list)+" ("+string(tool)+")") // not the ids of KICS, which are long numbers
		}
	}
	if len(others) > 0 {
		facts = append(facts, "Other tools know it as "+strings.Join(others, ", ")+".")
	}
	title, rest, _ := strings.Cut(r.Page, "\n\n")
	summary, rest, _ := strings.Cut(rest, "\n\n")
	return title + "\n\n" + summary + "\n\n" + strings.Join(facts, " ") + "\n\n" + rest
}

func ids(list []string) string {
	shown := make([]string, len(list))
	for i, id := range list {
		shown[i] = "`" + id + "`"
	}
	if len(shown) == 1 {
		return shown[0]
	}
	return words.Alternatives(shown, "or")
}
