package shell

import (
	"path"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

var (
	// movingPart is a part of an address that names whatever is the newest.
	movingPart = lazy.New(`(?i)/(latest|nightly|master|main|head|edge|trunk|develop)/`)
	movingName = lazy.New(`(?i)(^|[_.-])(latest|nightly)([_.?-]|$)`)
	fixedRef   = lazy.New(`\d`)
	remoteRepo = lazy.New(`^(https?|git|ssh)://|^git@`)
)

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
	case len(operands) < 2:
	case row == "git" && operands[0].Text == "clone":
		ref, given := c.Flag("-b", "--branch")
		if remoteRepo.MatchString(operands[1].Text) && operands[1].Literal && (!given || ref.Literal && !fixedRef.MatchString(ref.Text)) && !c.HasFlag("--recursive", "--recurse-submodules", "--revision") {
			return operands[1], true
		}
	case row == "pip" || row == "uv":
		for _, w := range operands {
			if _, at, found := strings.Cut(w.Text, "git+"); found && w.Literal {
				ref := ""
				if i := strings.LastIndexByte(at, '@'); i > strings.LastIndexByte(at, '/') {
					ref = at[i+1:]
				}
				if !fixedRef.MatchString(ref) {
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

// movesOn reports whether an address names the newest of something. Installers, which are given a version, and keys are
// none of that.
func movesOn(url Word) bool {
	_, at, found := strings.Cut(url.Text, "://")
	_, file, has := strings.Cut(at, "/")
	if !found || !has || !url.Literal || slices.Contains([]string{".asc", ".gpg", ".key", ".pub", ".sh"}, path.Ext(file)) {
		return false
	}
	name := path.Base(file)
	return !fixedRef.MatchString(name) && (movingPart.MatchString("/"+path.Dir(file)+"/") || movingName.MatchString(name))
}

// ChoosesCommit reports whether the command puts a working tree of git to a commit: git checkout, git reset.
func (c *Command) ChoosesCommit() bool {
	operands := c.Operands()
	return c.row().name == "git" && len(operands) > 0 && slices.Contains([]string{"checkout", "switch", "reset", "fetch", "submodule"}, operands[0].Text)
}
