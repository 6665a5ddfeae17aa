package cursor_test

import (
	"fmt"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/language/cursor"
)

var kinds = map[cursor.Kind]string{
	cursor.Nowhere: "nowhere", cursor.Keyword: "keyword", cursor.Flag: "flag", cursor.FlagValue: "value of", cursor.MountKey: "key of", cursor.MountValue: "value of key",
	cursor.Argument: "argument", cursor.String: "string", cursor.Array: "array", cursor.Shell: "shell", cursor.Variable: "variable", cursor.Modifier: "modifier of",
	cursor.Heredoc: "here-document", cursor.Comment: "comment", cursor.DirectiveName: "directive", cursor.DirectiveValue: "value of directive",
}

// describe is a place in words: its kind, with what belongs to that, and the word that an answer replaces, with the cursor
// in it.
func describe(f *syntax.File, offset int) string {
	p := cursor.At(f, offset)
	word := f.Src[p.Word.Start:offset] + "|" + f.Src[offset:p.Word.End]
	what := kinds[p.Kind]
	switch p.Kind {
	case cursor.Flag, cursor.Shell:
		what += " of " + p.Name
	case cursor.FlagValue:
		what += " --" + p.Flag
	case cursor.MountKey:
		what += " --" + p.Flag
	case cursor.MountValue:
		what += " " + p.Key
	case cursor.Argument, cursor.String, cursor.Array:
		what += fmt.Sprintf(" %d of %s", p.N, p.Name)
	case cursor.Modifier:
		what += " " + p.Of
	case cursor.Heredoc:
		what += " " + p.Doc.Name
	case cursor.DirectiveValue:
		what += " " + p.Directive
	case cursor.Variable:
		if p.ByShell {
			what += " of the shell"
		}
		if p.Closed {
			what += ", closed"
		}
	}
	if p.OnBuild {
		what += " behind ONBUILD"
	}
	if p.Equal {
		what += " before ="
	}
	return what + ": " + strings.ReplaceAll(word, "\n", "⏎")
}

func TestAt(t *testing.T) {
	for text, want := range map[string]string{
		// keywords
		"|":                            "keyword: |",
		"FR|":                          "keyword: FR|",
		"FR|OM a":                      "keyword: FR|OM",
		"FROM a\n|":                    "keyword: |",
		"FROM a\n  RU|":                "keyword: RU|",
		"FROM a\n|\nRUN x":             "keyword: |",
		"FROM a\nONBUILD CO|":          "keyword behind ONBUILD: CO|",
		"FR\\\nOM|":                    "nowhere: |",
		"\ufeffFR|":                    "keyword: FR|",
		"FROM a\r\nRU|\r\n":            "keyword: RU|",
		"FROM a\nRUN x \\\n\n# c\n y|": "shell of RUN: y|",
		"FROM a\nRUN x|y\rz w\n":       "shell of RUN: x|y", // a line ends there for an editor
		"FROM a\nRUN x\rz|w\n":         "nowhere: |w",

		// flags
		"FROM --|":                        "flag of FROM: --|",
		"COPY -|":                         "flag of COPY: -|",
		"COPY --li|nk a b":                "flag of COPY: --li|nk",
		"COPY --fr|=x a b":                "flag of COPY before =: --fr|",
		"COPY --from=|":                   "value of --from: |",
		"COPY --from=b|ase a b":           "value of --from: b|ase",
		"COPY --chown=a --|":              "flag of COPY: --|",
		"ONBUILD COPY --fr|":              "flag of COPY behind ONBUILD: --fr|",
		"HEALTHCHECK --interval=5s --|":   "flag of HEALTHCHECK: --|",
		"COPY a --li|":                    "argument 1 of COPY: --li|",
		"COPY --chown=\"a b\" --from=x|":  "value of --from: x|",
		"RUN --network=|":                 "value of --network: |",
		"COPY --link \\\n  --fr|om=x a b": "flag of COPY before =: --fr|om",

		// mounts
		"RUN --mount=|":                            "key of --mount: |",
		"RUN --mount=ty| x":                        "key of --mount: ty|",
		"RUN --mount=ty|=cache x":                  "key of --mount before =: ty|",
		"RUN --mount=type=|":                       "value of key type: |",
		"RUN --mount=type=cache,ta|rget=/x y":      "key of --mount before =: ta|rget",
		"RUN --mount=type=cache,target=/x| y":      "value of key target: /x|",
		"RUN --mount=TYPE=cache,SHARING=l| y":      "value of key sharing: l|",
		"RUN --mount=type=bind,source=$|":          "variable: $|",
		"RUN --mount=from=$|":                      "value of key from: $|",
		"RUN --device=a.b/c=d,|":                   "key of --device: |",
		"RUN --mount=type=cache,target=/a --|":     "flag of RUN: --|",
		"RUN --mount=type=secret \\\n  ap|t-get x": "shell of RUN: ap|t-get",

		// arguments
		"FROM |":                              "argument 0 of FROM: |",
		"FROM a |":                            "argument 1 of FROM: |",
		"FROM a AS b|":                        "argument 2 of FROM: b|",
		"COPY a b|":                           "argument 1 of COPY: b|",
		"COPY a |":                            "argument 1 of COPY: |",
		"COPY a \\\n  b|":                     "argument 1 of COPY: b|",
		"COPY a \\|":                          "nowhere: |",
		"EXPOSE 80/|":                         "argument 0 of EXPOSE: 80/|",
		"LABEL a=b c|":                        "argument 1 of LABEL: c|",
		"LABEL \"a b\"=c d|":                  "argument 1 of LABEL: d|",
		"USER a b|":                           "argument 0 of USER: a b|",
		"WORKDIR /a |":                        "nowhere: |",
		"HEALTHCHECK |":                       "argument 0 of HEALTHCHECK: |",
		"HEALTHCHECK | CMD x":                 "argument 0 of HEALTHCHECK: |",
		"HEALTHCHECK | \\\nCMD x":             "argument 0 of HEALTHCHECK: |",
		"HEALTHCHECK |CMD x":                  "argument 0 of HEALTHCHECK: |CMD",
		"HEALTHCHECK CM|":                     "argument 0 of HEALTHCHECK: CM|",
		"HEALTHCHECK CMD cu|":                 "shell of HEALTHCHECK: cu|",
		"# escape=`\nFROM a\nCOPY a C:\\x\\|": "argument 1 of COPY: C:\\x\\|",

		// JSON
		"COPY [\"a|":            "string 0 of COPY: a|",
		"COPY [\"a\", \"b|c\"]": "string 1 of COPY: b|c",
		"COPY [|":               "array 0 of COPY: |",
		"CMD [\"a\"] |":         "nowhere: |",
		"CMD [\"a\", |":         "array 1 of CMD: |",
		"SHELL |":               "argument 0 of SHELL: |",

		// a continuation line that is begun
		"COPY\\\n |":                    "argument 0 of COPY: |",
		"COPY\\\n|":                     "nowhere: |", // it would go on with the keyword
		"COPY a\\\n\t|":                 "argument 1 of COPY: |",
		"COPY a\\\n|":                   "nowhere: |",
		"COPY --link\\\n  |":            "argument 0 of COPY: |",
		"RUN --mount=type=cache,\\\n |": "shell of RUN: |",
		"RUN a\\\n  |":                  "shell of RUN: |",
		"ONBUILD\\\n |":                 "keyword behind ONBUILD: |",

		// the shell
		"RUN |":                   "shell of RUN: |",
		"RUN apt-get ins|tall x":  "shell of RUN: ins|tall",
		"RUN a && b|":             "shell of RUN: b|",
		"CMD a|":                  "shell of CMD: a|",
		"ONBUILD RUN a|":          "shell of RUN behind ONBUILD: a|",
		"RUN cat <<E|":            "shell of RUN: E|",
		"RUN <<E\na|\nE":          "here-document E: a|",
		"RUN << E\na|":            "here-document E: a|",
		"RUN a <<A <<B\n1\nA\n2|": "here-document B: 2|",
		"COPY <<A /x\n$|\nA":      "variable: $|",
		"COPY <<'A' /x\n$|\nA":    "here-document A: $|",
		"RUN <<A\n$X|\nA":         "variable of the shell: $X|",

		// variables
		"WORKDIR $|":          "variable: $|",
		"WORKDIR /a/$A|B/c":   "variable: $A|B",
		"WORKDIR ${|":         "variable: ${|",
		"WORKDIR ${A|}":       "variable, closed: ${A|",
		"WORKDIR ${A:|}":      "modifier of A: :|",
		"WORKDIR ${A:-|}":     "modifier of A: :-|",
		"ENV a=${A:-$B|}":     "variable: $B|",
		"ENV a='$|'":          "argument 0 of ENV: a='$|'",
		"ENV a=\"$|\"":        "variable: $|",
		"ENV a=\\$|":          "argument 0 of ENV: a=\\$|",
		"RUN echo $|":         "variable of the shell: $|",
		"RUN echo '$|'":       "shell of RUN: $|",
		"RUN echo \"$A|\"":    "variable of the shell: $A|",
		"COPY --from=$|":      "value of --from: $|",
		"COPY --chown=$|":     "variable: $|",
		"CMD echo $|":         "variable of the shell: $|",
		"FROM --platform=$B|": "variable: $B|",
		"LABEL 😀=$|":          "variable: $|",

		// comments
		"# |":                      "directive: # |",
		"# sy|n":                   "directive: # sy|n",
		"#sy|ntax=x":               "directive before =: #sy|ntax",
		"# syntax=|":               "value of directive syntax: |",
		"# check=skip=A,|":         "value of directive check: skip=A,|",
		"# a word|":                "comment: # a word|",
		"# syntax=x\n# esc|":       "directive: # esc|",
		"\n# esc|":                 "comment: # esc|",
		"FROM a\n# sy|":            "comment: # sy|",
		"RUN a \\\n# c|\n b":       "comment: # c|",
		"RUN <<E\n# c|\nE":         "here-document E: # c|",
		"RUN a # b|":               "shell of RUN: b|",
		"FROM a\n# c|\nRUN x":      "comment: # c|",
		"FROM a\n  |# c\n":         "nowhere: |",
		"FROM a\nNONSENSE x|":      "nowhere: |",
		"FROM a\nCOPY --from= | x": "argument 0 of COPY: |",
	} {
		at := strings.LastIndexByte(text, '|')
		f := syntax.Parse(text[:at] + text[at+1:])
		if got := describe(f, at); got != want {
			t.Errorf("%q\n  got  %s\n  want %s", text, got, want)
		}
	}
}
