package cache_test

import (
	"testing"

	"layerwise/internal/scenario"
)

// TestSame: steps of two stages are the same to a daemon as long as all that they build on is. What it does
// for one of them it does not do for the other.
func TestSame(t *testing.T) {
	s := &scenario.Scenario{
		Dockerfile: `FROM alpine:3.20 AS a
RUN echo 1 > /one
RUN echo 2 > /two
FROM debian AS b
RUN echo 1 > /one
RUN echo 3 > /two
RUN echo 4
FROM node:22 AS c
RUN echo 1 > /one
FROM alpine:3.20
COPY --from=a /one /a/
COPY --from=b /one /b/
COPY --from=c /one /c/
`,
		Edit:       []scenario.Edit{{Op: "no_cache", Stages: "a"}},
		BaseImages: map[string]scenario.Image{"alpine:3.20": {RootfsID: "1"}, "debian": {RootfsID: "1"}, "node:22": {RootfsID: "2"}},
	}
	builds, err := s.Predict(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := builds[0]
	for _, c := range []struct {
		x, y int
		want bool
	}{{2, 2, true}, {2, 5, true}, {3, 6, false}, {2, 9, false}, {5, 9, false}, {6, 7, false}, {11, 12, false}} {
		x, y := b.On(c.x)[0], b.On(c.y)[0]
		if b.Same(x, y) != c.want || b.Same(y, x) != c.want {
			t.Errorf("lines %d and %d: got %v, want %v", c.x, c.y, b.Same(x, y), c.want)
		}
	}
	const run, cached = scenario.Run, scenario.Cached
	for _, c := range []struct {
		build    int
		observed map[int]scenario.Outcome
		wrong    int
	}{
		{0, map[int]scenario.Outcome{2: run, 5: cached}, 0},    // one of two equal steps ran
		{0, map[int]scenario.Outcome{2: cached, 5: cached}, 2}, // neither
		{1, map[int]scenario.Outcome{2: run, 5: cached, 6: cached, 9: cached}, 0},
		{1, map[int]scenario.Outcome{2: run, 5: cached, 6: run, 9: cached}, 0}, // 5 was taken for 2
		{1, map[int]scenario.Outcome{2: run, 5: run, 6: cached, 9: run}, 2},
	} {
		var total scenario.Tally
		if wrong := total.Compare(builds[c.build], s.Dockerfile, c.observed); len(wrong) != c.wrong {
			t.Errorf("build %d, %v: %q", c.build+1, c.observed, wrong)
		}
	}
}
