package refactorings_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"layerwise/build/llb"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/language"
	"layerwise/language/refactorings"
)

// build is what BuildKit makes of a text.
type build struct {
	steps   map[string]int // how many instructions are behind each operation, by its digest
	image   map[string]any // the configuration
	history []string       // what each entry says that it was made by
}

func built(src string) (b build, err error) {
	g, err := llb.Convert(context.Background(), llb.Input{Dockerfile: []byte(src)})
	if err != nil {
		return b, err
	}
	b.steps = map[string]int{}
	for _, v := range g.Vertices {
		b.steps[v.Digest.String()] += max(1, len(v.Lines))
	}
	config, err := json.Marshal(g.Config)
	if err == nil {
		err = json.Unmarshal(config, &b.image)
	}
	for _, h := range g.History {
		b.history = append(b.history, h.CreatedBy)
	}
	return b, err
}

// changes says what of a build may become different, by the title of the refactoring.
var changes = []struct {
	title  *regexp.Regexp
	config []string // keys of the image's configuration
	steps  bool     // as many as the title says, if there is one stage
	meta   string   // entries of the history that may be cut in another way: of these instructions
}{
	{regexp.MustCompile(`^Inline ARG`), nil, true, "ARG"},
	{regexp.MustCompile(`^Extract`), nil, true, "ARG"},
	{regexp.MustCompile(`^(Name (this )?stage|Write \S+ in place of the stage's number)`), nil, false, ""},
	{regexp.MustCompile(`^Write this (ENV|LABEL) with an equals sign$`), nil, false, ""},
	{regexp.MustCompile(`^(Split this ENV into \d+|Join these \d+ ENVs into one)$`), nil, false, "ENV"},
	{regexp.MustCompile(`^(Split this LABEL into \d+|Join these \d+ LABELs into one)$`), nil, false, "LABEL"},
	{regexp.MustCompile(`^Write this RUN in shell form$`), nil, false, ""},
	{regexp.MustCompile(`^(Write this RUN in (JSON|shell) form|Format this RUN) \(.*reruns`), nil, true, "RUN"},
	{regexp.MustCompile(`^Write this CMD in (JSON|shell) form`), []string{"Cmd", "ArgsEscaped"}, false, "CMD"},
	{regexp.MustCompile(`^Write this ENTRYPOINT in (JSON|shell) form`), []string{"Entrypoint", "ArgsEscaped"}, false, "ENTRYPOINT"},
}

var promised = regexp.MustCompile(`reruns (\d+) steps? once`)

// broken says which law a refactoring of a text breaks; "" if none.
func broken(doc *language.Document, before build, r refactorings.Refactoring) string {
	src := doc.File.Src
	at := 0
	for _, e := range r.Edits {
		if e.Span.Start < at || e.Span.End < e.Span.Start || e.Span.End > len(src) {
			return "edits overlap or lie outside of the text"
		}
		at = e.Span.End
	}
	if !slices.Contains(refactorings.Kinds, r.Kind) {
		return "it has the kind " + r.Kind
	}
	changed := text.Apply(src, r.Edits)
	for _, in := range syntax.Parse(changed).Instructions {
		if in.Cmd() == nil {
			return fmt.Sprintf("%q does not parse", in.Text)
		}
	}
	if before.image == nil {
		return "" // BuildKit refuses the file for another reason
	}
	after, err := built(changed)
	if err != nil {
		return "BuildKit says: " + err.Error()
	}
	for _, c := range changes {
		if c.title.MatchString(r.Title) {
			if law := differs(before, after, c.config, c.meta); law != "" {
				return law
			}
			return reruns(before, after, r.Title, c.steps && len(doc.Graph.Stages) == 1)
		}
	}
	return "nothing says what may change"
}

// differs compares the configuration and the history of two images.
func differs(before, after build, config []string, meta string) string {
	a, b := only(before.image, config), only(after.image, config)
	if a != b {
		return fmt.Sprintf("another image: %v", text.Difference(a, b))
	}
	other := func(entry string) bool { return meta != "" && strings.HasPrefix(entry, meta+" ") }
	x, y := slices.DeleteFunc(slices.Clone(before.history), other), slices.DeleteFunc(slices.Clone(after.history), other)
	if len(x) != len(y) || meta != "ARG" && !slices.Equal(x, y) {
		return fmt.Sprintf("another history: %q, %q", x, y)
	}
	return ""
}

// only is an image's configuration without some keys.
func only(image map[string]any, without []string) string {
	kept := map[string]any{}
	for key, value := range image {
		if !slices.Contains(without, key) {
			kept[key] = value
		}
	}
	s, _ := json.Marshal(kept)
	return string(s)
}

// reruns compares the steps of two builds with what a title says of them.
func reruns(before, after build, title string, counted bool) string {
	changed, all := 0, 0
	for digest, n := range after.steps {
		if before.steps[digest] == 0 {
			changed += n
		}
		all += n
	}
	m := promised.FindStringSubmatch(title)
	if m == nil {
		if changed > 0 {
			return fmt.Sprintf("%d of %d steps change", changed, all)
		}
		return ""
	}
	if n, _ := strconv.Atoi(m[1]); counted && n != changed {
		return fmt.Sprintf("%d steps change", changed)
	}
	return ""
}

// offered are all refactorings of a document, each once, at some places of each instruction.
func offered(doc *language.Document, random *rand.Rand) (all []refactorings.Refactoring) {
	seen := map[string]bool{}
	ask := func(span text.Span) {
		for _, r := range refactorings.At(doc, span, byDefault) {
			key := fmt.Sprint(r.Title, r.Edits)
			if !seen[key] {
				seen[key] = true
				all = append(all, r)
			}
		}
	}
	src := doc.File.Src
	for i, in := range doc.File.Instructions {
		base := doc.File.Start(i)
		ask(text.Span{Start: base + in.Start(), End: base + in.Start()})
		for _, o := range doc.Occurrences().In(i) {
			ask(text.Span{Start: base + o.Span.Start, End: base + o.Span.Start})
		}
		for _, m := range piece.FindAllStringIndex(in.Text[in.Start():], 8) {
			at := base + in.Start() + m[0]
			ask(text.Span{Start: at, End: at})
			ask(text.Span{Start: at, End: base + in.Start() + m[1]})
		}
		at := base + random.IntN(len(in.Text))
		ask(text.Span{Start: at, End: min(len(src), at+random.IntN(200))})
	}
	return all
}

var piece = regexp.MustCompile(`[\w./:-]*\d[\w./:-]*|/[\w./-]+`)

// TestRealFiles makes the refactorings of real Dockerfiles: BuildKit takes each result, and makes the same image and
// the same steps of it but for what the title says.
func TestRealFiles(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	tried := map[string]int{}
	for name, src := range corpus.Some(t, 50, seed) {
		if len(src) > 20_000 {
			continue
		}
		doc := document(src)
		list := offered(doc, random)
		if len(list) == 0 {
			continue
		}
		before, _ := built(src)
		for _, r := range list {
			tried[strings.Fields(r.Title)[0]]++
			if law := broken(doc, before, r); law != "" {
				t.Errorf("%s: %s: %s\n%v", name, r.Title, law, r.Edits)
			}
			if law := back(doc, r); law != "" {
				t.Errorf("%s: %s: %s\n%v", name, r.Title, law, r.Edits)
			}
		}
	}
	t.Log(tried)
}

// back goes the way back of an extraction: inlining the new ARG leads to the same text.
func back(doc *language.Document, r refactorings.Refactoring) string {
	if r.Kind != refactorings.Extract {
		return ""
	}
	name := strings.TrimSuffix(strings.Fields(r.Title[strings.Index(r.Title, " to ARG ")+len(" to ARG "):])[0], ",")
	changed := document(text.Apply(doc.File.Src, r.Edits))
	at := strings.Index(changed.File.Src, "${"+name+"}")
	for _, r := range refactorings.At(changed, text.Span{Start: at, End: at}, byDefault) {
		if r.Kind == refactorings.Inline {
			if again := text.Apply(changed.File.Src, r.Edits); again != doc.File.Src {
				return fmt.Sprintf("the way back leads elsewhere: %v", text.Difference(doc.File.Src, again))
			}
			return ""
		}
	}
	return "there is no way back"
}

// TestHalfTyped asks in the beginnings of real Dockerfiles: nothing is offered where an instruction is half typed.
func TestHalfTyped(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 2))
	for name, src := range corpus.Some(t, 8, seed) {
		doc := document(src[:random.IntN(len(src)+1)])
		whole := len(doc.File.Errors) == 0
		for _, in := range doc.File.Instructions {
			whole = whole && in.Cmd() != nil && len(in.Errors()) == 0
		}
		for range 5 {
			at := random.IntN(len(doc.File.Src) + 1)
			list := refactorings.At(doc, text.Span{Start: at, End: at}, byDefault)
			if !whole && len(list) > 0 {
				t.Errorf("%s, the first %d bytes: %s", name, len(doc.File.Src), list[0].Title)
			}
		}
	}
}

// TestLawFindsFaults plants refactorings that do not keep what their titles say: the law must say no.
func TestLawFindsFaults(t *testing.T) {
	for name, c := range map[string][3]string{
		"an ENV that sees the new value":    {"Split this ENV into 2", "FROM alpine\nENV A=1 B=$A\nRUN true\n", "FROM alpine\nENV A=1\nENV B=$A\nRUN true\n"},
		"another order of variables":        {"Join these 2 ENVs into one", "FROM alpine\nENV A=1\nENV B=2\nRUN true\n", "FROM alpine\nENV B=2 A=1\nRUN true\n"},
		"a value that loses its blanks":     {"Write this ENV with an equals sign", "FROM alpine\nENV A b  c\n", "FROM alpine\nENV A=\"b c\"\n"},
		"the name of another stage":         {"Write `b` in place of the stage's number 0", "FROM alpine AS a\nFROM debian AS b\nFROM scratch\nCOPY --from=0 /x /\n", "FROM alpine AS a\nFROM debian AS b\nFROM scratch\nCOPY --from=b /x /\n"},
		"a RUN that changes without a word": {"Write this RUN in shell form", "FROM alpine\nRUN [\"a\"]\n", "FROM alpine\nRUN a\n"},
		"a price that is too low":           {"Format this RUN (reruns 1 step once)", "FROM alpine\nRUN a \\\n b\nRUN c\n", "FROM alpine\nRUN a \\\n  b\nRUN c\n"},
		"an ENTRYPOINT instead of a CMD":    {"Write this CMD in JSON form (`a` starts without a shell)", "FROM alpine\nCMD a\n", "FROM alpine\nENTRYPOINT [\"a\"]\n"},
		"an image that is none":             {"Inline ARG A in 1 place (builds can no longer set it)", "ARG A=1\nFROM alpine:$A\n", "FROM alpine:\n"},
		"what no title says":                {"Tidy up", "FROM alpine\n", "FROM alpine\n\n"},
	} {
		before, err := built(c[1])
		if err != nil {
			t.Fatal(err)
		}
		planted := refactorings.Refactoring{Title: c[0], Kind: refactorings.Rewrite, Edits: []text.Edit{text.Difference(c[1], c[2])}}
		if broken(document(c[1]), before, planted) == "" {
			t.Errorf("%s: nothing found", name)
		}
	}
}
