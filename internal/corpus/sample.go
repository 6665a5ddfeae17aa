package corpus

import (
	"hash/fnv"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Seed is what a test's random choices begin with: another number each time, which the test's log has, or that of
// LAYERWISE_SEED, which repeats a run.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("LAYERWISE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LAYERWISE_SEED=%d", seed)
	return seed
}

// Some yields about one in n of the Files, others for each seed, because all of them take longer under the race
// detector than a test run has; in short mode a fifth of that. LAYERWISE_WHOLE=1 yields all.
func Some(t testing.TB, n int, seed uint64) iter.Seq2[string, string] {
	if testing.Short() {
		n *= 5
	}
	if os.Getenv("LAYERWISE_WHOLE") != "" {
		n = 1
	}
	files, random := Files(t), rand.New(rand.NewPCG(seed, 0))
	return func(yield func(string, string) bool) {
		for name, src := range files {
			if random.IntN(n) == 0 && !yield(name, src) {
				return
			}
		}
	}
}

// InTurn skips a case in short mode, but about one in n: others each time. It is for cases of one law that are dear, such
// as those that are as large as a bound lets them be.
func InTurn(t testing.TB, n int) {
	t.Helper()
	if !testing.Short() {
		return
	}
	name := fnv.New64a()
	name.Write([]byte(t.Name()))
	if rand.New(rand.NewPCG(Seed(t), name.Sum64())).IntN(n) > 0 {
		t.Skip("it is not this case's turn: in short mode about one in " + strconv.Itoa(n) + " is tried")
	}
}
