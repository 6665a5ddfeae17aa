package size

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/manifests"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// This file tells of development dependencies that a build needs, and that stay in the image after it. No flag leaves
// them out then, so that the rule has to be surer than elsewhere: the manifest is there and lists some, and what the container
// starts is known to need none.

// reportKept reports the last install of each ecosystem: those before fill the same folder. needs says that the container seems to
// start a program of such a dependency.
func reportKept(p *diagnostics.Pass, installs []devInstall, needs bool) {
	if len(installs) == 0 || p.Context() == nil || p.ContextDoubted() || startsForDevelopers(p) {
		return
	}
	done := map[string]bool{}
	for _, i := range slices.Backward(installs) {
		if !done[i.inst.Ecosystem] && listsDevDeps(p, i) && runsWithoutThem(p, i, needs) {
			tellKept(p, i)
		}
		done[i.inst.Ecosystem] = true
	}
}

// runsWithoutThem reports whether what the container starts needs no development dependencies of the install. Servers for PHP and
// Ruby are none.
func runsWithoutThem(p *diagnostics.Pass, i devInstall, needs bool) bool {
	if len(i.gems) > 0 || i.inst.Ecosystem == "composer" {
		return !needs
	}
	return startsWithout(p, i)
}

func tellKept(p *diagnostics.Pass, i devInstall) {
	message := words.Code(i.inst.Phrase) + " also installs development dependencies, which stay in the image after the build and make every pull larger; build in a stage of its own, and install with " +
		words.Code(i.inst.ProductionFlag) + " in the one that is shipped"
	if len(i.gems) > 0 {
		message = words.Code(i.inst.Phrase) + " also installs gems for development (" + strings.Join(i.gems, ", ") + "), which stay in the image after the build and make every pull larger; " +
			words.Code(i.without()) + " leaves them out" + forOthers(p, i)
	}
	p.Report(diagnostics.Finding{Step: i.step, Span: i.cmd.Span, Severity: diagnostics.Info, Message: diagnostics.Plain(message)})
}

// listsDevDeps reports whether the project's manifest is there, and lists development dependencies.
func listsDevDeps(p *diagnostics.Pass, i devInstall) bool {
	dir := copies.WorkingDir(i.step, i.cmd, i.inst)
	switch i.inst.Ecosystem {
	case "bundler":
		return len(i.gems) > 0
	case "composer":
		body, err := p.Context().Read(manifestAt(p, i.steps, dir, manifests.DevManifest(i.inst.Ecosystem)))
		return err == nil && manifests.ListsDev(i.inst.Ecosystem, body)
	case "npm", "yarn", "pnpm", "bun":
		pkg, ok := readPackageJSON(p, manifestAt(p, i.steps, dir, "package.json"))
		return ok && len(pkg.DevDependencies) > 0
	}
	return false
}

// startsForDevelopers reports whether a variable says that the container is started to develop or to test: RAILS_ENV=development.
func startsForDevelopers(p *diagnostics.Pass) bool {
	steps := p.Stage.Steps
	return slices.ContainsFunc(copies.Env(steps[len(steps)-1]), func(v manifests.Var) bool {
		return strings.HasSuffix(v.Name, "_ENV") && (!v.Known || v.Value == "development" || v.Value == "test")
	})
}

// startsWithout reports whether what the container starts surely needs no development dependencies of the install's
// package.json: the interpreter, or a program of another package, with no word of a package for development.
func startsWithout(p *diagnostics.Pass, i devInstall) bool {
	argv, _ := copies.Entry(p.Stage)
	always, dev := packagesOf(p, manifestAt(p, i.steps, copies.WorkingDir(i.step, i.cmd, i.inst), "package.json"))
	return runsWithout(p, strings.Join(argv, " "), always, dev, true)
}

// runsWithout is startsWithout for a line of a shell. follow looks into the script of a package.json that it runs.
func runsWithout(p *diagnostics.Pass, line string, always, dev []string, follow bool) bool {
	script := shell.Source(line)
	if script.Partial || script.Unknown || len(script.Commands) == 0 {
		return false
	}
	for _, c := range script.Commands {
		if slices.ContainsFunc(c.Words, func(w shell.Word) bool { return namesPackage(w.Text, dev) }) {
			return false
		}
		name, runs := c.ScriptName()
		switch {
		case c.IsInterpreter() && c.Language() == "JavaScript" && len(c.Operands()) > 0:
		case slices.ContainsFunc(always, func(pkg string) bool { return shell.PackageBrings(pkg, c.Program) }):
		case runs && follow && script.Commands[len(script.Commands)-1] == c:
			text := packageScript(p, name)
			if text == "" || packageScript(p, "pre"+name) != "" || !runsWithout(p, text, always, dev, false) {
				return false
			}
		case c.IsShellsOwn():
		default:
			return false
		}
	}
	return true
}

// namesPackage reports whether a word names one of the packages, or a file of it.
func namesPackage(word string, packages []string) bool {
	return slices.ContainsFunc(packages, func(pkg string) bool {
		at := strings.Index(word, pkg)
		return at >= 0 && (at == 0 || strings.ContainsRune("/=", rune(word[at-1]))) && (at+len(pkg) == len(word) || word[at+len(pkg)] == '/') ||
			shell.PackageBrings(pkg, path.Base(word))
	})
}

// testStage is a stage for developers or tests that builds on the stage; nil if there is none.
func testStage(p *diagnostics.Pass, of *stages.Stage) *stages.Stage {
	for _, s := range p.Stages() {
		if s != of && toWorkIn(p, s) && slices.Contains(s.Chain(), of) && !slices.Contains(p.Stage.Chain(), s) {
			return s
		}
	}
	return nil
}

// forOthers ends a message about an install on which a stage for tests builds, too: that one needs what is left out.
func forOthers(p *diagnostics.Pass, i devInstall) string {
	if s := testStage(p, i.step.Stage); s != nil {
		return " (the stage " + s.Name + " builds on this one: it has to install them itself)"
	}
	return ""
}
