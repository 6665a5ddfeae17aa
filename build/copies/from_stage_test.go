package copies_test

import (
	"testing"

	"layerwise/build/copies"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

func TestFromStage(t *testing.T) {
	for _, c := range []struct{ line, file, from, at string }{
		{"COPY --from=build /app/start.sh /", "/start.sh", "build", "/app/start.sh"},
		{"COPY --from=build /app/start.sh /run", "/run", "build", "/app/start.sh"},
		{"COPY --from=build /app/a.sh /app/b.sh /bin/", "/bin/b.sh", "build", "/app/b.sh"},
		{"COPY --from=build /app /srv", "/srv/bin/run", "build", "/app/bin/run"},
		{"COPY --from=build /app ./", "/srv/app/bin/run", "build", "/app/bin/run"},
		{"COPY --from=build /app/start.sh /", "/other.sh", "", ""},
		{"COPY --from=build /app/*.sh /", "/start.sh", "", ""},
		{"COPY --from=build $A /", "/start.sh", "", ""},
		{"COPY start.sh /", "/start.sh", "", ""},
	} {
		g := stages.Resolve(syntax.Parse("FROM a AS build\nFROM b\nWORKDIR /srv/app\n"+c.line+"\n"), stages.Args{}, nil)
		last := g.Stages[1].Steps[2]
		if from, at, ok := copies.FromStage(last, c.file); from != c.from || at != c.at || ok != (c.from != "") {
			t.Errorf("%s: %s comes from %q, %q", c.line, c.file, from, at)
		}
	}
}
