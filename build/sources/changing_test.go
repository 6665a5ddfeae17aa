package sources

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestChanging(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"the commit of a workflow": {".github/workflows/a.yml", `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
          build-args: |
            APP=${{ github.sha }}
            NODE=${{ matrix.node }}
            GO=1.26
`, "APP"},
		"a command": {"build.sh", `docker build --build-arg ARCH=$ARCH --build-arg APP=$(git rev-parse HEAD) --build-arg DAY="$(date +%F)" --build-arg OF=$(git log -1 --format=%ct) .
`, "APP DAY OF"},
		"a branch changes seldom": {".github/workflows/a.yml", `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
          build-args: APP=${{ github.ref_name }}
`, ""},
	} {
		root := t.TempDir()
		file := filepath.Join(root, c.file)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string]string{file: c.text, filepath.Join(root, "Dockerfile"): "FROM alpine\n"} {
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		known, err := NewIndex(root).Update(context.Background(), nil)
		if err != nil || len(known.Builds) != 1 {
			t.Fatalf("%s: %v, %v", name, known, err)
		}
		if got := strings.Join(known.Builds[0].Changing, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
