package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"layerwise/diagnostics"
	"layerwise/internal/endtoend"
)

// TestShellCheck: check passes on what ShellCheck finds, under ids that reports, settings and options know.
func TestShellCheck(t *testing.T) {
	const script = "FROM debian:12\nRUN echo $X; cd /x; ls\n"
	for _, c := range []struct {
		name, dockerfile, config string
		skip, only               []string
		want                     string // ids
		exitCode                 int
	}{
		{"by itself", script, "", nil, nil, "shellcheck/SC2086 shellcheck/SC2164", Findings},
		{"without a part of it", script, "", []string{"shellcheck/SC2164"}, nil, "shellcheck/SC2086", Clean},
		{"without it", script, "", []string{"shellcheck"}, nil, "", Clean},
		{"alone", script, "", nil, []string{"shellcheck"}, "shellcheck/SC2086 shellcheck/SC2164", Findings},
		{"turned off", script, "rules:\n  shellcheck: off\n", nil, nil, "", Clean},
		{"turned off and asked for", script, "rules:\n  shellcheck: off\n", nil, []string{"shellcheck"}, "shellcheck/SC2086 shellcheck/SC2164", Findings},
		{"a part turned off", script, "rules:\n  shellcheck/SC2164: off\n", nil, nil, "shellcheck/SC2086", Clean},
		{"a part is serious", script, "rules:\n  shellcheck/SC2086: error\n  shellcheck/SC2164: hint\n", nil, nil, "shellcheck/SC2086 shellcheck/SC2164", Findings},
		{"a comment of hadolint", "FROM debian:12\n# hadolint ignore=SC2086,SC2164\nRUN echo $X; cd /x; ls\n", "", nil, nil, "", Clean},
		{"what is broken", "FROM debian:12\nRUN if true; then ls\n", "", nil, nil, "shellcheck/SC1046", Findings},
	} {
		dir := t.TempDir()
		write := func(name, body string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		write("Dockerfile", c.dockerfile)
		if c.config != "" {
			write(".layerwise.yaml", c.config)
		}
		program := endtoend.ShellCheck(t)
		var out, sarif, errors bytes.Buffer
		opts := Options{Paths: []string{filepath.Join(dir, "Dockerfile")}, Format: "json", Color: "never", FailLevel: diagnostics.Warning, Skip: c.skip, Only: c.only, Scripts: program}
		code := Check(context.Background(), opts, Streams{Out: &out, Err: &errors})
		if code != c.exitCode {
			t.Errorf("%s: exit code %d, want %d: %s%s", c.name, code, c.exitCode, out.String(), errors.String())
		}
		var report struct {
			Files []struct{ Diagnostics []struct{ Rule string } }
		}
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, d := range report.Files[0].Diagnostics {
			if strings.HasPrefix(d.Rule, "shellcheck") {
				ids = append(ids, d.Rule)
			}
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		opts.Format = "sarif"
		Check(context.Background(), opts, Streams{Out: &sarif, Err: &errors})
		for _, id := range ids {
			if !strings.Contains(sarif.String(), `"ruleId":"`+id+`"`) {
				t.Errorf("%s: SARIF lacks %s", c.name, id)
			}
		}
	}
}

// TestShellCheckOptions: an id that is none is a mistake.
func TestShellCheckOptions(t *testing.T) {
	for id, wrong := range map[string]string{
		"shellcheck/SC20":   "there is no rule",
		"SC2086":            `did you mean "shellcheck/SC2086"?`,
		"pin-apt/SC2086":    "there is no rule",
		"shellcheck/SC2086": "",
	} {
		_, err := newRuleFilter(nil, []string{id})
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("--skip %s: %v", id, err)
		}
	}
}
