package stages

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Scope is a set of variables, as a chain of definitions: the newest wins. A nil Scope is one of
// which nothing is known: what an image defines.
type Scope struct {
	up    *Scope
	Name  string // empty in the mark that stands for scratch: no other variables exist
	Value Value
	Env   bool  // by ENV, not ARG
	Step  *Step // where it is defined; nil for predefined ones, and for those of the base image
}

func (s *Scope) define(name string, v Value, env bool, step *Step) *Scope {
	return &Scope{up: s, Name: name, Value: v, Env: env, Step: step}
}

// Lookup finds the definition in effect.
func (s *Scope) Lookup(name string) (*Scope, bool) {
	for ; s != nil; s = s.up {
		if s.Name == name && name != "" {
			return s, true
		}
	}
	return nil, false
}

// All calls fn with the definitions in effect, the newest first, until it returns false.
func (s *Scope) All(fn func(*Scope) bool) {
	seen := map[string]bool{"": true}
	for ; s != nil; s = s.up {
		if !seen[s.Name] {
			seen[s.Name] = true
			if !fn(s) {
				return
			}
		}
	}
}

// closed reports whether variables that the file does not define are known to be unset.
func (s *Scope) closed() bool {
	for ; s != nil; s = s.up {
		if s.Name == "" {
			return true
		}
	}
	return false
}

// Expand replaces variables in word, and removes quotes, as BuildKit does at this step. It is
// unknown if the word uses a variable whose value is not known, or if BuildKit rejects it.
func (s *Step) Expand(word string) Value {
	return expand(word, s.Vars, s.escape, s.Stage == nil || s.N == 0)
}

// maxExpansion bounds the bytes that one word may take from variables: ARG A=$B$B, ARG C=$A$A …
// doubles with each line, and each of 100,000 lines may repeat the same long value.
const maxExpansion = 2 << 10

// expand replaces variables. In the global scope, undefined variables are known to be empty; in a
// stage, the base image may define them.
func expand(word string, vars *Scope, escape byte, global bool) Value {
	if !strings.ContainsAny(word, `$'"`+string(escape)) {
		return known(word)
	}
	if strings.ContainsRune(word, 0) || !utf8.ValidString(word) {
		return Value{} // BuildKit's lexer complains of these on standard error
	}
	env := &lookup{vars: vars, known: true, global: global}
	lex := lexers[escape == '`'].Get().(*shell.Lex)
	text, _, err := lex.ProcessWord(word, env)
	lexers[escape == '`'].Put(lex)
	if err != nil || !env.known || len(text) > maxExpansion {
		return Value{}
	}
	return known(text)
}

// lexers are BuildKit's, by whether the escape character is a backquote: each has a kilobyte of buffer.
var lexers = map[bool]*sync.Pool{
	false: {New: func() any { return shell.NewLex('\\') }},
	true:  {New: func() any { return shell.NewLex('`') }},
}

// lookup answers BuildKit's expansion from a scope, and remembers whether anything was unknown.
type lookup struct {
	vars   *Scope
	known  bool
	global bool
	bytes  int
}

func (l *lookup) Get(name string) (string, bool) {
	v, ok := l.vars.Lookup(name)
	if !ok {
		if !l.global && !l.vars.closed() {
			l.known = false
		}
		return "", false
	}
	l.bytes += len(v.Value.Text)
	if !v.Value.Known || l.bytes > maxExpansion {
		l.known = false
		return "", true
	}
	return v.Value.Text, true
}

func (l *lookup) Keys() []string { return nil }

// Any reports whether the file defines a variable.
func (s *Scope) Any() bool {
	for ; s != nil; s = s.up {
		if s.Step != nil {
			return true
		}
	}
	return false
}
