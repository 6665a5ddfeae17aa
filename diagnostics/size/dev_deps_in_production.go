package size

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var devDepsInProduction = &diagnostics.Rule{
	Name:       "dev-deps-in-production",
	Production: true,
	Code:       "C28",
	Severity:   diagnostics.Warning,
	Elsewhere:  diagnostics.Elsewhere{Tally: []string{"php/composer-no-dev-in-production", "ruby/missing-bundle-without-development"}},
	Stage:      checkDevDeps,
}

// toWorkIn reports whether the stage, or its base image, is made to work or test in.
func toWorkIn(p *diagnostics.Pass, s *stages.Stage) bool {
	return p.ForDevelopers(s) || names.StageForDevelopers(s.Base.Text) || testImage.MatchString(s.Base.Text)
}

// testImage matches the names of images that run tests.
var testImage = regexp.MustCompile(`(^|[-_./:])(playwright|cypress|included|puppeteer|selenium)([-_./:]|$)`)

// devInstall is an install that brings development dependencies along.
type devInstall struct {
	step  *stages.Step
	cmd   *shell.Command
	inst  *shell.Install
	steps []*stages.Step // those before, of the stage and of those that it builds on
	gems  []string       // of Bundler: the groups for development that are not left out
	leave []string       // of Bundler: those to leave out, with those that are already
}

func checkDevDeps(p *diagnostics.Pass) {
	if !p.Final() {
		return
	}
	starts, needs := false, false
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			if s.Instr.Name != "CMD" && s.Instr.Name != "ENTRYPOINT" {
				continue
			}
			for _, c := range shell.Of(s.Instr, s.Shell).Commands {
				if isShell(c) {
					return // the container is a tool for developers
				}
				starts, needs = true, needs || startNeedsDevDeps(p, c)
			}
		}
	}
	if image, known := images.Of(p.Stage); !starts && !(known && image.Kind == images.Server) {
		return // made to be entered, or to build with
	}
	installs, builds, ok := devInstalls(p, p.Stage)
	if !ok {
		return
	}
	copied, kept := copiedInstalls(p)
	if installs = append(installs, copied...); builds {
		installs, kept = nil, append(installs, kept...)
	}
	reportKept(p, kept, needs)
	if needs {
		return // the container itself may run a development tool
	}
	for _, i := range installs {
		reportDevDeps(p, i)
	}
}

// devInstalls are the installs of the stage, and of those that it builds on, that bring development
// dependencies. builds says that something there needs them; ok is false if something removes them, or shows that the author has
// thought of them.
func devInstalls(p *diagnostics.Pass, of *stages.Stage) (installs []devInstall, builds, ok bool) {
	var above []*stages.Step
	lean := false // another install leaves them out
	for _, stage := range of.Chain() {
		if toWorkIn(p, stage) {
			return nil, false, false
		}
		configured := map[string]bool{} // tools that a command before has told to leave them out
		var without []string            // of Bundler
		for _, s := range stage.Steps {
			if s.Instr.Name != "RUN" {
				continue
			}
			for _, c := range shell.Commands(s.Instr, s.Shell) {
				inst, isInstall := c.Install()
				if groups, known := gemsLeftOut(c); known {
					without = append(without, groups...)
					continue
				}
				switch {
				case configures(c):
					configured[c.Program] = true
					continue
				case setsEnv(c), c.DropsDevDeps(), removesDeps(c):
					return nil, false, false // the author has thought of it, or removes them afterwards
				case isInstall && inst.Build, usesDevDeps(p, c), c.Cost() == shell.Compile, c.Language() == "JavaScript" && len(c.Words) > 1:
					builds = true // or tests
					continue
				case !isInstall || configured[c.Program]:
					continue
				}
				i := devInstall{step: s, cmd: c, inst: inst, steps: slices.Concat(above, stage.Steps[:s.N])}
				if inst.Ecosystem == "bundler" {
					if i.gems, i.leave = devGems(p, i, without); len(i.gems) > 0 {
						installs = append(installs, i)
					}
				} else if inst.ProductionFlag != "" && (!installsDevDeps(s, c) || byEnv(s, c, inst)) {
					lean = true
				} else if inst.ProductionFlag != "" && !withoutDevDeps(p, i) {
					installs = append(installs, i)
				}
			}
		}
		above = append(above, stage.Steps...)
	}
	return installs, builds, !builds || !lean
}

// removesDeps reports whether the command deletes the folder of what is installed.
func removesDeps(c *shell.Command) bool {
	return slices.ContainsFunc(c.Removes(), func(w shell.Word) bool {
		name := path.Base(w.Text)
		return name == "node_modules" || name == "vendor"
	})
}

// installsDevDeps reports whether the flags of the install, with the values of their variables, surely
// do not leave development dependencies out.
func installsDevDeps(s *stages.Step, c *shell.Command) bool {
	cmd, known := expanded(s, c)
	inst, ok := cmd.Install()
	if !known || !ok || inst.Production {
		return false
	}
	return !slices.ContainsFunc(cmd.ChoosesDeps(), func(w shell.Word) bool { return !w.Literal }) // it may be what leaves them out
}

// expanded is the command with the values of the variables that the build sets. known is false if an
// operand, which may be any option, holds something that is not known.
func expanded(s *stages.Step, c *shell.Command) (cmd *shell.Command, known bool) {
	cmd = c.Expand(func(w shell.Word) (string, bool) { return valueOf(s, w.Text) })
	return cmd, !slices.ContainsFunc(cmd.Operands(), func(w shell.Word) bool { return strings.ContainsAny(w.Text, "$`") && !w.Literal })
}

var variableName = regexp.MustCompile(`\$\{?(\w+)`)

// valueOf is the word with the values of its variables. One that the script itself may set is not known.
func valueOf(s *stages.Step, word string) (string, bool) {
	for _, m := range variableName.FindAllStringSubmatch(word, -1) {
		if strings.Contains(s.Instr.Text, m[1]+"=") {
			return "", false
		}
	}
	v := s.Expand(word)
	return v.Text, v.Known && !strings.ContainsAny(word, "`(")
}

// copiedInstalls are the installs of other stages whose output the stage copies, as far as nothing else
// builds on them; kept are those of stages that build, too.
func copiedInstalls(p *diagnostics.Pass) (installs, kept []devInstall) {
	var done []*stages.Stage
	for _, stage := range p.Stage.Chain() {
		for _, s := range stage.Steps {
			c, ok := s.Instr.Cmd().(*instructions.CopyCommand)
			if !ok || c.From == "" {
				continue
			}
			from := stageNamed(p, c.From, stage.Index)
			if from == nil || slices.Contains(done, from) {
				continue
			}
			found, builds, ok := devInstalls(p, from)
			for _, i := range found {
				switch {
				case !ok || i.step.Stage != from || !takesOutput(s, c, i) || slices.Contains(p.Stage.Chain(), from) || builtOn(p, from):
				case builds:
					kept = append(kept, i)
				default:
					installs = append(installs, i)
					done = append(done, from)
				}
			}
		}
	}
	return installs, kept
}

// stageNamed is the stage above the given index that --from names, or nil.
func stageNamed(p *diagnostics.Pass, name string, before int) *stages.Stage {
	for _, s := range slices.Backward(p.Stages()[:before]) {
		if s.Name != "" && s.Name == strings.ToLower(name) {
			return s
		}
	}
	return nil
}

// builtOn reports whether another stage builds on this one: it may need what this one installs.
func builtOn(p *diagnostics.Pass, s *stages.Stage) bool {
	return slices.ContainsFunc(p.Stages(), func(other *stages.Stage) bool { return other.Parent == s })
}

// takesOutput reports whether the COPY takes the directory that the install fills, or one above it.
func takesOutput(s *stages.Step, c *instructions.CopyCommand, i devInstall) bool {
	at := copies.WorkingDir(i.step, i.cmd, i.inst)
	if strings.HasPrefix(at, "/\x00") {
		return false // where it is depends on the base image
	}
	for _, word := range c.SourcePaths {
		source := s.Expand(word)
		if !source.Known {
			continue
		}
		dir := strings.TrimSuffix("/"+strings.Trim(source.Text, "/"), "/")
		for _, out := range i.outputs() {
			if full := at + "/" + out; full == dir || strings.HasPrefix(full, dir+"/") && (at == dir || strings.HasPrefix(at, dir+"/")) {
				return true
			}
		}
	}
	return false
}

// outputs are the directories that the install fills, relative to its own.
func (i devInstall) outputs() []string {
	if len(i.inst.Outputs) > 0 {
		return i.inst.Outputs
	}
	return manifests.Outputs(i.inst.Ecosystem)
}

func reportDevDeps(p *diagnostics.Pass, i devInstall) {
	flag := i.inst.ProductionFlag
	message := words.Code(i.inst.Phrase) + " also installs development dependencies, which makes every pull of the image larger; " + words.Code(flag) + " leaves them out"
	fixes := func(p *diagnostics.Pass) []diagnostics.Fix { return leaveOut(p, i) }
	if len(i.gems) > 0 {
		flag = i.without()
		message = words.Code(i.inst.Phrase) + " also installs gems for development (" + strings.Join(i.gems, ", ") + "), which makes every pull of the image larger; " + words.Code(flag) + " leaves them out"
		fixes = func(p *diagnostics.Pass) []diagnostics.Fix { return setBundleWithout(p, i) }
	}
	f := diagnostics.Finding{Step: i.step, Span: i.cmd.Span, Message: diagnostics.Plain(message), Fixes: fixes}
	if others := forOthers(p, i); others != "" {
		f.Severity, f.Message, f.Fixes = diagnostics.Info, diagnostics.Plain(message+others), nil
	}
	p.Report(f)
}

// without is the setting of Bundler with which it leaves out the groups for development.
func (i devInstall) without() string { return "BUNDLE_WITHOUT=" + strings.Join(i.leave, ":") }

// leaveOut adds the flag. There is no such fix if a script of the project is known to need what the flag
// leaves out.
func leaveOut(p *diagnostics.Pass, i devInstall) []diagnostics.Fix {
	doubt, fails := scriptsNeed(p, i)
	if fails {
		return nil
	}
	title := "Leave out development dependencies: " + words.Code(i.inst.Phrase+" "+i.inst.ProductionFlag)
	if doubt != "" {
		title += " (check first: " + doubt + ")"
	}
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
	return []diagnostics.Fix{{Title: title, Edits: []diagnostics.FileEdit{edit}}}
}

// usesDevDeps reports whether the command is one that may need development dependencies.
func usesDevDeps(p *diagnostics.Pass, c *shell.Command) bool {
	operands := c.Operands()
	if c.RunsScripts() && len(operands) > 0 && operands[len(operands)-1].Text == "start" {
		return !strings.HasPrefix(packageScript(p, "start"), "node ")
	}
	return c.NeedsDevDeps()
}

// startNeedsDevDeps is usesDevDeps for what the container starts.
func startNeedsDevDeps(p *diagnostics.Pass, c *shell.Command) bool {
	name, ok := c.ScriptName()
	return usesDevDeps(p, c) && !(ok && strings.HasPrefix(packageScript(p, name), "node "))
}

func isShell(c *shell.Command) bool {
	return len(c.Words) == 1 && (c.IsShell() || c.Language() == "JavaScript")
}

// configures reports whether the command tells the tool to leave development dependencies out from
// now on: npm config set omit dev, composer config no-dev.
func configures(c *shell.Command) bool {
	words := c.Operands()
	return len(words) > 2 && words[0].Text == "config" && slices.ContainsFunc(words, func(w shell.Word) bool {
		name, _, _ := strings.Cut(w.Text, "=")
		return name == "omit" || name == "production" || name == "only" || name == "no-dev"
	})
}

// setsEnv reports whether the command exports a variable that says what kind of build this is.
func setsEnv(c *shell.Command) bool {
	return slices.ContainsFunc(c.Exports(), func(a shell.Assign) bool {
		name := a.Name
		return strings.HasSuffix(name, "_ENV") || strings.Contains(strings.ToLower(name), "omit") || strings.HasSuffix(name, "NO_DEV") || name == "BUNDLE_WITHOUT"
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
		if v, ok := copies.Variable(s, name); ok && (!v.Known || value == "" || v.Value != "") {
			return true // also for another value: the author has thought of it
		}
	}
	return false
}
