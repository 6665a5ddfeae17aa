package cache_test

import (
	"testing"

	"layerwise/internal/scenario"
)

// TestSame: steps of two stages are the same to a daemon as long as all that they build on is.
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
	ran := map[int]scenario.Outcome{2: scenario.Run, 5: scenario.Cached}
	none := map[int]scenario.Outcome{2: scenario.Cached, 5: scenario.Cached}
	var total scenario.Tally
	if wrong := total.Compare(b, s.Dockerfile, ran); len(wrong) > 0 {
		t.Errorf("one of two equal steps ran: %q", wrong)
	}
	if wrong := total.Compare(b, s.Dockerfile, none); len(wrong) != 2 {
		t.Errorf("none of two steps ran that should: %q", wrong)
	}
}
