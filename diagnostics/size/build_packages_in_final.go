package size

import (
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

var buildPackagesInFinal = &diagnostics.Rule{
	Name:       "build-packages-in-final",
	Production: true,
	Severity:   diagnostics.Info,
	Stage:      checkBuildPackages,
}

// checkBuildPackages reports packages for compiling that an image with a program to run keeps. A base image that has a
// compiler already, and packages that some RUN removes, are other rules' matters, and so is a single stage that compiles
// the program itself. Compilers that no RUN can have used are there for those who run the container: it compiles what they bring.
func checkBuildPackages(p *diagnostics.Pass) {
	if !diagnostics.Saw(p.SeeChain(packagesKey{}, installsForCompiling)) || !p.Final() || toWorkIn(p, p.Stage) {
		return
	}
	if image, ok := images.Of(p.Stage); ok && (image.BuildTools || image.Development || image.Kind == images.SDK) {
		return
	}
	argv, _ := copies.Entry(p.Stage)
	if len(argv) == 0 || startsTool(argv) {
		return
	}
	var at *stages.Step
	var first shell.Word
	var names []string
	compilers, used := false, false
	for _, s := range p.SeeChain(compilesKey{}, compilesOrInstalls) {
		what, ok := s.What.(buildPackages)
		if !ok {
			continue
		}
		if what.removes || what.compiles && len(p.Froms()) == 1 {
			return
		}
		used = used || what.uses
		if len(what.packages) == 0 || s.Stage != p.Stage && toWorkIn(p, s.Stage) {
			continue
		}
		if at == nil {
			at, first = s.Step, what.packages[0]
		}
		compilers = compilers || what.compilers
		for _, w := range what.packages {
			names = append(names, w.Text)
		}
	}
	if at == nil || compilers && !used {
		return
	}
	what := words.Some(names)
	if n := len(names); n > 1 && n <= words.Shown {
		what = strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	what += words.For(len(names), " is", " are") + " for compiling"
	do := "install the " + words.For(len(names), "library", "libraries") + " without the headers"
	if compilers {
		do = "compile in a stage of its own, and take the result with " + words.Code("COPY --from")
	}
	p.Report(diagnostics.Finding{
		Step: at, Span: first.Span,
		Message: diagnostics.Plain(what + ", and " + words.For(len(names), "stays", "stay") + " in the image, which makes every pull larger; " + do),
	})
}

type (
	packagesKey struct{}
	compilesKey struct{}
)

// buildPackages is what a RUN has to do with packages for compiling.
type buildPackages struct {
	packages  []shell.Word // those that it installs
	compilers bool         // compilers are among them
	removes   bool         // it removes packages
	compiles  bool         // it compiles a program
	uses      bool         // it may use a compiler: it installs packages of a language, builds, or runs a script
}

// installsForCompiling is true for a RUN that installs packages for compiling, or nil. Few stages have one: compilesOrInstalls, which
// may see something in every step, is asked for in these alone.
func installsForCompiling(s *stages.Step) any {
	if b, ok := compilesOrInstalls(s).(buildPackages); ok && len(b.packages) > 0 {
		return true
	}
	return nil
}

// compilesOrInstalls is a buildPackages, or nil.
func compilesOrInstalls(s *stages.Step) any {
	if s.Instr.Name != "RUN" {
		return nil
	}
	var b buildPackages
	var helpers []shell.Word
	for _, c := range shell.Commands(s.Instr, s.Shell) {
		os, ok := c.OSPackages()
		b.removes = b.removes || ok && os.Remove
		b.compiles = b.compiles || c.Compiles()
		b.uses = b.uses || !ok && (c.Cost() >= shell.Packages || !c.InstallsNothing())
		if !ok || !os.Install || os.Group.Text != "" {
			continue
		}
		for _, w := range os.Packages {
			switch kind := shell.PackageForCompiling(w.Text); {
			case !w.Literal:
			case kind == shell.HelperPackage:
				helpers = append(helpers, w)
			case kind != shell.NotForCompiling:
				b.packages = append(b.packages, w)
				b.compilers = b.compilers || kind == shell.CompilerPackage
			}
		}
	}
	if b.compilers {
		b.packages = append(b.packages, helpers...)
		slices.SortFunc(b.packages, func(x, y shell.Word) int { return x.Span.Start - y.Span.Start })
	}
	if len(b.packages) == 0 && !b.removes && !b.compiles && !b.uses {
		return nil
	}
	return b
}
