package shell

import (
	"path"
	"slices"
	"strings"
)

// Expand is the command with the words in place of which value gives their text; what is not in quotes is
// split at blanks, as the shell does. value is asked for words with an expansion only; ok is false where a
// variable is not known. It is the command itself if nothing changes.
func (c *Command) Expand(value func(Word) (text string, ok bool)) *Command {
	if !c.expands() {
		return c // as most are
	}
	changed := false
	expand := func(w Word, split bool) []Word {
		if !w.expands() {
			return []Word{w}
		}
		text, ok := value(w)
		if !ok {
			return []Word{w}
		}
		changed = true
		parts := []string{text}
		if split && w.Span.Len() == len(w.Text) {
			parts = strings.Fields(text)
		}
		words := make([]Word, 0, len(parts))
		for _, part := range parts {
			words = append(words, Word{Span: w.Span, Text: part, Literal: !strings.ContainsAny(part, "*?[$`")})
		}
		return words
	}
	one := func(w Word) Word {
		if words := expand(w, false); len(words) == 1 {
			return words[0]
		}
		return w
	}
	e := &Command{Program: c.Program, Span: c.Span, Op: c.Op, Pipe: c.Pipe, Depth: c.Depth, InSubst: c.InSubst, Wrappers: c.Wrappers, Dir: c.Dir, Negated: c.Negated, Asked: c.Asked, Top: c.Top}
	for _, w := range c.Words {
		e.Words = append(e.Words, expand(w, true)...)
	}
	for _, a := range c.Assigns {
		e.Assigns = append(e.Assigns, Assign{a.Name, one(a.Value)})
	}
	for _, r := range c.Redirects {
		r.Target = one(r.Target)
		e.Redirects = append(e.Redirects, r)
	}
	for _, w := range c.wrote {
		e.wrote = append(e.wrote, one(w))
	}
	for _, r := range c.outer {
		r.Target = one(r.Target)
		e.outer = append(e.outer, r)
	}
	for _, w := range c.items {
		e.items = append(e.items, one(w))
	}
	if !changed {
		return c
	}
	if e.Program == "" && len(e.Words) > 0 && e.Words[0].Literal {
		e.Program = path.Base(e.Words[0].Text)
	}
	e.Words = slices.Clip(e.Words)
	return e
}

// expands reports whether any word of the command has an expansion.
func (c *Command) expands() bool {
	return slices.ContainsFunc(c.Words, Word.expands) || slices.ContainsFunc(c.wrote, Word.expands) || slices.ContainsFunc(c.items, Word.expands) ||
		slices.ContainsFunc(c.Assigns, func(a Assign) bool { return a.Value.expands() }) ||
		slices.ContainsFunc(c.Redirects, func(r Redirect) bool { return r.Target.expands() }) ||
		slices.ContainsFunc(c.outer, func(r Redirect) bool { return r.Target.expands() })
}

// expands reports whether the word has an expansion.
func (w Word) expands() bool { return !w.Literal && strings.Contains(w.Text, "$") }
