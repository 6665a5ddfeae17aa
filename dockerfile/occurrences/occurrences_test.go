package occurrences_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/cases"
)

var kinds = map[occurrences.Kind]string{
	occurrences.Variable: "variable", occurrences.Local: "local", occurrences.Stage: "stage", occurrences.Image: "image",
	occurrences.Context: "context", occurrences.Heredoc: "heredoc", occurrences.User: "user", occurrences.Path: "path",
}

var expanders = map[occurrences.Expander]string{
	occurrences.Unclear: "", occurrences.Builder: " by the builder", occurrences.BuildShell: " by the build's shell", occurrences.ContainerShell: " by the container's shell", occurrences.Nobody: " by nobody",
}

// TestNames reads testdata/names.txtar: NAME/in is a Dockerfile, NAME/contexts are named contexts of its build, and
// NAME/want are its names, line by line, with what they mean.
func TestNames(t *testing.T) {
	cases.Run(t, "testdata/names.txtar", func(t *testing.T, c cases.Case) string {
		f := syntax.Parse(c.Files["in"])
		table := occurrences.Of(stages.Resolve(f, stages.Args{}, nil), strings.Fields(c.Files["contexts"])...)
		var b strings.Builder
		for i := range f.Instructions {
			for _, r := range table.In(i) {
				if r.Kind == occurrences.Path && c.Name != "paths" {
					continue
				}
				fmt.Fprintf(&b, "%s %s%s", at(f, table, r), kinds[table.KindOf(r)], expanders[r.By])
				if r.Defines {
					b.WriteString(", defined here")
				}
				for n, def := range table.Definitions(r) {
					if !def.Same(r) {
						fmt.Fprintf(&b, "%s %s", []string{", from", " and"}[min(n, 1)], at(f, table, def))
					}
				}
				if stage, ok := table.StageOf(r); ok && !r.Defines && len(table.Definitions(r)) == 0 {
					fmt.Fprintf(&b, ", number %d", stage)
				}
				b.WriteString("\n")
			}
		}
		return b.String()
	})
}

// at is a name with its line and column.
func at(f *syntax.File, table *occurrences.Table, r occurrences.Ref) string {
	span := table.Span(r)
	line := f.Lines().Line(span.Start)
	return fmt.Sprintf("%d:%d %s", line+1, span.Start-f.Lines().Span(line).Start+1, strings.ReplaceAll(span.Of(f.Src), "\n", "⏎"))
}

// TestExpanders: who replaces the $ of a line.
func TestExpanders(t *testing.T) {
	for line, want := range map[string]string{
		`LABEL i=$abc`:                           "builder",
		`LABEL i="$abc"`:                         "builder",
		`LABEL i='$abc'`:                         "nobody",
		`LABEL j=\$abc`:                          "nobody",
		`ENV A=${abc:-x}`:                        "builder",
		`ENV A $abc`:                             "builder",
		`WORKDIR /$abc`:                          "builder",
		`USER $abc`:                              "builder",
		`COPY $abc /`:                            "builder",
		`COPY ["$abc", "/"]`:                     "builder",
		`COPY --chown=$abc a /`:                  "builder",
		`COPY --chown='$abc' a /`:                "builder", // flags lose their quotes first
		`COPY --from=$abc a /`:                   "nobody",
		"COPY <<E /a\n$abc\nE":                   "builder",
		"COPY <<'E' /a\n$abc\nE":                 "nobody",
		"COPY <<E /a\n\\$abc\nE":                 "nobody",
		`EXPOSE $abc`:                            "builder",
		`MAINTAINER $abc`:                        "nobody",
		`RUN echo $abc`:                          "build's shell",
		`RUN echo "it's $abc"`:                   "build's shell",
		`RUN echo \$abc`:                         "nobody",
		`RUN awk '{ print $abc }'`:               "", // awk may
		"RUN a && \\\n# don't\n  b $abc":         "build's shell",
		"RUN <<E\necho $abc\nE":                  "build's shell",
		"RUN <<'E'\necho $abc\nE":                "build's shell",
		"RUN <<E\n# don't\necho $abc\nE":         "build's shell",
		"RUN cat <<E > /a\n$abc\nE":              "build's shell",
		"RUN cat <<'E' > /a\n$abc\nE":            "nobody",
		`RUN ["echo", "$abc"]`:                   "nobody",
		`RUN ["sh", "-c", "echo $abc"]`:          "build's shell",
		`RUN --mount=type=cache,target=/$abc ls`: "builder",
		`CMD $abc`:                               "container's shell",
		`CMD ["echo", "$abc"]`:                   "nobody",
		`ENTRYPOINT /srv --port $abc`:            "container's shell",
		`HEALTHCHECK CMD curl localhost:$abc`:    "container's shell",
		`HEALTHCHECK CMD ["curl", "$abc"]`:       "nobody",
		`HEALTHCHECK --interval=$abc CMD a`:      "nobody",
		"SHELL [\"pwsh\", \"-c\"]\nRUN $abc":     "",
	} {
		src := "FROM alpine\n" + line + "\n"
		table := occurrences.Of(stages.Resolve(syntax.Parse(src), stages.Args{}, nil))
		got := ""
		if r, ok := table.At(strings.Index(src, "abc")); ok && r.Kind == occurrences.Variable {
			got = strings.TrimPrefix(strings.TrimPrefix(expanders[r.By], " by "), "the ")
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
