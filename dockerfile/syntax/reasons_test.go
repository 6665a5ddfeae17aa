package syntax

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// TestReasons: BuildKit still says every message that is put in plain words, also after an upgrade.
func TestReasons(t *testing.T) {
	var raw []string
	add := func(line, message string) {
		if Reason(message) == message {
			t.Errorf("%q: %q has no plain words", line, message)
		}
		raw = append(raw, message)
	}
	for _, line := range []string{
		"ADD a", "ARG", "COPY a", "ENV", "ENV A", "ENV =x", "EXPOSE", "HEALTHCHECK", "HEALTHCHECK NONE x", "HEALTHCHECK CMD", "HEALTHCHECK TEST",
		"HEALTHCHECK --interval=5 CMD x", "HEALTHCHECK --interval=1us CMD x", "HEALTHCHECK --retries=-1 CMD x", "LABEL", "MAINTAINER", "ONBUILD", "ONBUILD FROM x", "ONBUILD ONBUILD RUN x",
		"SHELL", "SHELL []", "SHELL bash -c", "STOPSIGNAL", "USER", "VOLUME", `VOLUME [""]`, "WORKDIR", `CMD ["a", 1]`,
		"FROM a AS", "FROM a AS 1st", "COPY a <<EOF\nEOF", "COPY --link=maybe a b", "COPY --from a b", "COPY --from=a --from=b c d",
		"RUN --network=moon x", "RUN --security=none x", "RUN --mount=from=$x,target=/x x", "RUN --device=a/b=c,name=d x", "RUN --device=x,moon=1 x",
	} {
		for _, in := range Parse("FROM a\n" + line + "\n").Instructions[1:] {
			if in.Err() == nil {
				t.Errorf("BuildKit takes %q", line)
				continue
			}
			add(line, clean(in.Err()))
		}
	}
	for _, flag := range []string{
		"mount=type=moon", "mount=type=secret,id", "mount=type=cache,mode=99", "mount=type=cache,uid=me", "mount=type=tmpfs,size=64q", "mount=ro=maybe",
		"mount=type=tmpfs,mode=755", "mount=size=1m", "mount=required", "mount=moon=1", "mount=type=cache,", "mount=type=cache,sharing=moon", "mount=type=bind,sharing=shared",
		"mount=type=secret,id=a,sharing=shared", "mount=type=secret,id=a,from=b", "mount=type=secret", "mount=type=secret,id=a,source=b",
	} {
		run, ok := Parse("FROM a\nRUN --" + flag + " x\n").Instructions[1].Retype().(*instructions.RunCommand)
		if !ok {
			t.Errorf("--%s: not taken", flag)
			continue
		}
		if err := run.Expand(func(word string) (string, error) { return word, nil }); err != nil {
			add(flag, clean(err))
		} else {
			t.Errorf("BuildKit takes --%s", flag)
		}
	}
	for _, word := range []string{"'a", `"a`, "${a:-b", "${a/b}", "${}", "${a:b}", `${a/\q/c}`, "${a?}", "${a:?}"} {
		_, err := shell.NewLex('\\').ProcessWords(word, noValues{})
		if err == nil {
			t.Errorf("BuildKit expands %s", word)
			continue
		}
		add(word, strings.TrimPrefix(err.Error(), fmt.Sprintf("failed to process %q: ", word)))
	}
	for _, list := range [][]rephrasing{reasons, inFlags, inWords} {
		for _, r := range list {
			if !slices.ContainsFunc(raw, r.raw.MatchString) {
				t.Errorf("BuildKit never says what is put as %q", r.plain)
			}
		}
	}
}

// noValues is an environment in which nothing is set.
type noValues struct{}

func (noValues) Get(string) (string, bool) { return "", false }
func (noValues) Keys() []string            { return nil }
