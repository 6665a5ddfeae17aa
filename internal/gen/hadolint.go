package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"layerwise/diagnostics/catalog"
)

// withoutRule are the rules of hadolint's that are no rule of ours, with what becomes of them.
var withoutRule = map[string]string{
	"DL1001": "none: comments of hadolint always count",
	"DL3011": "`build-refused`: BuildKit refuses the port",
	"DL3023": "`build-refused`: BuildKit refuses the COPY",
	"DL3043": "`syntax-error`: BuildKit refuses the ONBUILD",
	"DL3050": "none: labels may be there that nobody asks for",
	"DL3061": "`syntax-error`: BuildKit refuses what stands above FROM",
}

// crosswalk is the table of hadolint's rules, and which of ours stand for them.
func crosswalk() string {
	rows := map[string]string{}
	for id, instead := range withoutRule {
		rows[id] = instead + " | "
	}
	for _, r := range catalog.Rules() {
		severity := r.Severity.String()
		if r.Off {
			severity = "off"
		}
		for _, id := range r.Hadolint {
			rows[id] = fmt.Sprintf("[`%s`](../diagnostics/%s/%s.md) | %s", r.Name, r.Folder(), strings.ReplaceAll(r.Name, "-", "_"), severity)
		}
	}
	var b strings.Builder
	b.WriteString("\n| hadolint | Layerwise | by default |\n|---|---|---|\n")
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		fmt.Fprintf(&b, "| %s | %s |\n", id, rows[id])
	}
	b.WriteString("\n")
	return b.String()
}
