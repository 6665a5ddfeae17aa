// Package style holds the rules about how a file is written: nothing of what they report changes a build.
package style

import (
	"embed"

	"layerwise/diagnostics"
)

//go:embed *.md
var pages embed.FS

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("style", pages,
	exposeProtoCasing,
	fromAsCasing,
	instructionCasing,
	stageNameCasing,
)
