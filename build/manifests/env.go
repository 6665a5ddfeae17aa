package manifests

import (
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
)

// ImplicitEnv reports whether tools read the variable by themselves, so that a command may depend on
// it without naming it.
func ImplicitEnv(name string) bool {
	upper := strings.ToUpper(name)
	_, exact := slices.BinarySearch(implicitNames, upper)
	return exact || strings.HasSuffix(upper, "_PROXY") || strings.HasSuffix(upper, "FLAGS") ||
		slices.ContainsFunc(implicitPrefixes, func(prefix string) bool { return strings.HasPrefix(upper, prefix) })
}

// implicitNames is sorted, and in upper case: npm and proxies read both cases.
var implicitNames = []string{
	"ALL_PROXY", "AR", "BASH_ENV", "CC", "CI", "COMPOSER", "CPP", "CXX", "DEBIAN_FRONTEND", "EDITOR", "ENV", "HOME",
	"IFS", "KERAS_HOME", "LANG", "LANGUAGE", "LD", "LOGNAME", "MAKE", "MIX_ENV", "NM", "NODE_ENV", "NODE_OPTIONS",
	"NO_COLOR", "PATH", "PKG_CONFIG_PATH", "PWD", "RACK_ENV", "RAILS_ENV", "RANLIB", "SHELL", "SHELLOPTS",
	"SOURCE_DATE_EPOCH", "SSH_AUTH_SOCK", "STRIP", "TEMP", "TERM", "TMP", "TMPDIR", "TZ", "UMASK", "USER", "VIRTUAL_ENV",
	"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
}

var implicitPrefixes = []string{
	"ANDROID_", "ANSIBLE_", "APT_", "BUILD", "BUN_", "BUNDLE_", "BUNDLER_", "CABAL_", "CARGO_", "CGO_", "CMAKE_", "COMPOSER_",
	"CONDA_", "COREPACK_", "CURL_", "CYPRESS_", "DENO_", "DOTNET_", "ELECTRON_", "ERL_", "GEM_", "GIT_", "GO", "GRADLE_",
	"HELM_", "HEX_", "HTTP_PROXY", "HUSKY", "JAVA_", "JDK_", "JULIA_", "LC_", "LD_", "LIBRARY_PATH", "MAMBA_", "MAVEN_", "MIX_",
	"MVNW_", "NODE_", "NPM_", "NUGET_", "NVM_", "OPAM", "ORG_GRADLE_PROJECT_", "PDM_", "PERL", "PIP_", "PIPENV_", "PIXI_", "PKG_CONFIG", "PLAYWRIGHT_",
	"PNPM_", "POETRY_", "PRISMA_", "PUB_", "PUPPETEER_", "PYENV_", "PYTHON", "R_", "REBAR_", "RENV_", "RUBY", "RUST", "SBT_",
	"SETUPTOOLS_", "SHARP_", "SSL_", "STACK_", "SWIFT", "SYMFONY_", "TARGET", "TF_", "UV_", "VCPKG_", "YARN_",
}

// BakedIn reports whether bundlers put the variable into the program that they build for browsers and phones, by their own
// convention for its name: the build of the project reads it, and no install.
func BakedIn(name string) bool {
	return slices.ContainsFunc(bakedPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) && len(name) > len(prefix) })
}

// Of Create React App, Expo, Next.js, Nuxt, Angular, Storybook, Vite and Vue CLI.
var bakedPrefixes = []string{"EXPO_PUBLIC_", "NEXT_PUBLIC_", "NG_APP_", "NUXT_PUBLIC_", "REACT_APP_", "STORYBOOK_", "VITE_", "VUE_APP_"}

// RedirectsInputs reports whether the variable may name further input files, or other ones than those
// that Read looks for.
func RedirectsInputs(name string) bool {
	_, whole := slices.BinarySearch(redirectNames, upperName(name))
	return whole || shell.HoldsOptions(upperName(name))
}

// Redirects is RedirectsInputs for a known value: NODE_OPTIONS=--max-old-space-size=4096 names no file.
func Redirects(name, value string) bool {
	if value == "" {
		return false
	}
	if shell.HoldsOptions(upperName(name)) {
		return shell.OptionsNameFiles(upperName(name), value)
	}
	return RedirectsInputs(name)
}

func upperName(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// redirectNames are variables whose value is a file, a directory or a list of them. It is sorted.
var redirectNames = []string{
	"BUNDLE_APP_CONFIG", "BUNDLE_CONFIG", "BUNDLE_GEMFILE", "BUNDLE_USER_CONFIG", "CARGO_MANIFEST_PATH",
	"CARGO_RESOLVER_LOCKFILE_PATH", "COMPOSER", "CONDARC", "DENO_IMPORT_MAP", "DOTNET_STARTUP_HOOKS", "GOENV", "GOWORK",
	"JULIA_PROJECT", "MIX_EXS", "NETRC", "NPM_CONFIG_GLOBALCONFIG", "NPM_CONFIG_USERCONFIG", "PDM_LOCKFILE", "PDM_PROJECT", "PIPENV_PIPFILE",
	"PIP_BUILD_CONSTRAINT", "PIP_CONFIG_FILE", "PIP_CONSTRAINT", "PIP_EDITABLE", "PIP_FIND_LINKS", "PIP_REQUIREMENT",
	"PNPM_CONFIG_GLOBAL_PNPMFILE", "PNPM_CONFIG_PNPMFILE", "PNPM_CONFIG_WORKSPACE_DIR", "PYTHONPATH", "PYTHONSTARTUP",
	"RENV_PATHS_LOCKFILE", "RENV_PATHS_RENV", "RENV_PROJECT", "RUBYLIB", "R_ENVIRON_USER", "R_PROFILE_USER", "TF_CLI_CONFIG_FILE",
	"UV_BUILD_CONSTRAINT", "UV_CONFIG_FILE", "UV_CONSTRAINT", "UV_ENV_FILE", "UV_EXCLUDE", "UV_FIND_LINKS", "UV_OVERRIDE", "UV_PROJECT",
	"UV_WORKING_DIRECTORY", "YARN_RC_FILENAME", "YARN_YARN_PATH",
}

// NamesOutput reports whether the variable names a directory that an install fills.
func NamesOutput(name string) bool {
	_, ok := slices.BinarySearch(outputNames, upperName(name))
	return ok
}

// outputNames is sorted.
var outputNames = []string{
	"BUNDLE_PATH", "BUN_INSTALL_CACHE_DIR", "CARGO_HOME", "CARGO_TARGET_DIR", "COMPOSER_BIN_DIR", "COMPOSER_CACHE_DIR", "COMPOSER_HOME",
	"COMPOSER_VENDOR_DIR", "CONDA_ENVS_PATH", "DENO_DIR", "GEM_HOME", "GOBIN", "GOMODCACHE", "GOPATH", "GRADLE_USER_HOME", "HEX_HOME", "HOME",
	"MIX_BUILD_PATH", "MIX_DEPS_PATH", "MIX_HOME", "NPM_CONFIG_CACHE", "NPM_CONFIG_MODULES_DIR", "NPM_CONFIG_PREFIX",
	"NPM_CONFIG_STORE_DIR", "NPM_CONFIG_VIRTUAL_STORE_DIR", "NUGET_PACKAGES", "PERL_LOCAL_LIB_ROOT", "PIPENV_CACHE_DIR", "PIP_CACHE_DIR",
	"PIP_DEST", "PIP_PREFIX", "PIP_ROOT", "PIP_SRC", "PIP_TARGET", "PIP_WHEEL_DIR", "PNPM_HOME", "POETRY_CACHE_DIR", "POETRY_VIRTUALENVS_PATH",
	"PUB_CACHE", "RENV_PATHS_CACHE", "RENV_PATHS_LIBRARY", "STACK_ROOT", "STACK_WORK", "TF_DATA_DIR", "TF_PLUGIN_CACHE_DIR", "UV_CACHE_DIR",
	"UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "WORKON_HOME", "YARN_CACHE_FOLDER", "YARN_GLOBAL_FOLDER", "YARN_VIRTUAL_FOLDER",
}
