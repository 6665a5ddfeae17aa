package syntax

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
)

// Errors are all the syntax errors of the instruction, in the order of the text. Computed once.
func (in *Instruction) Errors() []Error {
	in.lazy.errors.Do(func() {
		if in.Err() != nil {
			in.lazy.errs = in.explain()
		}
	})
	return in.lazy.errs
}

// explain finds places and messages for the reasons why BuildKit rejects the instruction. BuildKit
// names the first reason only, so its parser is asked again about the flags one by one, and about
// the arguments without flags.
func (in *Instruction) explain() []Error {
	var errs []Error
	add := func(span text.Span, rule, message, suggest string) {
		errs = append(errs, Error{Span: in.FirstLine(span), Rule: rule, Message: message, Suggest: suggest})
	}
	if in.tooLong.Len() > 0 {
		add(in.tooLong, SyntaxError, fmt.Sprintf("this line is longer than the %d bytes that BuildKit reads", maxLine-1), "")
	}
	if !in.known() {
		return append(errs, in.unknownInstruction()...)
	}
	for _, h := range in.Heredocs {
		if h.open {
			add(h.Op, SyntaxError, fmt.Sprintf("this heredoc does not end: put %s on a line of its own below it", words.Shorten(h.Name, maxQuoted)), "")
			break
		}
	}
	argsErr := error(nil)
	if len(errs) == 0 {
		var node *parser.Node
		node, argsErr = in.node()
		if argsErr == nil {
			node.Flags = nil
			_, argsErr = typed(node)
		}
		if argsErr != nil {
			in.explainArgs(argsErr, add)
		}
	}
	unknown := in.explainFlags(add)
	if len(errs) == 0 && !unknown {
		add(in.Args, SyntaxError, Reason(clean(in.Err())), "")
	}
	slices.SortStableFunc(errs, func(a, b Error) int { return a.Span.Start - b.Span.Start })
	return errs
}

func (in *Instruction) unknownInstruction() []Error {
	if in.custom {
		return nil
	}
	if in.Keyword.Len() == 0 {
		return []Error{{Span: in.FirstLine(text.Span{Start: in.Keyword.Start, End: len(in.Text)}), Rule: SyntaxError,
			Message: "a continued line with no instruction"}}
	}
	suggest := Nearest(in.Name, grammar.Names())
	if keyword := in.keyword(); keyword == strings.ToLower(keyword) {
		suggest = strings.ToLower(suggest)
	}
	return []Error{{Span: in.FirstLine(in.Keyword), Rule: UnknownInstruction, Suggest: suggest,
		Message: "unknown instruction: " + words.Shorten(in.keyword(), maxQuoted)}}
}

// explainArgs adds the errors of the arguments, of which BuildKit names the first.
func (in *Instruction) explainArgs(err error, add func(text.Span, string, string, string)) {
	message := clean(err)
	span := in.Args
	if span.Len() == 0 {
		span = in.Keyword
	}
	word := func(i int) {
		if i < len(in.Words) {
			span = in.Words[i].Span
		}
	}
	suggest := ""
	switch {
	case in.Name == "FROM" && len(in.Words) == 3 && strings.Contains(message, "one or three arguments"):
		word(1)
		suggest = "AS"
		if keyword := in.keyword(); keyword == strings.ToLower(keyword) {
			suggest = "as"
		}
	case strings.Contains(message, "can't find = in"):
		for _, w := range in.Words {
			if !strings.Contains(w.Text, "=") {
				add(w.Span, SyntaxError, noValue(words.Shorten(w.Text, maxQuoted)), "")
			}
		}
		return
	case strings.Contains(message, "names can not be blank"):
		word(slices.IndexFunc(in.Words, func(w Word) bool { return strings.HasPrefix(w.Text, "=") }))
	case strings.Contains(message, "invalid name for build stage"):
		word(2)
	case strings.Contains(message, "cannot accept a heredoc"):
		word(len(in.Words) - 1)
	case in.Name == "ONBUILD", strings.Contains(message, "Unknown type"):
		word(0)
	case strings.Contains(message, "NONE takes no arguments") && len(in.Words) > 1:
		span.Start = in.Words[1].Span.Start
	}
	add(span, SyntaxError, Reason(message), suggest)
}

// plainArgs are arguments that are valid for an instruction with flags.
var plainArgs = map[string][]string{
	"ADD": {"a", "b"}, "COPY": {"a", "b"}, "FROM": {"a"}, "HEALTHCHECK": {"CMD", "a"}, "RUN": {"a"},
	"ENV": {"a", "b", "="}, "LABEL": {"a", "b", "="}, "ONBUILD": {"a"}, "SHELL": {"a"},
}

// explainFlags adds the errors of the flags, and reports whether there is an unknown flag.
func (in *Instruction) explainFlags(add func(text.Span, string, string, string)) bool {
	unknown := false
	seen := map[string]bool{}
	for i := range in.Flags {
		f := &in.Flags[i]
		err := in.try(f.word)
		name, _, _ := strings.Cut(strings.TrimPrefix(f.word, "--"), "=")
		if err == nil && seen[name] {
			err = in.try(f.word, f.word)
		}
		seen[name] = true
		if err == nil {
			continue
		}
		message := clean(err)
		dashed := text.Span{Start: f.Span.Start, End: f.Name.End}
		if strings.HasPrefix(message, "unknown flag") {
			unknown = true
			if in.custom {
				continue
			}
			suggest := Nearest(name, grammar.FlagNames(in.Name))
			if suggest != "" {
				suggest = "--" + suggest
			}
			add(dashed, UnknownFlag, message, suggest)
			continue
		}
		span := f.Value
		if span.Len() == 0 || strings.HasPrefix(message, "duplicate flag") {
			span = dashed
		}
		add(span, SyntaxError, Reason(message), "")
	}
	return unknown
}

// try is BuildKit's opinion of the flags on this instruction with plain arguments.
func (in *Instruction) try(flags ...string) error {
	args := plainArgs[in.Name]
	if args == nil {
		args = []string{"a"}
	}
	node := &parser.Node{Value: in.Name, Flags: flags}
	if in.Name == "SHELL" {
		node.Attributes = map[string]bool{"json": true}
	}
	last := node
	for _, a := range args {
		last.Next = &parser.Node{Value: a}
		last = last.Next
	}
	_, err := typed(node)
	return err
}

// Nearest is the option that is at most two changes away from s. Among equals, one with the same
// first letter wins: people seldom miss that one.
func Nearest(s string, options []string) string {
	best, distance := "", 3
	if len(s) > 100 {
		return ""
	}
	for _, o := range options {
		d := levenshtein.Distance(s, o, nil)
		if d == 2 && swapped(s, o) {
			d = 1 // the commonest slip of all
		}
		if d > 0 && (d < distance || d == distance && best != "" && best[0] != s[0] && o[0] == s[0]) {
			best, distance = o, d
		}
	}
	return best
}

// swapped reports whether the words differ by two neighbouring letters that changed places.
func swapped(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i+1 < len(a); i++ {
		if a[i] != b[i] {
			return a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
		}
	}
	return false
}

// FirstLine cuts a span of the instruction's Text at the end of its first line.
func (in *Instruction) FirstLine(span text.Span) text.Span {
	s := span.Of(in.Text)
	if n := strings.IndexAny(s, "\r\n"); n >= 0 {
		s = s[:n]
	}
	s = strings.TrimRight(s, " \t")
	return text.Span{Start: span.Start, End: span.Start + len(s)}
}

// hint is BuildKit's suggestion. It is chosen in random order among equals, so it is left out.
var hint = regexp.MustCompile(` \(did you mean .*\?\)$`)

// maxQuoted is how much of a text a message repeats: a word may be very long.
const maxQuoted = 300

// clean is BuildKit's message without places, which the tree knows better.
func clean(err error) string {
	return words.Shorten(hint.ReplaceAllString(inner(err).Error(), ""), maxQuoted)
}

// fileErrors are the errors of the file as a whole.
func (f *File) fileErrors() []Error {
	if tooLarge(f.Src) {
		return []Error{{Rule: SyntaxError, Message: fmt.Sprintf("the file has more than %d lines or %d MiB, and is not checked", MaxLines, maxSize>>20)}}
	}
	errs := slices.Clone(f.header.errors)
	for at := f.starts[len(f.starts)-1]; at < len(f.Src); {
		end := lineEnd(f.Src, at)
		if isTooLong(f.Src, at, end) {
			errs = append(errs, Error{Span: text.Span{Start: at, End: at + len(trimNewline(f.Src[at:end]))}, Rule: SyntaxError,
				Message: fmt.Sprintf("this line is longer than the %d bytes that BuildKit reads", maxLine-1)})
			break
		}
		at = end
	}
	if f.CustomFrontend() {
		return errs
	}
	if len(f.Instructions) == 0 {
		return append(errs, Error{Rule: SyntaxError, Message: "The file has no instructions yet."})
	}
	first := slices.IndexFunc(f.Instructions, func(in *Instruction) bool { return in.Name == "FROM" })
	if first < 0 {
		in := f.Instructions[0]
		return append(errs, Error{Span: in.FirstLine(in.Keyword).Shift(f.starts[0]), Rule: SyntaxError,
			Message: "The file has no FROM: there is no stage to build."})
	}
	for i, in := range f.Instructions[:first] {
		if in.known() && in.Name != "ARG" {
			errs = append(errs, Error{Span: in.FirstLine(in.Keyword).Shift(f.starts[i]), Rule: SyntaxError,
				Message: in.Name + " must come after FROM."})
		}
	}
	return errs
}
