package syntax

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
)

// part is a range of a logical line.
type part struct{ start, end int }

func (p part) of(line string) string { return line[p.start:p.end] }

// parseLine takes the logical line apart.
func (in *Instruction) parseLine() {
	line := in.joined.Line
	keyword, rest := splitKeyword(line, part{0, len(line)})
	in.Keyword = in.joined.span(keyword.start, keyword.end)
	in.Name = canonicalName(keyword.of(line))
	args := in.parseFlags(rest)
	in.Args = in.joined.span(args.start, args.end)
	switch {
	case args.start == args.end && len(in.Flags) > 0:
		end := in.Flags[len(in.Flags)-1].Span.End
		in.Args = text.Span{Start: end, End: end}
	case args.start == args.end:
		in.Args = text.Span{Start: in.Keyword.End, End: in.Keyword.End}
	}

	jsonForm := in.parseWords(args)
	in.JSON = jsonForm && in.Name != "ONBUILD"
	name := in.Name
	if name == "ONBUILD" {
		sub, rest := splitKeyword(line, args)
		name = canonicalName(sub.of(line))
		_, rest = splitFlags(line, rest, in.escape)
		jsonForm = takesJSON[name] && isJSON(rest.of(line))
	}
	if !jsonForm && (name == "RUN" || name == "COPY" || name == "ADD") {
		in.findHeredocs()
	}
}

// keyword is the keyword as it is typed, without the continuations that may be inside it.
func (in *Instruction) keyword() string {
	keyword, _ := splitKeyword(in.joined.Line, part{0, len(in.joined.Line)})
	return keyword.of(in.joined.Line)
}

// splitKeyword splits a part of the line, blanks around it removed, at its first blanks.
func splitKeyword(line string, p part) (keyword, rest part) {
	p = trim(line, p)
	n := strings.IndexAny(p.of(line), asciiBlanks)
	if n < 0 {
		return p, part{p.end, p.end}
	}
	keyword = part{p.start, p.start + n}
	for n += p.start; strings.IndexByte(asciiBlanks, line[n]) >= 0; {
		n++
	}
	return keyword, part{n, p.end}
}

// asciiBlanks separate the words of instructions that know no quotes.
const asciiBlanks = "\t\v\f\r "

func trim(line string, p part) part {
	p.start += blanks(p.of(line))
	p.end = p.start + len(strings.TrimRightFunc(p.of(line), unicode.IsSpace))
	return p
}

// names are the instructions, by their lower and their upper case.
var names = map[string]string{}

// takesJSON are the instructions whose arguments may be a JSON array. That of HEALTHCHECK stands behind CMD.
var takesJSON = map[string]bool{}

func init() {
	for _, in := range grammar.Instructions {
		names[in.Name] = in.Name
		names[strings.ToLower(in.Name)] = in.Name
		takesJSON[in.Name] = in.JSON() && in.Name != "HEALTHCHECK"
	}
}

// canonicalName is the keyword in upper case. BuildKit compares in lower case, which matters for
// the few letters that have an ASCII letter as their lower case only.
func canonicalName(keyword string) string {
	if name, ok := names[keyword]; ok {
		return name
	}
	if name, ok := names[strings.ToLower(keyword)]; ok {
		return name
	}
	return strings.ToUpper(keyword)
}

// parseFlags reads the flags at the beginning of rest, and returns the arguments after them.
func (in *Instruction) parseFlags(rest part) part {
	flags, args := splitFlags(in.joined.Line, rest, in.escape)
	for _, f := range flags {
		flag := Flag{Span: in.joined.span(f.start, f.end), word: f.word}
		name := part{f.start + 2, f.end}
		value := part{f.end, f.end}
		if f.equals >= 0 {
			name.end = f.equals
			value.start = f.equals + 1
			flag.HasValue = true
		}
		flag.Name = in.joined.span(name.start, name.end)
		flag.Value = in.joined.span(value.start, value.end)
		if value.start == value.end {
			flag.Value = text.Span{Start: flag.Span.End, End: flag.Span.End}
		}
		in.Flags = append(in.Flags, flag)
	}
	return args
}

// rawFlag is one flag in a logical line.
type rawFlag struct {
	part
	equals int    // where the first '=' stands; -1 without one
	word   string // quotes and escapes removed
}

// splitFlags splits the flags off a part of the line exactly as BuildKit does, which reads bytes
// as characters here, and knows quotes and escapes.
func splitFlags(line string, p part, escape byte) ([]rawFlag, part) {
	var flags []rawFlag
	at := p.start
	for {
		for at < p.end && unicode.IsSpace(rune(line[at])) {
			at++
		}
		if !strings.HasPrefix(line[at:p.end], "--") {
			return flags, trim(line, part{at, p.end})
		}
		f := rawFlag{part: part{at, at}, equals: -1}
		var word strings.Builder
		var quote byte
		for ; at < p.end; at++ {
			c := line[at]
			switch {
			case quote == 0 && unicode.IsSpace(rune(c)):
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
				continue
			case quote != 0 && c == quote:
				quote = 0
				continue
			case c == escape && at+1 == p.end:
				quote = 0
				continue
			default:
				if c == escape {
					at++
					c = line[at]
				}
				if c == '=' && f.equals < 0 {
					f.equals = at
				}
				word.WriteRune(rune(c))
				continue
			}
			break
		}
		f.end = at
		f.word = word.String()
		if f.word == "--" {
			return flags, trim(line, part{at, p.end})
		}
		flags = append(flags, f)
	}
}

// isJSON reports whether the arguments are a JSON array of strings.
func isJSON(args string) bool {
	if !strings.HasPrefix(args, "[") {
		return false
	}
	var list []any
	if json.Unmarshal([]byte(args), &list) != nil {
		return false
	}
	for _, v := range list {
		if _, ok := v.(string); !ok {
			return false
		}
	}
	return true
}

// parseWords splits the arguments, and reports whether they have the JSON form.
func (in *Instruction) parseWords(args part) bool {
	line := in.joined.Line
	if args.start == args.end {
		return false
	}
	if in.Name == "HEALTHCHECK" {
		kind := part{args.start, args.start}
		for kind.end < args.end && !unicode.IsSpace(rune(line[kind.end])) {
			kind.end++
		}
		in.addWord(kind)
		args = part{kind.end, args.end}
		for args.start < args.end && unicode.IsSpace(rune(line[args.start])) {
			args.start++
		}
	}
	if (takesJSON[in.Name] || in.Name == "HEALTHCHECK") && isJSON(args.of(line)) {
		in.addStrings(args)
		return true
	}
	switch in.Name {
	case "ADD", "COPY", "EXPOSE", "FROM", "VOLUME":
		for args.start < args.end {
			word, rest := splitKeyword(line, args)
			in.addWord(word)
			args = rest
		}
	case "MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR":
		in.addWord(args)
	case "ENV", "LABEL":
		words := quotedWords(line, args, in.escape)
		if len(words) > 0 && !strings.Contains(words[0].of(line), "=") {
			key, value := splitKeyword(line, args)
			words = []part{key}
			if value.start < value.end {
				words = append(words, value)
			}
		}
		for _, w := range words {
			in.addWord(w)
		}
	default:
		for _, w := range quotedWords(line, args, in.escape) {
			in.addWord(w)
		}
	}
	return false
}

func (in *Instruction) addWord(p part) {
	in.Words = append(in.Words, Word{Span: in.joined.span(p.start, p.end), Text: p.of(in.joined.Line)})
}

// addStrings adds the strings of a JSON array that is known to be valid.
func (in *Instruction) addStrings(args part) {
	line := in.joined.Line
	for at := args.start; at < args.end; at++ {
		if line[at] != '"' {
			continue
		}
		start := at
		for at++; line[at] != '"'; at++ {
			if line[at] == '\\' {
				at++
			}
		}
		var s string
		if json.Unmarshal([]byte(line[start:at+1]), &s) != nil {
			return
		}
		in.Words = append(in.Words, Word{Span: in.joined.span(start, at+1), Text: s})
	}
}

// quotedWords splits at blanks outside quotes, as BuildKit does for ENV, LABEL and ARG.
func quotedWords(line string, p part, escape byte) []part {
	var words []part
	at := p.start
	for {
		at += blanks(line[at:p.end])
		if at >= p.end {
			return words
		}
		w := part{at, at}
		var quote byte
		for at < p.end {
			c := line[at]
			r, size := rune(c), 1
			if c >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(line[at:p.end])
			}
			if quote == 0 && unicode.IsSpace(r) {
				break
			}
			at += size
			switch {
			case c == escape && quote != '\'':
				if at < p.end {
					_, size := utf8.DecodeRuneInString(line[at:p.end])
					at += size
				}
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case c == quote:
				quote = 0
			}
		}
		w.end = at
		words = append(words, w)
	}
}

// findHeredocs finds the here-document operators of the line. Which words are operators is for
// BuildKit's own lexer to say; it gives no places, so they are found again by walking the line
// along its words.
func (in *Instruction) findHeredocs() {
	line := in.joined.Line
	if !strings.Contains(line, "<<") {
		return
	}
	lex := shell.NewLex('\\')
	lex.RawQuotes = true
	lex.RawEscapes = true
	lex.SkipUnsetEnv = true
	// The lexer complains about invalid bytes on standard error, and reads them as U+FFFD.
	words, err := lex.ProcessWords(string([]rune(line)), noEnv{})
	if err != nil {
		return // BuildKit then sees no here-document either
	}
	at := 0
	lost := false
	for _, word := range words {
		at += blanks(line[at:])
		doc, err := parser.ParseHeredoc(word)
		if err != nil {
			in.Heredocs = nil // BuildKit rejects the instruction
			return
		}
		if strings.HasPrefix(line[at:], word) {
			at += len(word)
		} else if doc != nil && !lost {
			// The lexer rewrites words with substitutions.
			n := strings.Index(line[at:], word)
			lost = n < 0
			at += max(0, n)
			if !lost {
				at += len(word)
			}
		}
		if doc == nil {
			continue
		}
		op := in.joined.span(at-len(word), at)
		if lost || at < len(word) {
			op = in.Args
		}
		in.Heredocs = append(in.Heredocs, Heredoc{Op: op, Name: doc.Name, Expand: doc.Expand, Chomp: doc.Chomp})
	}
}

// noEnv is an environment without variables.
type noEnv struct{}

func (noEnv) Get(string) (string, bool) { return "", false }
func (noEnv) Keys() []string            { return nil }
