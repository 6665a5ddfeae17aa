//go:build unix

package workspace

import (
	"io/fs"
	"syscall"
)

// ownerOf is the number of the user whom a file belongs to.
func ownerOf(info fs.FileInfo) (owner int, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}
