package signature_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
	"layerwise/internal/dockergen"
	"layerwise/language/signature"
)

// TestPrefixes asks at places of real files, and at the ends of their beginnings, as if these were just typed.
func TestPrefixes(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 1))
	shown := 0
	for name, src := range corpus.Some(t, 3, seed) {
		for range 3 {
			at := random.IntN(len(src) + 1)
			for _, src := range []string{src, src[:at]} {
				if found, err := keepsLaws(src, at); err != nil {
					t.Errorf("%s: at %d: %v", name, at, err)
				} else if found {
					shown++
				}
			}
		}
	}
	if shown < 30 {
		t.Errorf("only %d signatures", shown)
	}
}

func FuzzLaws(f *testing.F) {
	f.Add("FROM a\nRUN --mount=type=cache,target=/x,\"a\" b\nCOPY <<E x\nE\n", 20)
	f.Add("# syntax=", 9)
	f.Add("FROM a\nCOPY --from=", 19)
	f.Add("ONBUILD HEALTHCHECK --interval=1s CMD [\"a\",", 40)
	f.Fuzz(func(t *testing.T, src string, at int) {
		if at < 0 || at > len(src) {
			return
		}
		if _, err := keepsLaws(src, at); err != nil {
			t.Error(err)
		}
	})
}

// keepsLaws says which law the help at a place breaks: parameters lie in their label, one behind the other; each says
// something that its signature does not say, or nothing; what is active is there; in the body of a here-document and in a comment inside an instruction nothing is shown.
func keepsLaws(src string, at int) (shown bool, err error) {
	f := syntax.Parse(src)
	help, ok := signature.At(f, at)
	if !ok {
		return false, nil
	}
	if help.Active < 0 || help.Active >= len(help.Signatures) {
		return true, fmt.Errorf("%d of %d signatures is active", help.Active, len(help.Signatures))
	}
	for _, sig := range help.Signatures {
		end := 0
		for _, p := range sig.Parameters {
			if p.Span.Start < end || p.Span.Len() <= 0 || p.Span.End > len(sig.Label) || p.Doc != "" && strings.HasPrefix(strings.ToLower(sig.Doc), strings.ToLower(p.Doc)) {
				return true, fmt.Errorf("%q has a parameter at %v", sig.Label, p.Span)
			}
			end = p.Span.End
		}
		if sig.Active < signature.None || sig.Active >= len(sig.Parameters) || sig.Doc == "" {
			return true, fmt.Errorf("parameter %d of %q is active", sig.Active, sig.Label)
		}
	}
	i := f.Index(at)
	if i < 0 || i >= len(f.Instructions) {
		return true, nil
	}
	in := f.Instructions[i]
	for _, h := range in.Heredocs {
		if body := h.Content.Shift(f.Start(i)); body.Start <= at && at < body.End {
			return true, fmt.Errorf("in a here-document: %s", show(help))
		}
	}
	for _, c := range in.Inner {
		if c := c.Shift(f.Start(i)); c.Start < at && at <= c.End {
			return true, fmt.Errorf("in a comment: %s", show(help))
		}
	}
	return true, nil
}

// TestAgreesWithParser asks at the end of each word of real instructions: which parameter that is follows from how
// BuildKit splits them.
func TestAgreesWithParser(t *testing.T) {
	asked := 0
	for name, src := range corpus.Some(t, 8, corpus.Seed(t)) {
		f := syntax.Parse(src)
		for i, in := range f.Instructions {
			if in.Cmd() == nil || len(in.Heredocs) > 0 {
				continue
			}
			for n, w := range in.Words {
				want := parameterOf(in, n)
				at := f.Start(i) + w.Span.End
				if in.JSON {
					at-- // before the quote that closes it
				}
				if want == "" {
					continue
				}
				asked++
				help, ok := signature.At(f, at)
				if !ok {
					t.Errorf("%s: nothing behind word %d of %q", name, n, in.Text)
					continue
				}
				if got := active(help); got != want {
					t.Errorf("%s: word %d of %q is %q, want %q", name, n, in.Text, got, want)
				}
			}
		}
	}
	if asked < 100 {
		t.Errorf("only %d words", asked)
	}
}

// parameterOf is the parameter in which the end of the nth word of an instruction is; "" where that is not asked.
func parameterOf(in *syntax.Instruction, n int) string {
	word := in.Words[n].Text
	switch in.Name {
	case "COPY", "ADD":
		if n == len(in.Words)-1 {
			return "destination"
		}
		return "source"
	case "FROM":
		if n > 0 {
			return []string{"AS", "name"}[n-1]
		}
		if strings.Contains(word, "$") {
			return ""
		}
		switch tail := word[strings.LastIndexByte(word, '/')+1:]; {
		case strings.Contains(tail, "@"):
			return "digest"
		case strings.Contains(tail, ":"):
			return "tag"
		}
		return "image"
	case "ENV", "LABEL":
		if len(in.Words) == 2 && !strings.Contains(in.Words[0].Text, "=") {
			return []string{"name", "value"}[n]
		}
		return "value"
	case "ARG":
		if strings.Contains(word, "=") {
			return "default"
		}
		return "name"
	case "CMD", "ENTRYPOINT", "RUN", "SHELL":
		switch {
		case !in.JSON:
			return ""
		case n == 0:
			return "program"
		}
		return "argument"
	case "WORKDIR", "VOLUME":
		return "path"
	case "STOPSIGNAL":
		return "signal"
	}
	return ""
}

// active is the text of the active parameter.
func active(help signature.Help) string {
	sig := help.Signatures[help.Active]
	if sig.Active == signature.None {
		return ""
	}
	return sig.Parameters[sig.Active].Span.Of(sig.Label)
}

// BenchmarkAfterKeystroke types into a mount in the middle of a file, and asks after each key.
func BenchmarkAfterKeystroke(b *testing.B) {
	for _, n := range []int{200, 2_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			f := syntax.Parse(dockergen.File(n) + "RUN --mount=type=cache,target=/ make\n")
			for b.Loop() {
				at := strings.LastIndex(f.Src, " make")
				f = f.Edit([]text.Edit{{Span: text.Span{Start: at, End: at}, New: "x"}})
				if _, ok := signature.At(f, at+1); !ok {
					b.Fatal("nothing is shown")
				}
			}
		})
	}
}
