package shell_test

import (
	"testing"

	"layerwise/dockerfile/shell"
)

func TestPackageForCompiling(t *testing.T) {
	for name, want := range map[string]shell.ForCompiling{
		"build-essential": shell.CompilerPackage, "gcc=4:12.2": shell.CompilerPackage, "musl-dev": shell.CompilerPackage,
		"libpq-dev": shell.HeaderPackage, "libssl-dev:amd64": shell.HeaderPackage, "openssl-devel": shell.HeaderPackage, "php8.3-dev": shell.HeaderPackage,
		"make": shell.HelperPackage, "pkg-config": shell.HelperPackage,
		"libpq5": shell.NotForCompiling, "gcc-12-base": shell.NotForCompiling, "curl": shell.NotForCompiling, "devscripts": shell.NotForCompiling,
	} {
		if got := shell.PackageForCompiling(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}
