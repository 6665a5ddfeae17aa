package shell

import (
	"path"
	"slices"
	"strings"
)

// newest are the names of whatever is the newest: of branches, and of folders and files of a server.
var newest = []string{"develop", "edge", "head", "latest", "main", "master", "nightly", "trunk"}

// isFixed reports whether a name tells a version or a commit.
func isFixed(name string) bool { return strings.ContainsAny(name, "0123456789") }

func isRemoteRepo(url string) bool {
	return strings.Contains(url, "://") && !strings.HasPrefix(url, "file:") || strings.HasPrefix(url, "git@")
}

// Moving is what the command fetches of which there will be a newer one under the same name: a branch, @latest. The
// text of such a command never changes, so that a builder does not run it again. ok is false if there is none, or that
// is not known.
func (c *Command) Moving() (w Word, ok bool) {
	if list, downloads := c.Downloads(); downloads {
		for _, f := range list {
			if movesOn(f.URL) {
				return f.URL, true
			}
		}
		return Word{}, false
	}
	operands := c.Operands()
	switch row := c.row().name; {
	case c.is(packageRunner) && len(operands) > 0 && newestOfNpm(operands[0]):
		return operands[0], true
	case len(operands) < 2:
	case row == "npm" && slices.Contains([]string{"install", "i", "add"}, operands[0].Text):
		if n := slices.IndexFunc(operands, newestOfNpm); n > 0 {
			return operands[n], true
		}
	case row == "git" && operands[0].Text == "clone":
		ref, given := c.Flag("-b", "--branch")
		if isRemoteRepo(operands[1].Text) && operands[1].Literal && (!given || ref.Literal && !isFixed(ref.Text)) && !c.HasFlag("--recursive", "--recurse-submodules", "--revision") {
			return operands[1], true
		}
	case row == "pip" || row == "uv":
		for _, w := range operands {
			if _, at, found := strings.Cut(w.Text, "git+"); found && w.Literal {
				ref := ""
				if i := strings.LastIndexByte(at, '@'); i > strings.LastIndexByte(at, '/') {
					ref = at[i+1:]
				}
				if !isFixed(ref) {
					return w, true
				}
			}
		}
	case row == "go" && operands[0].Text == "install":
		for _, w := range operands[1:] {
			if _, version, found := strings.Cut(w.Text, "@"); found && slices.Contains([]string{"latest", "main", "master", "HEAD"}, version) {
				return w, true
			}
		}
	}
	return Word{}, false
}

// newestOfNpm reports whether a package is named with the tag of its newest version: NAME@latest.
func newestOfNpm(w Word) bool {
	return w.Literal && strings.HasSuffix(w.Text, "@latest") && len(w.Text) > len("@latest")
}

// movesOn reports whether an address names the newest of something. Installers, which are given a version, and keys are
// none of that.
func movesOn(url Word) bool {
	_, at, found := strings.Cut(url.Text, "://")
	_, file, has := strings.Cut(at, "/")
	if !found || !has || !url.Literal || slices.Contains([]string{".asc", ".gpg", ".key", ".pub", ".sh"}, path.Ext(file)) {
		return false
	}
	name := path.Base(file)
	inFolder := slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(dir string) bool { return slices.Contains(newest, strings.ToLower(dir)) })
	inName := slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("_.-?", r) }), func(part string) bool {
		return part == "latest" || part == "nightly"
	})
	stem, kind, _ := strings.Cut(strings.ToLower(name), ".")
	ofBranch := slices.Contains(newest, stem) && slices.Contains([]string{"tar", "tar.gz", "tar.xz", "tgz", "zip"}, kind) // archive/master.tar.gz
	return !isFixed(name) && (inFolder || inName || ofBranch)
}

// AddressMoves reports whether there will be a newer file, or a newer commit of a repository of git, at an address as ADD takes
// it.
func AddressMoves(address string) bool {
	repo, ref, _ := strings.Cut(address, "#")
	if strings.HasSuffix(repo, ".git") && isRemoteRepo(repo) {
		ref, _, _ = strings.Cut(ref, ":")
		return !isFixed(ref)
	}
	return movesOn(Word{Text: architectures.Replace(address), Literal: true})
}

// AddressStays reports whether an address names a version, or a commit, so that it leads to the same file each time.
func AddressStays(address string) bool {
	_, rest, ok := strings.Cut(architectures.Replace(address), "://")
	if !ok || AddressMoves(address) {
		return false
	}
	_, rest, _ = strings.Cut(rest, "/")
	return slices.ContainsFunc(strings.FieldsFunc(rest, func(r rune) bool { return r == '/' || r == '?' || r == '=' || r == '-' || r == '_' }), isVersion)
}

// isVersion reports whether a part of an address is a version or a commit: v1.0.8, of 40 digits.
func isVersion(name string) bool {
	if len(name) == 40 && strings.Trim(name, "0123456789abcdef") == "" {
		return true
	}
	for i := 1; i+1 < len(name); i++ {
		if name[i] == '.' && name[i-1] >= '0' && name[i-1] <= '9' && name[i+1] >= '0' && name[i+1] <= '9' {
			return true
		}
	}
	return false
}

// architectures takes out the names of architectures, whose figures tell no version.
var architectures = strings.NewReplacer("amd64", "", "arm64", "", "i386", "", "x64", "", "x86_64", "")

// MakesRepository reports whether the command makes a working tree of git: git clone.
func (c *Command) MakesRepository() bool {
	operands := c.Operands()
	return c.row().name == "git" && len(operands) > 0 && operands[0].Text == "clone"
}

// ChoosesCommit reports whether the command puts a working tree of git to a commit: git checkout, git reset.
func (c *Command) ChoosesCommit() bool {
	operands := c.Operands()
	return c.row().name == "git" && len(operands) > 0 && slices.Contains([]string{"checkout", "switch", "reset", "fetch", "submodule"}, operands[0].Text)
}
