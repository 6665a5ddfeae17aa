// Package renames says what changes in a Dockerfile, and in its ignore file, when files of the build context get other
// names or places.
//
// Only what names a file exactly is changed: no wildcard that might take it, no variable, nothing that an ONBUILD
// leaves to another build.
package renames

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

// Rename is a file or folder with its new name. Both are clean paths relative to the build context, with slashes.
type Rename struct {
	Old, New string
}

// InDockerfile are the edits of the graph's file after which COPY, ADD and bind mounts take the files by their new
// names. contexts are the names of the build's named contexts. There are none if one of the new names cannot
// stand where the old one does: then nothing of the file is changed.
func InDockerfile(g *stages.Graph, contexts []string, renames []Rename) []text.Edit {
	change := rewrite.Of(g)
	table := occurrences.Of(g, contexts...)
	any := false
	for i, in := range g.File.Instructions {
		switch in.Name {
		case "COPY", "ADD", "RUN":
		default:
			continue
		}
		list := table.In(i)
		var before, after []string
		for _, r := range list {
			if r.Kind != occurrences.Path || r.Place != occurrences.InSource || r.Onbuild || fromElsewhere(list, r, g) {
				continue
			}
			old, by, ok := renamed(r.Name, renames)
			before, after = append(before, path.Base(r.Name)), append(after, path.Base(strings.Replace(r.Name, old, by, 1)))
			if !ok {
				continue
			}
			if r.Span.Of(in.Text) != r.Name || !plain(by, in.Name == "RUN") {
				return nil
			}
			start := r.Span.Start + strings.Index(r.Name, old)
			change.ReplaceWord(table.Step(r), text.Span{Start: start, End: start + len(old)}, by)
			any = true
		}
		if in.Name != "RUN" && distinct(after) < distinct(before) {
			return nil // one would overwrite the other
		}
	}
	if !any {
		return nil
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	return edit.Edits
}

func distinct(names []string) int {
	names = slices.Clone(names)
	slices.Sort(names)
	return len(slices.Compact(names))
}

// fromElsewhere reports whether a source is not one of the build context: of a COPY with --from, of a mount with
// from= or that is no bind mount, or a URL.
func fromElsewhere(list []occurrences.Ref, r occurrences.Ref, g *stages.Graph) bool {
	if strings.Contains(r.Name, "://") || strings.HasPrefix(r.Name, "git@") {
		return true
	}
	flag := text.Span{}
	for _, f := range g.File.Instructions[r.Index].Flags {
		if f.Span.Contains(r.Span.Start) {
			flag = f.Span
		}
	}
	if kind, ok := strings.CutPrefix(mountType.FindString(flag.Of(g.File.Instructions[r.Index].Text)), "type="); ok && kind != "bind" {
		return true
	}
	for _, o := range list {
		names := o.Kind == occurrences.Stage || o.Kind == occurrences.Image || o.Kind == occurrences.Context
		if names && !o.Defines && (flag.Len() == 0 && o.Place == occurrences.InCopy || flag.Len() > 0 && flag.Contains(o.Span.Start)) {
			return true
		}
	}
	return false
}

var mountType = regexp.MustCompile(`type=[^,\s]*`)

// renamed finds the part of a path that gets another name, and that name. Below a folder that does, wildcards may
// follow. ok is false for all else, such as a folder that the file lies in.
func renamed(name string, renames []Rename) (old, by string, ok bool) {
	if strings.ContainsAny(name, "$\"'\\`") {
		return "", "", false
	}
	core := strings.TrimPrefix(name, "/")
	for strings.HasPrefix(core, "./") {
		core = core[len("./"):]
	}
	core = strings.TrimRight(core, "/")
	if core == "" || path.Clean(core) != core {
		return "", "", false
	}
	for _, r := range renames {
		if len(r.Old) > len(old) && !strings.ContainsAny(r.Old, "*?[") && (core == r.Old || strings.HasPrefix(core, r.Old+"/")) {
			old, by, ok = r.Old, r.New, true
		}
	}
	return old, by, ok && old != by
}

// plain reports whether a name can be written as it is, in each form of a COPY or in a mount.
func plain(name string, inMount bool) bool {
	for _, c := range name {
		if c <= ' ' || c == 0x7f || c == 0x85 || c == 0xa0 || strings.ContainsRune("$\"'\\`*?[]<>#", c) || inMount && c == ',' {
			return false
		}
	}
	return name != "" && !strings.HasPrefix(name, "-") && !strings.HasPrefix(name, "!") && strings.ToValidUTF8(name, "") == name
}

// InIgnoreFile are the edits of an ignore file after which the lines that name the files exactly name them as they are
// called then.
func InIgnoreFile(source string, renames []Rename) []text.Edit {
	var places []rewrite.Named
	start := 0
	for line := range strings.Lines(source) {
		at := start
		start += len(line)
		word := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "!"))
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		old, by, ok := renamed(word, renames)
		if !ok || !plain(by, false) {
			continue
		}
		at += strings.Index(line, word) + strings.Index(word, old)
		places = append(places, rewrite.Named{Span: text.Span{Start: at, End: at + len(old)}, New: by})
	}
	return rewrite.Names(places)
}

// In are the edits of a text that put new names in their places.
func In(places map[text.Span]string) []text.Edit {
	var named []rewrite.Named
	for span, name := range places {
		named = append(named, rewrite.Named{Span: span, New: name})
	}
	slices.SortFunc(named, func(a, b rewrite.Named) int { return a.Span.Start - b.Span.Start })
	return rewrite.Names(named)
}
