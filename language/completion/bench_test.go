package completion_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/language"
	"layerwise/language/completion"
)

// BenchmarkAfterKeystroke types a letter at a place near the end of a file of so many instructions, and asks there: the
// new tree and graph are made before the clock starts, as they are for all features. It tells p50 and p99.
func BenchmarkAfterKeystroke(b *testing.B) {
	shapes := map[string]func(i int) string{
		"one stage": func(i int) string {
			return []string{"RUN apt-get update && apt-get install -y a\n", "ENV A" + fmt.Sprint(i%500) + "=1\n", "COPY src/ /x/\n", "RUN useradd u\n"}[i%4]
		},
		"many stages": func(i int) string {
			return []string{fmt.Sprintf("FROM debian AS s%d\n", i/4), "ARG NAME\n", "RUN npm ci\n", fmt.Sprintf("COPY --from=s%d /a /b\n", max(0, i/4-1))}[i%4]
		},
		"a chain": func(i int) string {
			return []string{fmt.Sprintf("FROM s%d AS s%d\n", i/4, i/4+1), "WORKDIR /app\n", "RUN npm ci\n", "ENV A=1\n"}[i%4]
		},
	}
	questions := map[string]string{
		"keyword": "\n", "flag": "COPY --f\n", "stage": "COPY --from=s\n", "path": "COPY src/\n", "path of a stage": "COPY --from=s0 /\n", "command": "RUN apt-get in\n",
		"program": "RUN n\n", "mount": "RUN --mount=type=cache,t\n", "variable": "WORKDIR /$A\n", "user": "USER u\n", "image": "FROM no\n", "port": "EXPOSE 8\n",
	}
	bc := files.InMemory(project)
	for _, size := range []int{200, 2000, 10_000} {
		for shape, instruction := range shapes {
			var src strings.Builder
			src.WriteString("ARG V=1\nFROM debian AS s0\n")
			for i := 0; i < size; i++ {
				src.WriteString(instruction(i))
			}
			for question, line := range questions {
				b.Run(fmt.Sprintf("%d/%s/%s", size, strings.ReplaceAll(shape, " ", "-"), strings.ReplaceAll(question, " ", "-")), func(b *testing.B) {
					f := syntax.Parse(src.String() + line + "CMD a\n")
					g := stages.Resolve(f, stages.Args{Image: images.Base}, nil)
					at := src.Len() + len(line) - 1
					var times []time.Duration
					for i := 0; b.Loop(); i++ {
						b.StopTimer()
						letter := text.Edit{Span: text.Span{Start: src.Len() - 1, End: src.Len() - 1}, New: "x"} // the instruction above is another one
						if i%2 == 1 {
							letter = text.Edit{Span: text.Span{Start: src.Len() - 1, End: src.Len()}}
						}
						f = f.Edit([]text.Edit{letter})
						g = stages.Resolve(f, stages.Args{Image: images.Base}, g)
						doc := &language.Document{File: f, Graph: g, Listed: func() *files.Context { return bc }}
						b.StartTimer()
						start := time.Now()
						completion.At(doc, at+1-i%2)
						times = append(times, time.Since(start))
					}
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
					b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		}
	}
}
