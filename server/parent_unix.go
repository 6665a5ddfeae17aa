//go:build unix

package server

import "syscall"

// alive reports whether there is a process with the id. One that may not be signalled is alive.
func alive(pid int) bool {
	return syscall.Kill(pid, 0) != syscall.ESRCH
}
