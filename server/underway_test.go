package server

import "testing"

// TestUnderWay: what begins while somebody waits is no race, and is waited for if it was there first.
func TestUnderWay(t *testing.T) {
	var u underWay
	u.wait() // nothing
	for range 1000 {
		u.begin()
		waited, ended := make(chan struct{}), make(chan struct{})
		go func() {
			u.wait()
			close(waited)
		}()
		go func() {
			u.begin()
			u.end()
			close(ended)
		}()
		<-ended
		select {
		case <-waited:
			t.Fatal("the wait is over, and one is under way")
		default:
		}
		u.end()
		<-waited
	}
}
