package diagnostics

import (
	"layerwise/dockerfile/text"
)

// maxFixes bounds FixAll: a rule whose fix makes room for the next finding ends all the same.
const maxFixes = 1000

// FixAll applies the first safe fix (or, with suggested, the first fix of any kind), checks the new
// text, and goes on until none is left. check returns the findings of a Dockerfile's text, with
// other files, such as .dockerignore, as the fixes so far leave them. The result is the new text of
// the Dockerfile, and of each other file by its absolute path.
func FixAll(src string, suggested bool, check func(src string, files map[string]string) []Diagnostic) (fixed string, files map[string]string) {
	files = map[string]string{}
	seen := map[string]bool{}
	for range maxFixes {
		seen[src] = true
		next, changed := "", map[string]string(nil)
		for _, d := range check(src, files) {
			fix, ok := choose(d.Fixes(), suggested)
			if !ok {
				continue
			}
			next, changed = fix.apply(src, files)
			if !seen[next] {
				break
			}
			next = "" // it would lead in a circle
		}
		if next == "" {
			return src, files
		}
		src = next
		for path, text := range changed {
			files[path] = text
		}
	}
	return src, files
}

func choose(fixes []Fix, suggested bool) (Fix, bool) {
	for _, f := range fixes {
		if f.Safety == Safe || suggested {
			return f, true
		}
	}
	return Fix{}, false
}

// apply returns the Dockerfile's new text and those of the other files that the fix changes.
func (f Fix) apply(src string, files map[string]string) (string, map[string]string) {
	changed := map[string]string{}
	for _, e := range f.Edits {
		switch before, ok := files[e.Path]; {
		case e.Path == "":
			src = text.Apply(src, e.Edits)
		case ok:
			changed[e.Path] = text.Apply(before, e.Edits)
		default:
			changed[e.Path] = text.Apply(e.Source, e.Edits)
		}
	}
	return src, changed
}
