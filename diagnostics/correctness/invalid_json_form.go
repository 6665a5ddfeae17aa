package correctness

import (
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

// A SHELL that is no list is refused, which syntax-error reports.
var invalidJSONForm = &diagnostics.Rule{
	Name:      "invalid-json-form",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Tally: []string{"invalid-json-form"}, Sonar: []string{"S7030"}},
	Step: func(p *diagnostics.Pass, s *stages.Step) {
		in := s.Instr
		items, broken := brokenList(in)
		if !broken || in.Cmd() == nil {
			return
		}
		message := "This list is no JSON, so that a shell runs it as a command, which it does not find; "
		switch in.Name {
		case "COPY", "ADD", "VOLUME":
			message = "This list is no JSON, so that its brackets and quotes count as parts of the names; "
		}
		list, ok := shell.List(items)
		if ok && len(items) > 0 {
			message += "write " + words.Code(words.Shorten(list, 60))
		} else {
			message += "write each word in double quotes, with commas between"
		}
		p.Report(diagnostics.Finding{
			Step: s, Span: in.FirstLine(in.Args), Message: diagnostics.Plain(message),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				if !ok || len(items) == 0 || len(in.Inner) > 0 {
					return nil
				}
				return p.FixBy("Write it as JSON", diagnostics.Suggested, func(c *rewrite.Change) { c.ReplaceWord(s, in.Args, list) })
			},
		})
	},
}

// brokenList are the words of an instruction whose arguments are meant as a list in JSON, but are none. The list is empty
// if it cannot be told which they are.
func brokenList(in *syntax.Instruction) (items []string, broken bool) {
	if in.JSON || in.Args.Start >= len(in.Text) || in.Text[in.Args.Start] != '[' || len(in.Heredocs) > 0 {
		return nil, false
	}
	startsProgram := in.Name == "CMD" || in.Name == "ENTRYPOINT"
	switch in.Name {
	case "CMD", "ENTRYPOINT", "RUN", "COPY", "ADD", "VOLUME":
	default:
		return nil, false
	}
	text := in.Args.Of(in.Text)
	if in.Joined().Continued() {
		line := in.Joined()
		text = line.Line[line.Index(in.Args.Start):]
	}
	text = strings.TrimSpace(text)
	rest := text[1:]
	quoted, commas := false, false
	for {
		rest = strings.TrimLeft(rest, " \t")
		switch {
		case strings.HasPrefix(rest, "]"):
			behind := strings.TrimSpace(rest[1:])
			if behind != "" && behind[0] != '#' {
				// Not of [ -f x ] && y, nor of [Type]::Member.
				return nil, quoted && commas && len(behind) <= maxBehind && !strings.ContainsAny(behind, "&|;<>")
			}
			return items, quoted || commas || startsProgram && len(items) == 1 && text[1] != ' '
		case rest == "":
			return nil, (quoted && startsProgram || commas) && len(items) > 0 // the bracket is missing
		}
		m := listItem.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		item := m[1]
		if item == "" {
			item = m[2] + m[3] + m[4]
			quoted = true
		} else if strings.HasPrefix(item, "-") && !commas && len(items) == 0 && !startsProgram {
			return nil, false // a test
		}
		items = append(items, unescaped(item))
		rest = strings.TrimLeft(rest[len(m[0]):], " \t")
		if strings.HasPrefix(rest, ",") {
			commas = true
			rest = rest[1:]
		} else if !strings.HasPrefix(rest, "]") && rest != "" {
			if quoted && startsProgram && rest[0] == '"' {
				return nil, true // the comma is missing
			}
			return nil, false
		}
	}
}

// maxBehind is how much may stand behind a list that is meant as one: a word or two too many.
const maxBehind = 20

// listItem is one word of what is meant as a list: bare, or in quotes of any kind.
var listItem = lazy.New("^(?:([^][\\s,\"'“”‘’$|&;<>(){}=!]+)|\"((?:[^\"\\\\]|\\\\.)*)\"|'([^']*)'|[“”]([^“”\"]*)[“”])")

// unescaped is a word without the backslashes by which JSON has quotes and backslashes.
func unescaped(item string) string {
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(item)
}
