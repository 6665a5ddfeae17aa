package cache_test

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/build/cache"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// sixty is a Dockerfile of 60 instructions in two stages.
func sixty() string {
	var b strings.Builder
	b.WriteString("FROM golang:1.26 AS build\nWORKDIR /src\n")
	for i := range 26 {
		fmt.Fprintf(&b, "ENV V%d=%d\nRUN make part%d\n", i, i, i)
	}
	b.WriteString("COPY . .\nRUN make\nFROM alpine:3.22\nCOPY --from=build /src/out /out\nUSER 1000\nCMD [\"/out\"]\n")
	return b.String()
}

// benchContext writes a context of small files in folders.
func benchContext(b *testing.B, files, size int) string {
	b.Helper()
	root := b.TempDir()
	body := make([]byte, size)
	rng := rand.New(rand.NewSource(1))
	for i := range files {
		dir := filepath.Join(root, fmt.Sprintf("d%d", i/100))
		if i%100 == 0 {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				b.Fatal(err)
			}
		}
		rng.Read(body[:min(16, size)])
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d", i)), body, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	return root
}

func benchSubject(b *testing.B, root string, h *files.Hasher) cache.Subject {
	b.Helper()
	c, err := new(files.Lister).List(context.Background(), root, files.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return cache.Subject{
		Graph: stages.Resolve(syntax.Parse(sixty()), stages.Args{}, nil),
		Trees: map[string]*cache.Tree{cache.MainContext: cache.NewTree(c, h)},
	}
}

// BenchmarkCompare is the prediction for a change of one file: 60 instructions, 1,000 files.
func BenchmarkCompare(b *testing.B) {
	root := benchContext(b, 1000, 1000)
	subject := benchSubject(b, root, &files.Hasher{})
	after := subject
	touched, _ := subject.Trees[cache.MainContext].Touched([]string{"d3/f333"})
	after.Trees = map[string]*cache.Tree{cache.MainContext: touched}
	b.ResetTimer()
	for range b.N {
		c, err := cache.Compare(context.Background(), subject, after)
		if err != nil {
			b.Fatal(err)
		}
		if c.Count(cache.Rebuilt) != 2 {
			b.Fatalf("%d steps are rebuilt", c.Count(cache.Rebuilt))
		}
	}
}

// BenchmarkHash takes the digests of a context of 20,000 files and 1 GB: for the first time, and again
// after one file was changed.
func BenchmarkHash(b *testing.B) {
	root := benchContext(b, 20000, 50_000)
	digest := func(h *files.Hasher) {
		s := benchSubject(b, root, h)
		if _, err := s.Trees[cache.MainContext].Digest(context.Background(), cache.Selector{Path: "/"}); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("first", func(b *testing.B) {
		for range b.N {
			digest(&files.Hasher{})
		}
	})
	b.Run("again", func(b *testing.B) {
		h := &files.Hasher{}
		digest(h)
		b.ResetTimer()
		for i := range b.N {
			if err := os.WriteFile(filepath.Join(root, "d7", "f777"), fmt.Append(nil, i), 0o644); err != nil {
				b.Fatal(err)
			}
			digest(h)
		}
	})
}
