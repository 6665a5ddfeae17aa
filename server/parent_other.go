//go:build !unix

package server

import "os"

// alive reports whether there is a process with the id.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	p.Release()
	return true
}
