package scenario

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// TestRandom: scenarios are the same from the same source, survive being written and read, parse, and
// among many of them is everything that the format and the language have.
func TestRandom(t *testing.T) {
	wanted := map[string]bool{}
	for _, w := range strings.Fields("RUN COPY ADD ENV ARG USER WORKDIR SHELL LABEL EXPOSE CMD ENTRYPOINT HEALTHCHECK VOLUME STOPSIGNAL MAINTAINER ONBUILD " +
		"--from= --chown --chmod --link --exclude --parents --mount=type=bind --mount=type=cache --mount=type=tmpfs --mount=type=secret --mount=type=ssh --checksum= --keep-git-dir << # " +
		"write write_keep_mtime rewrite_same delete rename chmod chown touch setxattr dockerfile dockerignore build_arg target opt no_cache base_image http git secret secret_remove prune_local prune_cachemount none " +
		"filename no-cache arm64 xattr prior:no_cache") {
		wanted[w] = true
	}
	for seed := range uint64(400) {
		s := Random(rand.New(rand.NewPCG(seed, 0)))
		if again := Random(rand.New(rand.NewPCG(seed, 0))); !reflect.DeepEqual(s, again) {
			t.Fatalf("seed %d makes two scenarios", seed)
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var read Scenario
		decode(t, string(text), &read)
		if text2, _ := json.Marshal(read); string(text2) != string(text) {
			t.Fatalf("seed %d: written as\n%s\nread as\n%s", seed, text, text2)
		}
		states, err := read.Builds()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if last := states[len(states)-1].Dockerfile; last != s.DockerfileAfter {
			t.Errorf("seed %d: the edits lead to\n%s\nnot to\n%s", seed, last, s.DockerfileAfter)
		}
		for _, st := range states {
			parsed, err := parser.Parse(strings.NewReader(st.Dockerfile))
			if err == nil {
				_, _, err = instructions.Parse(parsed.AST, nil)
			}
			if err != nil {
				t.Errorf("seed %d: %v in\n%s", seed, err, st.Dockerfile)
			}
			for w := range wanted {
				if strings.Contains(st.Dockerfile, w) {
					delete(wanted, w)
				}
			}
		}
		for n, edits := range append(s.PriorEdits, s.Edit) {
			for _, e := range edits {
				delete(wanted, e.Op)
				delete(wanted, e.Name) // of an option
				delete(wanted, e.Arch)
				if e.XAttrs != nil {
					delete(wanted, "xattr")
				}
				if n < len(s.PriorEdits) {
					delete(wanted, "prior:"+e.Op)
				}
			}
		}
	}
	for w := range wanted {
		t.Errorf("no scenario has %s", w)
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
