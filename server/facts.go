package server

import (
	"context"
	"sync"
	"time"
)

// factsWait is how long a text rests before what takes long is found out about it, so that nothing of it
// is done while someone types. A long text rests longer, by as much as the finding out took the last time but at most
// longestFactsWait: the next key would come while it is at it.
const (
	factsWait        = 150 * time.Millisecond
	longestFactsWait = 2 * time.Second
)

// seeker finds out what takes long about documents, beside all else and one at a time, and makes the
// diagnostics known that follow. What is under way for a text is given up when the text changes.
type seeker struct {
	mu   sync.Mutex
	due  map[string]*seek // by URI; guarded by mu
	took time.Duration    // the last time that it was found out; guarded by mu
	work sync.Mutex       // held by the one that is at it
}

// seek is what is due for one document.
type seek struct {
	snapshot uint64 // the newest when it became due
	timer    *time.Timer
	cancel   context.CancelFunc
}

// seekFacts has the facts found of a document that lacks them, some time after its last change. How often
// it is called for the same snapshot does not matter: clients ask again without a change.
func (s *Server) seekFacts(document string) {
	snapshot := s.workspace.Snapshot(document)
	if snapshot == nil || !s.workspace.LacksFacts(document) {
		return
	}
	q := &s.seeker
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.due == nil {
		q.due = map[string]*seek{}
	}
	if old := q.due[document]; old != nil {
		if old.snapshot == snapshot.ID() {
			return
		}
		old.end()
	}
	ctx, cancel := context.WithCancel(s.ctx)
	next := &seek{snapshot: snapshot.ID(), cancel: cancel}
	next.timer = time.AfterFunc(factsWait+min(q.took, longestFactsWait), func() {
		defer s.recovered("facts of " + document)
		defer q.done(document, next)
		s.findFacts(ctx, document)
	})
	q.due[document] = next
}

func (s *Server) findFacts(ctx context.Context, document string) {
	if s.seeker.alone(ctx, func() bool { return s.workspace.FindFacts(ctx, document) }) {
		s.update(document)
		s.refresh(document)
	}
}

// alone calls find when nobody else is at it, unless ctx has ended by then.
func (q *seeker) alone(ctx context.Context, find func() bool) bool {
	q.work.Lock()
	defer q.work.Unlock()
	if ctx.Err() != nil {
		return false
	}
	start := time.Now()
	found := find()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.took = time.Since(start)
	return found
}

// giveUp ends what is due for a document: its text has changed.
func (q *seeker) giveUp(document string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if due := q.due[document]; due != nil {
		due.end()
		delete(q.due, document)
	}
}

// end keeps the work from beginning, or ends it early.
func (k *seek) end() {
	k.timer.Stop()
	k.cancel()
}

// done forgets what is no longer due.
func (q *seeker) done(document string, ended *seek) {
	q.mu.Lock()
	defer q.mu.Unlock()
	ended.cancel()
	if q.due[document] == ended {
		delete(q.due, document)
	}
}
