package moves_test

import (
	"testing"

	"layerwise/build/moves"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// TestOriginOf follows files of a stage back to where it has them from.
func TestOriginOf(t *testing.T) {
	for _, c := range []struct{ steps, file, from, at string }{
		{"COPY --from=build /out/server /app/server", "/app/server", "build", "/out/server"},
		{"COPY --from=build /out /app", "/app/bin/server", "build", "/out/bin/server"},
		{"COPY --from=build /out /app\nRUN cp -a /app/run.sh /app/stop.sh /srv/start/", "/srv/start/stop.sh", "build", "/out/stop.sh"},
		{"COPY --from=build /out /app\nRUN cp /app/run.sh /srv/run.sh", "/srv/run.sh", "build", "/out/run.sh"},
		{"COPY --from=build /out /app\nRUN chown -R 1000 /app && mkdir -p /app/logs && apt-get install -y gdb", "/app/server", "build", "/out/server"},
		{"COPY --from=build /out /app\nRUN mkdir -p /app/logs", "/app", "", ""},
		{"RUN mkdir -p /app/logs\nCOPY --from=build /out /app", "/app", "", ""},
		{"RUN mkdir -p /app\nCOPY --from=build /out /app", "/app", "build", "/out"},
		{"COPY --from=build /out /app\nRUN mkdir -p $WHERE", "/app", "", ""},
		{"COPY --from=build /out /app\nWORKDIR /app/logs", "/app", "", ""},
		{"COPY --from=build /out /app\nWORKDIR /srv", "/app", "build", "/out"},
		{"WORKDIR /app/logs\nCOPY --from=build /out /app", "/app", "", ""},
		{"COPY --from=build /out/server /app/server\nRUN setcap cap_net_bind_service=+ep /app/server", "/app/server", "", ""},
		{"RUN apt-get install -y gdb\nCMD gdb", "/app/server", "", "/app/server"}, // as it was when the stage began
		{"COPY --from=build /out /app\nRUN sed -i s/a/b/ /app/run.sh", "/app/run.sh", "", ""},
		{"COPY --from=build /out /app\nRUN strip /app/server", "/app/server", "", ""},
		{"COPY --from=build /out /app\nRUN ./install.sh", "/app/server", "", ""},
		{"COPY --from=build /out /app\nRUN cp /app/run.sh /srv/stop.sh", "/srv/stop.sh", "", ""}, // or the folder has that name
		{"COPY --from=build /out /app\nCOPY run.sh /app/", "/app/run.sh", "", ""},
		{"COPY --from=build /out /app\nCOPY run.sh $WHERE", "/app/run.sh", "", ""},
		{"RUN cp /etc/passwd /app/\nCOPY --from=build /out /app", "/app/passwd", "", ""},
		{"COPY --from=build /out /usr/local", "/usr/local/bin/server", "", ""}, // the image may have it
		{"COPY --from=build /out/server /app/server\nRUN --mount=type=cache,target=/app true", "/app/server", "", ""},
		{"COPY --from=build --chmod=755 /out/server /app/server", "/app/server", "", ""},
		{"RUN useradd -m -d /app app\nCOPY --from=build /out /app", "/app", "", ""},
		{"RUN useradd -m app\nCOPY --from=build /out /home/app", "/home/app", "", ""},
		{"RUN ln -s /data /app\nCOPY --from=build /out /app", "/app", "", ""},
		{"RUN tar -xzf /tmp/x.tgz -C /\nCOPY --from=build /out /app", "/app", "", ""},
		{"RUN GOBIN=/app go install example.com/x@v1", "/app/x", "", ""},
	} {
		g := stages.Resolve(syntax.Parse("FROM debian:12\nWORKDIR /work\n"+c.steps+"\n"), stages.Args{}, nil)
		o, ok := moves.OriginOf(g.Stages[0], c.file)
		if ok != (c.at != "") || ok && (o.From != c.from || o.Path != c.at) {
			t.Errorf("%s\n%s comes from %q, %q, %v", c.steps, c.file, o.From, o.Path, ok)
		}
	}
}

// TestOriginKeepsOwnerAndMode says whether owner and mode of a file may be other ones: a COPY --from takes both along.
func TestOriginKeepsOwnerAndMode(t *testing.T) {
	for steps, want := range map[string][2]bool{
		"COPY --from=build /out /app\nRUN chmod +x /app/run.sh":                 {false, true},
		"COPY --from=build /out /app\nRUN chmod +x /app/stop.sh":                {false, false},
		"COPY --from=build /out /app\nRUN chown 1000 /app/run.sh":               {true, false},
		"COPY --from=build /out /app\nRUN chown -R 1000 /app && chmod 700 /app": {true, true},
		"COPY --from=build /out /app\nRUN chgrp 0 /app/run.sh":                  {true, false},
		"COPY --from=build /out /app\nRUN chown 1000 /app/stop.sh":              {false, false},
		"COPY --from=build --chown=1000 /out /app":                              {true, false},
		"COPY --from=build /out /src\nRUN cp /src/run.sh /app/":                 {false, false},
		"COPY --from=build /out /src\nUSER 1000\nRUN cp /src/run.sh /app/":      {true, false},
	} {
		g := stages.Resolve(syntax.Parse("FROM debian:12\n"+steps+"\n"), stages.Args{}, nil)
		if o, ok := moves.OriginOf(g.Stages[0], "/app/run.sh"); !ok || o.Owner != want[0] || o.Mode != want[1] {
			t.Errorf("%s: %v, %v, %v", steps, o.Owner, o.Mode, ok)
		}
	}
}
