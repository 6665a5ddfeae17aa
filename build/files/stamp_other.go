//go:build !linux

package files

import "io/fs"

// stampOf has to do without the inode's own time stamp, whose place differs between systems.
func stampOf(info fs.FileInfo) stamp {
	return stamp{size: info.Size(), modified: info.ModTime().UnixNano(), mode: info.Mode()}
}
