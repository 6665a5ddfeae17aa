package workspace_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/dockerfile/text"
	"layerwise/internal/dockergen"
	"layerwise/workspace"
)

// BenchmarkKeystrokeBesideFiles types into a stage whose rules read files of the build context: a manifest,
// a lock file, a script.
func BenchmarkKeystrokeBesideFiles(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "Dockerfile")
	src := "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\n# x\nRUN echo \n"
	lock := strings.Repeat(`"node_modules/x": {"version": "1.0.0", "integrity": "sha512"},`+"\n", 5000)
	for name, body := range map[string]string{
		"Dockerfile":        src,
		"package.json":      `{"name": "app", "version": "1.0.0", "dependencies": {"x": "1.0.0"}}`,
		"package-lock.json": `{"lockfileVersion": 3, "packages": {` + lock + `"": {}}}`,
		"entrypoint.sh":     "#!/bin/sh\nexec su-exec node \"$@\"\n",
		"index.js":          "",
	} {
		write(b, filepath.Join(dir, name), body)
	}
	w := workspace.New()
	w.Open(doc, path, "Dockerfile", "", 1, src)
	w.Renew(b.Context(), doc, false, nil)
	version := int32(1)
	for b.Loop() {
		version++
		w.Change(doc, version, func(d *workspace.Draft) {
			d.Edit(text.Edit{Span: text.Span{Start: len(src) - 1, End: len(src) - 1}, New: fmt.Sprint(version % 10)})
		})
		w.Snapshot(doc).Diagnostics(b.Context())
		w.Change(doc, version, func(d *workspace.Draft) {
			d.Edit(text.Edit{Span: text.Span{Start: len(src) - 1, End: len(src)}})
		})
	}
}

// BenchmarkKeystrokeInOneStage types into the middle of one long stage, in a context with 300 files.
func BenchmarkKeystrokeInOneStage(b *testing.B) {
	for _, steps := range []int{200, 2000, 10_000} {
		b.Run(fmt.Sprint(steps), func(b *testing.B) {
			dir := b.TempDir()
			path := filepath.Join(dir, "Dockerfile")
			src := dockergen.OneStage(steps)
			line := fmt.Sprintf("RUN echo %d && make x%d", steps/2, steps/2)
			at := strings.Index(src, line) + len(line)
			for i := range 300 {
				write(b, filepath.Join(dir, fmt.Sprintf("f%d.js", i)), "x")
			}
			write(b, path, src)
			write(b, filepath.Join(dir, "package.json"), `{"name": "app", "version": "1.0.0", "dependencies": {"x": "1.0.0"}}`)
			write(b, filepath.Join(dir, "package-lock.json"), `{"lockfileVersion": 3, "packages": {}}`)
			w := workspace.New()
			w.Open(doc, path, "Dockerfile", "", 1, src)
			w.Renew(b.Context(), doc, false, nil)
			version := int32(1)
			w.Snapshot(doc).Diagnostics(b.Context())
			for b.Loop() {
				version++
				edit := text.Edit{Span: text.Span{Start: at, End: at}, New: "x"}
				if version%2 == 1 {
					edit = text.Edit{Span: text.Span{Start: at, End: at + 1}}
				}
				w.Change(doc, version, func(d *workspace.Draft) { d.Edit(edit) })
				w.Snapshot(doc).Diagnostics(b.Context())
			}
		})
	}
}
