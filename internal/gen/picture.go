package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"log"
	"regexp"
	"strings"
	"unicode/utf8"

	"layerwise/cli"
	"layerwise/diagnostics"
)

// picture is the README's picture of the check command's output on the quick-start project.
func picture() []byte {
	var out bytes.Buffer
	opts := cli.Options{Paths: []string{"docs/quickstart"}, Format: "text", Color: "always", FailLevel: diagnostics.Warning}
	if code := cli.Check(context.Background(), opts, cli.Streams{Out: &out, Err: io.Discard}); code != cli.Findings {
		log.Fatalf("checking the quick-start project: exit code %d", code)
	}
	return svg("$ layerwise check docs/quickstart\n\n" + out.String())
}

// stages is the picture of the quick-start project's stages, in which a change of its COPY is coloured.
func stages() []byte {
	var out bytes.Buffer
	explain := cli.ExplainCommand()
	explain.SetArgs([]string{"docs/quickstart/Dockerfile", "--format=svg", "--line=6"})
	explain.SetOut(&out)
	if err := explain.Execute(); err != nil {
		log.Fatalf("explaining the quick-start project: %v", err)
	}
	return out.Bytes()
}

const (
	charWidth  = 7.8 // pixels, of a 13 pixel monospace font
	lineHeight = 18
	margin     = 16
	columns    = 118
)

var escape = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// svg draws text with terminal colours.
func svg(text string) []byte {
	var lines []string
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		lines = append(lines, wrap(line)...)
	}
	var b bytes.Buffer
	width, height := columns*charWidth+2*margin, len(lines)*lineHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="#1e1e2e"/>`+"\n")
	style := ""
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="#cdd6f4" xml:space="preserve">`, margin, margin+13+i*lineHeight)
		for line != "" {
			at := escape.FindStringSubmatchIndex(line)
			piece := line
			if at != nil {
				piece = line[:at[0]]
			}
			if piece != "" {
				fmt.Fprintf(&b, `<tspan%s>%s</tspan>`, style, html.EscapeString(piece))
			}
			if at == nil {
				break
			}
			style = css(line[at[2]:at[3]])
			line = line[at[1]:]
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// wrap breaks a line at a blank, as a terminal of that width would at any character.
func wrap(line string) (lines []string) {
	for utf8.RuneCountInString(escape.ReplaceAllString(line, "")) > columns {
		cut, seen := -1, 0
		for i := 0; i < len(line) && seen < columns; {
			if at := escape.FindStringIndex(line[i:]); at != nil && at[0] == 0 {
				i += at[1]
				continue
			}
			r, size := utf8.DecodeRuneInString(line[i:])
			if r == ' ' {
				cut = i
			}
			seen++
			i += size
		}
		if cut <= 0 {
			break
		}
		lines = append(lines, line[:cut])
		line = "    " + line[cut+1:]
	}
	return append(lines, line)
}

// css is the style of a terminal's colour codes.
func css(codes string) string {
	style := ""
	for _, code := range strings.Split(codes, ";") {
		switch code {
		case "1":
			style += ` font-weight="bold"`
		case "2":
			style += ` fill="#7f849c"`
		case "31", "91":
			style += ` fill="#f38ba8"`
		case "32", "92":
			style += ` fill="#a6e3a1"`
		case "33", "93":
			style += ` fill="#f9e2af"`
		case "34", "94":
			style += ` fill="#89b4fa"`
		case "36", "96":
			style += ` fill="#94e2d5"`
		}
	}
	return style
}
