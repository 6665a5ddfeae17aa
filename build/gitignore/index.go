package gitignore

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"sort"
	"strings"

	"layerwise/build/files"
)

// index are the paths that a repository tracks, sorted. Those of a folder that a sparse checkout leaves out
// are one path, with a slash at the end.
type index []string

// maxIndex bounds the bytes of an index, and of the paths in it: of a million files it has about 100 MB.
const maxIndex = 256 << 20

// readIndex reads the index of a git directory. What cannot be read tracks nothing.
func readIndex(gitDir string) index {
	src, err := files.ReadRegular(gitDir, "index", maxIndex)
	if err != nil {
		return nil
	}
	paths, base, err := parseIndex([]byte(src))
	if err != nil {
		return nil
	}
	if base != "" { // a split index names what has changed since the shared one
		if src, err := files.ReadRegular(gitDir, "sharedindex."+base, maxIndex); err == nil {
			shared, _, _ := parseIndex([]byte(src))
			paths = append(paths, shared...)
		}
	}
	slices.Sort(paths)
	return paths
}

// has reports whether a file is tracked, or a folder: as a submodule, or because something in it is.
func (x index) has(path string, folder bool) bool {
	if _, found := slices.BinarySearch(x, path); found || !folder {
		return found
	}
	i := sort.SearchStrings(x, path+"/")
	return i < len(x) && strings.HasPrefix(x[i], path+"/")
}

var errIndex = errors.New("no index of git")

// parseIndex reads the paths of an index of version 2, 3 or 4, as gitformat-index(5) describes it, and the
// name of the shared index that a split one builds on. The names of objects have 20 bytes, or 32.
func parseIndex(src []byte) (paths []string, base string, err error) {
	for _, object := range []int{20, 32} {
		if paths, base, err = parseIndexOf(src, object); err == nil {
			return paths, base, nil
		}
	}
	return nil, "", err
}

func parseIndexOf(src []byte, object int) (paths []string, base string, err error) {
	const header, stat = 12, 40
	if len(src) < header+object || string(src[:4]) != "DIRC" {
		return nil, "", errIndex
	}
	version := binary.BigEndian.Uint32(src[4:])
	count := binary.BigEndian.Uint32(src[8:])
	if version < 2 || version > 4 {
		return nil, "", errIndex
	}
	rest := src[header : len(src)-object] // the checksum is at the end
	last, total := "", 0
	for range count {
		fixed := stat + object + 2
		if len(rest) < fixed {
			return nil, "", errIndex
		}
		flags := binary.BigEndian.Uint16(rest[stat+object:])
		if flags&0x4000 != 0 { // extended flags follow
			fixed += 2
		}
		at := fixed
		path := ""
		if version == 4 { // the path before, less some bytes at its end
			less, n := offset(rest[min(at, len(rest)):])
			if n == 0 || less > uint64(len(last)) {
				return nil, "", errIndex
			}
			path, at = last[:len(last)-int(less)], at+n
		}
		end := bytes.IndexByte(rest[min(at, len(rest)):], 0)
		if end < 0 {
			return nil, "", errIndex
		}
		path += string(rest[at : at+end])
		if length := int(flags & 0xfff); length < 0xfff && length != len(path) {
			return nil, "", errIndex
		}
		if total += len(path); total > maxIndex {
			return nil, "", errIndex
		}
		at += end + 1
		if version < 4 { // entries have lengths that eight divides
			at = (at + 7) &^ 7
		}
		if at > len(rest) {
			return nil, "", errIndex
		}
		paths, last, rest = append(paths, path), path, rest[at:]
	}
	return paths, sharedIndex(rest, object), nil
}

// offset reads a number of variable length, as in packs, and how many bytes it has; 0 if it does not end.
func offset(src []byte) (value uint64, n int) {
	for i, c := range src {
		if i > 0 {
			value++
		}
		value = value<<7 | uint64(c&0x7f)
		if c&0x80 == 0 {
			return value, i + 1
		}
		if i == 8 {
			break
		}
	}
	return 0, 0
}

// sharedIndex looks among the extensions for the one that names the shared index.
func sharedIndex(extensions []byte, object int) string {
	for len(extensions) >= 8 {
		size := int64(binary.BigEndian.Uint32(extensions[4:]))
		body := extensions[8:]
		if size > int64(len(body)) {
			return ""
		}
		if string(extensions[:4]) == "link" && size >= int64(object) {
			return hex.EncodeToString(body[:object])
		}
		extensions = body[size:]
	}
	return ""
}
