package syntax

import (
	"slices"
	"testing"
)

// TestReasons: BuildKit still says every message that is put in plain words, also after an upgrade.
func TestReasons(t *testing.T) {
	var raw []string
	for _, line := range []string{
		"ADD a", "ARG", "COPY a", "ENV", "ENV A", "ENV =x", "EXPOSE", "HEALTHCHECK", "HEALTHCHECK NONE x", "HEALTHCHECK CMD", "HEALTHCHECK TEST",
		"HEALTHCHECK --interval=5 CMD x", "HEALTHCHECK --retries=-1 CMD x", "LABEL", "MAINTAINER", "ONBUILD", "ONBUILD FROM x", "ONBUILD ONBUILD RUN x",
		"SHELL", "SHELL []", "SHELL bash -c", "STOPSIGNAL", "USER", "VOLUME", `VOLUME [""]`, "WORKDIR", `CMD ["a", 1]`,
		"FROM a AS", "FROM a AS 1st", "COPY a <<EOF\nEOF", "COPY --link=maybe a b", "COPY --from a b", "COPY --from=a --from=b c d", "RUN --network=moon x",
	} {
		for _, in := range Parse("FROM a\n" + line + "\n").Instructions[1:] {
			if in.Err() == nil {
				t.Errorf("BuildKit takes %q", line)
				continue
			}
			message := clean(in.Err())
			if reason(message) == message {
				t.Errorf("%q: %q has no plain words", line, message)
			}
			raw = append(raw, message)
		}
	}
	for _, r := range reasons {
		if !slices.ContainsFunc(raw, r.raw.MatchString) {
			t.Errorf("BuildKit never says %v", r.raw)
		}
	}
}
