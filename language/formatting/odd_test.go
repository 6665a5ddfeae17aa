package formatting

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/corpus"
)

// What odd texts are made of: each instruction is a keyword and words with gaps between them, and has an end.
var (
	oddHeads = []string{"", "", "# escape=`\n", "#escape=`\n#c\n", "\n# escape=`\n", "# syntax=docker/dockerfile:1\n", "#check=skip=all\n", "\ufeff", "#!x\n"}
	oddWords = []string{"a", "b=c", "\"x  y\"", "'p  q'", "\\ ", "c\\ d", "$A", "${A:-x  y}", "alpine", "as", "AS", "k", "<<EOF", "<< E", "<<-E", "<<\"E\"",
		"[\"a\",", "\"b\"]", "[ \"a\" , \"b\" ]", "[]", "80", "80/tcp", "&&", "|", ";", "#c", "C:\\x\\", "\"open", "'open", "SIGTERM", "NONE", "none", "--x",
		"--", "é", "😀", "a=\"b \\\n c\"", "http://x", "\\", "`", "\x0c", "\u00a0", "x\\\"y"}
	oddKeywords = []string{"RUN", "run", "COPY", "copy", "ADD", "ENV", "env", "LABEL", "EXPOSE", "VOLUME", "ARG", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD",
		"onbuild run", "ONBUILD copy", "USER", "WORKDIR", "STOPSIGNAL", "SHELL", "MAINTAINER", "FROM", "from", "  RUN", "\tCOPY", "HEALTHCHECK --interval=5s  CMD",
		"RUN  --mount=type=cache,target=/x", "COPY  --link", "COPY --from=0", "R\\\nUN", "FO"}
	oddGaps = []string{" ", " ", " ", "  ", "\t", " \\\n", " \\\n  ", "\\\n", "\\  \n\t", " `\n ", "\\\n# c\n", " \\\n\n ", " \\\n  # c\n  \n\t#d\n ", "\\\r\n "}
	oddEnds = []string{"\n", "\n", "\n", " \n", "\n\n", "\n\n\n\n", "\r\n", "\n# c\n", "\n#c\n", "\n  # region\n", "\n# fmt: off\n", "\n# fmt: on\n",
		"\n# dockerfmt-ignore\n", "\nEOF\n", "\nE\n", "\n\tE\n", "", "\\\n", " \\\n\n"}
)

// oddText is a text that nobody writes, and in which blanks, escapes and line ends stand where they may mean something.
func oddText(rng *rand.Rand) string {
	pick := func(list []string) string { return list[rng.IntN(len(list))] }
	src := pick(oddHeads)
	if rng.IntN(4) > 0 {
		src += "FROM alpine" + pick(oddEnds)
	}
	for range 1 + rng.IntN(4) {
		src += pick(oddKeywords)
		for range rng.IntN(6) {
			src += pick(oddGaps) + pick(oddWords)
		}
		src += pick(oddEnds)
	}
	if rng.IntN(8) == 0 {
		src = strings.ToValidUTF8(src[:rng.IntN(len(src)+1)], "")
	}
	return src
}

// TestOddTexts: the laws hold for texts that are made up.
func TestOddTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(corpus.Seed(t), 6))
	for range 400 {
		src := oddText(rng)
		if law := broken(src, byDefault); law != "" {
			t.Errorf("%s\n%q\n%q", law, src, Apply(syntax.Parse(src), Options{}))
		}
		f := syntax.Parse(src)
		inRanges(t, strconv.Quote(src), f, Document(f, Options{}))
		// So do those for a part of the file, and for a line that is begun.
		same := func(what, src string, edits []text.Edit) {
			if got := text.Apply(src, edits); steps(got) != steps(src) {
				t.Errorf("%s makes another build\n%q\n%q", what, src, got)
			}
		}
		start := rng.IntN(len(src) + 1)
		same("a range", src, Range(f, Options{}, text.Span{Start: start, End: min(len(src), start+rng.IntN(30))}))
		if n := len(f.Instructions); n > 0 {
			same("an instruction", src, Instruction(f, Options{}, rng.IntN(n)))
		}
		if at := strings.Index(src[start:], "\\\n"); at >= 0 {
			at += start + len("\\\n")
			typed := src[:at] + "\n" + src[at:]
			same("a new line", typed, OnNewline(syntax.Parse(typed), Options{}, at))
		}
	}
}
