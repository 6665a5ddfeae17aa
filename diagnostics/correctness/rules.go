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
	bashismInSh,
	buildRefused,
	cacheMountHidesOutput,
	cdHasNoEffect,
	cdInRun,
	constantFromPlatform,
	copyIgnoredFile,
	curlNoFail,
	curlNoFollow,
	debianFrontendEnv,
	defaultShellBySymlink,
	dnfNoninteractive,
	duplicateStageName,
	emptyContinuation,
	entrypointShellIgnoresCmd,
	exportHasNoEffect,
	exposeHostMapping,
	healthcheckMissing,
	heredocNoErrexit,
	invalidDefaultArgInFrom,
	legacyKeyValue,
	lockfileNotEnforced,
	missingPipefail,
	multipleCmd,
	multipleEntrypoint,
	multipleHealthcheck,
	namedUserWithoutPasswd,
	nonNumericUser,
	npmAsPID1,
	npmCiNeedsLockfile,
	orTrueOnInstall,
	redundantTargetPlatform,
	relativeWorkdir,
	reservedStageName,
	semicolonHidesFailure,
	serviceStartInRun,
	shellFormCmdEntrypoint,
	shellRunInScratch,
	syntaxError,
	trailingSpaceAfterBackslash,
	undefinedArgInFrom,
	undefinedVariable,
	unknownFlag,
	unknownInstruction,
	unusedSuppression,
	wgetProgressNoise,
	yumNoninteractive,
	zypperNoninteractive,
)
