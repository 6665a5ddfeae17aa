package occurrences

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// In are the names that stand in an instruction, in the order of their places, with the escape character of the
// file and the SHELL in effect. They are kept with the instruction, and not the caller's to change.
func In(in *syntax.Instruction, escape byte, sh []string) []Occurrence {
	key := scanKey{escape, len(sh) == 0 || shell.IsShellName(sh[0])}
	return in.Memo(key, func() any {
		s := &scanner{escape: escape, posix: key.posix}
		s.instruction(in, whole(in))
		s.documents(in, in.Heredocs, in.Name, len(in.Words) == 1) // of an ONBUILD, its trigger has read them
		slices.SortStableFunc(s.found, func(a, b Occurrence) int { return a.Span.Start - b.Span.Start })
		return slices.Clip(s.found)
	}).([]Occurrence)
}

type scanKey struct {
	escape byte
	posix  bool // the shell reads scripts as sh does
}

// whole is the logical line of an instruction.
func whole(in *syntax.Instruction) piece {
	joined := in.Joined()
	return piece{joined.Line, joined.At}
}

// scanner collects the names of an instruction.
type scanner struct {
	escape  byte
	posix   bool
	onbuild bool
	found   []Occurrence
}

func (s *scanner) add(o Occurrence) {
	o.Onbuild = s.onbuild
	s.found = append(s.found, o)
}

// variable notes the use of a variable.
func (s *scanner) variable(p piece, start, end int, by Expander) {
	s.add(Occurrence{Kind: Variable, By: by, Name: p.text[start:end], Span: p.span(start, end)})
}

// untouched notes what looks like variables in a text that nobody expands.
func (s *scanner) untouched(p piece) {
	for i := 0; i < len(p.text); {
		n := strings.IndexByte(p.text[i:], '$')
		if n < 0 {
			return
		}
		i = s.escaped(p, i+n)
	}
}

// escaped notes what looks like a variable where the $ at i is only a character. It is the place after it.
func (s *scanner) escaped(p piece, i int) int {
	if i >= len(p.text) || p.text[i] != '$' {
		return i
	}
	i++
	if i < len(p.text) && p.text[i] == '{' {
		i++
	}
	end := nameEnd(p.text, i)
	if end > i {
		s.variable(p, i, end, Nobody)
	}
	return end
}

// expand notes the variables of a word that BuildKit expands.
func (s *scanner) expand(p piece) {
	if strings.IndexByte(p.text, '$') >= 0 {
		w := words{s: s, p: p, escape: s.escape, quotes: true}
		w.until(0, 0)
	}
}

// line finds the pieces of an instruction whose logical line is known.
type line struct {
	in *syntax.Instruction
	p  piece
}

func (l line) of(span text.Span) piece {
	joined := l.in.Joined()
	if span.Len() == 0 {
		at := joined.Index(span.Start)
		return l.p.sub(at, at)
	}
	start := joined.Index(span.Start)
	return l.p.sub(start, max(start, joined.Index(span.End-1)+1))
}

// instruction notes the names of an instruction. p is its logical line, with its places in the text that is
// scanned.
func (s *scanner) instruction(in *syntax.Instruction, p piece) {
	l := line{in, p}
	list := make([]piece, 0, len(in.Words))
	operators := map[int]bool{}
	for i, w := range in.Words {
		word := l.of(w.Span)
		if in.JSON {
			word = word.decoded()
		}
		if slices.ContainsFunc(in.Heredocs, func(h syntax.Heredoc) bool { return h.Op == w.Span }) {
			operators[i] = true
		}
		list = append(list, word)
	}
	switch in.Name {
	case "FROM":
		s.from(l, list)
	case "ARG":
		for i, w := range list {
			s.pair(w, i, false)
		}
	case "ENV":
		s.env(list)
	case "LABEL":
		for _, w := range list {
			s.expand(w)
		}
	case "COPY", "ADD":
		s.copyFlags(l)
		s.copyPaths(l, list, operators)
	case "RUN":
		s.run(l, list)
	case "CMD", "ENTRYPOINT":
		s.command(l, list, in.Args, in.JSON, ContainerShell)
	case "HEALTHCHECK":
		s.healthcheck(l, list)
	case "WORKDIR", "VOLUME":
		for _, w := range list {
			s.expand(w)
			s.add(Occurrence{Kind: Path, Place: InTarget, Name: w.text, Span: w.span(0, len(w.text))})
		}
	case "EXPOSE", "STOPSIGNAL":
		for _, w := range list {
			s.expand(w)
		}
	case "USER":
		for _, w := range list {
			s.expand(w)
			s.users(w)
		}
	case "MAINTAINER", "SHELL":
		for _, w := range list {
			s.untouched(w)
		}
	case "ONBUILD":
		s.trigger(l)
	}
}

func (s *scanner) from(l line, list []piece) {
	for _, f := range l.in.Flags {
		if f.Name.Of(l.in.Text) == "platform" {
			s.expand(l.of(f.Value).flag(s.escape))
		}
	}
	if len(list) > 0 {
		if strings.IndexByte(list[0].text, '$') >= 0 {
			s.expand(list[0])
		} else {
			s.stage(list[0].unquoted(), InFrom)
		}
	}
	if len(list) > 2 && strings.EqualFold(list[1].text, "as") {
		w := list[2]
		s.add(Occurrence{Kind: Stage, Defines: true, Name: strings.ToLower(w.text), Span: w.span(0, len(w.text))})
	}
}

// stage notes the use of a stage, or of an image.
func (s *scanner) stage(w piece, place Place) {
	if w.text != "" {
		s.add(Occurrence{Kind: Stage, Place: place, Name: w.text, Span: w.span(0, len(w.text))})
	}
}

// env reads the pairs of ENV, or its form without "=", which has one pair in two words.
func (s *scanner) env(list []piece) {
	if len(list) > 0 && strings.IndexByte(list[0].text, '=') < 0 {
		s.name(list[0], 0, true, true)
		for _, w := range list[1:] {
			s.expand(w)
		}
		return
	}
	for i, w := range list {
		s.pair(w, i, true)
	}
}

// pair reads name=value. What ARG and ENV are given without "=" is a name.
func (s *scanner) pair(w piece, n int, env bool) {
	name, _, ok := strings.Cut(w.text, "=")
	s.name(w.sub(0, len(name)), n, env, ok)
	if ok {
		s.expand(w.sub(len(name)+1, len(w.text)))
	}
}

// name notes the definition of a variable. A name that is made of variables defines none that is known.
func (s *scanner) name(w piece, n int, env, value bool) {
	if env {
		s.expand(w)
	}
	w = w.unquoted()
	if w.text == "" || strings.ContainsAny(w.text, "$'\"\\") {
		return
	}
	s.add(Occurrence{Kind: Variable, Defines: true, Env: env, Default: value, By: Builder, Name: w.text, Span: w.span(0, len(w.text)), Pair: n})
}

func (s *scanner) copyFlags(l line) {
	for _, f := range l.in.Flags {
		value := l.of(f.Value).flag(s.escape)
		switch f.Name.Of(l.in.Text) {
		case "from":
			if l.in.Name == "COPY" {
				s.stage(value, InCopy)
				s.untouched(value)
			}
		case "chown":
			s.expand(value)
			s.users(value)
		case "chmod":
			s.expand(value)
		case "checksum":
			if l.in.Name == "ADD" {
				s.expand(value)
			}
		}
	}
}

// copyPaths reads what COPY and ADD take, and where it goes: the last one.
func (s *scanner) copyPaths(l line, list []piece, operators map[int]bool) {
	for i, w := range list {
		if operators[i] {
			continue
		}
		s.expand(w)
		place := InSource
		if i > 0 && i == len(list)-1 {
			place = InTarget
		}
		s.add(Occurrence{Kind: Path, Place: place, Name: w.text, Span: w.span(0, len(w.text))})
	}
}

// users reads user[:group].
func (s *scanner) users(w piece) {
	if strings.IndexByte(w.text, '$') >= 0 {
		return
	}
	w = w.unquoted()
	user, group, _ := strings.Cut(w.text, ":")
	if user != "" {
		s.add(Occurrence{Kind: User, Name: user, Span: w.span(0, len(user))})
	}
	if group != "" {
		s.add(Occurrence{Kind: User, Group: true, Name: group, Span: w.span(len(user)+1, len(w.text))})
	}
}

func (s *scanner) healthcheck(l line, list []piece) {
	if len(list) == 0 || !strings.EqualFold(list[0].text, "CMD") {
		return
	}
	for _, f := range l.in.Flags {
		s.untouched(l.of(f.Value))
	}
	args := l.in.Args
	args.Start = l.in.Words[0].Span.End
	s.command(l, list[1:], args, l.in.JSON, ContainerShell)
}

// command reads what a shell runs, or, in the exec form, a program, which may be a shell.
func (s *scanner) command(l line, list []piece, args text.Span, exec bool, by Expander) {
	if !exec {
		if s.posix && args.Len() > 0 {
			s.script(l.of(args), by)
		}
		return
	}
	if len(list) < 3 || !shell.IsShellName(path.Base(list[0].text)) {
		for _, w := range list {
			s.untouched(w)
		}
		return
	}
	for i, w := range list[1 : len(list)-1] {
		if strings.HasPrefix(w.text, "-") && strings.HasSuffix(w.text, "c") {
			s.script(list[i+2], by)
			return
		}
	}
}

func (s *scanner) script(p piece, by Expander) {
	if len(p.text) <= maxScript {
		x := script{s: s, p: p, by: by}
		x.list(0, 0)
	}
}

// maxScript bounds the bytes of a script that is read.
const maxScript = 256 << 10
