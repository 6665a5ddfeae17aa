package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/diagnostics"
)

// Baseline is a list of findings that are known, and not to be reported again.
type Baseline struct {
	dir   string // the folder of its file, which paths in it are relative to
	known map[knownFinding]int
}

// knownFinding is an entry of the list, which stands for all equal ones of a file.
type knownFinding struct {
	Path        string `json:"path"`
	Rule        string `json:"rule"`
	Fingerprint string `json:"fingerprint"`
}

// The types of the file.
type (
	jsonKnown struct {
		knownFinding
		Count int `json:"count"`
	}
	jsonBaselineFile struct {
		Version  int         `json:"version"`
		Findings []jsonKnown `json:"findings"`
	}
)

const baselineVersion = 1

// NewBaseline is an empty list, for a file in a folder, by its absolute path.
func NewBaseline(dir string) *Baseline { return &Baseline{dir, map[knownFinding]int{}} }

// ReadBaseline reads the text of a file in a folder, which errors call name.
func ReadBaseline(dir, name, src string) (*Baseline, error) {
	b := NewBaseline(dir)
	var file jsonBaselineFile
	if err := json.Unmarshal([]byte(src), &file); err != nil {
		return nil, fmt.Errorf("the baseline %s%w; make it anew with --write-baseline %s", name, misread(err, src), name)
	}
	if file.Version != baselineVersion {
		return nil, fmt.Errorf("the baseline %s has version %d, and this program knows version %d: make it anew with --write-baseline %s", name, file.Version, baselineVersion, name)
	}
	for _, k := range file.Findings {
		b.known[k.knownFinding] = max(b.known[k.knownFinding], k.Count) // merging two versions may leave an entry twice
	}
	return b, nil
}

// misread is what is wrong with a text that should be a baseline, with the line.
func misread(err error, src string) error {
	offset := int64(0)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset, err = kind.Offset, fmt.Errorf("%s is of the wrong kind, %s", cmp.Or(kind.Field, "the whole"), kind.Value)
	}
	return fmt.Errorf(":%d: %w", 1+strings.Count(src[:min(int(offset), len(src))], "\n"), err)
}

// entry is that of a finding.
func (b *Baseline) entry(file *File, rule *diagnostics.Rule, p Fingerprint) knownFinding {
	path := file.Name
	if file.Path != "" {
		if rel, err := filepath.Rel(b.dir, file.Path); err == nil {
			path = filepath.ToSlash(rel)
		}
	}
	return knownFinding{strings.ToValidUTF8(path, "\uFFFD"), rule.Name, p.of}
}

// Has reports whether a finding is known. Of several equal ones, the first are.
func (b *Baseline) Has(file *File, rule *diagnostics.Rule, p Fingerprint) bool {
	return b != nil && p.nth <= b.known[b.entry(file, rule, p)]
}

// Add makes findings of a file known.
func (b *Baseline) Add(file *File, found []Finding) {
	for _, f := range found {
		b.known[b.entry(file, f.Rule, f.Print)]++
	}
}

// Text is the file, with a line for each entry, so that versions of it can be compared and merged.
func (b *Baseline) Text() string {
	entries := slices.SortedFunc(maps.Keys(b.known), func(x, y knownFinding) int {
		return cmp.Or(strings.Compare(x.Path, y.Path), strings.Compare(x.Rule, y.Rule), strings.Compare(x.Fingerprint, y.Fingerprint))
	})
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"version":%d,"findings":[`, baselineVersion)
	for i, e := range entries {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "\n%s", JSON(jsonKnown{e, b.known[e]}))
	}
	out.WriteString("\n]}\n")
	return out.String()
}
