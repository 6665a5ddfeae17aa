package size

import (
	"regexp"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
)

var devDepsInProduction = &diagnostics.Rule{
	Name:     "dev-deps-in-production",
	Code:     "C28",
	Severity: diagnostics.Warning,
	Stage:    checkDevDeps,
}

// development matches the names of stages and environments that want development dependencies.
var development = regexp.MustCompile(`(?i)(^|[-_./:])(dev|develop|development|devel|test|tests|testing|ci|lint|debug|devcontainer)([-_./:]|$)`)

func checkDevDeps(p *diagnostics.Pass) {
	if !p.Exported || development.MatchString(p.Stage.Name) || development.MatchString(p.Stage.Base.Text) {
		return
	}
	type found struct {
		step *stages.Step
		cmd  *shell.Command
		inst *shell.Install
	}
	var installs []found
	for _, s := range p.Stage.Steps {
		if s.Instr.Name != "RUN" && s.Instr.Name != "CMD" && s.Instr.Name != "ENTRYPOINT" {
			continue
		}
		for _, c := range shell.Of(s.Instr, s.Shell).Commands {
			inst, ok := c.Install()
			switch {
			case s.Instr.Name != "RUN":
				if usesDevDeps(c) {
					return // the container itself runs a development tool
				}
			case ok && inst.Build, usesDevDeps(c), c.DropsDevDeps():
				return // the stage builds or tests, or removes them afterwards
			case ok && !inst.Build && inst.ProductionFlag != "" && !inst.Production && !byEnv(s, c, inst):
				installs = append(installs, found{s, c, inst})
			}
		}
	}
	for _, i := range installs {
		p.Report(diagnostics.Finding{
			Step: i.step, Span: i.cmd.Span,
			Format: "%s installs development dependencies into the image too; %s leaves them out",
			Args:   []any{i.inst.Phrase, i.inst.ProductionFlag},
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				end := text.Span{Start: i.cmd.Span.End, End: i.cmd.Span.End}
				if n := len(i.cmd.Words); n > 0 {
					end = text.Span{Start: i.cmd.Words[n-1].Span.End, End: i.cmd.Words[n-1].Span.End}
				}
				return []diagnostics.Fix{{
					Title: "Leave development dependencies out: " + i.inst.Phrase + " " + i.inst.ProductionFlag,
					Edits: []diagnostics.FileEdit{diagnostics.Edit(p.At(i.step, end, " "+i.inst.ProductionFlag))},
				}}
			},
		})
	}
}

// usesDevDeps reports whether the command is one that needs development dependencies.
func usesDevDeps(c *shell.Command) bool {
	words := make([]string, 0, len(c.Words))
	for _, w := range c.Words {
		words = append(words, w.Text)
	}
	line := strings.Join(words, " ")
	switch c.Program {
	case "npx", "tsc", "vite", "webpack", "jest", "vitest", "pytest", "mypy", "ruff", "eslint", "nodemon", "ng", "next", "rspec", "rubocop", "phpunit":
		return true
	case "npm", "yarn", "pnpm", "bun":
		return regexp.MustCompile(`\b(build|test|lint|compile|dev|watch|serve|run|exec|dlx|storybook)\b`).MatchString(line) && !strings.Contains(line, "run start")
	}
	return false
}

// byEnv reports whether a variable tells the tool to leave development dependencies out, or says
// that they are wanted.
func byEnv(s *stages.Step, c *shell.Command, inst *shell.Install) bool {
	for _, want := range inst.ProductionEnv {
		name, value, _ := strings.Cut(want, "=")
		if slices.ContainsFunc(c.Assigns, func(a shell.Assign) bool { return a.Name == name }) {
			return true
		}
		if v, ok := s.Vars.Lookup(name); ok && (!v.Value.Known || value == "" || v.Value.Text == value || v.Value.Text != "") {
			return true // also for another value: the author has thought of it
		}
	}
	return false
}
