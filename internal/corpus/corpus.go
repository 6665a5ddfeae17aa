// Package corpus reads the real Dockerfiles that tests are tried on. They are not part of the project.
package corpus

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"iter"
	"os"
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
