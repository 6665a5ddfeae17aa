package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/sources"
	"layerwise/internal/words"
	"layerwise/workspace"

	"go.lsp.dev/uri"
)

// methodImpact is a request of our own: what does saving this file rerun? It is for a status bar. It
// takes {"uri": …} of any file, and answers with the builds whose build contexts hold the file.
const methodImpact = "layerwise.impact"

type impactParams struct {
	URI string `json:"uri"`
}

type (
	impactResult struct {
		Message string       `json:"message,omitempty"` // about all of them, in a sentence
		Impacts []impactItem `json:"impacts"`
	}
	impactItem struct {
		URI     string       `json:"uri"`             // of the Dockerfile
		Build   string       `json:"build,omitempty"` // the name of the build, for --build
		By      string       `json:"by,omitempty"`    // what builds it, in words, if the Dockerfile has several builds
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
		s.changed(s.workspace.Look(ctx, path)...)
		impacts := s.workspace.Impacts(ctx, path)
		for _, i := range impacts {
			result.Impacts = append(result.Impacts, s.impactItem(path, i))
		}
		result.Message = aboutAll(filepath.Base(path), impacts, result.Impacts)
		return result, ctx.Err()
	}
}

func (s *Server) impactItem(path string, i workspace.Impact) impactItem {
	item := impactItem{
		URI: string(uri.File(i.Path)), Effects: []impactStep{},
		Target: i.Build.Target, BuildArgs: shown(i.Build.Args), Contexts: i.Build.Contexts, Platform: i.Build.Platform,
	}
	if i.Build.Certainty != workspace.Supposed {
		item.Context = i.Build.Context
	}
	if open, _, ok := s.workspace.Opened(i.Path); ok {
		item.URI = open
	}
	if i.Build.Name != "" {
		item.Build = i.Build.Name
		if i.Several {
			item.By = i.Build.Words()
		}
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

// shown are the arguments whose values may be seen.
func shown(args map[string]string) map[string]string {
	args = maps.Clone(args)
	maps.DeleteFunc(args, func(name, _ string) bool { return sources.LooksSecret(name) })
	return args
}

// aboutAll says in a sentence what saving a file reruns, in all builds: "saving package.json reruns npm ci in api and
// web". It is empty if that cannot be told of any.
func aboutAll(name string, impacts []workspace.Impact, items []impactItem) string {
	var reruns, installs []string // names of builds, and commands with them
	in := map[string][]string{}
	only, known := "", 0
	for n, i := range impacts {
		if i.Err != nil {
			continue
		}
		known++
		if item := items[n]; item.Rebuilt+item.Depends > 0 && !slices.Contains(reruns, i.In) {
			reruns, only = append(reruns, i.In), item.Message
		}
		for _, command := range i.Installs {
			if in[command] == nil {
				installs = append(installs, command)
			}
			if !slices.Contains(in[command], i.In) {
				in[command] = append(in[command], i.In)
			}
		}
	}
	switch {
	case known == 0:
		return ""
	case len(reruns) == 0:
		return fmt.Sprintf("saving %s reruns nothing", name)
	case len(reruns) == 1 && known == 1:
		return only
	case len(installs) == 0:
		return fmt.Sprintf("saving %s reruns steps in %s", name, list(reruns))
	}
	var parts []string
	for _, command := range installs {
		parts = append(parts, command+" in "+list(in[command]))
	}
	return fmt.Sprintf("saving %s reruns %s", name, strings.Join(parts, "; "))
}

// maxListed is how many names a sentence lists.
const maxListed = 3

func list(names []string) string {
	if len(names) > maxListed {
		names = append(slices.Clone(names[:maxListed-1]), fmt.Sprintf("%d more", len(names)-maxListed+1))
	}
	if len(names) == 1 {
		return names[0]
	}
	return words.Alternatives(names, "and")
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
