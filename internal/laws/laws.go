// Package laws says what no safe fix may do, whichever rule it is of. Each law takes texts before and after,
// and says what is wrong; "" if nothing is.
package laws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Graph resolves a text as checks do, without build arguments.
func Graph(src string) *stages.Graph {
	return stages.Resolve(syntax.Parse(src), stages.Args{Image: images.Base}, nil)
}

// commands are the commands of a step: programs and words, in order, and how they are joined to those before
// them if that is not by && or a new line. Those that only change the shell are apart: a RUN that is
// divided has them twice.
func commands(s *stages.Step) (list, state []string) {
	for _, c := range shell.Of(s.Instr, s.Shell).Commands {
		var words []string
		for _, a := range c.Assigns {
			words = append(words, a.Name+"="+a.Value.Text)
		}
		for _, w := range c.Words {
			words = append(words, w.Text)
		}
		for _, r := range c.Redirects {
			words = append(words, r.Op+r.Target.Text)
		}
		text := strings.Join(words, " ")
		if c.Negated {
			text = "! " + text
		}
		if c.Op == "||" || c.Op == "|" || c.Op == "&" {
			text = c.Op + " " + text
		}
		if c.Depth == 0 && (c.Effects().Shell != 0 || len(c.Words) == 0) {
			state = append(state, text)
		} else {
			list = append(list, text)
		}
	}
	return list, state
}

// Commands are the commands of a step, without those that only change the shell.
func Commands(s *stages.Step) []string {
	list, _ := commands(s)
	return list
}

// runs goes through the RUNs of a text.
func runs(src string, see func(s *stages.Step)) {
	g := Graph(src)
	for i := range g.File.Instructions {
		if s := g.StepAt(i); s.Stage != nil && s.Instr.Name == "RUN" {
			see(s)
		}
	}
}

// Conserved: a safe fix keeps all commands of all RUNs, in their order, and each RUN that could be read.
func Conserved(before, after string) string {
	all := func(src string) (list, state []string, unread int) {
		runs(src, func(s *stages.Step) {
			l, st := commands(s)
			for _, text := range l {
				list = append(list, fmt.Sprintf("stage %d: %s", s.Stage.Index, text))
			}
			state = append(state, st...)
			if shell.Of(s.Instr, s.Shell).Partial {
				unread++
			}
		})
		return list, state, unread
	}
	was, wasState, wasUnread := all(before)
	is, isState, isUnread := all(after)
	if !slices.Equal(was, is) {
		return fmt.Sprintf("the commands were\n\t%s\nand are\n\t%s", strings.Join(was, "\n\t"), strings.Join(is, "\n\t"))
	}
	if gone := Missing(wasState, isState); len(gone) > 0 {
		return fmt.Sprintf("lost is %q", gone)
	}
	if isUnread > wasUnread {
		return "a RUN cannot be read any more"
	}
	return ""
}

// Missing are the texts of the first list that the second has not, or not as often.
func Missing(list, in []string) (missing []string) {
	left := map[string]int{}
	for _, text := range in {
		left[text]++
	}
	for _, text := range list {
		if left[text]--; left[text] < 0 {
			missing = append(missing, text)
		}
	}
	return missing
}

// Check finds what is wrong in a text; see golden.Check.
type Check = func(src string, changed map[string]string) []diagnostics.Diagnostic

// Mended: the safe fixes leave no finding that had a safe fix, nor any safe fix. A finding is known again by
// what it says, but for numbers, by its stage and its instruction, and by the text of the lines that it names: one
// that names two mistakes, of which one was mended, is another one, and so is one that says the same of another
// definition, or of another RUN below it.
func Mended(src string, check Check) string {
	kinds := func(src string, found []diagnostics.Diagnostic) (without map[string]int, safe []string) {
		without = map[string]int{}
		for i := range found {
			kind := digits.ReplaceAllString(found[i].Rule.Name+": "+found[i].Message, "") + of(found[i].Step()) + linesOf(src, found[i].Message)
			if Safe(&found[i]) == nil {
				without[kind]++
			} else {
				safe = append(safe, kind)
			}
		}
		return without, safe
	}
	before, had := kinds(src, check(src, nil))
	fixed := diagnostics.FixAll(src, false, check)
	after, safe := kinds(fixed.Src, check(fixed.Src, fixed.Files))
	if len(safe) > 0 {
		return fmt.Sprintf("still there, with a safe fix: %q", safe)
	}
	for _, kind := range had {
		if after[kind] > before[kind] {
			return fmt.Sprintf("still there, though it had a safe fix: %s", kind)
		}
	}
	return ""
}

// linesOf is the text of the lines that a message names, as fixes leave them.
func linesOf(src, message string) (text string) {
	lines := strings.Split(src, "\n")
	for _, m := range aLine.FindAllStringSubmatch(message, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && 0 < n && n <= len(lines) {
			text += fmt.Sprintf(" (%s)", strings.TrimSpace(lines[n-1]))
		}
	}
	return text
}

var aLine = regexp.MustCompile(`\bline ([0-9]+)\b`)

// of names the step that a finding is about, if there is one, as fixes leave it.
func of(s *stages.Step) string {
	if s == nil || s.Stage == nil {
		return ""
	}
	return fmt.Sprintf(" (stage %d: %s)", s.Stage.Index, s.Instr.Joined().Line)
}

var digits = regexp.MustCompile(`[0-9]+`)

// Safe is the safe fix that --fix would apply to a finding; nil if there is none.
func Safe(d *diagnostics.Diagnostic) *diagnostics.Fix {
	for _, f := range d.Fixes() {
		if f.Safety == diagnostics.Safe {
			return &f
		}
	}
	return nil
}

// SameLines: the fixed text does not depend on how lines end, nor on whether the last one does.
func SameLines(src string, check Check) string {
	plain := func(s string) string { return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n") }
	lf := strings.ReplaceAll(src, "\r\n", "\n")
	want := diagnostics.FixAll(lf, false, check)
	for name, other := range map[string]string{"with CRLF": strings.ReplaceAll(lf, "\n", "\r\n"), "without the final newline": strings.TrimRight(lf, "\n"), "with CRLF, but the last line": strings.ReplaceAll(strings.TrimRight(lf, "\n"), "\n", "\r\n")} {
		got := diagnostics.FixAll(other, false, check)
		if plain(got.Src) != plain(want.Src) || !maps.Equal(got.Files, want.Files) {
			return fmt.Sprintf("%s the fixed text is\n%q %q\notherwise\n%q %q", name, got.Src, got.Files, want.Src, want.Files)
		}
		if n := strings.Count(got.Src, "\r\n"); strings.Contains(other, "\r\n") && strings.Count(got.Src, "\n") != n {
			return fmt.Sprintf("%s the fixed text has other line ends, too:\n%q", name, got.Src)
		}
	}
	return ""
}
