package occurrences

import (
	"path"
	"strings"

	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"
)

// run reads the mounts of a RUN and what it runs.
func (s *scanner) run(l line, list []piece) {
	for _, f := range l.in.Flags {
		if f.Name.Of(l.in.Text) == "mount" && f.HasValue {
			s.mount(l.of(f.Value).flag(s.escape))
		}
	}
	if len(l.in.Heredocs) > 0 && len(l.in.Words) == 1 {
		return // its body is the script
	}
	s.command(l, list, l.in.Args, l.in.JSON, BuildShell)
}

// mount reads key=value,… with the quotes of CSV. BuildKit expands the values, but not that of from.
func (s *scanner) mount(p piece) {
	for start := 0; start <= len(p.text); {
		end := start
		for quoted := false; end < len(p.text) && (quoted || p.text[end] != ','); end++ {
			if p.text[end] == '"' {
				quoted = !quoted
			}
		}
		field := p.sub(start, end).unquoted()
		if key, _, ok := strings.Cut(field.text, "="); ok {
			value := field.sub(len(key)+1, len(field.text))
			switch strings.ToLower(key) {
			case "from":
				s.stage(value, InMount)
				s.untouched(value)
			case "source", "src":
				s.expand(value)
				s.add(Occurrence{Kind: Path, Place: InSource, Name: value.text, Span: value.span(0, len(value.text))})
			case "target", "dst", "destination":
				s.expand(value)
				s.add(Occurrence{Kind: Path, Place: InTarget, Name: value.text, Span: value.span(0, len(value.text))})
			default:
				s.expand(value)
			}
		}
		start = end + 1
	}
}

// documents reads here-documents of a piece of in's Text, by the instruction that they belong to. alone says that
// there is nothing beside them, so that a RUN runs them.
func (s *scanner) documents(in *syntax.Instruction, docs []syntax.Heredoc, name string, alone bool) {
	if name == "ONBUILD" {
		return
	}
	for n, h := range docs {
		if op := wordOf(in.Text, h); op.Len() > 0 {
			s.add(Occurrence{Kind: Heredoc, Defines: true, Name: h.Name, Span: op, Pair: n})
		}
		if h.End.Len() > 0 {
			s.add(Occurrence{Kind: Heredoc, Name: h.Name, Span: h.End, Pair: n})
		}
		p := plain(in.Text, h.Content)
		switch {
		case name == "RUN" && alone:
			if s.runsIn(p.text) {
				s.script(p, BuildShell)
			}
		case !h.Expand:
			s.untouched(p)
		case strings.IndexByte(p.text, '$') < 0:
		case name == "RUN":
			if s.posix && len(p.text) <= maxScript {
				x := script{s: s, p: p, by: BuildShell}
				x.lines(0, len(p.text))
			}
		default:
			w := words{s: s, p: p, escape: '\\'}
			w.until(0, 0)
		}
	}
}

// runsIn reports whether the body of RUN <<EOF is run by a shell like sh: that in effect, or the one that its
// first line names.
func (s *scanner) runsIn(body string) bool {
	line, isScript := strings.CutPrefix(body, "#!")
	if !isScript {
		return s.posix
	}
	line, _, _ = strings.Cut(line, "\n")
	for _, word := range strings.Fields(line) {
		if name := path.Base(word); name != "env" && !strings.HasPrefix(word, "-") {
			return shell.IsShellName(name)
		}
	}
	return false
}

// plain is a part of a text as it stands there.
func plain(src string, span text.Span) piece {
	return piece{span.Of(src), func(i int) int { return span.Start + i }}
}

// wordOf is where the word of a here-document stands in its operator, without the quotes around all of it.
func wordOf(src string, h syntax.Heredoc) text.Span {
	op := plain(src, h.Op)
	n := strings.Index(op.text, "<<")
	if n < 0 {
		return text.Span{}
	}
	n += 2
	if n < len(op.text) && op.text[n] == '-' {
		n++
	}
	op = op.sub(n, len(op.text)).trim().unquoted()
	return op.span(0, len(op.text))
}

// trigger reads the instruction that an ONBUILD holds.
func (s *scanner) trigger(l line) {
	outer := l.of(l.in.Args)
	head := ""
	if s.escape == '`' {
		head = "# escape=`\n"
	}
	f := syntax.Parse(head + outer.text)
	if len(f.Instructions) == 0 || f.Instructions[0].Name == "ONBUILD" || f.Instructions[0].Name == "FROM" {
		return
	}
	in := f.Instructions[0]
	joined := in.Joined()
	s.onbuild = true
	s.instruction(in, piece{joined.Line, func(i int) int { return outer.at(f.Start(0) + joined.At(i) - len(head)) }})
	s.documents(l.in, l.in.Heredocs, in.Name, len(in.Words) == 1)
	s.onbuild = false
}
