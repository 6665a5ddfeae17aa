// Package security holds the rules about secrets, users and what is run unverified.
package security

import (
	"embed"

	"layerwise/diagnostics"
)

//go:embed *.md
var pages embed.FS

// Rules are the rules of this family, sorted by name.
var Rules = diagnostics.Family("security", pages,
	baseImageNotDigestPinned,
	builderSandboxDisabled,
	cleartextDownload,
	debugInProduction,
	dockerSocketVolume,
	downloadNotVerified,
	exposeAdminPort,
	finalUserMissing,
	finalUserRoot,
	noSudo,
	osUpgradeInBuild,
	passwordSetInBuild,
	pipeToShell,
	publicBundleSecret,
	secretFileCopied,
	secretInRun,
	secretMountModeOpen,
	secretMountPersisted,
	secretNameInArgEnv,
	secretValueLiteral,
	secretViaBroadCopy,
	sensitiveVolumeOrWorkdir,
	setuidFiles,
	statefulRootRuntime,
	tlsVerifyDisabled,
	unsignedPackages,
	untrustedRegistry,
	userCreatedNotUsed,
	userGroupDropsSupplementary,
	worldWritablePermissions,
)
