package cache_test

import (
	"os"
	"testing"

	"layerwise/internal/corpus"
	"layerwise/internal/scenario"
)

// TestScenarios predicts what was observed on a real daemon, by the files of testdata/scenarios and of
// the folder that LAYERWISE_SCENARIOS names.
func TestScenarios(t *testing.T) {
	dirs := []string{"testdata/scenarios"}
	if more := os.Getenv("LAYERWISE_SCENARIOS"); more != "" {
		dirs = append(dirs, more)
	}
	var total scenario.Tally
	for _, dir := range dirs {
		list, err := scenario.LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range list {
			t.Run(s.ID, func(t *testing.T) {
				corpus.InTurn(t, 3)
				builds, err := s.Predict(t.Context(), t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				first, last := builds[0], builds[len(builds)-1]
				wrong := total.Compare(last, s.DockerfileAfter, s.Observed, builds[:len(builds)-1]...)
				if first != nil {
					wrong = append(wrong, total.Compare(first, s.Dockerfile, s.FirstBuild)...)
				}
				for _, w := range wrong {
					t.Error(w)
				}
				if s.Layers == nil {
					return
				}
				if err := scenario.CompareLayers(last.Graph.History, s.Layers); err != nil {
					t.Error(err)
				}
			})
		}
	}
	t.Log(total)
	if total.Agree == 0 && !testing.Short() {
		t.Error("nothing was compared")
	}
}
