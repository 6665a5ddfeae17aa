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

// TestOriginKeepsMode says whether the mode of a file may be another one.
func TestOriginKeepsMode(t *testing.T) {
	for step, changed := range map[string]bool{"chmod +x /app/run.sh": true, "chmod +x /app/stop.sh": false, "chown 1000 /app/run.sh": false} {
		g := stages.Resolve(syntax.Parse("FROM debian:12\nCOPY --from=build /out /app\nRUN "+step+"\n"), stages.Args{}, nil)
		if o, ok := moves.OriginOf(g.Stages[0], "/app/run.sh"); !ok || o.Mode != changed {
			t.Errorf("%s: %v, %v", step, o.Mode, ok)
		}
	}
}
