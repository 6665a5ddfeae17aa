// Package caching holds the rules about what a change reruns.
package caching

import (
	"embed"

	"layerwise/diagnostics"
)

//go:embed *.md
var pages embed.FS

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("cache", pages,
	addURLFloating,
	buildDownloadsDeps,
	cacheExportMode,
	cacheMountDefeated,
	cacheMountUnlocked,
	cacheMountWrongTarget,
	cachebustArgMisplaced,
	cargoDummyMtime,
	chmodAfterCopy,
	chownAfterCopy,
	compileCacheMissing,
	consecutiveRunMerge,
	copyBeforeInstall,
	copyByDetour,
	copyContextInFinalStage,
	copyFromStageTooBroad,
	copyLinkOpportunity,
	depsCopyIncomplete,
	depsCopyTooWide,
	dockerignoreDeps,
	dockerignoreMissing,
	dockerignoreOutputs,
	dockerignorePatternNoop,
	dockerignoreSelf,
	dockerignoreVCS,
	envSetBeforeUnrelatedInstall,
	expensiveBelowVolatile,
	modeDrift,
	monorepoDeps,
	nondeterministicRun,
	onbuildCopy,
	packageUpgradeNeverRefreshes,
	pkgIndexRefreshAlone,
	platformArgTooEarly,
	prefetchIncomplete,
	proxyArgDeclared,
	runMixesUnrelatedInstallers,
	sourceDateEpochForksCache,
	stableCopyBelowSources,
	staleRemoteFetch,
	testsInBuildChain,
	userSwitchOrder,
	volatileArgTooEarly,
	volatileEnvTooEarly,
	workdirRedundant,
)
