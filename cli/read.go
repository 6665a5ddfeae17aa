package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// maxFile bounds what is read as a Dockerfile. BuildKit itself takes 2 MiB at most for a line.
const maxFile = 64 << 20

var (
	errNotRegular = errors.New("not a regular file")
	errOutside    = errors.New("it is a link to a file outside the folder that is searched: name it to have it checked")
	errTooLarge   = fmt.Errorf("larger than %d MiB: too large for a Dockerfile", maxFile>>20)
)

// read returns the text of a target.
func (r *runner) read(ctx context.Context, t target) (string, error) {
	if t.stdin && r.stdin != nil {
		return *r.stdin, nil
	}
	if t.stdin {
		return readStdin(ctx, r.streams.In)
	}
	if t.link && !t.named {
		// What a folder holds was not asked for by name: a link must not lead out of the folder. No search goes through a
		// link to a folder.
		if real, err := filepath.EvalSymlinks(t.abs); err == nil && !inside(t.root, real) {
			return "", errOutside
		}
	}
	return readRegular(t.abs)
}

// readRegular reads a file that is neither a folder nor anything that would make the reader wait.
func readRegular(path string) (string, error) {
	if info, err := os.Stat(path); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", errNotRegular
	}
	// It may have become a FIFO since.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errNotRegular
	}
	if info.Size() > maxFile {
		return "", errTooLarge
	}
	return readAll(f, info.Size())
}

// readStdin reads standard input, which may be a terminal that nobody types at, until it ends or ctx
// does.
func readStdin(ctx context.Context, in io.Reader) (string, error) {
	var src string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		src, err = readAll(in, 0)
	}()
	select {
	case <-done:
		return src, err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readAll reads what should be of the size, or any other.
func readAll(from io.Reader, size int64) (string, error) {
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead)) // with room for the read that finds the end
	n, err := b.ReadFrom(io.LimitReader(from, maxFile+1))
	if err == nil && n > maxFile {
		err = errTooLarge
	}
	return b.String(), err
}

// inside reports whether the path, without links, is the folder or lies below it. The folder itself
// may be named through links.
func inside(folder, path string) bool {
	real, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(real, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// isLink reports whether the path itself is a symbolic link.
func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
