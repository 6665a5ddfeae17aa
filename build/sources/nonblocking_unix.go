//go:build unix

package sources

import "syscall"

// nonblocking keeps the opening of a pipe from waiting for a writer.
const nonblocking = syscall.O_NONBLOCK
