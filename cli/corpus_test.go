package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"layerwise/cli/report"
	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/internal/corpus"
)

// TestCorpus: whatever real files hold, reports are harmless, JSON is whole and agrees with the
// text, the order of the files does not depend on the number of jobs, and checking writes nothing.
func TestCorpus(t *testing.T) {
	dir, texts := unpacked(t, corpus.Some(t, 4, corpus.Seed(t)))
	run := func(opts Options) string {
		opts.Paths, opts.Color, opts.FailLevel = []string{dir}, "never", diagnostics.Off
		var out, errs bytes.Buffer
		if code := Check(t.Context(), opts, Streams{Out: &out, Err: &errs}); code != Clean {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		return out.String()
	}
	var outputs []string
	reports := t.TempDir()
	for _, f := range report.Formats {
		outputs = append(outputs, f.Name+"="+filepath.Join(reports, f.Name))
	}
	whole := run(Options{Format: "text", Jobs: 8, Outputs: outputs})
	read := func(format string) string {
		text, err := os.ReadFile(filepath.Join(reports, format))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, f := range report.Formats {
		text := read(f.Name)
		if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != terminal.Joiner }); i >= 0 || !utf8.ValidString(text) {
			t.Errorf("%s: the report holds %q", f.Name, text[max(0, i-20):i+10])
		}
	}
	if read("text") != whole {
		t.Error("the report in a file differs from that on standard output")
	}
	if again := run(Options{Format: "text", Jobs: 1}); again != whole {
		t.Error("the report depends on the number of jobs")
	}
	var all struct {
		Files []struct {
			Path        string
			Diagnostics []struct {
				Rule  string
				Range struct{ Start, End struct{ Line, Column int } }
			}
		}
		Summary struct{ Files int }
	}
	if err := json.Unmarshal([]byte(read("json")), &all); err != nil {
		t.Fatal(err)
	}
	want := len(texts)
	for _, src := range texts {
		if names.IsTemplate(src) {
			want--
		}
	}
	if len(all.Files) != want || all.Summary.Files != want {
		t.Errorf("%d files, %d in the summary, want %d", len(all.Files), all.Summary.Files, want)
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
	if run(Options{Format: "text"}) != whole {
		t.Error("--diff has written something")
	}
}
