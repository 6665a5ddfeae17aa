package caching

import (
	"fmt"
	"slices"

	"layerwise/build/copies"
	"layerwise/build/moves"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// epoch is the argument by which a build is told the time of the sources.
const epoch = "SOURCE_DATE_EPOCH"

// WORKDIR gives the directory that it makes the time of the sources, whether the stage declares the argument or not, and
// a RUN below a declaration depends on it. With the time of each commit, all that follows runs for each commit. What
// stands below a copy of all sources does so anyway.
var sourceDateEpochForksCache = &diagnostics.Rule{
	Name:     "source-date-epoch-forks-cache",
	Code:     "C11",
	Severity: diagnostics.Info,
	Stage: func(p *diagnostics.Pass) {
		if !p.Changing(epoch) {
			return
		}
		var fork *stages.Step // the first that takes in the time
		var runs []*stages.Step
		for _, seen := range p.SeeChain(epochKey{}, forksOrDear) {
			switch {
			case seen.What == sourcesBelow:
				reportEpoch(p, fork, runs)
				return
			case seen.What == dearBelow && fork != nil && seen.Stage == p.Stage:
				runs = append(runs, seen.Step)
			case seen.What == takesEpoch && fork == nil:
				fork = seen.Step
			}
		}
		reportEpoch(p, fork, runs)
	},
}

type epochKey struct{}

// epochStep is what a step is to the rule.
type epochStep int

const (
	takesEpoch   epochStep = iota // its key has the time of the sources in it
	dearBelow                     // an expensive RUN, which does not name it
	sourcesBelow                  // what follows runs for each commit anyway, or by its own wish
)

func forksOrDear(s *stages.Step) any {
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.WorkdirCommand:
		if s.MakesLayer() {
			return takesEpoch
		}
	case *instructions.ArgCommand:
		if slices.ContainsFunc(cmd.Args, func(arg instructions.KeyValuePairOptional) bool { return arg.Key == epoch }) {
			return takesEpoch
		}
	case *instructions.RunCommand:
		if moves.Names(s.Instr.Text, epoch) {
			return sourcesBelow
		}
		if _, ok := dear(s); ok {
			return dearBelow
		}
	default:
		if c, ok := copies.Of(s); ok && c.Whole() {
			return sourcesBelow
		}
	}
	return nil
}

// reportEpoch tells of the RUNs below the step that takes in the time: of those that can stand above it, or, if none can,
// of all.
func reportEpoch(p *diagnostics.Pass, fork *stages.Step, runs []*stages.Step) {
	if len(runs) == 0 {
		return
	}
	directory := fork.Instr.Name == "WORKDIR"
	up, verdict := movesAbove(p, fork, runs)
	if len(up) > 0 {
		runs = up
	}
	what, _ := dear(runs[0])
	p.Report(diagnostics.Finding{
		Step: fork, Span: diagnostics.Line(fork.Instr),
		Once: fmt.Sprint(fork.Stage.Index, " ", fork.N, " ", epoch), // of the stages that build on this one, the first says it
		Message: func(p *diagnostics.Pass) string {
			why, advice := "as WORKDIR makes its directory with that time", "pass the same time in each build, such as 0"
			switch {
			case !directory:
				why, advice = "as every RUN below the ARG depends on it", "move the ARG down to the step that reads it"
			case len(up) > 0:
				advice = "move " + words.For(len(runs), "it", "them") + " above WORKDIR"
			}
			return fmt.Sprintf("Each commit, with another SOURCE_DATE_EPOCH, reruns %s (line %d)%s, %s; %s", words.Code(what), p.Line(runs[0]), andMore(len(runs)-1), why, advice)
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			if len(up) == 0 {
				return nil
			}
			title, safety := "Move "+words.Code("RUN "+what)+andMore(len(runs)-1)+" above WORKDIR", diagnostics.Safe
			if verdict.Answer == moves.Doubtful {
				title, safety = title+" (check first: "+verdict.Why+")", diagnostics.Suggested
			}
			return p.FixBy(title, safety, func(c *rewrite.Change) { c.Move(rewrite.Above(fork), up...) })
		},
	})
}

// movesAbove are those of the RUNs that can stand above the WORKDIR, which is in their stage: they need neither its
// directory nor what is between.
func movesAbove(p *diagnostics.Pass, fork *stages.Step, runs []*stages.Step) (up []*stages.Step, verdict moves.Verdict) {
	if fork.Instr.Name != "WORKDIR" || fork.Stage != p.Stage {
		return nil, verdict
	}
	judge := judgeOf(p)
	for _, run := range runs[:min(len(runs), maxTried)] {
		if run.N-fork.N > maxAway {
			break
		}
		over := slices.DeleteFunc(slices.Clone(p.Stage.Steps[fork.N:run.N]), func(s *stages.Step) bool { return slices.Contains(up, s) })
		if v := judge.RunAbove(run, over); v.Answer != moves.Never {
			up, verdict = append(up, run), verdict.Worse(v)
		}
	}
	return up, verdict
}
