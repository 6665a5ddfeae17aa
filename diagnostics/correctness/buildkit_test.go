package correctness_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/diagnostics/correctness"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// TestAgainstBuildKit breaks real files at random: what BuildKit rejects has an error, on one line
// and inside the file, and what it takes has none.
func TestAgainstBuildKit(t *testing.T) {
	seed := corpus.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	tries := 6
	if testing.Short() {
		tries = 3
	}
	files, rejected := 0, 0
	for name, src := range corpus.Some(t, 3, seed) {
		if len(src) > 32<<10 {
			continue // long files take most of the time and teach nothing more
		}
		for try := range tries {
			broken := src
			for range min(try, 3) {
				broken = mutate(random, broken)
			}
			files++
			if reject(t, name, broken) {
				rejected++
			}
		}
	}
	t.Logf("%d texts, %d of them rejected", files, rejected)
}

// FuzzAgainstBuildKit is the same for any text.
func FuzzAgainstBuildKit(f *testing.F) {
	for _, src := range []string{
		"FROM a\nENV X=${Y\nUSER ${Z:y}\nWORKDIR \"/x\n", "FROM ${A:-b} AS c\nCOPY --from=$A x y\nCOPY <<E /f\n${\nE\n",
		"ARG A='\nFROM a\n", "FROM a\nEXPOSE ${P\nVOLUME [\"$'\"]\nSTOPSIGNAL \"\nLABEL it's=1 b\nENV a it's\n",
		"# escape=`\nFROM a\nENV A=`\" B=\\\" C=`$`{\n", "FROM a\nONBUILD ENV X=${\nCMD ${\nHEALTHCHECK CMD ${\nSHELL [\"${\"]\n",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) { reject(t, "fuzz", src) })
}

func reject(t *testing.T, name, src string) bool {
	g := stages.Resolve(syntax.Parse(src), stages.Args{Image: images.Base}, nil)
	if g.File.CustomFrontend() || g.File.Errors != nil && len(g.File.Instructions) == 0 {
		return false // not ours to judge, or there is nothing to build
	}
	found := diagnostics.Run(context.Background(), diagnostics.Input{Rules: correctness.Rules, Graph: g}, nil).Diagnostics
	for _, d := range found {
		if d.Span.Start < 0 || d.Span.End < d.Span.Start || d.Span.End > len(src) || strings.ContainsAny(d.Span.Of(src), "\r\n") {
			t.Fatalf("%s: %q at %v of %q", name, d.Message, d.Span, src)
		}
	}
	rejects := func(d diagnostics.Diagnostic) bool { return d.Rule.Severity == diagnostics.Error } // others are about files that build
	err := buildkit(src)
	if (err != nil) != slices.ContainsFunc(found, rejects) {
		t.Fatalf("%s: BuildKit says %v, we say %v, of\n%s", name, err, found, src)
	}
	return err != nil
}

// buildkit is what BuildKit finds before it looks at values, images or the build context.
func buildkit(src string) error {
	ast, err := parser.Parse(strings.NewReader(src))
	if err != nil {
		return err
	}
	all, global, err := instructions.Parse(ast.AST, linter.New(&linter.Config{}))
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("no stages")
	}
	lex := shell.NewLex(ast.EscapeToken)
	expand := func(word string) (string, error) { _, _, err := lex.ProcessWord(word, anyEnv{}); return word, err }
	bodies := shell.NewLex('\\')
	bodies.SkipProcessQuotes = true
	body := func(word string) (string, error) { _, _, err := bodies.ProcessWord(word, anyEnv{}); return word, err }
	var commands []instructions.Command
	for _, arg := range global {
		commands = append(commands, &arg)
	}
	for _, s := range all {
		if _, err := expand(s.BaseName); err != nil {
			return err
		}
		if _, err := expand(s.Platform); err != nil {
			return err
		}
		commands = append(commands, s.Commands...)
	}
	for _, c := range commands {
		if copied, ok := c.(*instructions.CopyCommand); ok {
			if from, _, err := lex.ProcessWord(copied.From, shell.EnvsFromSlice(nil)); err != nil || from != copied.From {
				return errors.New("--from cannot be expanded")
			}
		}
		if e, ok := c.(*instructions.ExposeCommand); ok {
			for _, port := range e.Ports {
				if _, err := expand(port); err != nil {
					return err
				}
			}
		}
		if arg, ok := c.(*instructions.ArgCommand); ok { // BuildKit takes its names as they are
			for _, kv := range arg.Args {
				if kv.Value != nil {
					if _, err := expand(*kv.Value); err != nil {
						return err
					}
				}
			}
			continue
		}
		if e, ok := c.(instructions.SupportsSingleWordExpansion); ok {
			if err := e.Expand(expand); err != nil {
				return err
			}
		}
		if e, ok := c.(instructions.SupportsSingleWordExpansionRaw); ok {
			if err := e.ExpandRaw(body); err != nil {
				return err
			}
		}
	}
	return nil
}

type anyEnv struct{}

func (anyEnv) Get(string) (string, bool) { return "x", true }
func (anyEnv) Keys() []string            { return nil }

// snippets are what people mistype, leave open, or have not typed yet.
var snippets = []string{"\n", "\\\n", "\\", "$", "${", "${X", "${X:", "${X:-", "}", "'", "\"", "`", "[", "]", ",", "=", "--", "--from=", "--form=x ", "--mount=type=bogus ",
	"<<EOF", "<<", "\nEOF\n", "ONBUILD ", "FROM ", "\nFROM", "\nCOPY a\n", "\nEXPOSE\n", "\nHEALTHCHECK --interval=x CMD a\n", "\nSHELL bash\n", "\nRUM a\n",
	" AS ", "# ", "# check=skip=all\n", "\n# escape=x\n", "\t", "\r", "é", "\nARG\n", "\nENV a\n", "\nLABEL =\n", "\nADD x\n", "\nUSER\n", "\nCMD [\"a\", ]\n"}

// mutate makes one small change: a snippet put in, a few bytes or a line taken out, two lines swapped.
func mutate(random *rand.Rand, src string) string {
	at := random.IntN(len(src) + 1)
	switch random.IntN(4) {
	case 0, 1:
		return src[:at] + snippets[random.IntN(len(snippets))] + src[at:]
	case 2:
		return text.Apply(src, []text.Edit{{Span: text.Span{Start: at, End: min(len(src), at+1+random.IntN(6))}}})
	}
	lines := strings.SplitAfter(src, "\n")
	i, j := random.IntN(len(lines)), random.IntN(len(lines))
	lines[i], lines[j] = lines[j], lines[i]
	if random.IntN(2) == 0 {
		lines[j] = ""
	}
	return strings.Join(lines, "")
}
