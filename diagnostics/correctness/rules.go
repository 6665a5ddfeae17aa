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
	aptNoninteractive,
	basePlatformMismatch,
	buildRefused,
	cacheMountHidesOutput,
	cdHasNoEffect,
	cdInRun,
	constantFromPlatform,
	copyIgnoredFile,
	defaultShellBySymlink,
	dnfNoninteractive,
	duplicateStageName,
	emptyContinuation,
	entrypointShellIgnoresCmd,
	exportHasNoEffect,
	exposeHostMapping,
	healthcheckMissing,
	invalidDefaultArgInFrom,
	legacyKeyValue,
	multipleCmd,
	multipleEntrypoint,
	multipleHealthcheck,
	nonNumericUser,
	redundantTargetPlatform,
	relativeWorkdir,
	reservedStageName,
	shellFormCmdEntrypoint,
	syntaxError,
	undefinedArgInFrom,
	undefinedVariable,
	unknownFlag,
	unknownInstruction,
	unusedSuppression,
	wgetProgressNoise,
	yumNoninteractive,
	zypperNoninteractive,
)
