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
	finalUserMissing,
	finalUserRoot,
	pipeToShell,
	secretFileCopied,
	secretInRun,
	secretNameInArgEnv,
	secretValueLiteral,
	secretViaBroadCopy,
	tlsVerifyDisabled,
	unsignedPackages,
	userCreatedNotUsed,
)
