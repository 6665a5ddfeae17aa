package stages

import (
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// Malformed is a word that BuildKit cannot expand, whatever the values of its variables.
type Malformed struct {
	Span text.Span // relative to the instruction's Text
	Err  error
}

// Malformed are the words of the instruction with an unclosed quote or brace, or a modifier that
// does not exist. BuildKit's parser takes them; the build fails when it gets there.
func (s *Step) Malformed() []Malformed {
	in := s.Instr
	if !strings.ContainsAny(in.Text, `$'"`) || in.Cmd() == nil {
		return nil
	}
	return in.Memo(malformedKey{}, func() any { return s.malformed() }).([]Malformed)
}

type malformedKey struct{}

func (s *Step) malformed() (list []Malformed) {
	in := s.Instr
	lex := shell.NewLex(rune(s.escape))
	try := func(span text.Span, word string) {
		if err := wellFormed(lex, word); err != nil {
			list = append(list, Malformed{span, err})
		}
	}
	words := in.Words
	tryPairs := func(pairs instructions.KeyValuePairs) {
		for i, kv := range pairs { // the form without "=" has one pair, in two words
			try(words[i].Span, kv.Key)
			try(words[i+len(words)-len(pairs)].Span, kv.Value)
		}
	}
	switch c := in.Cmd().(type) {
	case *instructions.Stage:
		try(flagSpan(in, "platform"), c.Platform)
		words = words[:min(1, len(words))]
	case *instructions.CopyCommand:
		try(flagSpan(in, "chown"), c.Chown)
		try(flagSpan(in, "chmod"), c.Chmod)
		if strings.ContainsAny(c.From, `$'"\`) {
			list = append(list, Malformed{flagSpan(in, "from"), errFrom})
		}
	case *instructions.AddCommand:
		try(flagSpan(in, "chown"), c.Chown)
		try(flagSpan(in, "chmod"), c.Chmod)
		try(flagSpan(in, "checksum"), c.Checksum)
	case *instructions.ArgCommand:
		for i, kv := range c.Args {
			try(words[i].Span, kv.Key)
			if kv.Value != nil {
				try(words[i].Span, *kv.Value)
			}
		}
		return list
	case *instructions.EnvCommand:
		tryPairs(c.Env)
		return list
	case *instructions.LabelCommand:
		tryPairs(c.Labels)
		return list
	case *instructions.ExposeCommand, *instructions.StopSignalCommand, *instructions.UserCommand, *instructions.VolumeCommand, *instructions.WorkdirCommand:
	default:
		return nil
	}
	bodies := shell.NewLex('\\')
	bodies.SkipProcessQuotes = true
	operators := map[text.Span]bool{}
	for _, h := range in.Heredocs {
		operators[h.Op] = true
		if body := h.Content.Of(in.Text); h.Expand && wellFormed(bodies, body) != nil {
			list = append(list, Malformed{h.Op, errBody})
		}
	}
	for _, w := range words {
		if !operators[w.Span] {
			try(w.Span, w.Text)
		}
	}
	return list
}

var (
	errFrom = errors.New("variable expansion is not supported for --from: give the image a name by FROM … AS, and copy from that")
	errBody = errors.New("the text of this heredoc has a variable that cannot be read; <<\"EOF\", with quotes, takes it as it is")
)

func flagSpan(in *syntax.Instruction, name string) text.Span {
	for _, f := range in.Flags {
		if f.Name.Of(in.Text) == name {
			return f.Span
		}
	}
	return in.Keyword
}

// wellFormed is BuildKit's error about the form of a word.
func wellFormed(lex *shell.Lex, word string) error {
	if !strings.ContainsAny(word, `$'"`) {
		return nil
	}
	// The lexer reads these alike, but complains of the former on standard error.
	word = strings.ReplaceAll(strings.ToValidUTF8(word, "\uFFFD"), "\x00", "\x01")
	_, err := lex.ProcessWords(word, anyEnv{})
	if err == nil {
		return nil
	}
	why := strings.TrimPrefix(err.Error(), fmt.Sprintf("failed to process %q: ", word))
	if strings.Contains(why, "(\uFFFD)") {
		why = "missing '}'" // it met the end of the word
	}
	return fmt.Errorf("cannot expand %s: %s", shorten(word), strings.TrimPrefix(why, "syntax error: "))
}

func shorten(word string) string {
	const limit = 60
	if word, _, _ = strings.Cut(word, "\n"); len(word) > limit {
		return word[:limit] + "…"
	}
	return word
}

// anyEnv is an environment in which every variable has a value.
type anyEnv struct{}

func (anyEnv) Get(string) (string, bool) { return "x", true }
func (anyEnv) Keys() []string            { return nil }
