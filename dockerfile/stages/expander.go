package stages

import (
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/syntax"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Expander is who replaces a variable by its value.
type Expander int

const (
	Unclear        Expander = iota // it cannot be told, as where a program that a step starts may do it
	Nobody                         // the text stays as it is: quotes, escapes, and the exec form
	Builder                        // BuildKit, before the step: every ARG and ENV in effect
	BuildShell                     // the shell of a RUN: the same, and what the script itself sets
	ContainerShell                 // the shell that starts in the container: only ENV is left of the build
)

// ExpanderAt says who replaces a variable whose $ stands at an offset of the instruction's Text.
func (s *Step) ExpanderAt(offset int) Expander {
	in := s.Instr
	for _, f := range in.Flags {
		if f.Span.Contains(offset) {
			return s.inFlag(f.Name.Of(in.Text), f.Span, offset)
		}
	}
	for _, h := range in.Heredocs {
		if h.Content.Contains(offset) {
			return s.inHeredoc(h.Expand, h.Content, offset)
		}
	}
	switch in.Name {
	case "RUN":
		return s.inCommand(BuildShell, in.JSON, offset)
	case "CMD", "ENTRYPOINT":
		return s.inCommand(ContainerShell, in.JSON, offset)
	case "HEALTHCHECK":
		c, ok := in.Cmd().(*instructions.HealthCheckCommand)
		exec := ok && c.Health != nil && len(c.Health.Test) > 0 && c.Health.Test[0] == "CMD"
		return s.inCommand(ContainerShell, exec, offset)
	case "ONBUILD":
		return Unclear // another build decides
	}
	for _, w := range s.expanded() {
		if w.span.Contains(offset) && !w.from {
			return s.unlessQuoted(Builder, w.span, offset, s.escape)
		}
	}
	return Nobody
}

// inFlag is for options: BuildKit expands those of COPY, ADD and FROM that expanded lists, and mounts.
func (s *Step) inFlag(name string, span text.Span, offset int) Expander {
	if s.Instr.Name == "RUN" && name == "mount" ||
		slices.ContainsFunc(s.expanded(), func(w word) bool { return w.span == span && !w.from }) {
		return s.unlessQuoted(Builder, span, offset, s.escape)
	}
	return Nobody
}

func (s *Step) inHeredoc(expand bool, content text.Span, offset int) Expander {
	switch {
	case s.Instr.Name == "RUN" && len(s.Instr.Words) == 1: // a script for the shell, whatever its end is called
		return s.inCommand(BuildShell, false, offset)
	case !expand:
		return Nobody
	case s.Instr.Name == "RUN":
		return unlessEscaped(BuildShell, s.Instr.Text, content, offset)
	}
	return unlessEscaped(Builder, s.Instr.Text, content, offset)
}

// inCommand is for what a shell runs, or, in the exec form, nobody reads before the program does.
func (s *Step) inCommand(shell Expander, exec bool, offset int) Expander {
	in := s.Instr
	if exec {
		if startsShell(s) {
			return Unclear // of the script that it is given, the quotes are those of JSON too
		}
		return Nobody
	}
	if len(s.Shell) > 0 && !shells[path.Base(s.Shell[0])] {
		return Unclear // cmd and PowerShell have other rules
	}
	span := in.Args
	for _, h := range in.Heredocs {
		if h.Content.Contains(offset) {
			span = h.Content
		}
	}
	if quoted := s.unlessQuoted(shell, span, offset, '\\'); quoted != Nobody {
		return quoted
	}
	if offset > 0 && in.Text[offset-1] == '\\' {
		return Nobody
	}
	return Unclear // in quotes that another shell, awk or the like may read
}

var shells = map[string]bool{"sh": true, "bash": true, "ash": true, "dash": true, "zsh": true, "ksh": true, "busybox": true}

// startsShell reports whether an exec form starts a shell, which may expand what it is given.
func startsShell(s *Step) bool {
	return slices.ContainsFunc(s.Instr.Words, func(w syntax.Word) bool { return shells[path.Base(strings.Trim(w.Text, `"`))] })
}

// unlessQuoted is who, if the $ stands outside of single quotes and is not escaped.
func (s *Step) unlessQuoted(who Expander, span text.Span, offset int, escape byte) Expander {
	src := s.Instr.Text
	shell := who != Builder
	single, double := false, false
	for i := span.Start; i < offset; i++ {
		if n := slices.IndexFunc(s.Instr.Inner, func(comment text.Span) bool { return comment.Contains(i) }); n >= 0 {
			i = s.Instr.Inner[n].End // between continuation lines, where it is no part of the text
			continue
		}
		switch c := src[i]; {
		case c == '\'' && !double:
			single = !single
		case single:
		case c == '"':
			double = !double
		case c == escape:
			if i++; i == offset {
				return Nobody
			}
		case shell && c == '#' && !double && (i == span.Start || strings.IndexByte(" \t\n;", src[i-1]) >= 0):
			end := strings.IndexByte(src[i:offset], '\n')
			if end < 0 {
				return Nobody
			}
			i += end
		}
	}
	if single {
		return Nobody
	}
	return who
}

// unlessEscaped is who, in the body of a here-document, where quotes mean nothing.
func unlessEscaped(who Expander, src string, span text.Span, offset int) Expander {
	escapes := 0
	for i := offset - 1; i >= span.Start && src[i] == '\\'; i-- {
		escapes++
	}
	if escapes%2 == 1 {
		return Nobody
	}
	return who
}
