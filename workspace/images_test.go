package workspace

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"layerwise/build/sources"
)

// TestImages: also of the names of secrets, agents and caches.
func TestImages(t *testing.T) {
	root := t.TempDir()
	for name, body := range map[string]string{
		"a/Dockerfile": "ARG V=3\nFROM alpine:$V AS base\nFROM base\nFROM node:22\nFROM $UNKNOWN\nFROM scratch\n",
		"b/Dockerfile": "FROM node:22\nRUN --mount=type=secret,id=npmrc --mount=type=ssh npm ci\nRUN --mount=type=cache,id=npm,target=/c npm ci\nRUN id\n",
		"compose.yaml": "services:\n  api:\n    image: acme/api\n    build:\n      context: b\n      secrets: [token]\n      ssh: [deploy]\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := sources.NewIndex(root).Update(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Image{{Ref: "node:22", File: "a/Dockerfile"}, {Ref: "alpine:3", File: "a/Dockerfile"}, {Ref: "acme/api", File: "compose.yaml", Made: true}}
	s := NewFileSnapshot(filepath.Join(root, "b/Dockerfile"), "FROM a\n", Config{}.Knowing(known), nil)
	if got := s.Images(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	ids := []MountID{{"secret", "token", "compose.yaml"}, {"ssh", "deploy", "compose.yaml"}, {"secret", "npmrc", "b/Dockerfile"}, {"cache", "npm", "b/Dockerfile"}}
	if got := s.MountIDs(); !reflect.DeepEqual(got, ids) {
		t.Errorf("%+v, want %+v", got, ids)
	}
	if got := NewFileSnapshot("", "FROM a\n", Config{}, nil).Images(); got != nil {
		t.Errorf("%+v without a workspace", got)
	}
}
