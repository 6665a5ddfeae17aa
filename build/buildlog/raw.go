package buildlog

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// raw reads the output of --progress=rawjson: BuildKit's client.SolveStatus, one JSON object a line.
type raw struct {
	vertices map[string]*rawVertex // by digest
	order    []*rawVertex
	loaded   map[string]string // the digest of each "load build definition" step: another one begins a build
}

type rawVertex struct {
	name    string
	cached  bool
	failed  string
	inputs  bool
	ended   bool
	periods map[time.Time]time.Time // from when to when it ran; zero if that is not told
}

type rawStatus struct {
	Vertexes []struct {
		Digest    string     `json:"digest"`
		Inputs    []string   `json:"inputs"`
		Name      string     `json:"name"`
		Started   *time.Time `json:"started"`
		Completed *time.Time `json:"completed"`
		Cached    bool       `json:"cached"`
		Error     string     `json:"error"`
	} `json:"vertexes"`
}

func (p *raw) line(text string) (ended []*Build) {
	var status rawStatus
	if json.Unmarshal([]byte(text), &status) != nil {
		return nil // cut off
	}
	for _, told := range status.Vertexes {
		if strings.Contains(told.Name, "load build definition") {
			if last := p.loaded[told.Name]; last != "" && last != told.Digest {
				ended = append(ended, p.end()...)
			}
			if p.loaded == nil {
				p.loaded = map[string]string{}
			}
			p.loaded[told.Name] = told.Digest
		}
		v := p.vertices[told.Digest]
		if v == nil {
			if p.vertices == nil {
				p.vertices = map[string]*rawVertex{}
			}
			v = &rawVertex{periods: map[time.Time]time.Time{}}
			p.vertices[told.Digest] = v
			p.order = append(p.order, v)
		}
		v.name, v.cached, v.failed = told.Name, told.Cached, told.Error // the last word counts
		v.inputs, v.ended = len(told.Inputs) > 0, told.Completed != nil
		switch {
		case told.Started != nil && told.Completed != nil:
			v.periods[*told.Started] = *told.Completed
		case told.Started != nil:
			v.periods[*told.Started] = time.Time{}
		}
	}
	return ended
}

// end takes what was read as whole builds.
func (p *raw) end() []*Build {
	var list []*vertex
	for _, v := range p.order {
		if len(v.periods) > 0 || v.cached || v.failed != "" { // else its turn never came
			list = append(list, v.vertex())
		}
	}
	*p = raw{}
	return builds(list)
}

func (v *rawVertex) vertex() *vertex {
	out := &vertex{name: v.name, inputs: v.inputs, took: v.took()}
	switch {
	case strings.HasSuffix(v.failed, "context canceled"):
		out.state = Canceled
	case v.failed != "":
		out.state = Failed
	case v.cached:
		out.state = Cached
	case v.ended:
		out.state = Done
	}
	return out
}

// took is how long the periods are together, where they overlap only once.
func (v *rawVertex) took() (total time.Duration) {
	var starts []time.Time
	for start := range v.periods {
		starts = append(starts, start)
	}
	slices.SortFunc(starts, time.Time.Compare)
	var until time.Time
	for _, start := range starts {
		end := v.periods[start]
		if start.Before(until) {
			start = until
		}
		if end.After(start) {
			total += end.Sub(start)
			until = end
		}
	}
	return min(total, longest)
}
