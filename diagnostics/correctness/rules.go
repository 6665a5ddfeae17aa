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
	cacheMountNotWritable,
	cdInRun,
	cmdBeforeEntrypointReset,
	constantFromPlatform,
	copyAfterUserWithoutChown,
	copyCaseMismatch,
	copyFromEmptyScratch,
	copyFromNumericIndex,
	copyFromUnknownStage,
	copyIgnoredFile,
	copyLinkChmodIneffective,
	copyMultiSourceDestSlash,
	copyRelativeDestWithoutWorkdir,
	copySourceMissing,
	copySourceOutsideContext,
	defaultShellBySymlink,
	duplicateStageName,
	emptyContinuation,
	entrypointShellIgnoresCmd,
	envNotExpandedInExecForm,
	envSelfReference,
	execFormProgramWithBlank,
	exposeHostMapping,
	healthcheckMissing,
	invalidDefaultArgInFrom,
	invalidJSONForm,
	legacyKeyValue,
	multipleCmd,
	multipleEntrypoint,
	multipleHealthcheck,
	noCmdEntrypoint,
	nonNumericUser,
	redundantTargetPlatform,
	relativeWorkdir,
	reservedStageName,
	shellFormCmdEntrypoint,
	syntaxDirectiveTypo,
	syntaxError,
	tildeNotExpanded,
	undefinedArgInFrom,
	undefinedVariable,
	ungracefulStopsignal,
	unknownFlag,
	unknownInstruction,
	unreachableStage,
	unusedSuppression,
	wgetProgressNoise,
)
