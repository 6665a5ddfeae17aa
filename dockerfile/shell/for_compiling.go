package shell

import (
	"slices"
	"strings"
)

// ForCompiling is what a package of a distribution is for, as far as its name tells.
type ForCompiling int

// The answers.
const (
	NotForCompiling ForCompiling = iota
	CompilerPackage              // it brings a compiler: gcc, build-essential
	HeaderPackage                // it brings what programs are compiled against: libpq-dev, openssl-devel
	HelperPackage                // it is of use with a compiler only: autoconf
)

// compilerPackages are those of Debian, Alpine, Fedora and openSUSE, and helperPackages what works beside them. cmake, make and git
// have other uses, too, but not beside a compiler.
const (
	compilerPackages = "alpine-sdk base-devel build-base build-essential cargo clang clang-cpp dpkg-dev g++ gcc gcc-c++ gfortran go golang golang-go libc6-dev musl-dev rustc"
	helperPackages   = "autoconf automake bison cmake flex libtool m4 make meson nasm ninja-build pkg-config pkgconf pkgconfig re2c samurai yasm"
)

// headerEnds are how Debian and Alpine, and Fedora and openSUSE, end the names of packages with headers.
var headerEnds = []string{"-dev", "-devel"}

// PackageForCompiling says what a package of that name is for; version and architecture may stand behind it.
func PackageForCompiling(name string) ForCompiling {
	name, _, _ = strings.Cut(name, "=")
	name, _, _ = strings.Cut(name, ":")
	switch {
	case listed(compilerPackages, name):
		return CompilerPackage
	case listed(helperPackages, name):
		return HelperPackage
	case slices.ContainsFunc(headerEnds, func(end string) bool { return strings.HasSuffix(name, end) }):
		return HeaderPackage
	}
	return NotForCompiling
}
