// Package maintainability holds the rules about what makes builds drift or age.
package maintainability

import (
	"embed"

	"layerwise/diagnostics"
)

//go:embed *.md
var pages embed.FS

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("maintainability", pages,
	baseImageEndOfLife,
	baseImageLatest,
	baseImageUntagged,
	definitionDescription,
	labelDuplicateKey,
	labelInvalidKey,
	labelInvalidValue,
	labelMissing,
	maintainerDeprecated,
	maxLines,
	pinApk,
	pinApt,
	pinCargoAndOthers,
	pinGem,
	pinGoInstall,
	pinNpm,
	pinPip,
	pinYumDnfZypper,
	preferAptGet,
	unusedArg,
)
