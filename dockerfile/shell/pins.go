package shell

import (
	"path"
	"slices"
	"strings"
)

// pinning says how a program installs packages by their names, and how it is told which version.
type pinning struct {
	program  string // its name, or that of a program that is used in the same way
	kind     string // what packages they are
	sub      string // sub-commands that install, with | between alternatives
	with     string // options of which one must be given
	version  string // options whose value is the version of all
	files    string // options that take the versions from a file
	variable string // a variable that does so
	sign     string // signs that set the version off from the name
	example  string // a package with its version, for messages
	own      string // packages that are usually wanted in their newest version
	latest   bool   // only a version that moves is loose: NAME@latest; without any, a manifest decides
}

// pinnings is sorted by program; the first that fits counts.
var pinnings = []pinning{
	{program: "bun", kind: "npm", sub: "add|install|i", with: "-g --global", sign: "@", example: "NAME@1.2.3"},
	{program: "cargo", kind: "other", sub: "install|binstall", version: "--version --vers --rev --tag", files: "--path --git", sign: "@", example: "NAME@1.2.3"},
	{program: "composer", kind: "other", sub: "global require", sign: ":=", example: "VENDOR/NAME:1.2.3"},
	{program: "corepack", kind: "other", sub: "prepare|use", sign: "@", example: "pnpm@9.1.0", latest: true},
	{program: "dotnet", kind: "other", sub: "tool install", with: "-g --global --tool-path", version: "--version", sign: "@", example: "--version 1.2.3"},
	{program: "gem", kind: "gem", sub: "install|i", version: "-v --version", files: "-g --file", sign: ":", example: "NAME:1.2.3"},
	{program: "go", kind: "go", sub: "install|get|run", files: "-modfile --modfile", sign: "@", example: "PACKAGE@v1.2.3", latest: true},
	{program: "npm", kind: "npm", sub: "install|i|add", with: "-g --global", sign: "@", example: "NAME@1.2.3", own: "npm"},
	{program: "pip", kind: "pip", sub: "install", files: "-r --requirement --requirements -c --constraint -e --editable --group --no-index", variable: "PIP_CONSTRAINT", sign: "=<>~!@;", example: "NAME==1.2.3", own: "pip setuptools wheel"},
	{program: "pipx", kind: "other", sub: "install", sign: "=<>~!@", example: "NAME==1.2.3"},
	{program: "pnpm", kind: "npm", sub: "add|install|i", with: "-g --global", sign: "@", example: "NAME@1.2.3", own: "pnpm"},
	{program: "uv", kind: "other", sub: "tool install", files: "--with-requirements -c --constraint --constraints", sign: "=<>~!@", example: "NAME==1.2.3"},
	{program: "uv", kind: "pip", sub: "pip install", files: "-r --requirement --requirements -c --constraint --constraints -e --editable --group --no-index --override", variable: "UV_CONSTRAINT", sign: "=<>~!@;", example: "NAME==1.2.3", own: "pip setuptools wheel"},
	{program: "yarn", kind: "npm", sub: "global add", sign: "@", example: "NAME@1.2.3"},
}

// Loose are packages of a language that a command installs by name, and whose version is left open.
type Loose struct {
	Kind     string // npm, pip, gem, go, or other
	Packages []Word
	Example  string // a package with its version, as the program takes it
	Variable string // a variable that may set the versions; "" if there is none
}

// Unpinned are the packages that the command installs by name without a version. ok is false if there are none: paths, files,
// addresses and what a variable stands for are not known to be loose.
func (c *Command) Unpinned() (l Loose, ok bool) {
	p, words := c.row(), c.Operands()
	if c.InSubst {
		return l, false
	}
	if c.isModule(p) && len(words) > 0 {
		words = words[1:]
	}
	for i := range pinnings {
		how := &pinnings[i]
		if how.program != p.name {
			continue
		}
		subs, fits := (&use{sub: how.sub, with: how.with}).fits(c, words)
		if !fits {
			continue
		}
		if c.hasListed(how.version) || c.hasListed(how.files) {
			return l, false
		}
		l = Loose{Kind: how.kind, Example: how.example, Variable: how.variable}
		end := len(words)
		if dashes := slices.IndexFunc(c.Words, func(w Word) bool { return w.Text == "--" }); dashes >= 0 {
			// Behind -- stand options for the build.
			end = slices.IndexFunc(words, func(w Word) bool { return w.Span.Start > c.Words[dashes].Span.Start })
			if end < 0 {
				end = len(words)
			}
		}
		if p.name == "go" && words[0].Text == "run" {
			end = min(end, 2) // what follows is for the program
		}
		for _, w := range words[min(subs, end):end] {
			if how.leaves(w) {
				if how.latest {
					w.Text, _, _ = strings.Cut(w.Text, "@")
				}
				l.Packages = append(l.Packages, w)
			}
		}
		return l, len(l.Packages) > 0
	}
	return l, false
}

// leaves reports whether the word is a package whose version it leaves open.
func (how *pinning) leaves(w Word) bool {
	name := w.Text
	scope := ""
	if strings.HasPrefix(name, "@") { // @SCOPE/NAME of npm
		var ok bool
		if scope, name, ok = strings.Cut(name, "/"); !ok {
			return false
		}
	}
	switch {
	case strings.ContainsAny(w.Text, "$`*?") || name == "" || listed(how.own, w.Text):
		return false
	case how.latest:
		_, version, _ := strings.Cut(name, "@")
		return slices.Contains([]string{"latest", "main", "master", "upgrade"}, version)
	case strings.ContainsAny(name, how.sign), strings.Contains(name, "://"), strings.HasPrefix(name, "."), strings.HasPrefix(name, "/"), strings.HasPrefix(name, "~"):
		return false
	case slices.Contains([]string{".whl", ".gz", ".tgz", ".zip", ".gem", ".txt"}, path.Ext(name)):
		return false
	}
	base, _, _ := strings.Cut(name, "[")                                      // NAME[EXTRA]
	return scope != "" || how.kind == "other" || !strings.Contains(base, "/") // OWNER/REPOSITORY, or a folder
}
