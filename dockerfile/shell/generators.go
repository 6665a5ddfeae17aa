package shell

import (
	"path"
	"slices"
	"strings"
)

// generator is a program of a package that writes code, and what it reads in its directory, beside what an option names.
type generator struct {
	program, sub string
	option       string // names what it reads in place of source
	source       string
	also         string
}

var generators = []generator{
	// https://www.prisma.io/docs/orm/reference/prisma-cli-reference#generate
	{program: "prisma", sub: "generate", option: "--schema", source: "prisma schema.prisma", also: ".config .env node_modules package.json prisma.config.cjs prisma.config.js prisma.config.mjs prisma.config.ts"},
}

// Generates is what the command writes code with, and the paths that it reads, if these are a few files of the project that
// are known by their names, and it downloads what it needs for that: npx prisma generate. ok is false for all other commands.
func (c *Command) Generates() (phrase string, reads []string, ok bool) {
	words := Texts(c.Words)
	for _, g := range generators {
		at := slices.Index(words, g.program)
		if at < 0 || at > 0 && !c.is(packageRunner|scripts|runsTools) || at+1 == len(words) || words[at+1] != g.sub ||
			slices.ContainsFunc(c.Words, func(w Word) bool { return !w.Literal }) {
			continue
		}
		source := strings.Fields(g.source)
		for i, word := range words[at:] {
			if value, given := strings.CutPrefix(word, g.option+"="); given {
				source = []string{path.Clean(value)}
			} else if word == g.option && at+i+1 < len(words) {
				source = []string{path.Clean(words[at+i+1])}
			}
		}
		return g.program + " " + g.sub, append(source, strings.Fields(g.also)...), true
	}
	return "", nil, false
}

// HoldsManifests reports whether a folder of that name has the manifests of a project alone, by the convention of a tool that
// cuts a part out of a monorepo (https://turborepo.com/docs/reference/prune#--docker).
func HoldsManifests(folder string) bool { return strings.HasSuffix(path.Clean(folder), "/out/json") }
