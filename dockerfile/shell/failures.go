package shell

import (
	"slices"
	"strings"

	"layerwise/dockerfile/syntax"
)

// This file answers what becomes of a command that fails.

// OnlyPrints reports whether the command prints its words, or what the system is, so that it has no reason to fail:
// echo, printf, yes.
func (c *Command) OnlyPrints() bool { return c.is(printer) }

// HarmlessToFail reports whether it makes no difference to what follows if the command fails, or it cannot: it prints,
// sets options or a variable of the shell, or waits.
func (c *Command) HarmlessToFail() bool {
	return len(c.Words) == 0 && len(c.Redirects) == 0 || c.is(succeeds|printer|optionSetter|forLater|waiter)
}

// StopsAtFailure reports whether the script ends at the first command that fails, from its first own command on: by the
// SHELL that runs it, by the #! line of a here-document, or by set -e in front.
func (s *Script) StopsAtFailure(shell []string) bool {
	if s.Errexit || Errexit(shell) {
		return true
	}
	for _, c := range s.Commands {
		switch {
		case c.is(optionSetter) && setsErrexit(c):
			return true
		case !c.HarmlessToFail():
			return false
		}
	}
	return false
}

// FailureShows reports whether the script fails in the end if the command does, although it goes on: what decides the script's
// result surely fails then, too. Updated lists of packages come before an install, and a user before what names it.
func (s *Script) FailureShows(c *Command) bool {
	last := len(s.List) - 1
	for _, part := range s.Chain(last) {
		if part.Negated || part.Background || part.Op == "||" {
			return false
		}
		for _, d := range s.In(part) {
			if d.Pipe == 0 && d != c && d.failsWithout(c) {
				return true
			}
		}
	}
	return false
}

// failsWithout reports whether the command fails where an earlier one has failed: it installs packages of the system, whose
// lists the other was to fetch, since images come without any; or it names the user or group that the other was to make.
func (c *Command) failsWithout(earlier *Command) bool {
	if lists, ok := earlier.OSPackages(); ok {
		os, ok := c.OSPackages()
		return ok && lists.Refresh && !lists.Install && os.Install && os.Manager == lists.Manager
	}
	made := earlier.Operands()
	if !earlier.is(accounts) || !c.is(accounts) || len(made) != 1 || !made[0].Literal {
		return false // two operands are a user and a group that it joins
	}
	return slices.ContainsFunc(c.Words[1:], func(w Word) bool {
		return slices.Contains(strings.FieldsFunc(w.Text, func(r rune) bool { return r == ',' || r == ':' || r == '=' }), made[0].Text)
	})
}

// Traps reports whether the script says itself what happens at its end, or when a command fails: trap.
func (s *Script) Traps() bool {
	for _, c := range s.Commands {
		if c.Effects().Shell&RunsAtExit != 0 {
			return true
		}
	}
	return false
}

// Chain are the statements that run only as long as each succeeds, of which the nth is the last: a && b && c.
func (s *Script) Chain(n int) []*Statement {
	from := n
	for from > 0 && s.List[from].Op == "&&" {
		from--
	}
	return s.List[from : n+1]
}

// In are the commands of the script's top level that stand in the statement, without those in groups, loops and
// substitutions.
func (s *Script) In(part *Statement) (list []*Command) {
	for _, c := range s.Commands {
		if c.Top == part && c.Depth == 0 && !c.InSubst {
			list = append(list, c)
		}
	}
	return list
}

// IsInstall reports whether the command brings packages: of the system, by a manifest, or by their names.
func (c *Command) IsInstall() bool {
	if os, ok := c.OSPackages(); ok {
		return os.Install || os.Upgrade
	}
	inst, ok := c.Install()
	return ok && !inst.Build || !ok && c.Cost() == Packages
}

// SetsPipefail reports whether a pipe of the instruction fails if any of its commands does, as far as the SHELL or its own
// text says so.
func SetsPipefail(in *syntax.Instruction, shell []string) bool {
	return strings.Contains(in.Text, pipefail) || strings.Contains(strings.Join(shell, " "), pipefail)
}

const pipefail = "pipefail"
