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
		"a bake file that a workflow calls": {".github/workflows/a.yml", `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker buildx bake
`, "APP"},
		"the time of the commit, which buildx takes from its environment": {".github/workflows/a.yml", `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo "TIMESTAMP=$(git log -1 --pretty=%ct)" >> $GITHUB_ENV
      - uses: docker/build-push-action@v6
        with:
          context: .
        env:
          SOURCE_DATE_EPOCH: ${{ env.TIMESTAMP }}
`, "SOURCE_DATE_EPOCH"},
		"the same time in each build": {".github/workflows/a.yml", `on: push
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
        env:
          SOURCE_DATE_EPOCH: 0
`, ""},
		"the time of the commit, in the environment of a script": {"build.sh", `export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
docker build .
`, "SOURCE_DATE_EPOCH"},
		"a variable of a script that is not exported": {"build.sh", `SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
docker build .
`, ""},
		"podman looks at no such variable": {"build.sh", `export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
podman build .
`, ""},
	} {
		root := t.TempDir()
		file := filepath.Join(root, c.file)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{file: c.text, filepath.Join(root, "Dockerfile"): "FROM alpine\n"}
		if strings.Contains(c.text, "bake") {
			texts[filepath.Join(root, "docker-bake.hcl")] = "variable \"GITHUB_SHA\" {}\nvariable \"NODE\" {}\ntarget \"default\" {\n  args = {\n    APP  = GITHUB_SHA\n    NODE = NODE\n  }\n}\n"
		}
		for file, text := range texts {
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
