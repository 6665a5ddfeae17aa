package server

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Most of what a keystroke makes is garbage at the next one, and a keystroke during a collection takes
// several times as long. The ballast is never touched, so it takes no memory; but the collector counts
// it, and lets small heaps grow by six megabytes, while large ones, which cost memory, grow little.
const (
	gcPercent   = 40
	ballastSize = 10 << 20
)

// restful is how long nobody has typed when garbage is collected: by then a keystroke's diagnostics are there even in a large
// file, and the next key of somebody who types mostly is not.
const restful = 60 * time.Millisecond

// collector collects garbage between keystrokes, so that it is seldom due during one.
type collector struct {
	mu      sync.Mutex  // guards the rest
	ballast []byte      // nil if the user has chosen by GOGC how garbage is collected, and after the session
	timer   *time.Timer // of the next collection; nil before the first
}

// start sets how far the heap may grow. It is for the one server of a process.
func (c *collector) start(chosen string) {
	if chosen == "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		debug.SetGCPercent(gcPercent)
		c.ballast = make([]byte, ballastSize)
	}
}

// typed puts the next collection off.
func (c *collector) typed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ballast == nil:
	case c.timer == nil:
		c.timer = time.AfterFunc(restful, collect)
	default:
		c.timer.Reset(restful)
	}
}

// stop ends it with the session.
func (c *collector) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timer != nil {
		c.timer.Stop()
	}
	c.ballast = nil
}

// collect collects garbage if there is a third of what would make it necessary.
func collect() {
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	live, all := heap[0].Value.Uint64(), heap[1].Value.Uint64()
	if all > live+live*gcPercent/100/3 {
		runtime.GC()
	}
}
