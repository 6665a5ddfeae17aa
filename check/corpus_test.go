package check

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"layerwise/diagnostics"
	"layerwise/internal/corpus"
	"layerwise/workspace"
)

// TestCorpus: whatever real files hold, reports are harmless, JSON is whole and agrees with the
// text, the order of the files does not depend on the number of jobs, and checking writes nothing.
func TestCorpus(t *testing.T) {
	dir, texts := unpacked(t)
	run := func(opts Options) string {
		opts.Paths, opts.Color, opts.FailLevel = []string{dir}, "never", diagnostics.Off
		var out, errs bytes.Buffer
		if code := Run(t.Context(), opts, Streams{Out: &out, Err: &errs}); code != Clean {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		return out.String()
	}
	var outputs []string
	reports := t.TempDir()
	for _, f := range formats {
		outputs = append(outputs, f.name+"="+filepath.Join(reports, f.name))
	}
	report := run(Options{Format: "text", Jobs: 8, Outputs: outputs})
	read := func(format string) string {
		text, err := os.ReadFile(filepath.Join(reports, format))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, f := range formats {
		text := read(f.name)
		if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != joiner }); i >= 0 || !utf8.ValidString(text) {
			t.Errorf("%s: the report holds %q", f.name, text[max(0, i-20):i+10])
		}
	}
	if read("text") != report {
		t.Error("the report in a file differs from that on standard output")
	}
	if again := run(Options{Format: "text", Jobs: 1}); again != report {
		t.Error("the report depends on the number of jobs")
	}
	var all struct {
		Files []struct {
			Path        string
			Diagnostics []jsonDiagnostic
		}
		Summary jsonSummary
	}
	if err := json.Unmarshal([]byte(read("json")), &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Files) != len(texts) || all.Summary.Files != len(texts) {
		t.Errorf("%d files, %d in the summary, want %d", len(all.Files), all.Summary.Files, len(texts))
	}
	for _, f := range all.Files {
		for _, d := range f.Diagnostics {
			start, end := d.Range.Start, d.Range.End
			if start.Line < 1 || start.Column < 1 || end.Line < start.Line || end.Line == start.Line && end.Column < start.Column {
				t.Errorf("%s: %s: range %v", f.Path, d.Rule, d.Range)
			}
		}
	}
	run(Options{Diff: true, Suggested: true, Format: "text"})
	if run(Options{Format: "text"}) != report {
		t.Error("--diff has written something")
	}
}

// TestFingerprints: in real files, findings have fingerprints of their own, which stay when all lines
// move.
func TestFingerprints(t *testing.T) {
	from := regexp.MustCompile(`(?mi)^[ \t]*FROM[ \t]`)
	prints := func(src string) []fingerprint {
		s := workspace.NewFileSnapshot("", src, workspace.Config{}, nil)
		return fingerprints(src, s.Lines(), s.Diagnostics(t.Context()))
	}
	for name, src := range corpus.Files(t) {
		first := from.FindStringIndex(src)
		if first == nil {
			continue
		}
		before := prints(src)
		seen := map[fingerprint]bool{}
		for _, p := range before {
			if seen[p] {
				t.Errorf("%s: %v is there twice", name, p)
			}
			seen[p] = true
		}
		if after := prints(src[:first[0]] + "\n# A comment.\n" + src[first[0]:]); !slices.Equal(after, before) {
			t.Errorf("%s: %v became %v", name, before, after)
		}
	}
}
