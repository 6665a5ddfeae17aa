package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file holds the two fixes of rm-in-later-layer.

// joinWriter makes one RUN of the one that writes and the one that removes. It is safe if that one does
// nothing else, for else a change of it would write everything anew.
func joinWriter(p *diagnostics.Pass, writer, s *stages.Step) []diagnostics.Fix {
	edit, ok := p.JoinRuns(writer, s)
	if !ok {
		return nil
	}
	fix := diagnostics.Fix{Title: "Join this RUN with the one that writes it", Safety: diagnostics.Safe, Edits: []diagnostics.FileEdit{edit}}
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		if os, isOS := c.OSPackages(); len(c.Removes()) == 0 && !(isOS && (os.Remove || os.Clean)) {
			fix.Safety = diagnostics.Suggested
			fix.Title += " (check first: changing either part then reruns both)"
			break
		}
	}
	return []diagnostics.Fix{fix}
}

// mountInstead drops the COPY of files that one RUN uses and a command removes, and mounts them. It is
// offered where that RUN names them, and nothing else runs between the COPY and the removal.
func mountInstead(p *diagnostics.Pass, s *stages.Step, rm *shell.Command, gone []written) []diagnostics.Fix {
	writer := gone[0].step
	c, ok := copies.Of(writer)
	if !ok || c.Add || writer.Stage != s.Stage || len(writer.Instr.Flags) > 0 || len(c.Sources) != len(gone) || !shell.Plain(s.Instr, s.Shell) {
		return nil
	}
	for _, w := range rm.Words[1:] {
		if !strings.HasPrefix(w.Text, "-") && !slices.ContainsFunc(gone, func(g written) bool {
			return namesPath(s, rm, w, g.path)
		}) {
			return nil // it removes other things too
		}
	}
	commands := shell.Commands(s.Instr, s.Shell)
	if commands[len(commands)-1] != rm {
		return nil
	}
	user := s
	if len(commands) == 1 {
		user = nil
	}
	for _, between := range s.Stage.Steps[writer.N+1 : s.N] {
		switch {
		case between.Instr.Name != "RUN":
		case user != nil:
			return nil
		default:
			user = between
		}
	}
	if user == nil {
		return nil
	}
	removal := []*shell.Command{}
	if user == s {
		removal = append(removal, rm)
	}
	verdict := moves.Judge{Context: p.Context()}.MountInstead(c, user, removal...)
	if verdict.Answer == moves.Never {
		return nil
	}
	change := p.Change()
	change.MoveComments(writer, user)
	change.Remove(writer, rewrite.DropComments)
	if user == s {
		change.DropCommand(s, rm)
	} else {
		change.MoveComments(s, user)
		change.Remove(s, rewrite.DropComments)
	}
	for i, w := range gone {
		source := c.Sources[i]
		if strings.ContainsAny(source+w.path, " \t,\"'$\\`") || !strings.Contains(user.Instr.Text, path.Base(w.path)) && !strings.Contains(user.Instr.Text, path.Dir(w.path)+"/*") {
			return nil
		}
		change.AddFlag(user, "--mount=type=bind,source="+source+",target="+w.path)
	}
	edit, err := change.Edit()
	if err != nil {
		return nil
	}
	title := "Mount " + andMore(c.Sources) + " instead of copying " + words.For(len(c.Sources), "it", "them")
	if verdict.Answer == moves.Doubtful {
		title += " (check first: " + verdict.Why + ")"
	}
	return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{edit}}}
}

// andMore are a few names, or the first of many and how many more there are.
func andMore(names []string) string {
	if len(names) > 2 {
		return words.Some(names)
	}
	return strings.Join(names, " and ")
}
