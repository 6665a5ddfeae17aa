package shell

import (
	"path"
	"slices"
	"strings"
)

// InSystem reports whether the absolute path may belong to packages of the operating system: what
// apt-get, apk, dnf and the like write when they install, remove or refresh. /usr/local, /opt, /srv and
// /home are the administrator's: packages of distributions keep out of the first and the last two; those of
// vendors install to /opt, so that it counts.
func InSystem(file string) bool { return below(file, systemDirs, systemNot) }

// InGlobal reports whether the absolute path may be written when a tool of a language installs for the whole
// image: pip to /usr/local/lib and /usr/lib/python3, npm -g to /usr/local/lib/node_modules, gem and composer alike,
// and the fixed homes that official images give to Go, Rust, Ruby and Conda. A virtual environment is none: where
// one is in effect, VIRTUAL_ENV or PATH names it.
func InGlobal(file string) bool { return below(file, globalDirs, nil) }

// below reports whether the path is one of dirs or below one, and not below one of not. A directory
// above one of dirs holds parts of it, and counts too.
func below(file string, dirs, not []string) bool {
	file = path.Clean(file)
	for _, dir := range not {
		if within(file, dir) {
			return false
		}
	}
	if file == "/" {
		return true
	}
	for _, dir := range dirs {
		if within(file, dir) || within(dir, file) {
			return true
		}
	}
	return false
}

// within reports whether the path is the directory or below it. Both are clean, and dir is not "/".
func within(file, dir string) bool {
	return strings.HasPrefix(file, dir) && (len(file) == len(dir) || file[len(dir)] == '/')
}

// The lists are sorted.
var (
	systemDirs = []string{"/bin", "/boot", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/run", "/sbin", "/usr", "/var"}
	systemNot  = []string{"/usr/local", "/usr/src/app", "/var/app", "/var/task", "/var/www"}
	globalDirs = []string{"/go", "/opt/conda", "/usr/bin", "/usr/lib", "/usr/local", "/usr/share", "/var/lib/gems"}
)

// TopFolder reports whether a system has a folder of that name at its root, or in /usr: what is copied
// into a directory that is not known may then be the system's.
func TopFolder(name string) bool {
	_, ok := slices.BinarySearch(topFolders, name)
	return ok
}

// topFolders is sorted. It follows the Filesystem Hierarchy Standard 3.0, with what official images add.
var topFolders = []string{
	"bin", "boot", "dev", "etc", "games", "go", "home", "include", "lib", "lib32", "lib64", "libexec", "libx32", "local", "media", "mnt", "opt",
	"proc", "root", "run", "sbin", "share", "srv", "sys", "tmp", "usr", "var",
}

// holdsEnvironment reports whether the file, or what is below it, tells the environment of a process:
// /proc/self/environ.
func holdsEnvironment(joined, name string) bool {
	if path.IsAbs(name) {
		joined = path.Clean(name)
	}
	rest, below := strings.CutPrefix(joined, "/proc")
	process, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	return below && (rest == "" || rest[0] == '/') && (process == "self" || process == "thread-self" || strings.Trim(process, "0123456789") == "" || strings.ContainsAny(process, "$*?["))
}

// isPath reports whether a text that need not be a path is written as one.
func isPath(s string) bool {
	return strings.HasPrefix(s, "/") || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.HasPrefix(s, "~/")
}
