// Package correctness holds the rules about what BuildKit rejects, and about lines and comments that do not do what they say.
package correctness

import (
	"embed"

	"layerwise/diagnostics"
)

//go:embed *.md
var pages embed.FS

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("correctness", pages,
	basePlatformMismatch,
	buildRefused,
	cacheMountHidesOutput,
	constantFromPlatform,
	copyIgnoredFile,
	duplicateStageName,
	emptyContinuation,
	entrypointShellIgnoresCmd,
	exposeHostMapping,
	invalidDefaultArgInFrom,
	legacyKeyValue,
	multipleCmd,
	multipleEntrypoint,
	multipleHealthcheck,
	redundantTargetPlatform,
	relativeWorkdir,
	reservedStageName,
	shellFormCmdEntrypoint,
	cdInRun,
	defaultShellBySymlink,
	entrypointShellIgnoresCmd,
	healthcheckMissing,
	nonNumericUser,
	syntaxError,
	undefinedArgInFrom,
	undefinedVariable,
	unknownFlag,
	unknownInstruction,
	unusedSuppression,
	wgetProgressNoise,
)
