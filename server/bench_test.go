package server_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"layerwise/internal/dockergen"
)

// The benchmarks speak to a process of its own, as an editor does.

func BenchmarkKeystroke(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		line, column := target(text)
		for version := 2; b.Loop(); version++ {
			at := fmt.Sprintf(`{"line":%d,"character":%d}`, line, column)
			p.change(uri, version, fmt.Sprintf(`[{"range":{"start":%s,"end":%s},"text":"x"}]`, at, at))
			p.diagnostics(uri, version)
			p.seen = nil
		}
	})
}

func BenchmarkHover(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		line, _ := target(text)
		for b.Loop() {
			p.result("textDocument/hover", hoverAt(uri, line, 1))
		}
	})
}

// pause makes the benchmarks of questions type as people do.
var pause = flag.Duration("pause", 0, "how long the benchmarks of questions rest after each")

// BenchmarkNavigation asks after a keystroke, which leaves everything to be known anew.
func BenchmarkNavigation(b *testing.B) {
	for _, method := range []string{
		"definition", "documentHighlight", "references", "prepareRename", "rename", "signatureHelp", "inlayHint", "hover", "completion", "documentSymbol",
		"foldingRange",
	} {
		b.Run(method, func(b *testing.B) {
			each(b, func(b *testing.B, p *process, uri, text string) {
				line, column := target(text)
				where := with(hoverAt(uri, nameIn(text), 12), fmt.Sprintf(`"newName":"other","context":{"includeDeclaration":true},"range":{"start":{"line":%d},"end":{"line":%d}}`, line-30, line+30))
				version := 2
				var took []time.Duration
				for b.Loop() {
					at := fmt.Sprintf(`{"line":%d,"character":%d}`, line, column)
					p.change(uri, version, fmt.Sprintf(`[{"range":{"start":%s,"end":%s},"text":"x"}]`, at, at))
					version++
					start := time.Now()
					took = append(took, p.call("textDocument/"+method, where).came.Sub(start))
					p.seen = nil
					time.Sleep(*pause)
				}
				latencies(b, took)
			})
		})
	}
}

// latencies tells how long the middle answer took, and the one that a hundredth is slower than, until the client had read it;
// what the client makes of it is not counted.
func latencies(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkFormatting formats a text of which most lines change, after a keystroke in it.
func BenchmarkFormatting(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		text = strings.NewReplacer("\nRUN ", "\nRUN   ", "\nCOPY ", "\ncopy  ", "\nENV ", "\n  env ", "\nFROM ", "\n\n\n\nfrom  ").Replace(text)
		version := 2
		p.openAs(uri, "dockerfile", version, text)
		p.diagnostics(uri, version)
		line := strings.Count(text, "\n") - 1
		params := fmt.Sprintf(`{"textDocument":{"uri":%q},"options":{"tabSize":4,"insertSpaces":true}}`, uri)
		var took []time.Duration
		for b.Loop() {
			version++
			p.change(uri, version, fmt.Sprintf(`[{"range":{"start":{"line":%d,"character":0},"end":{"line":%d,"character":0}},"text":"# x\n"}]`, line, line))
			start := time.Now()
			took = append(took, p.call("textDocument/formatting", params).came.Sub(start))
			p.seen = nil
		}
		latencies(b, took)
	})
}

// BenchmarkRefactorings asks for what can be done at the name of a stage or of a variable, after a keystroke.
func BenchmarkRefactorings(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		line, column := target(text)
		var took []time.Duration
		for version := 2; b.Loop(); version++ {
			at := fmt.Sprintf(`{"line":%d,"character":%d}`, line, column)
			p.change(uri, version, fmt.Sprintf(`[{"range":{"start":%s,"end":%s},"text":"x"}]`, at, at))
			start := time.Now()
			m := p.call("textDocument/codeAction", actionsAt(uri, fmt.Sprintf("%d:%d-%d:%d", line, column-2, line, column-2), `["refactor"]`))
			took = append(took, m.came.Sub(start))
			p.seen = nil
		}
		latencies(b, took)
	})
}

// nameIn is the last line of the text that copies from a stage, or that uses a variable.
func nameIn(text string) (line int) {
	for i, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "COPY --from=") || strings.HasPrefix(l, "RUN echo $VERSION") {
			line = i
		}
	}
	return line
}

func BenchmarkCodeAction(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		line, _ := target(text)
		for b.Loop() {
			p.result("textDocument/codeAction", actionsAt(uri, fmt.Sprintf("%d:0-%d:0", line, line), ""))
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	each(b, func(b *testing.B, p *process, uri, text string) {
		for version := 2; b.Loop(); version++ {
			p.openAs(uri, "dockerfile", version, text)
			p.diagnostics(uri, version)
			p.seen = nil
		}
	})
}

const asksForTokens = `"semanticTokens":{"requests":{"full":{"delta":true}},"formats":["relative"],"tokenModifiers":["declaration","readonly","defaultLibrary"],
	"tokenTypes":["keyword","comment","string","number","operator","variable","parameter","property","function","class","namespace","enumMember"]}`

// each runs a benchmark with Dockerfiles of several lengths: of many stages, and of one in which nearly all
// instructions use one variable.
func each(b *testing.B, run func(b *testing.B, p *process, uri, text string)) {
	for _, shape := range []struct {
		name string
		text func(instructions int) string
	}{{"", dockergen.File}, {"one/", dockergen.OneVariable}} {
		for _, n := range []int{20, 200, 2000, 10000} {
			b.Run(shape.name+fmt.Sprint(n), func(b *testing.B) {
				p := launch(b)
				p.result("initialize", `{"processId":null,"rootUri":null,"capabilities":{"textDocument":{`+asksForTokens+`,"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":["refactor"]}}},"documentSymbol":{"hierarchicalDocumentSymbolSupport":true}}},"initializationOptions":{"hints":{"stages":true,"variables":true,"files":true}}}`)
				p.notify("initialized", "{}")
				_, uri := project(b, map[string]string{"package.json": "{}"})
				text := shape.text(n)
				p.open(uri, text)
				p.diagnostics(uri, 1)
				run(b, p, uri, text)
			})
		}
	}
}

// target is the end of a RUN in the middle of the text.
func target(text string) (line, column int) {
	lines := strings.Split(text, "\n")
	for i := len(lines) / 2; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "RUN ") && !strings.HasSuffix(lines[i], `\`) && !strings.Contains(lines[i], "<<") {
			return i, len(lines[i])
		}
	}
	return 0, 0
}
