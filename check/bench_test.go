package check

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/diagnostics"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// BenchmarkCorpus compares a check of the corpus, from the folder to the report, with what BuildKit
// needs to parse the same files, read already, one after another.
func BenchmarkCorpus(b *testing.B) {
	dir, texts := corpus(b)
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

// corpus unpacks the real Dockerfiles that LAYERWISE_CORPUS names, each into a folder of its own.
func corpus(b testing.TB) (dir string, texts []string) {
	name := os.Getenv("LAYERWISE_CORPUS")
	if name == "" {
		b.Skip("LAYERWISE_CORPUS names no archive of Dockerfiles")
	}
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	dir = b.TempDir()
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return dir, texts
		}
		if err != nil {
			b.Fatal(err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		body, err := io.ReadAll(archive)
		if err != nil {
			b.Fatal(err)
		}
		texts = append(texts, string(body))
		folder := filepath.Join(dir, strings.ReplaceAll(header.Name, "/", "_"))
		if err := os.Mkdir(folder, 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "Dockerfile"), body, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}
