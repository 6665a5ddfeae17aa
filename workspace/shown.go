package workspace

import (
	"fmt"
	"slices"
)

// This file holds the settings about what an editor shows.

// The values of Config.Findings.
const (
	findingsOfAll  = "all"
	findingsOfOpen = "open"
)

// FindingsOfOpen reports whether an editor shows the findings of Dockerfiles only while they are open.
func (c Config) FindingsOfOpen() bool { return c.Findings == findingsOfOpen }

// checkFindings says what is wrong with the setting; "" if nothing is.
func checkFindings(value string) string {
	if value == "" || value == findingsOfAll || value == findingsOfOpen {
		return ""
	}
	return fmt.Sprintf("findings must be all or open, not %q", quoted(value))
}

// The kinds of code lenses.
const (
	LensBuilds     = "builds"
	LensFindings   = "findings"
	LensReruns     = "reruns"
	LensReferences = "references"
)

// LensKinds are the kinds of code lenses that the configuration switches off.
var LensKinds = []string{LensBuilds, LensFindings, LensReruns, LensReferences}

// lensDocs say what the kinds of code lenses tell.
var lensDocs = map[string]string{
	LensBuilds:     "What builds the Dockerfile, above its first FROM.",
	LensFindings:   "How many findings a Dockerfile has, above each build of it in a compose file or workflow.",
	LensReruns:     "How many steps of a stage rerun when one of its sources is edited.",
	LensReferences: "How often a stage is used.",
}

// ShowsLens reports whether a kind of code lens is on.
func (c Config) ShowsLens(kind string) bool {
	on, set := c.Lenses[kind]
	return on || !set
}

// checkLens says what is wrong with the kind of a code lens; empty if nothing is.
func checkLens(kind string) string {
	if slices.Contains(LensKinds, kind) {
		return ""
	}
	return fmt.Sprintf("there is no code lens %q%s", quoted(kind), suggestion(kind, LensKinds))
}

// kindsSchema is the schema of a setting that switches kinds of something off.
func kindsSchema(names []string, docs map[string]string) map[string]any {
	kinds := map[string]any{}
	for _, kind := range names {
		kinds[kind] = map[string]any{"type": "boolean", "description": docs[kind]}
	}
	return kinds
}
