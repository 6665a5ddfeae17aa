package server

import (
	"context"
	"os"
	"time"

	"go.uber.org/zap"
)

// parentInterval is how often the server looks whether its client still lives. A client that dies
// mostly closes the pipe as well; one that left the pipe to a child does not.
const parentInterval = 2 * time.Second

// watchParent ends the session when the process is gone. A dead parent that nobody waits for still has
// an id, but no children.
func (s *Server) watchParent(ctx context.Context, pid int) {
	isParent := os.Getppid() == pid
	tick := time.NewTicker(parentInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !alive(pid) || isParent && os.Getppid() != pid {
				s.log.Debug("client process is gone", zap.Int("pid", pid))
				s.exit(1)
				return
			}
		}
	}
}
