package stages_test

import (
	"strings"
	"testing"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestExpanderAt: who replaces the $ of a line.
func TestExpanderAt(t *testing.T) {
	names := map[stages.Expander]string{
		stages.Unclear: "unclear", stages.Nobody: "nobody", stages.Builder: "builder",
		stages.BuildShell: "build shell", stages.ContainerShell: "container shell",
	}
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
		`COPY --from=$abc a /`:                   "nobody",
		"COPY <<E /a\n$abc\nE":                   "builder",
		"COPY <<'E' /a\n$abc\nE":                 "nobody",
		"COPY <<E /a\n\\$abc\nE":                 "nobody",
		`EXPOSE $abc`:                            "builder",
		`MAINTAINER $abc`:                        "nobody",
		`RUN echo $abc`:                          "build shell",
		`RUN echo "it's $abc"`:                   "build shell",
		`RUN echo \$abc`:                         "nobody",
		`RUN awk '{ print $abc }'`:               "unclear",
		"RUN a && \\\n# don't\n  b $abc":         "build shell",
		"RUN <<E\necho $abc\nE":                  "build shell",
		"RUN <<'E'\necho $abc\nE":                "build shell",
		"RUN <<E\n# don't\necho $abc\nE":         "build shell",
		"RUN cat <<E > /a\n$abc\nE":              "build shell",
		"RUN cat <<'E' > /a\n$abc\nE":            "nobody",
		`RUN ["echo", "$abc"]`:                   "nobody",
		`RUN ["sh", "-c", "echo $abc"]`:          "unclear",
		`RUN --mount=type=cache,target=/$abc ls`: "builder",
		`CMD $abc`:                               "container shell",
		`CMD ["echo", "$abc"]`:                   "nobody",
		`ENTRYPOINT /srv --port $abc`:            "container shell",
		`HEALTHCHECK CMD curl localhost:$abc`:    "container shell",
		`HEALTHCHECK CMD ["curl", "$abc"]`:       "nobody",
		`HEALTHCHECK --interval=$abc CMD a`:      "nobody",
		`ONBUILD RUN echo $abc`:                  "unclear",
		"SHELL [\"pwsh\", \"-c\"]\nRUN $abc":     "unclear",
	} {
		g := stages.Resolve(syntax.Parse("FROM alpine\n"+line+"\n"), stages.Args{}, nil)
		steps := g.Stages[0].Steps
		step := steps[len(steps)-1]
		if got := names[step.ExpanderAt(strings.IndexByte(step.Instr.Text, '$'))]; got != want {
			t.Errorf("%q: %s, want %s", line, got, want)
		}
	}
}
