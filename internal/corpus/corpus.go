// Package corpus reads the real Dockerfiles that tests are tried on. They are not part of the project.
package corpus

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// variable names the archive. CI sets it where there is one (see .ci/run).
const variable = "LAYERWISE_CORPUS"

// Given reports whether there is an archive.
func Given() bool { return os.Getenv(variable) != "" }

// Files yields the names and texts of the archive (.tar.gz) that LAYERWISE_CORPUS names. Without one
// the test is skipped.
func Files(t testing.TB) iter.Seq2[string, string] {
	path := os.Getenv(variable)
	if path == "" {
		t.Skip("NOT TESTED: " + variable + " does not name an archive (.tar.gz) of Dockerfiles")
	}
	return func(yield func(string, string) bool) {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := tar.NewReader(unzipped)
		for {
			h, err := archive.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Typeflag != tar.TypeReg {
				continue
			}
			data, err := io.ReadAll(archive)
			if err != nil {
				t.Fatal(err)
			}
			if !yield(h.Name, string(data)) {
				return
			}
		}
	}
}

// all names the variable that lets Sample yield the whole archive.
const all = "LAYERWISE_ALL_FILES"

// Sample yields about one in n of the files: others in each run, but the same for the same LAYERWISE_SEED, which the
// log tells. LAYERWISE_ALL_FILES=1 yields all. It is for tests that take long.
func Sample(t testing.TB, n int) iter.Seq2[string, string] {
	files := Files(t)
	if os.Getenv(all) != "" {
		return files
	}
	random := rand.New(rand.NewPCG(Seed(t), uint64(n)))
	return func(yield func(string, string) bool) {
		for name, src := range files {
			if random.IntN(n) == 0 && !yield(name, src) {
				return
			}
		}
	}
}

// Seed is that of LAYERWISE_SEED, or another one each time. The log tells it.
func Seed(t testing.TB) uint64 {
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("LAYERWISE_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LAYERWISE_SEED=%d", seed)
	return seed
}
