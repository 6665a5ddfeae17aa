package correctness

import (
	"context"
	"slices"
	"strings"
	"testing"

	"layerwise/build/refusals"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestSentences: BuildKit still says every refusal that is put in plain words, also after an upgrade.
func TestSentences(t *testing.T) {
	digest := strings.Repeat("0", 64)
	commit := strings.Repeat("0", 40)
	var raw []string
	for _, src := range []string{
		"FROM $NONE", "FROM Alpine", "FROM alpine:", "FROM alpine@sha256:00", "FROM a@md5:" + digest, "FROM --platform=x86 a", "FROM --platform=$NONE a",
		"FROM a AS x\nCOPY --from=b c d\nFROM e AS b\nFROM x", "FROM a AS x\nRUN --mount=from=b,target=/c x\nFROM e AS b\nFROM x", "FROM a\nCOPY --from=7 b c", "FROM a AS b\nCOPY --from=b c d",
		"FROM a\nEXPOSE 80/tpc", "FROM a\nEXPOSE 80000", "FROM a\nEXPOSE 90-80", "FROM a\nEXPOSE 1.2.3:80:80", "FROM a\nEXPOSE 80-90:80-91", "FROM a\nRUN echo \xff",
		`FROM a` + "\n" + `VOLUME ""`, "FROM a\nCOPY https://x.org/a b", "FROM a\nCOPY https://github.com/a/b.git c", "FROM a\nADD --checksum=sha256:" + digest + " b c",
		"FROM a\nADD --checksum=sha256:" + digest + " https://x.org/a https://x.org/b c/", "FROM a\nCOPY --chmod=77777 b c", "FROM a\nCOPY --chmod=u+q b c",
		"FROM a\nADD --checksum=sha256:00 https://x.org/a b", "FROM a\nCOPY --link --chown=me b c", "FROM a\nSTOPSIGNAL SIGTREM", "FROM a\nRUN --mount=target=/ x",
		"FROM a\nRUN --mount=type=ssh,source=/a x", "FROM a\nADD https://github.com/a/b.git?branch=x&ref=y c", "FROM a\nADD https://github.com/a/b.git?branch=x&tag=y c",
		"FROM a\nADD https://github.com/a/b.git?moon=x c", "FROM a\nADD https://github.com/a/b.git?ref c", "FROM a\nADD --checksum=" + commit + " https://github.com/a/b.git?checksum=" + strings.Repeat("1", 40) + " c",
		"FROM a\nADD --keep-git-dir=true https://github.com/a/b.git?keep-git-dir=false c", "FROM a\nARG SOURCE_DATE_EPOCH=now", "ARG SOURCE_DATE_EPOCH=now\nFROM a", "FROM scratch\nENV A=${B:?}", "FROM scratch\nENV A=${B:?no}",
		"FROM --platform=windows/amd64 a\nCOPY b C:",
	} {
		for _, r := range refusals.Find(context.Background(), stages.Resolve(syntax.Parse(src), stages.Args{}, nil), nil) {
			raw = append(raw, hint.ReplaceAllString(r.Message, ""))
		}
	}
	for _, s := range sentences {
		if !slices.ContainsFunc(raw, s.pattern.MatchString) {
			t.Errorf("BuildKit never says what is put as %q", s.words)
		}
	}
}
