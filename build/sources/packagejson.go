package sources

import (
	"encoding/json"
	"path"
	"strings"

	"layerwise/dockerfile/names"
)

// isPackageJSON reports whether a file is a package.json.
func isPackageJSON(name string) bool { return path.Base(name) == "package.json" }

// readPackageJSON reads the scripts of a package.json, which run in its folder.
func readPackageJSON(r *reading) {
	src, ok := r.source(maxSource)
	if !ok || !mayBuild(src) || !namesProgram(src) {
		return
	}
	src = strings.TrimPrefix(src, "\ufeff")
	dec := json.NewDecoder(strings.NewReader(src))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			r.packageMistake(src, dec)
			return
		}
		if key != "scripts" {
			var skipped json.RawMessage
			if dec.Decode(&skipped) != nil {
				r.packageMistake(src, dec)
				return
			}
			continue
		}
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			return
		}
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				r.packageMistake(src, dec)
				return
			}
			line := lineAt(src, dec)
			var text any
			if dec.Decode(&text) != nil {
				r.packageMistake(src, dec)
				return
			}
			name, _ := key.(string)
			if command, ok := text.(string); ok && r.step() {
				r.script(script{
					text: command,
					line: func(int) int { return line },
					name: name,
					dirs: []string{r.dir()},
					dev:  names.ForDevelopers(name),
				})
			}
		}
		if _, err := dec.Token(); err != nil {
			return
		}
	}
}

func lineAt(src string, dec *json.Decoder) int {
	return strings.Count(src[:min(int(dec.InputOffset()), len(src))], "\n") + 1
}

func (r *reading) packageMistake(src string, dec *json.Decoder) {
	r.note(lineAt(src, dec), "this file was not read from here on: it is no JSON")
}
