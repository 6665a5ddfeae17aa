package sources

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"

	"layerwise/internal/cases"
	"layerwise/internal/corpus"
)

// What compose's own library makes of a project is what is right. These differences are meant: a variable that
// nobody sets is unknown here, and empty there; one that must be set is an error there; and !reset takes away
// one argument of several here, and there only if its mapping was not merged before.

// byLibrary are a project's builds, in lines, by service.
func byLibrary(dir string, files []string) (map[string]string, error) {
	logrus.SetLevel(logrus.ErrorLevel)
	project := filepath.Join(dir, filepath.FromSlash(path.Dir(files[0])))
	env := types.Mapping{}
	if text, err := os.ReadFile(filepath.Join(project, ".env")); err == nil {
		vars, err := dotenv.UnmarshalBytesWithLookup(text, nil)
		if err != nil {
			return nil, err
		}
		env = vars
	}
	details := types.ConfigDetails{WorkingDir: project, Environment: env}
	for _, file := range files {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: filepath.Join(dir, filepath.FromSlash(file))})
	}
	p, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName("x", true)
		o.SkipValidation, o.SkipConsistencyCheck, o.SkipResolveEnvironment = true, true, true
		o.Profiles = []string{"*"}
	})
	if err != nil {
		return nil, err
	}
	builds := map[string]string{}
	for name, s := range p.Services {
		b := s.Build
		if b == nil {
			continue
		}
		platforms := []string(b.Platforms)
		if len(platforms) == 0 && s.Platform != "" {
			platforms = []string{s.Platform}
		}
		var secrets []string
		for _, one := range b.Secrets {
			secrets = append(secrets, orElse(one.Target, one.Source))
		}
		dockerfile := b.Dockerfile
		if dockerfile == "Dockerfile" {
			dockerfile = ""
		}
		args := map[string]string{}
		for k, v := range b.Args {
			if v != nil && k != "" { // a name that nobody sets
				args[k] = *v
			}
		}
		builds[name] = inLines(dir, b.Context, dockerfile, b.DockerfileInline, b.Target, args, b.AdditionalContexts, platforms, secrets, append([]string{s.Image}, b.Tags...))
	}
	return builds, nil
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func inLines(dir, context, dockerfile, inline, target string, args, contexts map[string]string, platforms, secrets, images []string) string {
	var b strings.Builder
	path := func(p string) string {
		rel, err := filepath.Rel(dir, p)
		switch {
		case err != nil || !filepath.IsAbs(p):
			return p
		case strings.HasPrefix(rel, "../../"):
			return "elsewhere"
		}
		return filepath.ToSlash(rel)
	}
	fmt.Fprintf(&b, "context %s\ndockerfile %q\ninline %q\ntarget %q\n", path(context), dockerfile, inline, target)
	for _, k := range slices.Sorted(maps.Keys(args)) {
		fmt.Fprintf(&b, "arg %s=%q\n", k, args[k])
	}
	for _, k := range slices.Sorted(maps.Keys(contexts)) {
		fmt.Fprintf(&b, "context %s=%s\n", k, path(contexts[k]))
	}
	images = slices.DeleteFunc(slices.Clone(images), func(s string) bool { return s == "" })
	slices.Sort(secrets)
	fmt.Fprintf(&b, "platforms %v\nsecrets %v\nimages %v\n", platforms, slices.Compact(secrets), images)
	return b.String()
}

// byUs is the same by this package, with what is unknown as the library has it: empty. ok is false if a
// variable that must be set makes the difference.
func byUs(dir string, names []string) (map[string]string, []Note) {
	files, err := NewFiles(dir, nil)
	if err != nil {
		panic(err)
	}
	defer files.Close()
	r := &reading{files: &watched{files: files, looks: map[look]bool{}}, file: names[0], kind: Compose}
	l := newComposeLoader(r)
	env := map[string]string{}
	l.env(env, path.Join(path.Dir(names[0]), ".env"))
	var list []composeText
	for _, name := range names {
		list = append(list, composeText{text: name, file: names[0], line: 1})
	}
	m := l.load(path.Dir(names[0]), list, env, nil)
	empty := func(s string) string { return strings.ReplaceAll(s, unknown, "") }
	builds := map[string]string{}
	for name, s := range m.services {
		b := s.build
		if b == nil {
			continue
		}
		text := func(w *composeText) string {
			if w == nil {
				return ""
			}
			return empty(w.text)
		}
		where := func(w *composeText) string {
			c := *w
			switch c.text = empty(c.text); {
			case c.text == "" || path.IsAbs(c.text) || isRemote(c.text) || strings.HasPrefix(c.text, "service:") || strings.Contains(c.text, "://"):
				return c.text
			case strings.HasPrefix(c.text, "~"):
				return "/"
			}
			return filepath.Join(dir, joined(c.from, c.text))
		}
		args, contexts := map[string]string{}, map[string]string{}
		for k, w := range b.args {
			if v, ok := env[k]; !w.unset {
				args[k] = empty(w.text)
			} else if ok {
				args[k] = empty(v)
			}
		}
		for k, w := range b.contexts {
			if !w.unset {
				contexts[k] = where(w)
			}
		}
		list := func(words []composeText) (texts []string) {
			for _, w := range words {
				texts = append(texts, empty(w.text))
			}
			return texts
		}
		platforms := list(b.platforms)
		if p := text(s.platform); len(platforms) == 0 && p != "" {
			platforms = []string{p}
		}
		dockerfile := text(b.dockerfile)
		if dockerfile == "Dockerfile" {
			dockerfile = ""
		}
		builds[name] = inLines(dir, where(b.context), dockerfile, text(b.inline), text(b.target), args, contexts, platforms, list(b.secrets), append([]string{text(s.image)}, list(b.tags)...))
	}
	return builds, r.notes
}

// compareProject compares both readings. It reports whether the library could read the project.
func compareProject(t *testing.T, dir string, files []string) bool {
	t.Helper()
	want, err := byLibrary(dir, files)
	got, _ := byUs(dir, files)
	if err != nil {
		if !strings.Contains(err.Error(), "required variable") {
			t.Logf("the library cannot read: %v", err)
		}
		return false
	}
	for name, w := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%v: the service %s is missing; the library has\n%s", files, name, w)
		} else if g != w {
			t.Errorf("%v: the service %s is\n%sthe library has\n%s", files, name, g, w)
		}
	}
	for name, g := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%v: the library has no service %s:\n%s", files, name, g)
		}
	}
	return true
}

func writeFiles(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestComposeLibraryCases compares the cases of testdata.
func TestComposeLibraryCases(t *testing.T) {
	read := 0
	cases.Run(t, "testdata/compose.txtar", func(t *testing.T, c cases.Case) string {
		dir := writeFiles(t, c.Without("want"))
		for _, name := range slices.Sorted(maps.Keys(c.Files)) {
			if !isCompose(name) {
				continue
			}
			if compareProject(t, dir, []string{name}) {
				read++
			}
			for _, over := range composeOverrides {
				over = path.Join(path.Dir(name), over)
				if c.Files[over] != "" && isDefaultCompose(name) && compareProject(t, dir, []string{name, over}) {
					read++
				}
			}
		}
		return c.Files["want"]
	})
	if read < 30 {
		t.Errorf("the library could read only %d projects", read)
	}
}

// TestComposeLibraryProjects compares made-up projects: others each time, which LAYERWISE_SEED repeats.
// LAYERWISE_PROJECTS is how many.
func TestComposeLibraryProjects(t *testing.T) {
	read, services := 0, 0
	projects, first := 120, corpus.Seed(t)
	if testing.Short() {
		projects = 30
	}
	if n, err := strconv.Atoi(os.Getenv("LAYERWISE_PROJECTS")); err == nil {
		projects = n
	}
	for n := range uint64(projects) {
		g := newComposeGenerator(first + n)
		files := g.project()
		dir := writeFiles(t, g.files)
		if compareProject(t, dir, files) {
			read++
			got, _ := byUs(dir, files)
			services += len(got)
		}
		if t.Failed() {
			for _, name := range slices.Sorted(maps.Keys(g.files)) {
				t.Logf("-- %s --\n%s", name, g.files[name])
			}
			t.Fatalf("LAYERWISE_SEED=%d", first+n)
		}
	}
	if read < projects*9/10 || services < 3*projects {
		t.Errorf("of %d projects the library could read %d, with %d builds", projects, read, services)
	}
	t.Logf("%d projects with %d builds", read, services)
}

// FuzzInterpolate compares interpolation with compose's own.
func FuzzInterpolate(f *testing.F) {
	for _, s := range []string{"$A", "${A}", "${A:-x}", "${B-x}", "${C:-${D-y}}", "${A:+$B}", "${A+}", "$$A", "${A:?x}", "${B?no}", "$1 ${1}", "${A", "${A.b}", "a$", "${A:-{}", "${A:-{x}}y}", "${A:-x}${B:-y}", "${C:-}", "${:-}", "${A:=x}"} {
		f.Add(s)
	}
	vars := map[string]string{"A": "a", "B": "", "a_1": "$A"}
	value := func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, unknown) || strings.Count(text, "{") > 20 {
			t.Skip()
		}
		got, err := interpolate(text, value)
		logrus.SetLevel(logrus.ErrorLevel)
		want, wantErr := template.Substitute(text, value)
		if _, required := wantErr.(*template.MissingRequiredError); required {
			if err == nil && isKnown(got) && !strings.Contains(text, "${") {
				t.Fatalf("%q: %q is known", text, got)
			}
			return
		}
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("%q: %q %v, want %q %v", text, got, err, want, wantErr)
		}
		if err == nil && strings.ReplaceAll(got, unknown, "") != want {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	})
}

// FuzzDotenv compares the reading of .env files with compose's own.
func FuzzDotenv(f *testing.F) {
	for _, s := range []string{"A=b # c\nB='x $A'\nC=\"$A\\n\"\n", "export A=b", "A\nB=c", "A: b", "# x\n\nA=", "A=\"x", "A b=c", "A=\"a\\\"b\\$c\\007\"", "A=$B", "\ufeffA=1\r\nB=2", "A='a\\'b'", "A=\"x\" y\nB=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, unknown) || strings.Count(text, "{") > 20 {
			t.Skip()
		}
		got := map[string]string{}
		_, err := readDotenv(text, nil, got)
		logrus.SetLevel(logrus.ErrorLevel)
		want, wantErr := dotenv.ParseWithLookup(strings.NewReader(text), nil)
		if (err != nil) != (wantErr != nil) {
			if wantErr != nil && strings.Contains(wantErr.Error(), "required variable") {
				return
			}
			t.Fatalf("%q: %v, want %v", text, err, wantErr)
		}
		delete(want, "") // of a last line that has no sign
		delete(got, "")
		for _, v := range got {
			if !isKnown(v) { // it is empty there, and what follows from it differs
				return
			}
		}
		if err == nil && !maps.Equal(got, want) {
			t.Fatalf("%q: %q, want %q", text, got, want)
		}
	})
}
