package dockergen

import (
	"math/rand/v2"
	"strings"
)

// untidy are instructions that BuildKit builds and its linter warns of, or nearly.
var untidy = []string{
	"Run true", "copy a /a", "CMD a b", "CMD exec a", "ENTRYPOINT a $B", "ENTRYPOINT [\"a\"]", "HEALTHCHECK NONE", "HEALTHCHECK CMD a", "CMD [\"a\"]", "cmd [\"a\"]",
	"EXPOSE 80/TCP", "EXPOSE 8080:80 443", "EXPOSE 127.0.0.1:80:80/Udp", "EXPOSE $PORT/TCP", "ENV A b", "ENV A =b", "LABEL a b c", "ENV A=b", "ENV PORT=80", "ENV X=$X:/a Y=$A",
	"MAINTAINER me", "WORKDIR rel", "WORKDIR /abs", "WORKDIR $A/x", "WORKDIR \"${A}\"", "WORKDIR $HOME/x", "SHELL [\"/bin/sh\", \"-c\"]",
	"RUN a \\\n\n && b", "RUN a \\\n# why\n\n && b", "RUN <<EOF\na \\\n\nEOF", "RUN a \\\n  b",
	"ARG TOKEN", "ARG API_KEY=x", "ENV PASSWORD=hunter2", "ARG A", "ARG A=1 B=$A", "ARG C=$D", "ARG BASE", "ENV PATH=/x:$PATH",
	"LABEL v=$VERSION", "LABEL v=${VERSION:-1} w=${A:+$A}", "USER $U", "VOLUME /d/$A", "COPY <<EOF /f\nx $A $host\nEOF", "COPY <<\"EOF\" /f\n$host\nEOF", "COPY --chown=$O a /a",
	"RUN --mount=type=cache,target=/c/$A true", "COPY README.md /a", "COPY dist /a", "COPY dist/b.js /a", "ADD *.md /a/", "COPY . /a", "COPY src /src",
	"# A is it\nARG A", "# why\nARG A", "# why\n#\nARG A", "# check=skip=JSONArgsRecommended\nCMD a b", "# check=skip=all\nEXPOSE 80/TCP", "LABEL a='$b' c=\\$d", "STOPSIGNAL $S",
}

// untidyFroms begin stages; {} is where the name of one goes.
var untidyFroms = []string{
	"FROM alpine:3.22{}", "from debian:13{}", "From node:22{}", "FROM scratch{}", "FROM registry.example.com/base:1{}", "FROM base", "FROM base{}", "FROM --platform=$TARGETPLATFORM alpine:3.22{}",
	"FROM --platform=${TARGETPLATFORM} golang:1.26{}", "FROM --platform=linux/amd64 alpine:3.22{}", "FROM --platform=linux/arm64 arm32v7/debian{}", "FROM --platform=$BUILDPLATFORM alpine:3.22{}",
	"FROM $BASE{}", "FROM ${BASE:-alpine}{}", "FROM alpine:$TAG{}", "FROM alpine:3.22$SUFFIX{}", "FROM $UNDECLARED{}", "FROM x$UNDECLARED{}", "# base is it\nFROM alpine:3.22{}", "FROM arm64v8/alpine{}",
	"FROM mcr.microsoft.com/windows/nanoserver:ltsc2022{}",
}

var untidyNames = []string{"", " AS base", " as base", " AS Build", " as other", " AS scratch", " AS context", " AS build-amd64", " As x"}

// Untidy is a made-up Dockerfile that BuildKit builds, as a rule, and has something to warn of.
func Untidy(random *rand.Rand) string {
	var b strings.Builder
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	if random.IntN(12) == 0 {
		b.WriteString("# check=skip=" + pick([]string{"MaintainerDeprecated", "all", "UndefinedVar,StageNameCasing", "JSONArgsRecommended;error=true"}) + "\n")
	}
	for range random.IntN(3) {
		b.WriteString(pick([]string{"ARG BASE=alpine:3.22", "ARG BASE", "arg TAG=3.22", "ARG TAG", "# TAG is it\nARG TAG=x", "ARG VERSION=1", "ARG SUFFIX=", "ARG BASE=Alpine", "ARG TARGETPLATFORM=linux/arm64", "ARG A=1 \\\n\n  B=2"}) + "\n")
	}
	for range 1 + random.IntN(4) {
		b.WriteString(strings.Replace(pick(untidyFroms), "{}", pick(untidyNames), 1) + "\n")
		for range random.IntN(6) {
			b.WriteString(pick(untidy) + "\n")
		}
	}
	return b.String()
}
