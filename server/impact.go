package server

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"layerwise/build/cache"
	"layerwise/workspace"

	"go.lsp.dev/uri"
)

// methodImpact is a request of our own: what does saving this file rerun? It is for a status bar. It
// takes {"uri": …} of any file, and answers with the Dockerfiles whose build contexts hold the file.
const methodImpact = "layerwise.impact"

type impactParams struct {
	URI string `json:"uri"`
}

type (
	impactResult struct {
		Impacts []impactItem `json:"impacts"`
	}
	impactItem struct {
		URI     string       `json:"uri"` // of the Dockerfile
		Message string       `json:"message"`
		Steps   int          `json:"steps"` // that the build has
		Rebuilt int          `json:"rebuilt"`
		Depends int          `json:"depends"`
		Error   string       `json:"error,omitempty"` // why there is no prediction
		Effects []impactStep `json:"effects"`

		// How it is built, if it is not as usual: what is set in the editor and in .layerwise.yaml.
		Context   string            `json:"context,omitempty"` // an absolute path
		Target    string            `json:"target,omitempty"`
		BuildArgs map[string]string `json:"buildArgs,omitempty"`
		Contexts  map[string]string `json:"contexts,omitempty"` // named ones: absolute paths, or what BuildKit fetches
		Platform  string            `json:"platform,omitempty"`
	}
	impactStep struct {
		Line    int      `json:"line"` // from 0, as everywhere in the protocol
		EndLine int      `json:"endLine"`
		State   string   `json:"state"`
		Reasons []string `json:"reasons"`
	}
)

// impact answers with what saving a file reruns.
func (s *Server) impact(params *impactParams) work {
	path := filePath(params.URI)
	return func(ctx context.Context) (any, error) {
		result := impactResult{Impacts: []impactItem{}}
		if path == "" {
			return result, nil
		}
		for _, i := range s.workspace.Impacts(ctx, path) {
			result.Impacts = append(result.Impacts, s.impactItem(path, i))
		}
		return result, ctx.Err()
	}
}

func (s *Server) impactItem(path string, i workspace.Impact) impactItem {
	item := impactItem{
		URI: string(uri.File(i.Path)), Effects: []impactStep{},
		Target: i.Build.Target, BuildArgs: i.Build.Args, Contexts: i.Build.Contexts, Platform: i.Build.Platform,
	}
	if i.Build.Certainty != workspace.Supposed {
		item.Context = i.Build.Context
	}
	if open, _, ok := s.workspace.Opened(i.Path); ok {
		item.URI = open
	}
	if i.Err != nil {
		item.Error = reason(i.Err)
		item.Message = fmt.Sprintf("no prediction for %s: %s", filepath.Base(i.Path), item.Error)
		return item
	}
	c := i.Comparison
	item.Rebuilt, item.Depends = c.Count(cache.Rebuilt), c.Count(cache.Depends)
	item.Steps = len(c.Effects) - c.Count(cache.Unreached)
	for _, e := range c.Effects {
		step := impactStep{Line: e.Line - 1, EndLine: e.EndLine - 1, State: e.State.String(), Reasons: []string{}}
		for _, r := range e.Reasons {
			step.Reasons = append(step.Reasons, r.Words())
		}
		item.Effects = append(item.Effects, step)
	}
	item.Message = impactMessage(filepath.Base(path), item)
	return item
}

func impactMessage(name string, item impactItem) string {
	switch {
	case item.Rebuilt == 0 && item.Depends == 0:
		return fmt.Sprintf("saving %s reruns nothing", name)
	case item.Depends == 0:
		return fmt.Sprintf("saving %s reruns %d of %d steps", name, item.Rebuilt, item.Steps)
	}
	return fmt.Sprintf("saving %s reruns %d of %d steps, and perhaps %d more", name, item.Rebuilt, item.Steps, item.Depends)
}

// reason is an error about a Dockerfile in one line, with its place.
func reason(err error) string {
	var side *cache.SideError
	if errors.As(err, &side) {
		err = side.Err
	}
	text := err.Error()
	if line := cache.Place(err); line > 0 && !strings.HasPrefix(text, "line ") {
		text = fmt.Sprintf("line %d: %s", line, text)
	}
	return text
}
