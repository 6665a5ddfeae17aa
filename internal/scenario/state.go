package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// State is everything that a build reads.
type State struct {
	Dockerfile    string
	Dockerignore  *string
	Files         Files // the build context; Dockerfile and .dockerignore lie in its root
	BuildArgs     map[string]string
	Target        string
	Opts          map[string]string
	Secrets       map[string]string
	NamedContexts map[string]string
	Images        map[string]Image
	HTTP          map[string]Response // by path of the URL
	Git           map[string][]Commit // by name of the repository, oldest first
	Prune         Prune               // what the daemon forgets before this build

	clock time.Time // of the last change; every change has its own second
}

// Response is what the web server answers.
type Response struct {
	Content string
	Headers map[string]string
}

// Commit adds and replaces files of a git repository.
type Commit struct {
	Files   map[string]string
	Message string
}

// Prune is what the daemon forgets.
type Prune struct {
	Local       bool // the build contexts it was sent
	CacheMounts bool
	All         bool
}

// Edit is one change of a state. Op names it; the other members are its operands.
type Edit struct {
	Op   string `json:"op"`
	Path string `json:"path,omitempty"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Entry
	Old     string            `json:"old,omitempty"`
	New     string            `json:"new,omitempty"`
	Name    string            `json:"name,omitempty"`
	Value   *string           `json:"value,omitempty"`
	ID      string            `json:"id,omitempty"`
	Stages  string            `json:"stages,omitempty"`
	URL     string            `json:"path_url,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	Repo    string            `json:"repo,omitempty"`
	Files   map[string]string `json:"files,omitempty"`
	Message string            `json:"message,omitempty"`
	Image
}

// Builds are the states before each build, in order: the scenario as it stands, then one for each of
// PriorEdits, and the one after Edit. They share nothing.
func (s *Scenario) Builds() ([]*State, error) {
	first, err := s.start()
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.ID, err)
	}
	states := []*State{first}
	for _, edits := range append(slices.Clone(s.PriorEdits), s.Edit) {
		next := states[len(states)-1].Clone()
		for _, e := range edits {
			if err := next.Apply(e); err != nil {
				return nil, fmt.Errorf("scenario %s, build %d: %w", s.ID, len(states)+1, err)
			}
		}
		states = append(states, next)
	}
	return states, nil
}

// start is the state before the first build.
func (s *Scenario) start() (*State, error) {
	st := &State{
		Dockerfile:    s.Dockerfile,
		Dockerignore:  s.Dockerignore,
		Files:         Files{},
		BuildArgs:     cloned(s.BuildArgs),
		Target:        s.Target,
		Opts:          cloned(s.Opts),
		Secrets:       cloned(s.Secrets),
		NamedContexts: cloned(s.NamedContexts),
		Images:        cloned(s.BaseImages),
		HTTP:          map[string]Response{},
		Git:           map[string][]Commit{},
		clock:         time.Unix(1_700_000_000, 0).UTC(),
	}
	// A hard link needs its file first.
	names := slices.Sorted(maps.Keys(s.Context))
	slices.SortStableFunc(names, func(a, b string) int {
		return len(s.Context[a].Hardlink) - len(s.Context[b].Hardlink)
	})
	for _, name := range names {
		if err := st.write(name, s.Context[name]); err != nil {
			return nil, fmt.Errorf("context: %s: %w", name, err)
		}
	}
	for _, e := range append(slices.Clone(s.HTTP), s.Git...) {
		if err := st.Apply(e); err != nil {
			return nil, err
		}
	}
	return st, st.settle()
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

// Clone is the state before the next build: a copy, with nothing to prune.
func (st *State) Clone() *State {
	next := *st
	next.Files = st.Files.Clone()
	next.BuildArgs = cloned(st.BuildArgs)
	next.Opts = cloned(st.Opts)
	next.Secrets = cloned(st.Secrets)
	next.NamedContexts = cloned(st.NamedContexts)
	next.Images = cloned(st.Images)
	next.HTTP = cloned(st.HTTP)
	next.Git = map[string][]Commit{}
	for repo, commits := range st.Git {
		next.Git[repo] = slices.Clone(commits)
	}
	next.Prune = Prune{}
	return &next
}

// Apply makes one edit.
func (st *State) Apply(e Edit) error {
	if err := st.apply(e); err != nil {
		place := e.Path
		for _, other := range []string{e.From, e.Name, e.ID, e.URL, e.Repo} {
			if place == "" {
				place = other
			}
		}
		return fmt.Errorf("edit %s %s: %w", e.Op, place, err)
	}
	return st.settle()
}

func (st *State) apply(e Edit) error {
	switch e.Op {
	case "none":
	case "write", "write_keep_mtime", "rewrite_same", "delete", "rename", "chmod", "touch", "chown", "setxattr":
		return st.editFile(e)
	case "dockerfile":
		if e.Content == nil {
			return fmt.Errorf("no content")
		}
		st.Dockerfile = *e.Content
	case "replace_in_dockerfile":
		if !strings.Contains(st.Dockerfile, e.Old) {
			return fmt.Errorf("the Dockerfile has no %q", e.Old)
		}
		st.Dockerfile = strings.ReplaceAll(st.Dockerfile, e.Old, e.New)
	case "dockerignore":
		st.Dockerignore = e.Content
	case "build_arg":
		set(st.BuildArgs, e.Name, e.Value)
	case "opt":
		set(st.Opts, e.Name, e.Value)
	case "target":
		st.Target = ""
		if e.Value != nil {
			st.Target = *e.Value
		}
	case "no_cache":
		st.Opts["no-cache"] = e.Stages
	case "base_image":
		st.Images[e.Name] = st.Images[e.Name].merge(e.Image)
	case "http":
		if e.Content == nil {
			return fmt.Errorf("no content")
		}
		st.HTTP[e.URL] = Response{*e.Content, e.Headers}
	case "git":
		st.Git[e.Repo] = append(st.Git[e.Repo], Commit{e.Files, e.Message})
	case "secret":
		set(st.Secrets, e.ID, e.Value)
	case "secret_remove":
		delete(st.Secrets, e.ID)
	case "prune_local":
		st.Prune.Local = true
	case "prune_cachemount":
		st.Prune.CacheMounts = true
	case "prune_all":
		st.Prune.All = true
	default:
		return fmt.Errorf("unknown edit")
	}
	return nil
}

func set(m map[string]string, name string, value *string) {
	if value == nil {
		delete(m, name)
	} else {
		m[name] = *value
	}
}

// merge is the image with what the other one says; what that leaves empty stays.
func (i Image) merge(other Image) Image {
	if other.RootfsID != "" {
		i.RootfsID = other.RootfsID
	}
	if other.RootfsExtra != "" {
		i.RootfsExtra = other.RootfsExtra
	}
	if other.Config != nil {
		i.Config = other.Config
	}
	if other.Arch != "" {
		i.Arch = other.Arch
	}
	return i
}

// Filename is the path of the Dockerfile in the context.
func (st *State) Filename() string {
	if name := st.Opts["filename"]; name != "" {
		return name
	}
	return "Dockerfile"
}

// settle brings the Dockerfile and the ignore file into the context.
func (st *State) settle() error {
	if err := st.settleFile(st.Filename(), &st.Dockerfile); err != nil {
		return err
	}
	return st.settleFile(".dockerignore", st.Dockerignore)
}

func (st *State) settleFile(name string, content *string) error {
	real, err := st.Files.follow(name, true)
	if err != nil {
		return err
	}
	f := st.Files[real]
	switch {
	case content == nil:
		delete(st.Files, name)
	case f == nil || !f.Mode.IsRegular() || string(f.Data) != *content:
		return st.write(name, Entry{Content: content, Mode: "644"})
	}
	return nil
}
