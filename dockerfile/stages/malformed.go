package stages

import (
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// Malformed is a word that BuildKit cannot expand, whatever the values of its variables.
type Malformed struct {
	Span   text.Span // relative to the instruction's Text
	Err    error
	Always bool // no build gets past it, not even one that does not need the stage
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
	words := func() *shell.Lex { return shell.NewLex(rune(s.escape)) }
	always := s.Instr.Name == "FROM"
	for _, w := range s.expanded() {
		switch {
		case w.from:
			// BuildKit expands it with no variables, and refuses what is not the same afterwards: r$.example is.
			if !strings.ContainsAny(w.text, `$'"\`) {
				continue
			}
			if text, _, err := words().ProcessWord(w.text, shell.EnvsFromSlice(nil)); err != nil || text != w.text {
				list = append(list, Malformed{w.span, errFrom, true})
			}
		case w.body:
			if wellFormed(bodyLex, w.text) != nil {
				list = append(list, Malformed{w.span, errBody, always})
			}
		default:
			if err := wellFormed(words, w.text); err != nil {
				list = append(list, Malformed{w.span, err, always})
			}
		}
	}
	return list
}

var (
	errFrom = errors.New("--from takes no variable: give the image a name by FROM … AS, and copy from that")
	errBody = errors.New("the text of this heredoc has a variable that cannot be read; <<\"EOF\", with quotes, takes it as it is")
)

// wellFormed is BuildKit's error about the form of a word. lex makes the lexer, which most words do not need.
func wellFormed(lex func() *shell.Lex, word string) error {
	if !strings.ContainsAny(word, `$'"`) {
		return nil
	}
	// The lexer reads these alike, but complains of the former on standard error.
	word = strings.ReplaceAll(strings.ToValidUTF8(word, "\uFFFD"), "\x00", "\x01")
	_, err := lex().ProcessWords(word, anyEnv{})
	if err == nil {
		return nil
	}
	why := strings.TrimPrefix(err.Error(), fmt.Sprintf("failed to process %q: ", word))
	if strings.Contains(why, "(\uFFFD)") {
		why = "syntax error: missing '}'" // it met the end of the word
	}
	first, _, _ := strings.Cut(word, "\n")
	return fmt.Errorf("cannot expand %s: %s", words.Shorten(first, 60), syntax.Reason(why))
}

// anyEnv is an environment in which every variable has a value.
type anyEnv struct{}

func (anyEnv) Get(string) (string, bool) { return "x", true }
func (anyEnv) Keys() []string            { return nil }
