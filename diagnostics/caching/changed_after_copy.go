package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// These two rules find files that a COPY brings and a RUN gives to another owner, or other permissions: each of them is
// then in two layers.

var chownAfterCopy = &diagnostics.Rule{
	Name:       "chown-after-copy",
	Code:       "C24",
	Severity:   diagnostics.Warning,
	Production: true,
	Stage:      func(p *diagnostics.Pass) { checkChanged(p, "chown") },
}

var chmodAfterCopy = &diagnostics.Rule{
	Name:       "chmod-after-copy",
	Code:       "C25",
	Severity:   diagnostics.Info,
	Production: true,
	Yields:     []string{"chown-after-copy", "world-writable-permissions"}, // no advice to set a mode that is a mistake
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"prefer-copy-chmod"}},
	Stage:      func(p *diagnostics.Pass) { checkChanged(p, "chmod") },
}

// change is a command that changes what a COPY could have set.
type change struct {
	flag  string // of COPY
	value shell.Word
	files []shell.Word
	cmd   *shell.Command
}

type changeKey struct{}

func checkChanged(p *diagnostics.Pass, flag string) {
	var above []*stages.Step
	exported := false
	for _, seen := range p.See(changeKey{}, copiesOrChanges) {
		list, isRun := seen.What.([]change)
		if !isRun {
			if seen.What == true {
				above = append(above, seen.Step)
			}
			continue
		}
		if len(above) == 0 {
			continue
		}
		if exported = exported || p.Exported(); !exported {
			return
		}
		for _, c := range list {
			if c.flag != flag {
				continue
			}
			for _, s := range above[max(0, len(above)-copies.MaxWhole):] {
				if name, ok := changes(s, seen.Step, c); ok {
					report(p, s, seen.Step, together(s, seen.Step, c, list), name)
					break
				}
			}
		}
	}
}

// copiesOrChanges is true for a COPY, a list of changes for a RUN that makes some, or nil.
func copiesOrChanges(s *stages.Step) any {
	if s.Instr.Name == "COPY" || s.Instr.Name == "ADD" {
		return true
	}
	if s.Instr.Name != "RUN" {
		return nil
	}
	var list []change
	for _, cmd := range shell.Of(s.Instr, s.Shell).Commands {
		if cmd.Depth > 0 {
			continue
		}
		if mode, files, ok := cmd.SetsMode(); ok {
			list = append(list, change{flag: "chmod", value: mode, files: files, cmd: cmd})
		}
		if owner, files, ok := cmd.GivesFiles(); ok && cmd.MakesNothing() {
			list = append(list, change{flag: "chown", value: owner, files: files, cmd: cmd})
		}
	}
	if list == nil {
		return nil
	}
	return list
}

// together are the change and that of the other flag, if the RUN makes both of what the step copies: it stores the files once, so
// one finding tells of both.
func together(s, run *stages.Step, c change, list []change) []change {
	for _, other := range list {
		if _, ok := changes(s, run, other); ok && other.flag != c.flag {
			return []change{c, other}
		}
	}
	return []change{c}
}

// changes is the path whose files the command changes, if it surely changes what the step copies.
func changes(s, run *stages.Step, c change) (name string, ok bool) {
	dest, known := destOf(s)
	if !known || hasFlag(s, c.flag) || strings.HasPrefix(c.value.Text, ":") {
		return "", false
	}
	dir := copies.DirOf(run.Workdir)
	if c.cmd.Dir != "" {
		dir = path.Join(dir, c.cmd.Dir)
		if path.IsAbs(c.cmd.Dir) {
			dir = path.Clean(c.cmd.Dir)
		}
	}
	for _, w := range c.files {
		name := w.Text
		if !w.Literal || strings.ContainsAny(name, "*?[~$") || strings.Contains(c.cmd.Dir, "$") {
			continue
		}
		if !path.IsAbs(name) {
			name = path.Join(dir, name)
		}
		name = path.Clean(name)
		recursive := c.cmd.Recursive()
		if landing, single := landingOf(s, dest); !(recursive && copies.Below(dest, name) || single && landing == name) || name == "/" {
			continue
		}
		return name, true
	}
	return "", false
}

// destOf is where the step copies to.
func destOf(s *stages.Step) (dest string, known bool) {
	word := ""
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		word = c.DestPath
	case *instructions.AddCommand:
		word = c.DestPath
	}
	to := s.Expand(word)
	at := s.Join(to.Text)
	return path.Clean(at.Text), word != "" && to.Known && at.Known
}

// landingOf is where the one file of the COPY arrives.
func landingOf(s *stages.Step, dest string) (string, bool) {
	if c, ok := copies.Of(s); ok && len(c.Sources) == 1 {
		return c.Landing(c.Sources[0])
	}
	return dest, false
}

func hasFlag(s *stages.Step, name string) bool {
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == name {
			return true
		}
	}
	return false
}

// small is how many bytes are not worth the time to change a line.
const small = 1 << 20

func report(p *diagnostics.Pass, s, run *stages.Step, list []change, name string) {
	what := "what line %d copies"
	c := list[0]
	span := c.cmd.Span
	if c.flag == "chmod" {
		if len(list) > 1 {
			span = text.Span{Start: min(span.Start, list[1].cmd.Span.Start), End: max(span.End, list[1].cmd.Span.End)} // it yields to that one
		}
		list = list[:1]
	}
	var phrases, flags []string
	for _, c := range list {
		phrases = append(phrases, words.Code(c.cmd.Phrase()))
		flags = append(flags, "--"+c.flag+"="+modeOf(c))
	}
	f := diagnostics.Finding{Step: run, Span: span, Related: []diagnostics.Related{{Step: s, Span: diagnostics.Line(s.Instr), Message: "the files come from here"}}}
	if own, ok := copies.Of(s); ok && p.Context() != nil && !p.ContextDoubted() {
		sel := own.Select(p.Context())
		if sel.Files == 0 {
			return
		}
		what = words.Count(sel.Files, "file") + " of line %d (" + words.Size(sel.Bytes) + ")"
		if sel.Bytes < small {
			f.Severity = diagnostics.Hint
			if to, _ := destOf(s); c.cmd.Recursive() && to != name {
				return // the command is there for more than these few bytes
			}
		}
	} else if own, ok := copies.Of(s); ok && len(own.Sources) == 1 && isOneFile(own.Sources[0]) {
		f.Severity = diagnostics.Hint
	} else {
		f.Severity = diagnostics.Info // who knows how much it is
	}
	advice := "set " + words.Code(strings.Join(flags, " ")) + " on that line instead"
	if c.flag == "chown" && makesUser(s, run) {
		advice = "create the user above that line, and " + advice
	}
	f.Message = func(p *diagnostics.Pass) string {
		return fmt.Sprintf("%s "+words.For(len(list), "stores ", "store ")+what+" a second time, in a layer of its own; "+advice, words.Alternatives(phrases, "and"), p.Line(s))
	}
	f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return setOnCopy(p, s, run, list, name, flags) }
	p.Report(f)
}

// isOneFile reports whether a source looks like a single file: its name has an extension.
func isOneFile(source string) bool {
	return path.Ext(strings.TrimPrefix(path.Base(source), ".")) != "" && !strings.ContainsAny(source, "*?[")
}

// between are the commands of the RUNs from the step to the RUN.
func between(s, run *stages.Step, each func(*stages.Step, *shell.Command) bool) bool {
	for _, next := range run.Stage.Steps[s.N+1 : run.N+1] {
		for _, cmd := range shell.Commands(next.Instr, next.Shell) {
			if next.Instr.Name == "RUN" && each(next, cmd) {
				return true
			}
		}
	}
	return false
}

func makesUser(s, run *stages.Step) bool {
	return between(s, run, func(_ *stages.Step, cmd *shell.Command) bool { return len(cmd.MakesUsers()) > 0 })
}

// nothingMade reports whether no other command makes or changes anything below the path.
func nothingMade(s, run *stages.Step, list []change, name string) bool {
	return !between(s, run, func(next *stages.Step, cmd *shell.Command) bool {
		return !slices.ContainsFunc(list, func(c change) bool { return c.cmd == cmd }) && !moves.LeavesAlone(next, cmd, name)
	})
}

var octal = lazy.New(`^0?[0-7]{3,4}$`)

// modeOf is the value for the flag of COPY; "…" if that depends on the files.
func modeOf(c change) string {
	if c.flag == "chown" || octal.MatchString(c.value.Text) {
		return c.value.Text
	}
	if strings.HasSuffix(c.value.Text, "+x") {
		return "755"
	}
	return "…"
}

// setOnCopy sets the flag, and removes the command, where nothing else is below the path.
func setOnCopy(p *diagnostics.Pass, s, run *stages.Step, list []change, name string, flags []string) []diagnostics.Fix {
	var phrases []string
	for _, c := range list {
		if of, ok := changes(s, run, c); !ok || of != name || len(c.files) != 1 || !c.value.Literal || hasFlag(s, "link") ||
			c.flag == "chmod" && !octal.MatchString(c.value.Text) && c.value.Text != "+x" && c.value.Text != "a+x" {
			return nil
		}
		phrases = append(phrases, words.Code(c.cmd.Phrase()))
	}
	for _, next := range run.Stage.Steps[s.N+1 : run.N+1] {
		if next.Instr.Name != "ADD" && next.Instr.Name != "COPY" {
			continue
		}
		if to, known := destOf(next); !known || copies.Below(to, name) || copies.Below(name, to) {
			return nil
		}
	}
	if !nothingMade(s, run, list, name) || makesUser(s, run) {
		return nil
	}
	edit := p.Change()
	for _, flag := range flags {
		edit.AddFlag(s, flag)
	}
	if commands := shell.Of(run.Instr, run.Shell).Commands; len(commands) == len(list) {
		edit.Remove(run, rewrite.DropComments)
	} else {
		for _, c := range list {
			edit.DropCommand(run, c.cmd)
		}
	}
	return suggest(edit.Edit, "Set "+words.Code(strings.Join(flags, " "))+" on the "+s.Instr.Name+", without "+words.Alternatives(phrases, "and")+" (check first: its folder keeps its own)")
}
