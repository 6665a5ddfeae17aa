package copies_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// TestWeighAfterEdits: what the stages tell after an edit is what they tell afresh.
func TestWeighAfterEdits(t *testing.T) {
	lines := []string{
		"FROM acme/base\n", "FROM acme/base AS a\n", "FROM a\n", "FROM a AS b\n", "FROM b\n", "WORKDIR /app\n", "WORKDIR sub\n", "ENV D=/app\n", "SHELL [\"bash\", \"-c\"]\n",
		"COPY . .\n", "COPY . /app\n", "COPY sub /app/\n", "COPY nothing /x\n", "COPY --from=a /x /app/\n", "COPY <<E package.json\n{}\nE\n", "ADD https://example.com/x.tgz ./\n",
		"RUN npm ci\n", "RUN npm init -y\n", "RUN make\n", "RUN ./build.sh\n", "RUN cp a b\n", "RUN cp /x package.json\n", "RUN touch Makefile\n", "RUN mkdir -p sub && cd sub\n",
		"RUN unknown\n", "RUN echo app.js\n", "RUN cat $D/app.js\n", "RUN --mount=type=bind,source=app.js,target=/x true\n", "RUN --mount=type=bind,source=gone,target=/x true\n",
		"RUN echo 1\n", "RUN echo 2\n", "RUN echo 3\n", "x", "\\\n",
	}
	contexts := []*files.Context{
		files.InMemory(map[string]string{"app.js": "", "sub/x": ""}),
		files.InMemory(map[string]string{"package.json": "{}", "package-lock.json": "{}", "Makefile": "", "build.sh": "", "sub/package.json": "{}"}),
	}
	told := map[copies.Evidence]int{}
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		f := syntax.Parse("FROM acme/base\nWORKDIR /app\n" + strings.Repeat("RUN echo\n", 10) + "COPY . .\n" + strings.Repeat("RUN echo\n", 10))
		bc := contexts[random.IntN(len(contexts))]
		var g *stages.Graph
		var before *copies.Weighing
		for range 60 {
			next := stages.Resolve(f, stages.Args{}, g)
			var changes *stages.Changes
			if before != nil {
				changes = stages.Between(g, next)
			}
			g = next
			before = copies.Weigh(bc, g, before, changes)
			fresh := copies.Weigh(bc, g, nil, nil)
			for _, s := range g.Stages {
				told[fresh.Of(s)]++
				if got, want := before.Of(s), fresh.Of(s); got != want {
					t.Fatalf("seed %d: stage %d tells %+v, and afresh %+v, in\n%s", seed, s.Index, got, want, f.Src)
				}
			}
			if random.IntN(20) == 0 {
				bc = contexts[random.IntN(len(contexts))]
			}
			at := strings.LastIndexByte(f.Src[:random.IntN(len(f.Src)+1)], '\n') + 1
			edit := text.Edit{Span: text.Span{Start: at, End: at}, New: lines[random.IntN(len(lines))]}
			if end := strings.IndexByte(f.Src[at:], '\n'); random.IntN(3) == 0 && end >= 0 && len(f.Src) > 100 {
				edit = text.Edit{Span: text.Span{Start: at, End: at + end + 1}}
			}
			f = f.Edit([]text.Edit{edit})
		}
	}
	if len(told) < 6 {
		t.Errorf("the stages told no more than %v", told)
	}
}
