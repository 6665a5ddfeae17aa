package refusals

import (
	"context"
	"math/rand/v2"
	"testing"

	"layerwise/build/images"
	"layerwise/build/llb"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
)

// isPlain says of a text what Find asks, with the platform that it asks for.
func isPlain(src string) (plainly bool, options map[string]string) {
	g := stages.Resolve(syntax.Parse(src), stages.Args{Image: images.Base}, nil)
	if g.File.CustomFrontend() || len(g.File.Errors) > 0 || g.Explodes() {
		return false, nil
	}
	options = map[string]string{"platform": "linux/amd64"}
	for _, stage := range g.Stages {
		if stage.Windows {
			options["platform"] = "windows/amd64"
		}
	}
	s := search{g: g}
	return s.removeRejected() && len(s.removed) == 0 && plain(g, options), options
}

// TestPlain shows what is plain, and what is left to the frontend.
func TestPlain(t *testing.T) {
	for src, want := range map[string]bool{
		"FROM alpine:3.22\nRUN make\n": true,
		"ARG V=3\nFROM alpine:$V AS a\nENV A=${V:-x} B='c d'\nFROM a\nCOPY --from=a /x y/\n":  true,
		"FROM a\nRUN --mount=type=cache,target=/c --mount=type=secret,id=k make\n":            true,
		"FROM a\nCOPY --chown=me:me --chmod=755 a b*.txt /c/\nEXPOSE 80 53/udp\n":             true,
		"FROM --platform=$BUILDPLATFORM a\nWORKDIR /a/$B\nUSER 1:1\nVOLUME /d\nCMD [\"x\"]\n": true,

		"FROM a\nARG D\nCOPY --from=b [\"/Program Files/d\", \"/d (x86)\"]\nCOPY $D/a ${D:-/x$D} /c/\n": true,
		"FROM a\nENV D=/d E=${E:+$E:}/e\nVOLUME $D ${D}/b\nUSER $APP_UID\n":                             true,

		"FROM a\nVOLUME $NOTHING\n":                       false,
		"FROM a\nADD $NOTHING /b\n":                       false,
		"FROM a\nUSER ${A:?no}\n":                         false,
		"FROM a\nEXPOSE 80000\n":                          false,
		"FROM a\nCOPY --from=b x y\nFROM c AS b\n":        false,
		"FROM a AS b\nCOPY --from=b x y\n":                false,
		"FROM A\n":                                        false,
		"FROM a\nENV A=${B:?no}\n":                        false,
		"FROM a\nCOPY --link --chown=me a b\n":            false,
		"FROM a\nRUN --mount=type=cache,target=/ make\n":  false,
		"FROM a\nONBUILD RUN make\n":                      false,
		"FROM a\nWORKDIR $NOTHING\n":                      true,
		"FROM a\nEXPOSE $PORT\n":                          false,
		"FROM a\nCOPY https://example.com/a b\n":          false,
		"FROM a\nCOPY github.com/a/b c\n":                 false,
		"# check=skip=what;error=perhaps\nFROM a\n":       false,
		"FROM a\nARG SOURCE_DATE_EPOCH=now\n":             false,
		"FROM a\nRUN echo \xff\n":                         false,
		"FROM --platform=windows/amd64 a\nWORKDIR D:/a\n": false,
	} {
		if got, _ := isPlain(src); got != want {
			t.Errorf("plain: %v, want %v, of\n%s", got, want, src)
		}
	}
}

// TestPlainIsTaken asks BuildKit about every text that is called plain: real ones, and such with one or two
// mistakes.
func TestPlainIsTaken(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	plainTexts, texts := 0, 0
	if plainly, _ := isPlain(plainFile); !plainly {
		t.Fatal("plainFile is not plain")
	}
	try := func(src string) {
		texts++
		plainly, options := isPlain(src)
		if !plainly {
			return
		}
		plainTexts++
		if _, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src), Options: options}); err != nil {
			t.Errorf("BuildKit says: %v, of\n%s", err, src)
		}
	}
	count := 3000
	if testing.Short() {
		count = 600
	}
	for range count {
		try(dockergen.Broken(random))
		try(dockergen.Break(random, plainFile))
	}
	t.Logf("made up: %d of %d are plain", plainTexts, texts)
	if plainTexts < count/10 {
		t.Error("too little was compared")
	}
	if !corpus.Given() {
		return
	}
	plainTexts, texts = 0, 0
	for _, src := range corpus.Some(t, 3, seed) {
		try(src)
	}
	t.Logf("real: %d of %d are plain", plainTexts, texts)
	for _, src := range corpus.Some(t, 3, seed) {
		if len(src) < 8<<10 {
			try(dockergen.Break(random, src))
		}
	}
}

// plainFile is plain, and has places for many mistakes.
const plainFile = `ARG BASE=alpine
FROM --platform=$BUILDPLATFORM alpine:3.22 AS base
RUN --mount=type=cache,target=/c --mount=type=secret,id=k make
WORKDIR /srv
ENV D=/d E=${E:+$E:}/e
VOLUME $D ${D}/b
USER $D:${D}
COPY --chown=1:1 --chmod=755 a b /d/
COPY $D/a ${D:-/x$D} /c/
COPY ["/a b (c)", "$D", "/c/"]
COPY --link --chown=1000:1000 a b
FROM ${BASE} AS other
ARG A=1 B=$PORT
ENV A=b C="$B"
LABEL a=b
COPY --from=0 /x /y
COPY --from=base /x /y
FROM alpine AS final
EXPOSE 80 8080/tcp
VOLUME ["/a", "/b"]
STOPSIGNAL SIGTERM
USER app
SHELL ["/bin/bash", "-c"]
HEALTHCHECK --interval=5s --retries=3 CMD true
COPY --from=nginx:1.29 /x /y
ADD a /b
CMD ["a"]
`
