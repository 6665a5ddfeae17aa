package syntax

import (
	"strings"

	"layerwise/dockerfile/grammar"
	regex "layerwise/internal/lazy"
)

// Reason says in plain words why BuildKit rejects something, and what to write. The message is BuildKit's, without
// its place; rare ones stay as they are.
func Reason(message string) string {
	message = hint.ReplaceAllString(message, "")
	for _, list := range [][]rephrasing{reasons, inFlags, inWords} {
		for _, r := range list {
			if m := r.raw.FindStringSubmatchIndex(message); m != nil {
				return string(r.raw.Compiled().ExpandString(nil, r.plain, message, m))
			}
		}
	}
	return message
}

// needs is what an instruction without arguments lacks, with an example.
var needs = map[string]string{
	"ADD": "a source and a destination: ADD app.tar.gz ./", "ARG": "a name: ARG VERSION=1.0",
	"COPY": "a source and a destination: COPY app.py ./", "ENV": "a name and a value: ENV NAME=value",
	"EXPOSE": "a port: EXPOSE 8080", "HEALTHCHECK": "a command: HEALTHCHECK CMD curl -f http://localhost/",
	"LABEL": "a name and a value: LABEL version=1.0", "MAINTAINER": "a name, and may have no more words",
	"ONBUILD": "an instruction: ONBUILD RUN make", "SHELL": `a list: SHELL ["/bin/bash", "-c"]`,
	"STOPSIGNAL": "one signal: STOPSIGNAL SIGTERM", "USER": "one user: USER app",
	"VOLUME": "a path: VOLUME /data", "WORKDIR": "one directory: WORKDIR /app",
}

// missing is the message about an instruction that has too few arguments.
func missing(name string) string { return name + " needs " + needs[name] }

// noValue is the message about a word of ENV or LABEL that sets nothing.
func noValue(word string) string {
	return "`" + word + "` has no value: write " + word + "=value, and quotes around a value with spaces"
}

type rephrasing struct {
	raw   *regex.Regexp // BuildKit's message
	plain string        // with $1, $2 for its groups
}

// reasons are tried in this order.
var reasons = append(missingArguments(), []rephrasing{
	{regex.New(`^(ENV|LABEL) must have two arguments$`), `$1 has a name but no value: write $1 NAME=value`},
	{regex.New(`^(\w+) names can not be blank$`), `there is no name before the =: write $1 NAME=value`},
	{regex.New(`^FROM requires either one or three arguments$`), `FROM takes an image, and may name the stage: FROM image AS name`},
	{regex.New(`^invalid name for build stage: ("[^"]*"), .*`), `a stage cannot be named $1: it takes letters, digits, dots, dashes and underscores, and a letter first`},
	{regex.New(`^(\w+) cannot accept a heredoc as a destination$`), `the last word of $1 is where the files go, and cannot be a heredoc: add a path behind it`},
	{regex.New(`^SHELL requires the arguments to be in JSON form.*`), `SHELL takes a list in JSON: SHELL ["/bin/bash", "-c"]`},
	{regex.New(`^when using JSON array syntax, arrays must be comprised of strings only$`), `each item of a JSON list must be in double quotes: ["a", "1"]`},
	{regex.New(`^Unknown type ("[^"]*") in HEALTHCHECK \(try CMD\)$`), `HEALTHCHECK takes CMD and a command, or NONE, and not $1`},
	{regex.New(`^HEALTHCHECK NONE takes no arguments$`), `nothing may follow HEALTHCHECK NONE`},
	{regex.New(`^Missing command after HEALTHCHECK CMD$`), `HEALTHCHECK CMD needs a command: HEALTHCHECK CMD curl -f http://localhost/`},
	{regex.New("^Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed$"), `ONBUILD cannot stand inside ONBUILD: write the second one only`},
	{regex.New(`^(\w+) isn't allowed as an ONBUILD trigger$`), `$1 cannot stand behind ONBUILD`},
	{regex.New(`^VOLUME specified can not be an empty string$`), `one of these paths is empty: VOLUME needs paths such as /data`},
	{regex.New(`^time: (?:invalid duration|missing unit in duration|unknown unit "[^"]*" in duration) ("[^"]*")$`), `$1 is not a time: write a number and a unit, such as 30s or 5m`},
	{regex.New(`^--retries cannot be negative \((-\d+)\)$`), `--retries cannot be $1: write 0 or more`},
	{regex.New(`^duplicate flag specified: (\S+)$`), `the flag $1 is there twice: remove one`},
	{regex.New(`^missing a value on flag: (\S+)$`), `the flag $1 has no value: write $1=value`},
	{regex.New(`^expecting boolean value for flag (\S+), not: (.*)$`), `$1 is true or false, not $2`},
}...)

// missingArguments are for the instructions that need arguments.
func missingArguments() (list []rephrasing) {
	const raw = `( requires at least one argument| requires exactly one argument| requires at least two arguments, but only one was provided\..*)$`
	for _, name := range grammar.Names() {
		if needs[name] != "" {
			list = append(list, rephrasing{regex.New(`^` + name + raw), strings.ReplaceAll(missing(name), "$", "$$")})
		}
	}
	return list
}
