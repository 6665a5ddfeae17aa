package workspace

import "reflect"

// Configure sets the editor's settings for all documents. It returns the Dockerfiles that have
// another configuration now.
func (w *Workspace) Configure(cfg Config) (changed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settings = cfg
	clear(w.scoped)
	clear(w.scopedFolders)
	return w.reconfigure()
}

// ConfigureDocument sets the editor's settings for one document. It reports whether they change its
// configuration.
func (w *Workspace) ConfigureDocument(uri string, cfg Config) (changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil || !d.dockerfile {
		return false
	}
	w.scoped[uri] = cfg
	return w.reconfigureDocument(d)
}

// reconfigure works out the configuration of every Dockerfile again. The caller holds mu.
func (w *Workspace) reconfigure() (changed []string) {
	clear(w.parsed)
	for uri, d := range w.documents {
		if d.dockerfile && w.reconfigureDocument(d) {
			changed = append(changed, uri)
		}
	}
	return changed
}

func (w *Workspace) reconfigureDocument(d *document) (changed bool) {
	d.asked++
	cfg := w.configOf(d)
	if reflect.DeepEqual(cfg, d.config) {
		return false
	}
	d.config = cfg
	w.attach(d)
	d.changed = true
	return true
}

// TakeProblems returns what is wrong with the configuration files that were read since it was last
// called, by path; without problems for those that are right.
func (w *Workspace) TakeProblems() map[string][]Problem {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := w.problems
	w.problems = map[string][]Problem{}
	return taken
}
