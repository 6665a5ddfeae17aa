package caching

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file holds the rules about what a broad COPY takes in needlessly. Without any ignore file one
// finding says it all; with one, each kind of thing that it forgets is a finding of its own. A rule
// speaks only of paths that exist in the build context.

var dockerignoreMissing = &diagnostics.Rule{
	Name:     "dockerignore-missing",
	Code:     "C20",
	Severity: diagnostics.Warning,
	Stage:    checkDockerignoreMissing,
}

var (
	dockerignoreVCS     = forgotten("dockerignore-vcs", diagnostics.Warning, vcs)
	dockerignoreDeps    = forgotten("dockerignore-deps", diagnostics.Warning, deps)
	dockerignoreOutputs = forgotten("dockerignore-outputs", diagnostics.Info, outputs)
	dockerignoreSelf    = forgotten("dockerignore-self", diagnostics.Info, self)
)

// message says what it costs that the copy takes what was found of the kind.
func (k kind) message(p *diagnostics.Pass, c copies.Copy, found []files.Entry) string {
	takes := "This COPY takes " + listPaths(found)
	event := "every " + k.event
	if k.name == self.name {
		event += words.For(len(found), " of it", " of them")
	}
	if k.name == deps.name && len(ecosystems(p)) > 0 {
		return takes + " from your machine: it overwrites what the image installed, and " + event + " reruns it"
	}
	return takes + ", so " + event + " reruns it" + andWhatFollows(p, c.Step)
}

// andWhatFollows ends a sentence about a step that reruns. It is empty if no layer builds on the step's.
func andWhatFollows(p *diagnostics.Pass, s *stages.Step) string {
	if !p.Final() || slices.ContainsFunc(s.Stage.Steps[s.N+1:], (*stages.Step).MakesLayer) {
		return " and every step below it"
	}
	return ""
}

// ecosystems are those of which commands of the stage, or of those that it builds on, install dependencies.
func ecosystems(p *diagnostics.Pass) (list []string) {
	for _, s := range p.SeeChain(ecosystemsKey{}, installsDeps) {
		for _, ecosystem := range s.What.([]string) {
			if !slices.Contains(list, ecosystem) {
				list = append(list, ecosystem)
			}
		}
	}
	return list
}

type ecosystemsKey struct{}

// installsDeps are the ecosystems of which commands of the step install dependencies.
func installsDeps(s *stages.Step) any {
	var list []string
	for _, cmd := range shell.Commands(s.Instr, s.Shell) {
		if inst, ok := cmd.Install(); ok && inst.DepsOnly {
			list = append(list, inst.Ecosystem)
		}
	}
	if list == nil {
		return nil
	}
	return list
}

// rooted ends a message about things of which a line of the ignore file names only the one at the top, where
// they are to be ignored in every folder.
func (k kind) rooted(ig *files.IgnoreFile, found []files.Entry) string {
	for _, e := range found {
		if k.top {
			break
		}
		base := path.Base(e.Path)
		for _, line := range ig.Patterns {
			if e.Path != base && !line.Negated && strings.Trim(line.Text, "/") == base {
				return fmt.Sprintf("; line %d of %s, %q, matches only at the top: write `**/%s` to match in every folder",
					line.Line+1, path.Base(ig.Path), line.Text, base)
			}
		}
	}
	return ""
}

// forgotten makes the rule for one kind: the ignore file exists, but does not list these things.
func forgotten(name string, severity diagnostics.Severity, k kind) *diagnostics.Rule {
	return &diagnostics.Rule{Name: name, Severity: severity, Stage: func(p *diagnostics.Pass) {
		broad := p.WholeCopies()
		if len(broad) == 0 || p.Context().Ignore == nil {
			return
		}
		found := k.taken(p, broad)
		if len(found) == 0 {
			return
		}
		level := severity
		if k.name == self.name && andWhatFollows(p, broad[0].Step) == "" {
			level = diagnostics.Hint // it is the COPY alone that reruns
		}
		doubt := ""
		if k.name == vcs.name {
			if doubt = checkHistory(p); doubt != "" {
				level = diagnostics.Info // it has a use, of which nobody knows whether it is wanted
			}
		}
		message := k.message(p, broad[0], found) + k.rooted(p.Context().Ignore, found)
		if doubt != "" && gitOf(p) == hasGit {
			message += "; git is installed here: look whether a step reads the history"
		}
		p.Report(diagnostics.Finding{
			Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Severity: level, Once: name + " " + listPaths(found),
			Message: diagnostics.Plain(message),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				lines, hidden := ignorePatterns(p, found)
				if len(lines) == 0 {
					return nil
				}
				title := "Ignore " + listPaths(hidden) + " in " + path.Base(p.Context().Ignore.Path)
				return p.IgnoreFix(title+doubt, lines)
			},
		})
	}}
}

// checkHistory ends the title of a fix that hides the history from a build that may need it. One that would record the commit
// succeeds without it, and what is built no longer says what it was made from.
func checkHistory(p *diagnostics.Pass) string {
	for _, step := range p.Stage.ChainSteps() {
		for _, cmd := range shell.Commands(step.Instr, step.Shell) {
			if inst, ok := cmd.Install(); ok && inst.RecordsCommit {
				return " (check first: without the history, " + words.Code(inst.Phrase) + " no longer writes the commit into what it builds)"
			}
		}
	}
	if gitOf(p) == hasGit {
		return " (check first: git is installed here, and a step may read the history with it)"
	}
	return ""
}

func checkDockerignoreMissing(p *diagnostics.Pass) {
	broad := p.WholeCopies()
	if len(broad) == 0 || p.Context().Ignore != nil || p.Context().Commit {
		return
	}
	var found []files.Entry
	severity, doubt := diagnostics.Info, ""
	for _, k := range []kind{vcs, deps, outputs} {
		taken := k.taken(p, broad)
		if len(taken) == 0 {
			continue
		}
		found = append(found, taken...)
		if k.name == vcs.name {
			doubt = checkHistory(p)
		}
		if k.name != vcs.name || doubt == "" {
			severity = diagnostics.Warning
		}
	}
	found = append(found, self.taken(p, broad)...)
	if len(found) == 0 {
		return
	}
	if severity == diagnostics.Info && andWhatFollows(p, broad[0].Step) == "" {
		severity = diagnostics.Hint // it is the COPY alone that reruns
	}
	installed := ecosystems(p)
	p.Report(diagnostics.Finding{
		Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Severity: severity, Once: "dockerignore-missing",
		Message: func(p *diagnostics.Pass) string {
			message := "There is no " + p.NewIgnoreName() + ", so this COPY also takes " + listPaths(found) + ": any change to " + words.For(len(found), "it", "them") +
				" reruns the COPY" + andWhatFollows(p, broad[0].Step)
			if _, hidden := ignorePatterns(p, found); len(hidden) == 0 { // else the fix says what to do
				message += p.CreateIgnoreFile(newIgnoreFile(p, found, installed))
			}
			return message
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			_, hidden := ignorePatterns(p, found)
			if len(hidden) == 0 {
				return nil
			}
			return p.IgnoreFix("Create "+p.NewIgnoreName()+" that leaves out "+listPaths(hidden)+doubt, newIgnoreFile(p, found, installed))
		},
	})
}

var dockerignorePatternNoop = &diagnostics.Rule{
	Name:     "dockerignore-pattern-noop",
	Severity: diagnostics.Info,
	Stage:    checkPatternNoop,
}

// checkPatternNoop looks for lines of the ignore file that cannot do what they look like.
func checkPatternNoop(p *diagnostics.Pass) {
	broad := p.WholeCopies()
	if len(broad) == 0 || p.Context().Ignore == nil {
		return
	}
	for i, pattern := range p.Context().Ignore.Patterns {
		why := ""
		switch {
		case pattern.Err != nil:
			why = "is not a valid pattern: the build fails"
		case pattern.Negated && !slices.ContainsFunc(p.Context().Ignore.Patterns[:i], func(q files.Pattern) bool { return !q.Negated }):
			why = "does nothing: no line above it ignores anything"
		case strings.HasSuffix(pattern.Text, `\`) || strings.HasSuffix(strings.TrimSpace(pattern.Text), "/**/"):
			why = "does nothing: no file can match it"
		}
		if why != "" {
			message := fmt.Sprintf("Line %d of %s, %q, %s", pattern.Line+1, path.Base(p.Context().Ignore.Path), pattern.Text, why)
			p.Report(diagnostics.Finding{
				Step: broad[0].Step, Span: diagnostics.Line(broad[0].Step.Instr), Once: message,
				Message: diagnostics.Plain(message),
			})
		}
	}
}
