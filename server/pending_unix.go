//go:build unix

package server

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// waiting reports whether a read would return at once. It is false where that cannot be told.
func waiting(in any) (yes bool) {
	file, ok := in.(syscall.Conn)
	if !ok {
		return false
	}
	conn, err := file.SyscallConn()
	if err != nil {
		return false
	}
	err = conn.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 0)
		yes = err == nil && n > 0 && fds[0].Revents&unix.POLLIN != 0
	})
	return yes && err == nil
}
