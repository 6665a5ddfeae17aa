package history

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strconv"
	"strings"

	"layerwise/build/files"
)

// maxPointer is the size in bytes that a pointer of Git LFS is smaller than.
const maxPointer = 1024

// pointer reads what Git LFS stores in the place of a large file: the size and the SHA-256 of what is
// in the working tree.
func pointer(body string) (size int64, sum [sha256.Size]byte, ok bool) {
	if !strings.HasPrefix(body, "version https://git-lfs.github.com/spec/") {
		return 0, sum, false
	}
	var id []byte
	for _, line := range strings.Split(body, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "oid":
			id, _ = hex.DecodeString(strings.TrimPrefix(value, "sha256:"))
		case "size":
			size, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	return size, sum, copy(sum[:], id) == len(sum)
}

// isPointer reports whether the working tree has the pointer, and not the file.
func isPointer(at string) bool {
	body, err := files.ReadRegular(filepath.Dir(at), filepath.Base(at), maxPointer)
	if err != nil {
		return false
	}
	_, _, ok := pointer(body)
	return ok
}
