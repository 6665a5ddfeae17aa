package server_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"layerwise/cli"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/internal/golden"

	"golang.org/x/tools/txtar"
)

// creating is a client that can create files.
const creating = `{"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["create"]}}}`

// TestSameFixes checks on the cases of all rules that an editor offers the edits that the command line reports, in
// the same order, and that its "fix all" makes of the files what --fix makes of them.
func TestSameFixes(t *testing.T) {
	cases := ruleCases(t)
	if testing.Short() {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(cases), func(i, j int) { cases[i], cases[j] = cases[j], cases[i] })
		cases = cases[:30]
	}
	editor := start(t, creating)
	outer, offered, mended := editor.t, 0, 0
	for _, c := range cases {
		if names.IsTemplate(c.Dockerfile) {
			continue // no Dockerfile to the editor, nor to the command line
		}
		t.Run(c.Name, func(t *testing.T) {
			dir, file := t.TempDir(), ""
			if file = writeCase(t, dir, c); file == "" {
				t.Skip("its files cannot be made here")
			}
			uri := "file://" + file
			editor.t = t
			defer func() { editor.t = outer }()
			editor.open(uri, c.Dockerfile)
			editor.diagnostics(uri, 1)
			printed := printedFixes(t, file)
			shown := shownFixes(editor.actions(uri, everywhere, ""))
			for end := time.Now().Add(30 * time.Second); !slices.Equal(shown, printed) && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				shown = shownFixes(editor.actions(uri, everywhere, "")) // until the build context is listed, which a busy machine takes time for
			}
			all := editor.actions(uri, everywhere, `["source.fixAll"]`)
			editor.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))

			if !slices.Equal(shown, printed) {
				t.Errorf("the command line offers\n%s\nthe editor\n%s", strings.Join(printed, "\n"), strings.Join(shown, "\n"))
			}
			offered += len(printed)

			want := readTree(t, dir)
			for _, a := range all {
				applyAction(want, a)
				mended++
			}
			checkFile(file, func(o *cli.Options) { o.Fix = true })
			if got := readTree(t, dir); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("--fix makes\n%q\nthe editor\n%q", got, want)
			}
		})
	}
	if !testing.Short() && (offered < 100 || mended < 100) {
		t.Errorf("only %d fixes were offered, and %d files mended", offered, mended)
	}
}

const everywhere = "0:0-100000:0"

// ruleCases are the golden cases of all rules that are built without arguments.
func ruleCases(t *testing.T) (list []*golden.Case) {
	names, err := filepath.Glob("../diagnostics/*/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases:", err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range golden.Parse(a) {
			if c.Build == "" && strings.Contains(strings.ToLower(c.Path), "dockerfile") {
				c.Name = strings.TrimSuffix(filepath.Base(name), ".txtar") + "/" + c.Name
				list = append(list, c)
			}
		}
	}
	return list
}

// writeCase writes the files of a case and returns the path of its Dockerfile; "" if the file system takes them not.
func writeCase(t *testing.T, dir string, c *golden.Case) string {
	for name, body := range c.Context {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return ""
		}
		if target, ok := strings.CutPrefix(body, "-> "); ok {
			if os.Symlink(target, path) != nil {
				return ""
			}
			continue
		}
		if os.WriteFile(path, []byte(body), 0o644) != nil {
			return ""
		}
	}
	return filepath.Join(dir, c.Path)
}

// readTree returns the texts of the files of a folder by path.
func readTree(t *testing.T, dir string) map[string]string {
	tree := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		tree[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// applyAction changes the files as an editor does.
func applyAction(tree map[string]string, a codeAction) {
	for _, change := range a.Edit.DocumentChanges {
		if change.Kind == "" {
			path := strings.TrimPrefix(change.TextDocument.URI, "file://")
			tree[path] = apply(tree[path], change.Edits)
		}
	}
}

// shownFixes writes each fix of an editor in a line: its title, and its edits in their order.
func shownFixes(actions []codeAction) (list []string) {
	for _, a := range actions {
		if strings.HasPrefix(a.Title, "Ignore ") && strings.Contains(a.Title, " in this file") || strings.HasSuffix(a.Title, " here") {
			continue // which only editors offer
		}
		line := a.Title
		for _, change := range a.Edit.DocumentChanges {
			path := strings.TrimPrefix(change.TextDocument.URI, "file://")
			for _, e := range change.Edits {
				line += fmt.Sprintf(" | %s %d:%d-%d:%d %q", path, e.Range.Start.Line+1, e.Range.Start.Character+1,
					e.Range.End.Line+1, e.Range.End.Character+1, e.NewText)
			}
		}
		list = append(list, line)
	}
	return list
}

// printedFixes are the fixes of the JSON report, written in the same way. An editor shows those of several findings in
// one list: the preferred ones first, then by severity.
func printedFixes(t *testing.T, file string) (list []string) {
	type position struct{ Line, Column int }
	var report struct {
		Files []struct {
			Diagnostics []struct {
				Severity string
				Fixes    []struct {
					Title string
					Safe  bool
					Edits []struct {
						Path    string
						Range   struct{ Start, End position }
						NewText string
					}
				}
			}
		}
	}
	out := checkFile(file, func(o *cli.Options) { o.Format = "json" })
	if err := json.Unmarshal(out, &report); err != nil || len(report.Files) != 1 {
		t.Fatal(err, string(out))
	}
	type offer struct {
		rank int
		line string
	}
	var offers []offer
	for _, d := range report.Files[0].Diagnostics {
		for n, f := range d.Fixes {
			o := offer{slices.Index([]string{"", "error", "warning", "info", "hint"}, d.Severity), f.Title}
			if n == 0 && f.Safe {
				o.rank = 0
			}
			for _, e := range f.Edits {
				path, err := filepath.Abs(e.Path)
				if err != nil {
					t.Fatal(err)
				}
				o.line += fmt.Sprintf(" | %s %d:%d-%d:%d %q", path, e.Range.Start.Line, e.Range.Start.Column,
					e.Range.End.Line, e.Range.End.Column, e.NewText)
			}
			offers = append(offers, o)
		}
	}
	slices.SortStableFunc(offers, func(a, b offer) int { return cmp.Compare(a.rank, b.rank) })
	for _, o := range offers {
		list = append(list, o.line)
	}
	return list
}

// checkFile runs the check command and returns what it prints.
func checkFile(file string, set func(*cli.Options)) []byte {
	var out bytes.Buffer
	opts := cli.Options{Paths: []string{file}, Format: "text", Color: "never", FailLevel: diagnostics.Warning}
	set(&opts)
	cli.Check(context.Background(), opts, cli.Streams{Out: &out, Err: io.Discard})
	return out.Bytes()
}
