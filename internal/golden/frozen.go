package golden

import (
	"slices"
	"testing"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
)

// frozen are the rules that tests of other things than rules work with: reports, scripts, actions. The list
// does not grow, so that a new rule changes none of these tests.
var frozen = []string{
	"base-image-latest",
	"base-image-untagged",
	"build-refused",
	"copy-before-install",
	"deps-copy-too-wide",
	"dev-deps-in-production",
	"dockerignore-deps",
	"dockerignore-missing",
	"dockerignore-outputs",
	"dockerignore-pattern-noop",
	"dockerignore-self",
	"dockerignore-vcs",
	"final-user-missing",
	"final-user-root",
	"maintainer-deprecated",
	"pipe-to-shell",
	"pkg-index-refresh-alone",
	"rm-in-later-layer",
	"run-mixes-unrelated-installers",
	"secret-file-copied",
	"secret-name-in-arg-env",
	"secret-via-broad-copy",
	"single-stage-build-tools",
	"syntax-error",
	"tls-verify-disabled",
	"unknown-flag",
	"unknown-instruction",
	"unused-suppression",
	"user-created-not-used",
	"volatile-arg-too-early",
	"volatile-env-too-early",
}

// Frozen are the rules for tests of other things than rules.
func Frozen() []*diagnostics.Rule {
	return slices.DeleteFunc(slices.Clone(catalog.Rules()), func(r *diagnostics.Rule) bool { return !slices.Contains(frozen, r.Name) })
}

// Freeze lets a test have no other rules than these.
func Freeze(t testing.TB) {
	all := catalog.Rules()
	catalog.Use(Frozen())
	t.Cleanup(func() { catalog.Use(all) })
}
