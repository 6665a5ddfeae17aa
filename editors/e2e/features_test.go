package e2e_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// wantFeatures compares what the features of the language service bring about in an editor, on
// testdata/features/Dockerfile, with the file of its name beside that.
func (s *session) wantFeatures(r report, editor string) {
	s.t.Helper()
	var b strings.Builder
	for _, feature := range slices.Sorted(maps.Keys(r.Features)) {
		got := r.Features[feature]
		if strings.HasPrefix(got, "ERROR") {
			s.t.Errorf("%s: %s", feature, got)
		}
		fmt.Fprintf(&b, "-- %s --\n%s\n", feature, strings.TrimSuffix(got, "\n"))
	}
	file := "testdata/features/" + editor + ".txt"
	if *update && !s.t.Failed() {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || b.String() != string(want) {
		s.t.Errorf("%s: %v\n%s\nwant\n%s", editor, err, b.String(), want)
	}
}
