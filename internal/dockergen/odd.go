package dockergen

import (
	"math/rand/v2"
	"strings"
)

// What odd texts are made of: each instruction is a keyword and words with gaps between them, and has an end.
var (
	oddHeads = []string{"", "", "# escape=`\n", "#escape=`\n#c\n", "\n# escape=`\n", "# syntax=docker/dockerfile:1\n", "#check=skip=all\n", "\ufeff", "#!x\n"}
	oddWords = []string{"a", "b=c", "\"x  y\"", "'p  q'", "\\ ", "c\\ d", "$A", "${A:-x  y}", "alpine", "as", "AS", "k", "<<EOF", "<< E", "<<-E", "<<\"E\"",
		"[\"a\",", "\"b\"]", "[ \"a\" , \"b\" ]", "[]", "80", "80/tcp", "&&", "|", ";", "#c", "C:\\x\\", "\"open", "'open", "SIGTERM", "NONE", "none", "--x",
		"--", "é", "😀", "a=\"b \\\n c\"", "http://x", "\\", "`", "b", "AS b", "--from=b", "--from=0", "A=1", "A", "$B", "${A:-$B}", "$A$B", "'$A'", "\"$A\"", "--mount=from=b,target=/x", "\x0c", "\u00a0", "x\\\"y"}
	oddKeywords = []string{"RUN", "run", "COPY", "copy", "ADD", "ENV", "env", "LABEL", "EXPOSE", "VOLUME", "ARG", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD",
		"onbuild run", "ONBUILD copy", "USER", "WORKDIR", "STOPSIGNAL", "SHELL", "MAINTAINER", "FROM", "from", "  RUN", "\tCOPY", "HEALTHCHECK --interval=5s  CMD",
		"RUN  --mount=type=cache,target=/x", "COPY  --link", "COPY --from=0", "R\\\nUN", "FO"}
	oddGaps = []string{" ", " ", " ", "  ", "\t", " \\\n", " \\\n  ", "\\\n", "\\  \n\t", " `\n ", "\\\n# c\n", " \\\n\n ", " \\\n  # c\n  \n\t#d\n ", "\\\r\n "}
	oddEnds = []string{"\n", "\n", "\n", " \n", "\n\n", "\n\n\n\n", "\r\n", "\n# c\n", "\n#c\n", "\n  # region\n", "\n# fmt: off\n", "\n# fmt: on\n",
		"\n# dockerfmt-ignore\n", "\nEOF\n", "\nE\n", "\n\tE\n", "", "\\\n", " \\\n\n"}
)

// Odd is a text that nobody writes, and in which blanks, escapes and line ends stand where they may mean something.
func Odd(random *rand.Rand) string {
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	src := pick(oddHeads)
	if random.IntN(4) > 0 {
		src += "FROM alpine" + pick(oddEnds)
	}
	for range 1 + random.IntN(4) {
		src += pick(oddKeywords)
		for range random.IntN(6) {
			src += pick(oddGaps) + pick(oddWords)
		}
		src += pick(oddEnds)
	}
	if random.IntN(8) == 0 {
		src = strings.ToValidUTF8(src[:random.IntN(len(src)+1)], "")
	}
	return src
}
