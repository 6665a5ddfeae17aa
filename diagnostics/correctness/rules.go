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
	addInsteadOfCopy,
	argOutOfScope,
	basePlatformMismatch,
	buildRefused,
	cacheMountHidesOutput,
	cmdBeforeEntrypointReset,
	constantFromPlatform,
	copyCaseMismatch,
	copyFromEmptyScratch,
	copyFromNumericIndex,
	copyFromUnknownStage,
	copyIgnoredFile,
	copyMultiSourceDestSlash,
	copyRelativeDestWithoutWorkdir,
	copySourceMissing,
	copySourceOutsideContext,
	duplicateStageName,
	emptyContinuation,
	entrypointShellIgnoresCmd,
	envNotExpandedInExecForm,
	envSelfReference,
	execFormProgramWithBlank,
	exposeHostMapping,
	invalidDefaultArgInFrom,
	invalidJSONForm,
	legacyKeyValue,
	multipleCmd,
	multipleEntrypoint,
	multipleHealthcheck,
	redundantTargetPlatform,
	relativeWorkdir,
	reservedStageName,
	shellFormCmdEntrypoint,
	syntaxError,
	tildeNotExpanded,
	undefinedArgInFrom,
	undefinedVariable,
	unknownFlag,
	unknownInstruction,
	unreachableStage,
	unusedSuppression,
)
