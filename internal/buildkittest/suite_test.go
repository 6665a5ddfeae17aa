//go:build linux

package buildkittest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"layerwise/internal/corpus"
	"layerwise/internal/scenario"

	"golang.org/x/sync/errgroup"
)

// onDaemons does the work on as many daemons as there are processors, each of which takes the next of the
// list. An error of the work ends the test.
func onDaemons[T any](t *testing.T, list []T, work func(context.Context, *Daemon, T) error) {
	t.Helper()
	next := make(chan T)
	group, ctx := errgroup.WithContext(t.Context())
	for range runtime.GOMAXPROCS(0) {
		d := Start(t)
		group.Go(func() error {
			for item := range next {
				if err := work(ctx, d, item); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, item := range list {
		select {
		case next <- item:
		case <-ctx.Done():
		}
	}
	close(next)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// playAll plays scenarios. What played returns is an error of the test.
func playAll(t *testing.T, list []*scenario.Scenario, played func(*Daemon, *scenario.Scenario, []Build, error) error) {
	t.Helper()
	onDaemons(t, list, func(ctx context.Context, d *Daemon, s *scenario.Scenario) error {
		builds, err := d.Play(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := played(d, s, builds, err); err != nil {
			t.Error(err)
		}
		return nil
	})
}

// TestScenarios plays a sample of the scenarios that the model is tested with, which were observed by
// another harness: the same must be seen here.
func TestScenarios(t *testing.T) {
	list, err := scenario.LoadDir("../../build/cache/testdata/scenarios")
	if err != nil {
		t.Fatal(err)
	}
	playAll(t, sample(list), func(d *Daemon, s *scenario.Scenario, builds []Build, err error) error {
		if err != nil {
			return err
		}
		last := builds[len(builds)-1]
		if !maps.Equal(last.Outcomes, s.Observed) {
			return fmt.Errorf("%s: got %v, want %v in\n%s", s.ID, last.Outcomes, s.Observed, s.DockerfileAfter)
		}
		if got, want := fmt.Sprintf("%+v", d.Layers(last.Image)), fmt.Sprintf("%+v", *s.Layers); got != want {
			return fmt.Errorf("%s: layers\n%s\nwant\n%s", s.ID, got, want)
		}
		return nil
	})
}

// sample takes some of each kind, which is the first letter of the name; all in a run that is told so.
func sample(list []*scenario.Scenario) []*scenario.Scenario {
	all := os.Getenv("LAYERWISE_ALL_SCENARIOS") != ""
	kinds := map[byte][]*scenario.Scenario{}
	for _, s := range list {
		kinds[s.ID[0]] = append(kinds[s.ID[0]], s)
	}
	var chosen []*scenario.Scenario
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		const some = 3
		of := kinds[kind]
		for n, s := range of {
			if all || n*some/len(of) != (n-1)*some/len(of) || n == 0 {
				chosen = append(chosen, s)
			}
		}
	}
	return chosen
}

// TestRandom compares the model with the daemon over made-up scenarios, and then what was observed with
// models that are wrong on purpose: a suite that does not notice those proves nothing. The first 150
// scenarios are the same in each run, the others are not: LAYERWISE_SEED repeats those of an earlier
// run, and LAYERWISE_RANDOM is how many there are in all.
func TestRandom(t *testing.T) {
	count := 230
	if n, err := strconv.Atoi(os.Getenv("LAYERWISE_RANDOM")); err == nil {
		count = n
	}
	seed := corpus.Seed(t)
	recorded := t.TempDir()
	t.Run("model", func(t *testing.T) {
		compareRandom(t, recorded, count, seed)
	})
	t.Run("mutations", func(t *testing.T) {
		for _, m := range mutations {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				m.test(t, recorded)
			})
		}
	})
}

// compareRandom plays random scenarios, compares them with the model, and records them in dir.
func compareRandom(t *testing.T, dir string, count int, seed uint64) {
	var list []*scenario.Scenario
	for n := range count {
		name, from := "random", rand.NewPCG(1, uint64(n))
		if n >= 150 {
			name, from = "seeded", rand.NewPCG(seed, uint64(n))
		}
		s := scenario.Random(rand.New(from))
		s.ID = fmt.Sprintf("%s-%03d", name, n)
		list = append(list, s)
	}
	var mu sync.Mutex // guards what follows
	var total scenario.Tally
	var failed []string
	seen := map[scenario.Outcome]int{}
	begin := time.Now()
	playAll(t, list, func(d *Daemon, s *scenario.Scenario, builds []Build, err error) error {
		mu.Lock()
		defer mu.Unlock()
		if err != nil { // the generator may make what does not build, if seldom
			failed = append(failed, err.Error()+"\n"+s.DockerfileAfter)
			return nil
		}
		if err := record(dir, d, s, builds); err != nil {
			return err
		}
		wrong, err := compare(t.Context(), &total, d.path("predicted"), s, builds)
		if err != nil {
			wrong = append(wrong, err.Error())
		}
		if len(wrong) > 0 {
			text, _ := json.Marshal(s)
			return fmt.Errorf("%s: %s\nthe scenario:\n%s", s.ID, strings.Join(wrong, "\n"), text)
		}
		for _, b := range builds {
			for _, outcome := range b.Outcomes {
				seen[outcome]++
			}
		}
		return nil
	})
	t.Logf("%v; %d scenarios, %d of them do not build, %v each; outcomes %v", total, count, len(failed), (time.Since(begin) / time.Duration(count)).Round(time.Millisecond), seen)
	for _, f := range failed {
		t.Log(f)
	}
	if len(failed)*30 > count {
		t.Error("more than one in 30 does not build")
	}
	// A model that commits itself to nothing is never wrong.
	if total.Depends*20 > total.Agree {
		t.Error("more than one prediction in 20 depends")
	}
}

// compare evaluates a scenario by the model in the directory dir, and tells what is wrong about it.
func compare(ctx context.Context, total *scenario.Tally, dir string, s *scenario.Scenario, builds []Build) (wrong []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	predicted, err := s.Predict(ctx, dir)
	if err != nil {
		return nil, err
	}
	for i, b := range builds {
		for _, w := range total.Compare(predicted[i], b.Dockerfile, b.Outcomes, predicted[:i]...) {
			wrong = append(wrong, fmt.Sprintf("build %d of %d: %s", i+1, len(builds), w))
		}
	}
	if err := scenario.CompareLayers(predicted[len(predicted)-1].Graph.History, s.Layers); err != nil {
		wrong = append(wrong, err.Error())
	}
	return wrong, nil
}

// record notes in the scenario what was observed, and writes it to a file of a directory.
func record(dir string, d *Daemon, s *scenario.Scenario, builds []Build) error {
	last := builds[len(builds)-1]
	layers := d.Layers(last.Image)
	s.Observed, s.Layers = last.Outcomes, &layers
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, s.ID+".json"), text, 0o644)
}
