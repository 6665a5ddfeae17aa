package rewrite

import (
	"strings"
	"testing"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

func graph(src string) *stages.Graph {
	return stages.Resolve(syntax.Parse(src), stages.Args{}, nil)
}

// step is the step whose text, without comments, begins with the words.
func step(t *testing.T, g *stages.Graph, begins string) *stages.Step {
	t.Helper()
	for i, in := range g.File.Instructions {
		if strings.HasPrefix(in.Body.Of(in.Text), begins) {
			return g.StepAt(i)
		}
	}
	t.Fatalf("no step %q", begins)
	return nil
}

func command(s *stages.Step, program string) *shell.Command {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		if c.Program == program {
			return c
		}
	}
	return nil
}

type change = func(t *testing.T, g *stages.Graph, c *Change)

func moveAbove(target string, moved ...string) change {
	return func(t *testing.T, g *stages.Graph, c *Change) {
		var steps []*stages.Step
		for _, m := range moved {
			steps = append(steps, step(t, g, m))
		}
		c.Move(Above(step(t, g, target)), steps...)
	}
}

func moveBelow(target, moved string) change {
	return func(t *testing.T, g *stages.Graph, c *Change) {
		c.Move(Below(step(t, g, target)), step(t, g, moved))
	}
}

func joining(a, b string) change {
	return func(t *testing.T, g *stages.Graph, c *Change) { c.Join(step(t, g, a), step(t, g, b)) }
}

func appending(a, command string) change {
	return func(t *testing.T, g *stages.Graph, c *Change) { c.Append(step(t, g, a), command) }
}

func remove(a string, comments CommentsOf) change {
	return func(t *testing.T, g *stages.Graph, c *Change) { c.Remove(step(t, g, a), comments) }
}

func splitting(run, program string) change {
	return func(t *testing.T, g *stages.Graph, c *Change) {
		s := step(t, g, run)
		c.Split(s, command(s, program))
	}
}

// cases are what each operation makes of a text; an error is written as "error: …".
var cases = []struct {
	name   string
	src    string
	change change
	want   string
}{
	{"append goes on as the RUN does",
		"FROM a\nRUN a \\\n && b\n",
		appending("RUN a", "c d"),
		"FROM a\nRUN a \\\n && b \\\n && c d\n"},
	{"append on one line",
		"FROM a\nRUN a && b\n",
		appending("RUN a", "c d"),
		"FROM a\nRUN a && b && c d\n"},
	{"append refuses a RUN that goes on after a failure",
		"FROM a\nRUN a; b\n",
		appending("RUN a", "c d"),
		"error: the command would run on after a failure"},
	{"append refuses a comment behind the last command",
		"FROM a\nRUN a && b # c\n",
		appending("RUN a", "c d"),
		"error: something stands behind the last command"},
	{"append refuses the JSON form",
		"FROM a\nRUN [\"a\"]\n",
		appending("RUN", "c d"),
		"error: nothing can be put behind the last command"},
	{"inserted words are strings in the JSON form",
		"FROM a\nRUN [\"a\", \"b\"]\n",
		func(t *testing.T, g *stages.Graph, c *Change) {
			s := step(t, g, "RUN")
			c.InsertWords(s, command(s, "a").Words[0].Span, "-l --x")
		},
		"FROM a\nRUN [\"a\", \"-l\", \"--x\", \"b\"]\n"},
	{"join lifts a comment behind the last command",
		"FROM a\nRUN apt-get update # refresh the index\nRUN apt-get install -y curl\n",
		joining("RUN apt-get update", "RUN apt-get install"),
		"FROM a\n# refresh the index\nRUN apt-get update && \\\n    apt-get install -y curl\n"},
	{"join drops a semicolon",
		"FROM a\nRUN apt-get update;\nRUN apt-get install -y curl\n",
		joining("RUN apt-get update", "RUN apt-get install"),
		"FROM a\nRUN apt-get update && \\\n    apt-get install -y curl\n"},
	{"join drops a semicolon before a comment",
		"FROM a\nRUN a ; # why\nRUN b\n",
		joining("RUN a", "RUN b"),
		"FROM a\n# why\nRUN a && \\\n    b\n"},
	{"join refuses what runs in the background",
		"FROM a\nRUN start &\nRUN apt-get install -y curl\n",
		joining("RUN start", "RUN apt-get"),
		"error: the first cannot be continued: a command runs in the background"},
	{"join refuses a second that goes on after a failure",
		"FROM a\nRUN a\nRUN b; c\n",
		joining("RUN a", "RUN b"),
		"error: the second would run on after a failure"},
	{"join after a comment behind several commands",
		"FROM a\nRUN curl -o a.tgz x && tar xf a.tgz # unpack\nRUN rm a.tgz\n",
		joining("RUN curl", "RUN rm"),
		"FROM a\n# unpack\nRUN curl -o a.tgz x && tar xf a.tgz && \\\n    rm a.tgz\n"},
	{"join keeps comments and blank lines between in its own way",
		"FROM a\nRUN a \\\n && b\n\n# the second\nRUN c \\\n # inner\n && d\n",
		joining("RUN a", "RUN c"),
		"FROM a\nRUN a \\\n && b \\\n # the second\n && c \\\n # inner\n && d\n"},
	{"join lifts an ignore comment between",
		"FROM a\nRUN a\n# layerwise ignore=x\nRUN b\n",
		joining("RUN a", "RUN b"),
		"FROM a\n# layerwise ignore=x\nRUN a && \\\n    b\n"},
	{"join refuses here-documents",
		"FROM a\nRUN <<EOF\na\nEOF\nRUN b\n",
		joining("RUN <<EOF", "RUN b"),
		"error: a here-document is read to the end of its RUN"},
	{"join refuses other flags",
		"FROM a\nRUN --network=none a\nRUN b\n",
		joining("RUN --network", "RUN b"),
		"error: the two have different flags"},
	{"join with the backquote for an escape",
		"# escape=`\nFROM a\nSHELL [\"sh\", \"-c\"]\nRUN a\nRUN b `\n  c\n",
		joining("RUN a", "RUN b"),
		"# escape=`\nFROM a\nSHELL [\"sh\", \"-c\"]\nRUN a && `\n    b `\n  c\n"},

	{"split before a command of the top level",
		"FROM a\nRUN (go mod download) && mv VERSION /etc/version\n",
		splitting("RUN", "mv"),
		"FROM a\nRUN (go mod download)\nRUN mv VERSION /etc/version\n"},
	{"split never inside a group",
		"FROM a\nRUN true && (go mod download && mv VERSION /etc/version)\n",
		splitting("RUN", "mv"),
		"error: the RUN cannot be split there: the command is inside a group"},
	{"split keeps flags, comments and the style of continuations",
		"FROM a\n  run --mount=type=cache,target=/x \\\n    --network=none a \\\n  # of the second\n  && b \\\n  && c\n",
		splitting("run", "b"),
		"FROM a\n  run --mount=type=cache,target=/x \\\n    --network=none a\n  # of the second\n  run --mount=type=cache,target=/x \\\n    --network=none b \\\n  && c\n"},
	{"split with a step moved between",
		"FROM a\n# all\nCOPY . .\nRUN npm ci && npm run build\n",
		func(t *testing.T, g *stages.Graph, c *Change) {
			run := step(t, g, "RUN")
			copy := step(t, g, "COPY")
			c.Insert(Above(copy), "COPY package.json ./")
			c.Move(Before(run, shell.Of(run.Instr, run.Shell).Commands[1]), copy)
		},
		"FROM a\nCOPY package.json ./\nRUN npm ci\n# all\nCOPY . .\nRUN npm run build\n"},

	{"move as a paragraph: one blank line stays one",
		"FROM a\nENV A=b\n\nARG COMMIT\nENV H=$COMMIT\n\nRUN apt-get update\n\n# next\nRUN mkdir x\n",
		moveAbove("RUN mkdir", "ARG COMMIT", "ENV H"),
		"FROM a\nENV A=b\n\nRUN apt-get update\n\nARG COMMIT\nENV H=$COMMIT\n\n# next\nRUN mkdir x\n"},
	{"move within a block",
		"FROM a\nARG C\nRUN a\n# next\nRUN b\n",
		moveAbove("RUN b", "ARG C"),
		"FROM a\nRUN a\nARG C\n# next\nRUN b\n"},
	{"move takes the comments directly above along, no others",
		"FROM a\n# apart\n\n# of the copy\nCOPY . .\nRUN b\nRUN c\n",
		moveBelow("RUN b", "COPY"),
		"FROM a\n# apart\n\nRUN b\n# of the copy\nCOPY . .\nRUN c\n"},
	{"move below the last line, which has no line end, in a CRLF file",
		"FROM a\r\nCOPY . .\r\nRUN b",
		moveBelow("RUN b", "COPY"),
		"FROM a\r\nRUN b\r\nCOPY . ."},
	{"move below a continuation that ends the file",
		"FROM a\nCOPY . .\nRUN pip install -r requirements.txt \\",
		moveBelow("RUN pip", "COPY"),
		"FROM a\nRUN pip install -r requirements.txt\nCOPY . ."},
	{"move below a continuation with blank lines and comments behind it",
		"FROM a\nCOPY . .\nRUN pip install \\\n\n  # why\n",
		moveBelow("RUN pip", "COPY"),
		"FROM a\nRUN pip install\n\n  # why\nCOPY . .\n"},
	{"move a continuation that ends the file up",
		"FROM a\nRUN b\nCOPY . . \\\n",
		moveAbove("RUN b", "COPY"),
		"FROM a\nCOPY . .\nRUN b\n"},
	{"move refuses below a here-document without end",
		"FROM a\nCOPY . .\nRUN <<EOF\na\n",
		moveBelow("RUN", "COPY"),
		"error: a here-document has no end"},

	{"remove with comments",
		"FROM a\n\n# c\nRUN b\n\nRUN d\n", remove("RUN b", DropComments), "FROM a\n\nRUN d\n"},
	{"remove and keep comments",
		"FROM a\n\n# c\n# hadolint ignore=DL1\nRUN b\n\nRUN d\n", remove("RUN b", KeepComments), "FROM a\n\n# c\n\nRUN d\n"},
	{"remove the last",
		"FROM a\n\nRUN b\n", remove("RUN b", DropComments), "FROM a\n"},
	{"remove what would make a directive of a comment",
		"ARG a\n# escape=`\nFROM b\n", remove("ARG", DropComments),
		"error: the new text would not be the instructions that are meant"},

	{"comment below the shebang and directives",
		"#!/usr/bin/env -S docker build . -f\n# syntax=docker/dockerfile:1\nFROM a\n",
		func(t *testing.T, g *stages.Graph, c *Change) { c.CommentTop("# layerwise ignore-file=x") },
		"#!/usr/bin/env -S docker build . -f\n# syntax=docker/dockerfile:1\n# layerwise ignore-file=x\nFROM a\n"},
	{"insert above the first instruction stays below the shebang",
		"#!/usr/bin/env -S docker build . -f\nFROM a\n",
		func(t *testing.T, g *stages.Graph, c *Change) { c.Insert(Above(step(t, g, "FROM")), "ARG X") },
		"#!/usr/bin/env -S docker build . -f\nARG X\nFROM a\n"},
	{"comment above an indented step",
		"FROM a\r\n\tRUN b\r\n",
		func(t *testing.T, g *stages.Graph, c *Change) { c.Comment(step(t, g, "RUN"), "# layerwise ignore=x") },
		"FROM a\r\n\t# layerwise ignore=x\r\n\tRUN b\r\n"},

	{"prepend refuses where the rest would run on",
		"FROM a\nRUN a; b\n",
		func(t *testing.T, g *stages.Graph, c *Change) { c.Prepend(step(t, g, "RUN"), "x") },
		"error: nothing can be put in front: the rest would run on after a failure"},
	{"drop the last command, its comment is kept",
		"FROM a\nRUN a && \\\n  # clean up\n  rm x\n",
		func(t *testing.T, g *stages.Graph, c *Change) {
			s := step(t, g, "RUN")
			c.DropCommand(s, command(s, "rm"))
		},
		"FROM a\n# clean up\nRUN a\n"},
	{"drop a word on a line of its own",
		"FROM a\nRUN apk add \\\n  git \\\n  curl\n",
		func(t *testing.T, g *stages.Graph, c *Change) {
			s := step(t, g, "RUN")
			c.DropWord(s, command(s, "apk").Words[2].Span)
		},
		"FROM a\nRUN apk add \\\n  curl\n"},
	{"flags are set, added and dropped",
		"FROM a\nCOPY --chown=b --link . .\nRUN x\n",
		func(t *testing.T, g *stages.Graph, c *Change) {
			copy := step(t, g, "COPY")
			c.SetFlag(copy, "--chown=c")
			c.DropFlag(copy, copy.Instr.Flags[1])
			c.AddFlag(step(t, g, "RUN"), "--network=none")
		},
		"FROM a\nCOPY --chown=c . .\nRUN --network=none x\n"},
}

func try(t *testing.T, src string, do change) string {
	t.Helper()
	g := graph(src)
	c := Of(g)
	do(t, g, c)
	edit, err := c.Edit()
	if err != nil {
		return "error: " + err.Error()
	}
	return text.Apply(src, edit.Edits)
}

func TestChanges(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := try(t, c.src, c.change); got != c.want {
				t.Errorf("got\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

// TestLineEnds: with other line ends, or without the last one, the result is the same but for these.
func TestLineEnds(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := try(t, crlf(c.src), c.change); got != crlf(c.want) {
				t.Errorf("CRLF: got\n%q\nwant\n%q", got, crlf(c.want))
			}
			bare := strings.TrimRight(c.src, "\r\n")
			if got := try(t, bare, c.change); strings.TrimRight(got, "\r\n") != strings.TrimRight(c.want, "\r\n") {
				t.Errorf("without a line end: got\n%q\nwant\n%q", got, c.want)
			}
		})
	}
}

func TestAddLines(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"", ".git\n"},
		{"a", "a\n.git\n"},
		{"a\r\nb", "a\r\nb\r\n.git\r\n"},
		{"storage\n# keep these last\n!storage/x\n", "storage\n.git\n# keep these last\n!storage/x\n"},
		{"storage\n\n# keep these last\n!storage/x", "storage\n.git\n\n# keep these last\n!storage/x"},
		{"!a\n", "!a\n.git\n"},
		{"*\n!a\nb\n# end\n", "*\n!a\nb\n# end\n.git\n"},
	} {
		e := AddLines("/x", c.src, []string{".git"})
		if got := text.Apply(c.src, e.Edits); got != c.want {
			t.Errorf("%q: got %q, want %q", c.src, got, c.want)
		}
	}
}
