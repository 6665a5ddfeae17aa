// Package workspace holds the open documents and makes immutable snapshots of them.
//
// It is the only place where the state of an editing session changes, under one mutex. Everything
// that is derived from a document belongs to a Snapshot, which never changes.
package workspace

import (
	"sync"

	"layerwise/build/shellcheck"
	"layerwise/dockerfile/syntax"
)

// Workspace is the state of an editing session. Its methods may be called from several goroutines,
// except Open, Change and Close, which must be called in the order in which the editor sends them.
type Workspace struct {
	mu            sync.Mutex
	documents     map[string]*document     // by URI; guarded by mu
	contexts      map[string]*buildContext // by root
	settings      Config                   // of the editor
	scoped        map[string]Config        // of the editor, for one document, by its URI
	scopedFolders map[string]Config        // of the editor, for what lies in an open folder, by its path
	parsed        map[string]parsedConfig  // the configuration files, by path
	problems      map[string][]Problem     // of the configuration files in use, by path; emptied by TakeProblems
	folders       []string                 // that are open in the editor
	builders      map[string]*builders     // by the root of a workspace
	rootOf        map[string]string        // the root of the workspace, by the folder of a Dockerfile
	chosen        map[string]string        // the name of the build that the user chose, by the path of a Dockerfile
	closed        map[string]*closedFile   // by path: Dockerfiles that were asked for without being open
	scripts       *shellcheck.Program      // what checks the scripts of RUN; nil if nothing does
}

// document is one open document. Guarded by Workspace.mu.
type document struct {
	uri, path  string
	name       string // of the file
	language   string // that the editor takes it for
	dockerfile bool
	version    int32
	draft      Draft
	config     Config
	attached   []attachment // the folders that its builds may need
	snapshot   *Snapshot    // the newest that was asked for; nil if there is none yet
	changed    bool         // something has changed since snapshot
	facts      *facts       // the newest that were found; nil if there are none yet
	meant      *syntax.File // as it was opened, or when it was last saved
	inferred   inference    // what its text told of its build context when that was last asked
	asked      int          // how often that was to be asked: see Workspace.infer
	answered   int          // up to which time inferred is the answer
}

// New is a workspace without documents.
func New() *Workspace {
	return &Workspace{
		documents:     map[string]*document{},
		contexts:      map[string]*buildContext{},
		scoped:        map[string]Config{},
		scopedFolders: map[string]Config{},
		parsed:        map[string]parsedConfig{},
		problems:      map[string][]Problem{},
		builders:      map[string]*builders{},
		rootOf:        map[string]string{},
		chosen:        map[string]string{},
		closed:        map[string]*closedFile{},
	}
}

// CheckScripts has the scripts of RUN checked with a program, which may be nil. It is called before anything else.
func (w *Workspace) CheckScripts(with *shellcheck.Program) { w.scripts = with }

// Open adds a document. path is its absolute path, or "" if it is not on disk; name is what its kind
// is decided by together with language. It reports the open Dockerfiles that the text affects other
// than itself: an ignore file or configuration file in an editor counts as it is there.
func (w *Workspace) Open(uri, path, name, language string, version int32, src string) (affected []string) {
	d := &document{uri: uri, path: path, name: name, language: language, version: version, draft: Draft{src: src}}
	is := holdsInstructions(name, language, src)
	w.mu.Lock()
	if old := w.documents[uri]; old != nil {
		w.detach(old)
	}
	w.documents[uri] = d
	if is {
		w.become(d)
	}
	w.mu.Unlock()
	return w.overlaid(d)
}

// become takes the text of a document for that of a Dockerfile from now on. The caller holds mu.
func (w *Workspace) become(d *document) {
	d.dockerfile, d.changed = true, true
	d.meant = syntax.Parse(d.draft.String())
	d.draft = Draft{file: d.meant}
	d.asked = 1
	d.config = w.configOf(d)
	w.attach(d)
}

// Change changes the text of an open document; change is called with its state. It does nothing if
// the document is not open. It reports the other Dockerfiles that the text affects, and whether the text has made a
// Dockerfile of the document: a template of which the marks have gone, a note that has got instructions.
func (w *Workspace) Change(uri string, version int32, change func(*Draft)) (affected []string, became bool) {
	d, became := w.change(uri, version, change)
	switch {
	case d == nil:
		return nil, false
	case became && d.path != "":
		return w.Touched(d.path), true
	}
	return w.overlaid(d), became
}

func (w *Workspace) change(uri string, version int32, change func(*Draft)) (d *document, became bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d = w.documents[uri]
	if d == nil {
		return nil, false
	}
	d.version, d.changed = version, true
	change(&d.draft)
	if became = !d.dockerfile && mayHold(d.name, d.language) && holdsInstructions(d.name, d.language, d.draft.String()); became {
		w.become(d)
	}
	return d, became
}

// Saved notes that the text of an open document is meant as it is: nobody is half through typing it. One that has become a
// template is a Dockerfile no more. It reports whether there is a new snapshot for it, or none any more.
func (w *Workspace) Saved(uri string) (changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil || !d.dockerfile {
		return false
	}
	d.meant = d.draft.tree()
	if !holdsInstructions(d.name, d.language, d.meant.Src) {
		w.detach(d)
		delete(w.scoped, uri)
		*d = document{uri: d.uri, path: d.path, name: d.name, language: d.language, version: d.version, draft: Draft{src: d.meant.Src}}
		return true
	}
	if d.facts != nil && d.facts.held {
		d.changed = true
	}
	return d.changed
}

// Close removes a document. It reports the Dockerfiles that are affected.
func (w *Workspace) Close(uri string) (affected []string) {
	w.mu.Lock()
	d := w.documents[uri]
	if d != nil {
		w.detach(d)
		delete(w.documents, uri)
		delete(w.scoped, uri)
	}
	w.mu.Unlock()
	if d == nil {
		return nil
	}
	return w.overlaid(d)
}

// overlaid notes that the text of an open file, which is not a Dockerfile, stands for the file.
func (w *Workspace) overlaid(d *document) []string {
	if d.dockerfile || d.path == "" {
		return nil
	}
	return w.Touched(d.path)
}

// overlay holds the texts of the open files that are not Dockerfiles. The caller holds mu.
func (w *Workspace) overlay() map[string]string {
	texts := map[string]string{}
	for _, d := range w.documents {
		if !d.dockerfile && d.path != "" {
			texts[d.path] = d.draft.String()
		}
	}
	return texts
}

// Snapshot is the newest view of an open Dockerfile; nil if no Dockerfile is open under that URI. The
// states of a document that nobody asks for are never parsed.
func (w *Workspace) Snapshot(uri string) *Snapshot {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.documents[uri]
	if d == nil || !d.dockerfile {
		return nil
	}
	if d.changed {
		s := newSnapshot(d.path, d.uri, d.version, d.draft.tree(), d.config)
		s.meant = d.meant
		for _, at := range d.attached {
			s.contexts[at.how] = &lookup{context: at.listing.context, err: at.listing.err, pending: !at.listing.listed}
			if !at.listing.listed {
				s.listed = at.listing.first
			}
		}
		if d.facts.of(s) {
			s.facts.Store(d.facts)
		} else {
			s.facts.Store(d.facts.kept(s))
		}
		s.inherit(d.snapshot)
		d.snapshot, d.changed = s, false
	}
	return d.snapshot
}

// Dockerfiles are the URIs of the open Dockerfiles, in no order.
func (w *Workspace) Dockerfiles() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var uris []string
	for uri, d := range w.documents {
		if d.dockerfile {
			uris = append(uris, uri)
		}
	}
	return uris
}

// Opened finds the open document of a file: its URI as the client spells it, and its version.
func (w *Workspace) Opened(path string) (uri string, version int32, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.documents {
		if d.path == path {
			return d.uri, d.version, true
		}
	}
	return "", 0, false
}

// OpenText is the text of a file as it is in the editor; false if it is not open there.
func (w *Workspace) OpenText(path string) (src string, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.documents {
		if d.path == path {
			return d.draft.String(), true
		}
	}
	return "", false
}
