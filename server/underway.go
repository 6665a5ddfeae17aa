package server

import "sync"

// underWay counts what is under way. Unlike with a sync.WaitGroup, something may begin while somebody waits for the end of all:
// a folder that was listed beside all else brings diagnostics at any time.
type underWay struct {
	mu   sync.Mutex
	n    int
	none *sync.Cond // of mu; nil until somebody waits
}

// begin counts one more.
func (u *underWay) begin() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.n++
}

// end counts one less.
func (u *underWay) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n--; u.n == 0 && u.none != nil {
		u.none.Broadcast()
	}
}

// wait returns when nothing is under way.
func (u *underWay) wait() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.none == nil {
		u.none = sync.NewCond(&u.mu)
	}
	for u.n > 0 {
		u.none.Wait()
	}
}
