package check

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/diagnostics"
	"layerwise/internal/corpus"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// BenchmarkCorpus compares a check of the corpus, from the folder to the report, with what BuildKit
// needs to parse the same files, read already, one after another.
func BenchmarkCorpus(b *testing.B) {
	dir, texts := unpacked(b)
	b.Run("buildkit", func(b *testing.B) {
		for b.Loop() {
			for _, src := range texts {
				if result, err := parser.Parse(strings.NewReader(src)); err == nil {
					_, _, _ = instructions.Parse(result.AST, nil)
				}
			}
		}
		b.ReportMetric(float64(len(texts)), "files")
	})
	for _, jobs := range []int{0, 1} {
		b.Run(fmt.Sprintf("check/jobs=%d", jobs), func(b *testing.B) {
			for b.Loop() {
				opts := Options{Paths: []string{dir}, Format: "text", Color: "never", FailLevel: diagnostics.Error, Jobs: jobs}
				if code := Run(b.Context(), opts, Streams{Out: io.Discard, Err: os.Stderr}); code == Failed {
					b.Fatal("the corpus could not be checked")
				}
			}
		})
	}
}

// unpacked writes the real Dockerfiles that tests are tried on, each into a folder of its own.
func unpacked(t testing.TB) (dir string, texts []string) {
	dir = t.TempDir()
	for name, src := range corpus.Files(t) {
		texts = append(texts, src)
		folder := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, texts
}
