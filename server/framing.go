package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.lsp.dev/jsonrpc2"
)

const (
	maxBody   = 64 << 20 // longer messages are skipped
	maxHeader = 8 << 10
	readSize  = 16 << 10
	keepSize  = 1 << 20 // a larger buffer is given back once it is empty
)

// A frameFilter stands between the client's bytes and the JSON-RPC library, to which a malformed
// header or body is the end of the connection. It passes on whole messages that the library can
// read, answers all else itself, and goes on at the next header: bytes that look like a header
// cannot be part of a JSON text, so a client that miscounts its lengths loses one message only.
type frameFilter struct {
	src   io.Reader
	write func(frame []byte) (int, error) // to the client
	idle  func()                          // called before it waits for the client; nil for nothing

	buf  []byte // read from src, not looked at yet: buf[at:]
	at   int
	out  []byte // the frame that is being passed on, may share memory with buf
	head []byte
}

func newFrameFilter(src io.Reader, write func(frame []byte) (int, error)) *frameFilter {
	return &frameFilter{src: src, write: write}
}

// Read implements io.Reader. It never returns a part of a message that cannot be read.
func (f *frameFilter) Read(p []byte) (int, error) {
	for len(f.head) == 0 && len(f.out) == 0 {
		body, err := f.next()
		if err != nil {
			return 0, err
		}
		if body != nil {
			f.head = frameHeader(f.head[:0], len(body))
			f.out = body
		}
	}
	n := copy(p, f.head)
	f.head = f.head[n:]
	m := copy(p[n:], f.out)
	f.out = f.out[m:]
	return n + m, nil
}

func frameHeader(dst []byte, length int) []byte {
	return fmt.Appendf(dst, "Content-Length: %d\r\n\r\n", length)
}

var (
	headerStart  = regexp.MustCompile(`(?i)content-length[ \t]*:[ \t]*[0-9]+[ \t]*\r?\n`)
	errMalformed = errors.New("malformed header")
)

// next reads one message. It returns nil without an error if the message was answered here.
func (f *frameFilter) next() ([]byte, error) {
	size, length, err := f.header()
	switch {
	case err == errMalformed:
		f.fail(jsonrpc2.InvalidRequest, nil, "malformed header: want Content-Length: N and an empty line")
		f.at += max(1, size) // or it would be found again
		return nil, f.resync()
	case err != nil:
		return nil, err
	}
	f.at += size
	if length > maxBody {
		f.fail(jsonrpc2.InvalidRequest, nil, fmt.Sprintf("a message of %d bytes is longer than %d", length, maxBody))
		return nil, f.resync()
	}
	if err := f.fill(length); err != nil {
		return nil, err
	}
	body := f.buf[f.at : f.at+length]
	if !json.Valid(body) {
		f.fail(jsonrpc2.ParseError, nil, "the message is not JSON")
		return nil, f.resync() // the length may be wrong: look for the next header in the body too
	}
	f.at += length
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD")) // parts of it may go back to the client
	}
	if !readable(body) {
		f.fail(jsonrpc2.InvalidRequest, body, "the message is not JSON-RPC 2.0")
		return nil, nil
	}
	return body, nil
}

// header looks at the bytes up to an empty line. It tells their number and the length of the body. If
// it is malformed, the number is that of bytes in which no header can be.
func (f *frameFilter) header() (size, length int, err error) {
	for length = -1; ; {
		line, err := f.line(size)
		if err != nil {
			return 0, 0, err
		}
		size += len(line)
		line = strings.TrimRight(line, "\r\n")
		switch {
		case size > maxHeader:
			return size, 0, errMalformed
		case line == "" && length >= 0:
			return size, length, nil
		case line == "" && size <= len("\r\n"):
			f.at += size // stray line ends between messages do no harm
			size = 0
			continue
		case line == "":
			return 0, 0, errMalformed
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.ContainsAny(strings.TrimSpace(name), " \t\"{}[],") {
			return 0, 0, errMalformed
		}
		if !strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if headerStart.MatchString(line + "\n") { // something stands before it
				return 0, 0, errMalformed
			}
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 63)
		if err != nil || n == 0 {
			return 0, 0, errMalformed
		}
		length = int(n)
	}
}

// line is the line that starts n bytes from here, with its newline.
func (f *frameFilter) line(n int) (string, error) {
	for searched := n; ; {
		if i := bytes.IndexByte(f.buf[f.at+searched:], '\n'); i >= 0 {
			return string(f.buf[f.at+n : f.at+searched+i+1]), nil
		}
		searched = len(f.buf) - f.at
		if searched > maxHeader {
			return "", errMalformed
		}
		if err := f.fill(searched + 1); err != nil {
			return "", err
		}
	}
}

// resync drops what comes before the next header.
func (f *frameFilter) resync() error {
	for {
		if i := headerStart.FindIndex(f.buf[f.at:]); i != nil {
			f.at += i[0]
			return nil
		}
		// Keep the end: a header may have begun there.
		f.at = max(f.at, len(f.buf)-64)
		if err := f.fill(len(f.buf) - f.at + 1); err != nil {
			return err
		}
	}
}

// fill reads until n bytes are at hand.
func (f *frameFilter) fill(n int) error {
	for len(f.buf)-f.at < n {
		if f.at > 0 {
			f.compact()
		}
		// Room grows with what has really come, so that a length alone makes no memory.
		room := min(n-len(f.buf), max(readSize, len(f.buf)))
		room = max(room, readSize)
		if cap(f.buf)-len(f.buf) < room {
			f.buf = append(make([]byte, 0, len(f.buf)+room), f.buf...)
		}
		if f.idle != nil && !waiting(f.src) {
			f.idle()
		}
		got, err := f.src.Read(f.buf[len(f.buf):cap(f.buf)])
		f.buf = f.buf[:len(f.buf)+got]
		if err != nil && len(f.buf)-f.at < n {
			return io.EOF // whatever went wrong: there is no more
		}
	}
	return nil
}

// more reports whether the client has sent something that is not passed on yet. It is for the goroutine
// that reads.
func (f *frameFilter) more() bool { return f.at < len(f.buf) || waiting(f.src) }

// compact moves the unread bytes to the start of the buffer.
func (f *frameFilter) compact() {
	rest := f.buf[f.at:]
	if cap(f.buf) > keepSize && len(rest) < keepSize/2 {
		f.buf = append(make([]byte, 0, len(rest)+readSize), rest...)
	} else {
		f.buf = f.buf[:copy(f.buf, rest)]
	}
	f.at = 0
}

// readable reports whether the JSON-RPC library can read the message, or answer a batch of them.
func readable(body []byte) bool {
	if bytes.TrimLeft(body, " \t\r\n")[0] == '[' {
		_, err := jsonrpc2.ParseRequests(body)
		return err == nil
	}
	_, err := jsonrpc2.DecodeMessage(body)
	return err == nil
}

// fail answers a message that is not passed on: with its id if it has a usable one, else with null.
func (f *frameFilter) fail(code jsonrpc2.Code, body []byte, message string) {
	var id jsonrpc2.ID
	var envelope struct {
		ID json.RawMessage `json:"id"`
	}
	if json.Unmarshal(body, &envelope) == nil {
		id, _ = parseID(envelope.ID)
	}
	answer := jsonrpc2.AppendResponse(nil, id, nil, jsonrpc2.NewError(code, message))
	// A failure shows at the next read: a client that can't be written to is gone.
	_, _ = f.write(append(frameHeader(nil, len(answer)), answer...))
}

// parseID reads the id of a request: a string, or a whole number of 64 bits.
func parseID(raw []byte) (id jsonrpc2.ID, ok bool) {
	var s string
	if json.Unmarshal(raw, &s) == nil && len(raw) > 0 && raw[0] == '"' {
		return jsonrpc2.NewStringID(s), true
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return jsonrpc2.ID{}, false
	}
	return jsonrpc2.NewNumberID(n), true
}
