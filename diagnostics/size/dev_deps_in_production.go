package size

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

var devDepsInProduction = &diagnostics.Rule{
	Name:     "dev-deps-in-production",
	Code:     "C28",
	Severity: diagnostics.Warning,
	Stage:    checkDevDeps,
}

// toWorkIn reports whether the stage, or its base image, is made to work or test in.
func toWorkIn(s *stages.Stage) bool {
	return stages.IsDevelopment(s.Name) || stages.IsDevelopment(s.Base.Text) || testImage.MatchString(s.Base.Text)
}

// testImage matches the names of images that run tests.
var testImage = regexp.MustCompile(`(^|[-_./:])(playwright|cypress|included|puppeteer|selenium)([-_./:]|$)`)

func checkDevDeps(p *diagnostics.Pass) {
	if !p.Final() {
		return
	}
	type found struct {
		step *stages.Step
		cmd  *shell.Command
		inst *shell.Install
	}
	var installs []found
	starts := false
	for _, stage := range p.Stage.Chain() {
		if toWorkIn(stage) {
			return
		}
		configured := map[string]bool{} // tools that a command before has told to leave them out
		for _, s := range stage.Steps {
			switch s.Instr.Name {
			case "CMD", "ENTRYPOINT":
				for _, c := range shell.Of(s.Instr, s.Shell).Commands {
					if usesDevDeps(p, c) || isShell(c) {
						return // the container itself runs a development tool, or is one
					}
					starts = true
				}
			case "RUN":
				for _, c := range shell.Commands(s.Instr, s.Shell) {
					inst, ok := c.Install()
					switch {
					case configures(c):
						configured[c.Program] = true
					case setsEnv(c):
						return // the author has thought of it
					case ok && inst.Build, usesDevDeps(p, c), c.DropsDevDeps(), c.Cost() == shell.Compile, c.Program == "node" && len(c.Words) > 1:
						return // the stage builds or tests, or removes them afterwards
					case ok && inst.ProductionFlag != "" && !inst.Production && !configured[c.Program] && !byEnv(s, c, inst) && !withoutDevDeps(p, inst):
						installs = append(installs, found{s, c, inst})
					}
				}
			}
		}
	}
	if !starts {
		return // made to be entered, or to build with
	}
	for _, i := range installs {
		p.Report(diagnostics.Finding{
			Step: i.step, Span: i.cmd.Span,
			Message: diagnostics.Plain(i.inst.Phrase + " installs development dependencies too, which every pull of the image then carries; " + i.inst.ProductionFlag + " leaves them out"),
			Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
				last := i.cmd.Span
				if n := len(i.cmd.Words); n > 0 {
					last = i.cmd.Words[n-1].Span
				}
				change := p.Change()
				change.InsertWords(i.step, last, i.inst.ProductionFlag)
				edit, err := change.Edit()
				if err != nil {
					return nil
				}
				return []diagnostics.Fix{{
					Title: "Leave development dependencies out: " + i.inst.Phrase + " " + i.inst.ProductionFlag,
					Edits: []diagnostics.FileEdit{edit},
				}}
			},
		})
	}
}

// devTools are programs that are development dependencies, or need them.
var devTools = regexp.MustCompile(`^(npx|tsc|tsx|ts-node(-dev)?|vite|webpack(-dev-server)?|jest|vitest|pytest|mypy|ruff|eslint|nodemon|ng|next|react-scripts|vue-cli-service|gulp|grunt|turbo|rspec|rubocop|phpunit)$`)

var devScript = regexp.MustCompile(`\b(build|test|lint|compile|dev|watch|serve|run|exec|dlx|storybook)\b`)

// usesDevDeps reports whether the command is one that may need development dependencies.
func usesDevDeps(p *diagnostics.Pass, c *shell.Command) bool {
	switch c.Program {
	case "npm", "yarn", "pnpm", "bun":
		operands := c.Operands()
		if len(operands) > 0 && operands[len(operands)-1].Text == "start" {
			return !strings.HasPrefix(startScript(p), "node ")
		}
		return slices.ContainsFunc(operands, func(w shell.Word) bool { return devScript.MatchString(w.Text) })
	}
	return devTools.MatchString(c.Program)
}

func isShell(c *shell.Command) bool {
	return len(c.Words) == 1 && (c.Program == "sh" || c.Program == "bash" || c.Program == "ash" || c.Program == "node")
}

// packageJSON is what a package.json says that matters here; empty if there is none.
func packageJSON(p *diagnostics.Pass) (pkg struct {
	Scripts         map[string]string
	DevDependencies map[string]any
}, ok bool) {
	if p.Context() == nil || p.ContextDoubted() {
		return pkg, false
	}
	body, err := p.Context().Read("package.json")
	return pkg, err == nil && json.Unmarshal([]byte(body), &pkg) == nil
}

// startScript is what "npm start" runs; empty if it is not known.
func startScript(p *diagnostics.Pass) string {
	pkg, _ := packageJSON(p)
	return pkg.Scripts["start"]
}

// devSection are the files in which tools look for development dependencies, and what begins their list.
var devSection = map[string]struct {
	file  string
	names *regexp.Regexp
}{
	"bundler":  {"Gemfile", regexp.MustCompile(`(?m)^\s*group\b|\bgroups?:`)},
	"composer": {"composer.json", regexp.MustCompile(`"require-dev"`)},
	"crystal":  {"shard.yml", regexp.MustCompile(`(?m)^development_dependencies:`)},
	"pdm":      {"pyproject.toml", devGroup},
	"poetry":   {"pyproject.toml", devGroup},
	"uv":       {"pyproject.toml", devGroup},
}

var devGroup = regexp.MustCompile(`(?m)^\s*\[(dependency-groups|tool\.poetry\.(group\.|dev-)|tool\.pdm\.dev-)|^\s*dev-dependencies\b`)

// withoutDevDeps reports whether the project is known to have no development dependencies, or lies
// elsewhere: the build context that is known has not got its manifest, which the file copies.
func withoutDevDeps(p *diagnostics.Pass, inst *shell.Install) bool {
	if p.Context() == nil {
		return false
	}
	switch inst.Ecosystem {
	case "npm", "yarn", "pnpm", "bun":
		if pkg, ok := packageJSON(p); ok {
			return len(pkg.DevDependencies) == 0
		}
	default:
		section := devSection[inst.Ecosystem]
		if section.names == nil {
			return false
		}
		if body, err := p.Context().Read(section.file); err == nil && !p.ContextDoubted() {
			return !section.names.MatchString(body)
		}
	}
	return p.ContextDoubted() && slices.ContainsFunc(p.Stage.Chain(), func(stage *stages.Stage) bool {
		return slices.ContainsFunc(stage.Steps, func(s *stages.Step) bool {
			c, ok := copies.Of(s)
			return ok && slices.ContainsFunc(c.Sources, p.Context().Lacks)
		})
	})
}

// configures reports whether the command tells the tool to leave development dependencies out from
// now on: npm config set omit dev, bundle config set without development.
func configures(c *shell.Command) bool {
	words := c.Operands()
	return len(words) > 2 && words[0].Text == "config" && slices.ContainsFunc(words, func(w shell.Word) bool {
		name, _, _ := strings.Cut(w.Text, "=")
		return name == "omit" || name == "production" || name == "without" || name == "only" || name == "deployment" || name == "no-dev"
	})
}

// setsEnv reports whether the command exports a variable that says what kind of build this is.
func setsEnv(c *shell.Command) bool {
	return c.Program == "export" && slices.ContainsFunc(c.Words[1:], func(w shell.Word) bool {
		name, _, _ := strings.Cut(w.Text, "=")
		return strings.HasSuffix(name, "_ENV") || strings.Contains(strings.ToLower(name), "omit") || strings.HasSuffix(name, "NO_DEV")
	})
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
