package llb

import (
	"context"
	"fmt"
	"maps"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
)

// Warning is one finding of BuildKit's own linter.
type Warning struct {
	Rule    string // StageNameCasing
	Line    int    // from 1; 0 if it has no place
	Message string
}

// Lint are the findings of BuildKit's own linter, of all stages, as docker build --check shows them: what the rules with
// the same task are compared with. They are those up to err, the *Error for which BuildKit refuses the file, if it does.
func Lint(ctx context.Context, in Input) (list []Warning, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Error{Message: fmt.Sprintf("BuildKit cannot take this file: %v", r), Crash: true}
		}
	}()
	c := &frontendClient{input: in, options: maps.Clone(in.Options), unknown: map[string]bool{}}
	if c.options == nil {
		c.options = map[string]string{}
	}
	ui, err := dockerui.NewClient(c)
	if err != nil {
		return nil, err
	}
	source, err := ui.ReadEntrypoint(ctx, "Dockerfile")
	if err != nil {
		return nil, refusal(ctx, err)
	}
	opt := dockerfile2llb.ConvertOpt{Config: ui.Config, Client: ui, SourceMap: source.SourceMap, MetaResolver: c}
	if platforms := ui.TargetPlatforms; len(platforms) > 0 {
		opt.TargetPlatform = &platforms[0]
	}
	results, err := dockerfile2llb.DockerfileLint(ctx, source.Data, opt)
	if err != nil {
		return nil, refusal(ctx, err)
	}
	for _, w := range results.Warnings {
		list = append(list, Warning{Rule: w.RuleName, Line: firstLine(w.Location), Message: w.Detail})
	}
	if results.Error != nil {
		return list, &Error{Line: firstLine(&results.Error.Location), Message: results.Error.Message}
	}
	return list, nil
}

// firstLine is the line on which a place begins; 0 if it is none.
func firstLine(at *pb.Location) (first int) {
	for _, r := range at.GetRanges() {
		if line := int(r.GetStart().GetLine()); first == 0 || line < first {
			first = line
		}
	}
	return first
}
