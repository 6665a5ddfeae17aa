package shell

import (
	"slices"
	"strings"
)

// cacheOff is how a program is told to use no cache, and how it empties the one that it has.
type cacheOff struct {
	flags  string // options that turn it off
	vars   string // variables that do so, whatever their value
	cleans string // sub-commands that empty it: "cache clean|clean"
	with   string // the options without which they do not; empty if none is needed
}

// cachesOff is by the names of rows.
var cachesOff = map[string]cacheOff{
	"apk":      {flags: "--no-cache", cleans: "cache clean|cache purge"},
	"apt-get":  {cleans: "clean|autoclean|dist-clean|distclean"},
	"bun":      {flags: "--no-cache", cleans: "pm cache rm"},
	"composer": {flags: "--no-cache", cleans: "clear-cache|clearcache|cc"},
	"conda":    {cleans: "clean"},
	"dnf":      {cleans: "clean"},
	"go":       {cleans: "clean", with: "-modcache -cache"},
	"npm":      {cleans: "cache clean"},
	"pip":      {flags: "--no-cache-dir", vars: "PIP_NO_CACHE_DIR", cleans: "cache purge"},
	"poetry":   {flags: "--no-cache", cleans: "cache clear"},
	"uv":       {flags: "--no-cache -n", vars: "UV_NO_CACHE", cleans: "cache clean"},
	"yarn":     {cleans: "cache clean"},
	"zypper":   {cleans: "clean|cc"},
}

// WithoutCache is the option that makes the command use no cache. ok is false if it has none.
func (c *Command) WithoutCache() (w Word, ok bool) {
	off := cachesOff[c.row().name]
	for _, a := range c.arguments() {
		if a.flag != "" && a.word.Literal && listed(off.flags, a.flag) {
			return a.word, true
		}
	}
	return Word{}, false
}

// WithoutCacheVars are the variables that make the program use no cache, if they are set.
func (c *Command) WithoutCacheVars() []string { return strings.Fields(cachesOff[c.row().name].vars) }

// EmptiesCache reports whether the command empties the cache of its program.
func (c *Command) EmptiesCache() bool {
	off := cachesOff[c.row().name]
	operands := strings.Join(Texts(c.Operands()), " ") + " "
	return off.cleans != "" && slices.ContainsFunc(strings.Split(off.cleans, "|"), func(sub string) bool { return strings.HasPrefix(operands, sub+" ") }) &&
		(off.with == "" || c.HasFlag(strings.Fields(off.with)...))
}
