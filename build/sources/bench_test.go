package sources

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// monorepo is a workspace of 10,000 files with 200 sources.
func monorepo(b *testing.B) string {
	b.Helper()
	root := b.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 50 {
		dir := fmt.Sprintf("services/s%d", i)
		write(dir+"/Dockerfile", "FROM alpine\nARG A\nCOPY . .\n")
		write(dir+"/compose.yaml", "services:\n  api:\n    build: {context: ., args: {A: $A}}\n  db:\n    image: postgres:17\n")
		write(dir+"/Makefile", "IMAGE ?= x\nbuild:\n\tdocker build -t $(IMAGE) .\n")
		write(dir+"/build.sh", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\ndocker build -t x --build-arg A=1 .\n")
		write(fmt.Sprintf(".github/workflows/s%d.yml", i), fmt.Sprintf("on: push\njobs:\n  build:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: services/s%d, push: true}\n", i))
		for f := range 195 {
			write(fmt.Sprintf("%s/src/p%d/f%d.go", dir, f/20, f), "package p\n")
		}
	}
	return root
}

func update(b *testing.B, x *Index, overlay map[string]string) {
	b.Helper()
	if known, err := x.Update(context.Background(), overlay); err != nil || len(known.Builds) != 200 {
		b.Fatal(err, known)
	}
}

// BenchmarkFirstIndex searches a workspace of 10,000 files, and reads its 200 sources.
func BenchmarkFirstIndex(b *testing.B) {
	root := monorepo(b)
	for b.Loop() {
		update(b, NewIndex(root), nil)
	}
}

// BenchmarkWarmIndex looks whether anything has changed.
func BenchmarkWarmIndex(b *testing.B) {
	x := NewIndex(monorepo(b))
	update(b, x, nil)
	for b.Loop() {
		update(b, x, nil)
	}
}

// BenchmarkEditedSource reads one source anew, which is edited in an editor.
func BenchmarkEditedSource(b *testing.B) {
	root := monorepo(b)
	x := NewIndex(root)
	update(b, x, nil)
	edited := filepath.Join(root, "services", "s7", "compose.yaml")
	n := 0
	for b.Loop() {
		n++
		overlay := map[string]string{edited: fmt.Sprintf("services:\n  api:\n    build: {context: ., args: {A: \"%d\"}}\n", n)}
		if known, err := x.Changed(context.Background(), overlay, edited); err != nil || len(known.Builds) != 200 {
			b.Fatal(err, known)
		}
	}
}

// BenchmarkTouchedSource reads one source anew, which was written.
func BenchmarkTouchedSource(b *testing.B) {
	root := monorepo(b)
	x := NewIndex(root)
	update(b, x, nil)
	edited := filepath.Join(root, "services", "s7", "compose.yaml")
	at := time.Now()
	for b.Loop() {
		at = at.Add(time.Second)
		if err := os.Chtimes(edited, at, at); err != nil {
			b.Fatal(err)
		}
		update(b, x, nil)
	}
}

// BenchmarkEditedAmongCalls is the same where half of the sources call others: what these say is not read again.
func BenchmarkEditedAmongCalls(b *testing.B) {
	root := monorepo(b)
	for i := range 50 {
		dir := filepath.Join(root, "services", fmt.Sprint("s", i))
		for name, text := range map[string]string{
			"Makefile":        "build:\n\tTAG=1 docker compose build api\n\tdocker buildx bake app\n",
			"docker-bake.hcl": "variable \"TAG\" { default = \"x\" }\ntarget \"app\" { args = { A = TAG } }\n",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	x := NewIndex(root)
	if _, err := x.Update(context.Background(), nil); err != nil {
		b.Fatal(err)
	}
	edited := filepath.Join(root, "services", "s7", "build.sh")
	n := 0
	for b.Loop() {
		n++
		overlay := map[string]string{edited: fmt.Sprintf("#!/bin/sh\ncd \"$(dirname \"$0\")\"\ndocker build --build-arg A=%d .\n", n)}
		if known, err := x.Changed(context.Background(), overlay, edited); err != nil || len(known.Builds) != 200 {
			b.Fatal(err, len(known.Builds))
		}
	}
}
