package dockergen

import (
	"math/rand/v2"
	"strings"
)

// whole are the instructions that made-up files consist of. All of them are right.
var whole = []string{
	"RUN echo hello", "RUN --mount=type=cache,target=/c make", "RUN --mount=type=secret,id=k,target=/k cat /k",
	"RUN --mount=type=bind,from=base,target=/b true", "RUN --mount=type=ssh true", "RUN --mount=type=tmpfs,target=/t,size=64m true",
	"RUN --network=none true", "RUN --security=sandbox true", "RUN <<EOF\necho hi\nEOF", "RUN [\"true\"]",
	"COPY a b /d/", "COPY --from=base /x /y", "COPY --from=0 /x /y", "COPY --from=nginx:1.29 /x /y", "COPY --chown=1:1 a /b",
	"COPY --chmod=755 a /b", "COPY --link a /b", "COPY --link --chown=1000:1000 a /b", "COPY <<EOF /f\ntext $A\nEOF", "COPY --parents a/b /c/", "COPY --exclude=*.md . /c/",
	"ADD https://example.com/a.tgz /a", "ADD https://github.com/a/b.git#v1 /b", "ADD --checksum=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 https://example.com/a /a", "ADD --keep-git-dir=true https://github.com/a/b.git /b",
	"ADD --unpack=true a.tar /a", "EXPOSE 80", "EXPOSE 8080/tcp 53/udp", "EXPOSE 9000-9010", "EXPOSE $PORT", "VOLUME /data", "VOLUME [\"/a\", \"/b\"]",
	"STOPSIGNAL SIGTERM", "STOPSIGNAL 9", "STOPSIGNAL SIGRTMIN+3", "WORKDIR /srv", "WORKDIR rel", "WORKDIR $HOME/x", "USER app", "USER 1000:1000",
	"ENV A=b C=\"d e\"", "ENV A b", "ENV PATH=/x:$PATH", "ARG PORT=8080", "ARG A", "ARG A=1 B=2", "ARG TARGETARCH", "LABEL a=b", "LABEL \"a b\"='c'",
	"CMD [\"a\"]", "CMD a $B", "ENTRYPOINT [\"a\"]", "ENTRYPOINT a", "SHELL [\"/bin/bash\", \"-c\"]", "HEALTHCHECK NONE",
	"HEALTHCHECK --interval=5s --retries=3 CMD true", "ONBUILD RUN true", "ONBUILD COPY a /a", "ONBUILD EXPOSE 80", "MAINTAINER me",
}

// bases are what made-up stages are built on.
var bases = []string{
	"alpine:3.22", "debian", "scratch", "ghcr.io/a/b:c", "localhost:5000/x", "$BASE", "${BASE:-alpine}", "base", "other",
	"alpine@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "--platform=linux/amd64 alpine", "--platform=$BUILDPLATFORM golang:1.24",
}

// swaps are what people mistype: one text for another.
var swaps = [][2]string{
	{"80", "80000"}, {"8080", "80a"}, {"/tcp", "/tpc"}, {"9000-9010", "9010-9000"}, {"9000-9010", "9000-"}, {"80", "80 # web"}, {"80", "1.2.3:80:80"}, {"80", "80:81:"}, {"EXPOSE 80", "EXPOSE \"\""}, {"$PORT", "${PORT"}, {"$PORT", "$PORTS"},
	{"SIGTERM", "SIGTREM"}, {"SIGTERM", "TERM"}, {"STOPSIGNAL 9", "STOPSIGNAL 99"}, {"STOPSIGNAL 9", "STOPSIGNAL -1"}, {"SIGRTMIN+3", "SIGRTMIN+99"}, {"SIGTERM", "$SIG"},
	{"type=cache", "type=cahce"}, {"type=cache", "type=$T"}, {"target=/c", "target=c"}, {"target=/c", "target=/"}, {"target=/b", "target=/"}, {"target=/b", "target="}, {"target=/b", "mode=1"}, {"target=/c", "target=/c,sharing=private,mode=99"}, {"target=/k", "target=/k,mode=0400,from=x"},
	{"type=tmpfs,target=/t", "type=tmpfs"}, {"size=64m", "size=64q"}, {"id=k", "id"}, {"id=k,target=/k", ""}, {"type=ssh", "type=ssh,source=/x"}, {"target=/b", "rw"}, {",target=/b", ",source=../..,target=/b"},
	{"--network=none", "--network=vpn"}, {"--network=none", "--network=$N"}, {"--security=sandbox", "--security=none"}, {"--security=sandbox", "--security=insecure"},
	{"from=base", "from=later"}, {"from=base", "from=Base"}, {"from=base", "from=final"}, {"from=base", "from=$X"}, {"from=base", "from=BASE:x:y"}, {"from=0", "from=9"}, {"from=0", "from=-1"}, {"from=0", "from=1"}, {"from=nginx:1.29", "from=Nginx"}, {"from=nginx:1.29", "from=nginx:"},
	{"--chmod=755", "--chmod=999"}, {"--chmod=755", "--chmod=u+x"}, {"--chmod=755", "--chmod=77777"}, {"--chmod=755", "--chmod=$M"}, {"--chmod=755", "--chmod"}, {"--chown=1000:1000", "--chown=app"}, {"--chown=1:1", "--chown=a:b:c"}, {"--chown=1:1", "--chown=$U"},
	{"--link", "--link=1"}, {"--link", "--lnk"}, {"COPY a b /d/", "COPY a b /d"}, {"COPY a", "COPY https://example.com/a"}, {"COPY a", "COPY https://github.com/a/b.git"}, {"COPY a", "COPY git@github.com:a/b.git"}, {"--exclude=*.md", "--exclude=[a"}, {"--parents", "--parents --from=base"},
	{"sha256:e3", "sha256:"}, {"sha256:e3", "sha512:e3"}, {"sha256:e3", "md5:e3"}, {"https://example.com/a", "a"}, {"#v1", "#"}, {"#v1", "?branch=x&ref=y"}, {"b.git", "b.git?checksum=zz"}, {"--keep-git-dir=true", "--keep-git-dir=yes"}, {"https://", "http:/"}, {"--unpack=true", "--unpack=true --checksum=sha256:00"},
	{"/data", "\"\""}, {"VOLUME /data", "VOLUME"}, {"[\"/a\", \"/b\"]", "[\"\"]"}, {"[\"/a\", \"/b\"]", "[/a]"}, {"/srv", "\"\""}, {"/srv", "$NOTHING"}, {"USER app", "USER $U"}, {"USER app", "USER \"\""},
	{"A=b", "A='b"}, {"A=b", "'A=b'"}, {"A=b", "=b"}, {"A=b", "A=${b:}"}, {"A=b", "A=${b:?no}"}, {"A=1", "A=${x"}, {"ARG A", "ARG 'A"}, {"ARG A", "ARG \"A\""}, {"ARG A", "ARG $A"}, {"ARG A", "ARG A=$"}, {"a=b", "a=\"b"}, {"a=b", "a"},
	{"--interval=5s", "--interval=5"}, {"--interval=5s", "--interval=1us"}, {"--retries=3", "--retries=-1"}, {"CMD true", "CMD"}, {"CMD true", "true"}, {"[\"a\"]", "[\"a\""}, {"[\"a\"]", "[]"}, {"[\"/bin/bash\", \"-c\"]", "bash"}, {"[\"/bin/bash\", \"-c\"]", "[]"},
	{"ONBUILD RUN", "ONBUILD FROM"}, {"ONBUILD RUN", "ONBUILD ONBUILD RUN"}, {"ONBUILD EXPOSE 80", "ONBUILD EXPOSE x"}, {"ONBUILD COPY a", "ONBUILD COPY --from=nothing:"}, {"ONBUILD COPY a", "ONBUILD COPY --from=final"}, {"ONBUILD COPY a", "ONBUILD COPY"}, {"ONBUILD RUN", "ONBUILD RUNN"}, {"ONBUILD", "ONBULID"},
	{"alpine", "Alpine"}, {"alpine:3.22", "alpine:"}, {"alpine:3.22", "alpine;3.22"}, {"alpine:3.22", "alpine:3 22"}, {"alpine:3.22", "alpine:-x"}, {"alpine:3.22", "https://alpine"}, {"alpine:3.22", "\"\""}, {"alpine:3.22", "$nothing"}, {"sha256:e3b0", "sha256:"}, {"debian", "final"}, {"debian", "-debian"}, {"debian", "debian/"},
	{"linux/amd64", "x86"}, {"linux/amd64", "linux/amd64/v2/x"}, {"linux/amd64", "windows"}, {"linux/amd64", "lin ux"}, {"linux/amd64", ""}, {"linux/amd64", "$P"}, {"linux/amd64", "_/_"}, {"$BUILDPLATFORM", "$BUILDPLATFROM"}, {"$BASE", "$BAES"}, {"ARG BASE=alpine", "ARG BASE"}, {"ARG BASE=alpine", "ARG BASE="}, {"ARG BASE=alpine", "ARG BASE=Alpine:"}, {"ARG BASE=alpine", "ARG BASE='alpine"},
	{" AS base", " AS Base"}, {" AS base", " AS 1"}, {" AS base", " AS scratch"}, {" AS base", " AS"}, {" AS base", " base"}, {" AS base", " AS a b"}, {" AS base", " AS final"}, {" AS base", " AS bäse"}, {"EOF", "END"}, {"\nEOF", ""}, {"\nEOF", "\nEOF\nEOF"}, {"<<EOF", "<<-EOF"}, {"<<EOF", "<<'EOF'"}, {"text $A", "text ${A"}, {"text $A", "text ${A:?x}"},
	{"\n", "\r"}, {"\n", "\\\n"}, {"\n", "\n\\\n"}, {"\n", "\n# c\rd\n"}, {"\n", "\r\n"}, {"FROM", "FORM"}, {"RUN ", "RUN"}, {"RUN ", "RUN --mount "}, {"RUN ", "RUN --device=x "},
}

// Broken is a made-up Dockerfile of a few stages with one mistake, or none: what looks like one may be
// right.
func Broken(random *rand.Rand) string {
	var b strings.Builder
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	if random.IntN(8) == 0 {
		b.WriteString("# syntax=docker/dockerfile:1\n")
	}
	b.WriteString("ARG BASE=alpine\nFROM " + pick(bases[:5]) + " AS base\n")
	names := []string{" AS other", "", " AS later", " AS final"}
	for _, name := range names[random.IntN(len(names)):] {
		for range random.IntN(4) {
			b.WriteString(pick(whole) + "\n")
		}
		b.WriteString("FROM " + pick(bases) + name + "\n")
	}
	for range 1 + random.IntN(4) {
		b.WriteString(pick(whole) + "\n")
	}
	if random.IntN(20) == 0 {
		return b.String()
	}
	return Break(random, b.String())
}

// Break makes one mistake in a Dockerfile, at one of the places where it fits. A text in which few fit
// may come back as it is.
func Break(random *rand.Rand, src string) string {
	for range 20 {
		swap := swaps[random.IntN(len(swaps))]
		n := strings.Count(src, swap[0])
		if n == 0 {
			continue
		}
		at := 0
		for range random.IntN(n) {
			at += strings.Index(src[at:], swap[0]) + len(swap[0])
		}
		at += strings.Index(src[at:], swap[0])
		return src[:at] + swap[1] + src[at+len(swap[0]):]
	}
	return src
}
