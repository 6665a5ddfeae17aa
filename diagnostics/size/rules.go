// Package size holds the rules about what makes images larger than they need to be.
package size

import (
	"embed"

	"layerwise/diagnostics"
)

//go:embed *.md
var pages embed.FS

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("size", pages,
	addForArchive,
	apkNoCache,
	aptListsNotRemoved,
	aptNoInstallRecommends,
	buildPackagesInFinal,
	copyWholeFilesystem,
	devDepsInProduction,
	develBaseInFinal,
	dnfClean,
	pipNoCacheDir,
	rmInLaterLayer,
	singleStageBuildTools,
	useraddNoLogInit,
	wgetAndCurlBoth,
	yarnNpmCacheClean,
	yumClean,
	zypperClean,
)
