package cli

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/cli/report"
	"layerwise/diagnostics"
	"layerwise/internal/corpus"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// BenchmarkCorpus compares a check of the corpus, from the folder to the report, with what BuildKit
// needs to parse the same files, read already, one after another.
func BenchmarkCorpus(b *testing.B) {
	dir, texts := unpacked(b, corpus.Files(b))
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
				if code := Check(b.Context(), opts, Streams{Out: io.Discard, Err: os.Stderr}); code == Failed {
					b.Fatal("the corpus could not be checked")
				}
			}
		})
	}
}

// BenchmarkSince is impact --since HEAD~1 in a repository of 5,000 files.
func BenchmarkSince(b *testing.B) {
	dir := b.TempDir()
	git := func(args ...string) {
		b.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=A", "-c", "user.email=a@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Skipf("git: %v: %s", err, out)
		}
	}
	write := func(name, body string) {
		b.Helper()
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(body), 0o644)); err != nil {
			b.Fatal(err)
		}
	}
	git("init", "-q")
	write("Dockerfile", "FROM golang:1.26\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\nCOPY . .\nRUN go build ./...\n")
	write("go.mod", "module m\n")
	for i := range 5000 {
		write(fmt.Sprintf("pkg%d/sub%d/file%d.go", i%50, i%7, i), strings.Repeat(fmt.Sprintf("// %d\n", i), 500))
	}
	git("add", ".")
	git("commit", "-q", "-m", "first")
	write("pkg1/sub1/file1.go", "// changed\n")
	git("commit", "-q", "-am", "second")
	for b.Loop() {
		cmd := ImpactCommand()
		cmd.SetArgs([]string{"--since", "HEAD~1", filepath.Join(dir, "Dockerfile")})
		cmd.SetOut(io.Discard)
		if err := cmd.Execute(); err != nil {
			b.Fatal(err)
		}
	}
}

// unpacked writes real Dockerfiles, each into a folder of its own.
func unpacked(t testing.TB, real iter.Seq2[string, string]) (dir string, texts []string) {
	dir = t.TempDir()
	for name, src := range real {
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

// BenchmarkFormats writes the report of 10,000 findings in 200 files.
func BenchmarkFormats(b *testing.B) {
	dir := b.TempDir()
	for i := range 200 {
		folder := filepath.Join(dir, fmt.Sprint(i))
		src := "FROM alpine:3.22\nUSER 1000\n" + strings.Repeat("MAINTAINER me\n", 50)
		if err := errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(folder, "Dockerfile"), []byte(src), 0o644)); err != nil {
			b.Fatal(err)
		}
	}
	for _, format := range report.Names() {
		b.Run(format, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				opts := Options{Paths: []string{dir}, Format: format, Color: "never", FailLevel: diagnostics.Warning}
				if code := Check(b.Context(), opts, Streams{Out: io.Discard, Err: os.Stderr}); code != Findings {
					b.Fatalf("exit code %d", code)
				}
			}
		})
	}
}
