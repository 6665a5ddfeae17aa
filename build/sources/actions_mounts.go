package sources

import (
	"errors"
	"path"
	"strings"
)

// onRunner is a path relative to the runner's workspace.
func onRunner(name string) string {
	if name == "" {
		return "."
	}
	return joined(".", name)
}

// mounts are the folders of a runner's workspace, and what they hold. Without any, the workspace is the
// repository.
type mounts struct{ list []mount }

type mount struct {
	at  string // a folder of the runner's workspace
	own bool   // it holds this repository, or a folder of it
	to  string // that folder
}

// plain reports whether the workspace is the repository and nothing else.
func (m *mounts) plain() bool {
	for _, mt := range m.list {
		if mt != (mount{".", true, "."}) {
			return false
		}
	}
	return true
}

func (m *mounts) add(at string, own bool, to string) {
	for i := range m.list {
		if m.list[i].at == at {
			m.list[i] = mount{at, own, to}
			return
		}
	}
	m.list = append(m.list, mount{at, own, to})
}

// repository is the path in the repository of a path in the runner's workspace; false if it lies outside.
func (m *mounts) repository(name string) (string, bool) {
	if m.plain() {
		return name, true
	}
	if path.IsAbs(name) {
		return name, false
	}
	best := -1
	for i, mt := range m.list {
		if (mt.at == "." || name == mt.at || strings.HasPrefix(name, mt.at+"/")) && (best < 0 || len(mt.at) > len(m.list[best].at) || m.list[best].at == ".") {
			best = i
		}
	}
	if best < 0 || !m.list[best].own || strings.HasPrefix(name, "../") || name == ".." {
		return "", false
	}
	mt := m.list[best]
	if mt.at != "." {
		name = strings.TrimPrefix(strings.TrimPrefix(name, mt.at), "/")
	}
	return path.Join(mt.to, name), true
}

var errElsewhere = errors.New("its Dockerfile is not of this repository")

// build gives a build the paths of the repository. An error tells that it builds something else.
func (m *mounts) build(r *reading, b *Build) error {
	if m.plain() || b.Kind == Git || b.Elsewhere {
		return nil
	}
	if b.Dockerfile != "" {
		file, ok := m.repository(b.Dockerfile)
		if !ok {
			return errElsewhere
		}
		b.Dockerfile = file
	}
	if b.Kind == Folder {
		if folder, ok := m.repository(b.Context); ok {
			b.Context = folder
		} else {
			b.Kind, b.Context = Generated, ""
		}
	}
	if b.IgnoreFile != "" {
		b.IgnoreFile, _ = m.repository(b.IgnoreFile)
	}
	for name, context := range b.Contexts {
		if strings.Contains(context, ":") {
			continue
		}
		if folder, ok := m.repository(context); ok {
			b.Contexts[name] = folder
		}
	}
	b.Missing = ""
	switch {
	case b.Kind == Folder && inside(b.Context) && !r.files.IsFolder(b.Context):
		b.Missing = "there is no folder " + b.Context
	case b.Dockerfile != "" && !r.files.IsFile(b.Dockerfile):
		b.Missing = "there is no file " + b.Dockerfile
	}
	return nil
}

// call gives a call the paths of the repository; false if it calls something else.
func (m *mounts) call(c *Call) bool {
	if m.plain() || c.Git {
		return true
	}
	dir, ok := m.repository(c.Dir)
	if !ok {
		return false
	}
	c.Dir = dir
	if c.Project != "" {
		if c.Project, ok = m.repository(c.Project); !ok {
			return false
		}
	}
	for _, files := range [][]string{c.Files, c.EnvFiles} {
		for i, file := range files {
			if files[i], ok = m.repository(file); !ok {
				return false
			}
		}
	}
	return true
}
