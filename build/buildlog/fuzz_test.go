package buildlog_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"layerwise/build/buildlog"
	"layerwise/internal/golden"

	"golang.org/x/tools/txtar"
)

// begin is where lines begin that tell something.
var begin = regexp.MustCompile(`(?m)^[#{]`)

// FuzzRead: whatever a log holds, reading it ends, and it means the same with Windows' line ends and with
// the time stamps of a CI service, and in PowerShell's encoding.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range golden.Parse(archive) {
			f.Add(c.Context["log"])
		}
	}
	dockerfile, err := os.ReadFile("testdata/Dockerfile")
	if err != nil {
		f.Fatal(err)
	}
	s := newSubject(f, string(dockerfile))
	f.Fuzz(func(t *testing.T, log string) {
		report := s.tell(log)
		if strings.ContainsAny(log, "\r\x1b") || strings.Contains(log, "\n ") {
			return
		}
		if windows := s.tell(strings.ReplaceAll(log, "\n", "\r\n")); windows != report {
			t.Errorf("with CRLF:\n%s\nwithout:\n%s", windows, report)
		}
		var powershell strings.Builder
		powershell.WriteString("\xff\xfe")
		for _, c := range utf16.Encode([]rune(log)) {
			powershell.Write([]byte{byte(c), byte(c >> 8)})
		}
		if utf8.ValidString(log) && !strings.Contains(log, "\ufeff") {
			if wide := s.tell(powershell.String()); wide != report {
				t.Errorf("in UTF-16:\n%s\nin UTF-8:\n%s", wide, report)
			}
		}
		stamped := begin.ReplaceAllString(log, "2026-11-25T13:43:46.1234567Z $0")
		if ci := s.tell(stamped); ci != report {
			t.Errorf("with time stamps:\n%s\nwithout:\n%s", ci, report)
		}
	})
}

// TestBounds: long lines and large logs are not kept.
func TestBounds(t *testing.T) {
	const step = "#1 [1/1] RUN true\n#1 DONE 2.0s\n"
	builds, err := buildlog.Read(strings.NewReader("#1 " + strings.Repeat("x", 5<<20) + "\n" + step))
	if err != nil || len(builds) != 1 || builds[0].Steps[0].State != buildlog.Done {
		t.Errorf("%v, %v", builds, err)
	}
	if _, err := buildlog.Read(strings.NewReader(step + strings.Repeat("#1 0.1 "+strings.Repeat("x", 1<<20)+"\n", 110))); err == nil || err.Error() != "it is larger than 100 MiB" {
		t.Error(err)
	}
	if _, err := buildlog.Read(strings.NewReader("no log\n")); err == nil {
		t.Error("a text that is no log is taken")
	}
}
