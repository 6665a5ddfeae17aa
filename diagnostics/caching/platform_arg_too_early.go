package caching

import (
	"fmt"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// In a stage of the builder's own platform, what is above the first ARG of the target's is the same for all targets, and
// runs once. In other stages it runs once for each anyway.
var platformArgTooEarly = &diagnostics.Rule{
	Name:     "platform-arg-too-early",
	Code:     "C09",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		args := p.See(targetKey{}, targetArgs)
		if len(args) == 0 || !onBuilder(p.Stage) {
			return
		}
		for _, seen := range args[:min(len(args), maxVolatile)] { // for each, the steps below are judged
			name, _ := seen.What.(string)
			if name == "" {
				continue
			}
			e := findEarly(p, seen.Step, variableOf(seen.Step, name, false))
			if e == nil {
				continue
			}
			if e.dear = slices.DeleteFunc(e.dear, func(s *stages.Step) bool { return len(copies.CacheMounts(s)) > 0 }); len(e.dear) == 0 {
				continue // what one platform downloads is there for the next
			}
			e.what, _ = dear(e.dear[0])
			f := e.finding()
			f.Message = func(p *diagnostics.Pass) string {
				return fmt.Sprintf("A build for several platforms runs %s (line %d)%s once for each, although %s not use %s; move the ARG below %s",
					words.Code(e.what), p.Line(e.dear[0]), andMore(len(e.dear)-1), words.For(len(e.dear), "it does", "they do"), name, words.For(len(e.dear), "it", "them"))
			}
			p.Report(f)
		}
	},
}

type targetKey struct{}

// targetArgs is the argument that an ARG declares, without a value, if it differs between the platforms that one build is
// usually for; or nil. With a value of its own it has that on all platforms.
func targetArgs(s *stages.Step) any {
	c, ok := s.Instr.Cmd().(*instructions.ArgCommand)
	if !ok || len(c.Args) != 1 || c.Args[0].Value != nil {
		return nil
	}
	switch name := c.Args[0].Key; name {
	case "TARGETPLATFORM", "TARGETARCH", "TARGETVARIANT":
		return name
	}
	return nil
}

// onBuilder reports whether the stage runs on the platform of the machine that builds, and on the same image whatever it builds
// for.
func onBuilder(s *stages.Stage) bool {
	from, ok := s.Root().Steps[0].Instr.Cmd().(*instructions.Stage)
	if !ok {
		return false
	}
	name := strings.Trim(from.Platform, `"'${}`)
	return name == "BUILDPLATFORM" && !ofTarget.MatchString(from.BaseName)
}

// ofTarget matches names of images with a variable that may be another one for each platform.
var ofTarget = lazy.New(`(?i)\$\{?\w*(TARGET|PLATFORM|ARCH|VARIANT)`)
