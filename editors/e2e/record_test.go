package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

var record = flag.Bool("record", false, "write what the editors send to server/testdata/clients, for the server's own tests")

// serve puts a script on the PATH by way of which editors start the server. It leaves the server's
// process id, for tests that end it, and the traffic if it is to be looked at.
func (s *session) serve(traffic bool) {
	s.t.Helper()
	start := fmt.Sprintf("#!/bin/sh\necho $$ >'%s/server.pid'\nexec '%s' \"$@\"\n", s.dir, s.server)
	if traffic {
		s.write(s.server+".sh", start)
		start = fmt.Sprintf(`#!/bin/sh
pipe='%s'.$$
mkfifo "$pipe"
exec 3<&0
tee '%s' <&3 >"$pipe" &
'%s' "$@" <"$pipe" | tee '%s'
`, s.traffic("client"), s.traffic("client"), s.server+".sh", s.traffic("server"))
	}
	s.write(filepath.Join(s.bin, filepath.Base(s.server)), start)
}

// traffic is the file that holds what a side sent.
func (s *session) traffic(side string) string { return filepath.Join(s.dir, side+".traffic") }

// recorded writes what the client sent to the server's test data, without what is peculiar to the
// machine and the moment.
func (s *session) recorded(client string) {
	s.t.Helper()
	if !*record {
		return
	}
	var messages []any
	for _, body := range s.sent("client") {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var m map[string]any
		if err := d.Decode(&m); err != nil {
			s.t.Fatalf("%v in %s", err, body)
		}
		if m["method"] == nil {
			continue // an answer: the tests give their own
		}
		if params, ok := m["params"].(map[string]any); ok && params["processId"] != nil {
			params["processId"] = nil
		}
		messages = append(messages, m)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(map[string]any{"client": client, "messages": messages}); err != nil {
		s.t.Fatal(err)
	}
	text := strings.NewReplacer(s.project, "/home/user/project", s.home, "/home/user").Replace(out.String())
	if host, err := os.Hostname(); err != nil || strings.Contains(text, s.dir) || strings.Contains(text, host) {
		s.t.Fatalf("%v; or it tells of this machine:\n%s", err, text)
	}
	if err := os.WriteFile(filepath.Join("../../server/testdata/clients", client+".json"), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// sent are the messages of a side.
func (s *session) sent(side string) [][]byte {
	s.t.Helper()
	in := bufio.NewReader(strings.NewReader(read(s.t, s.traffic(side))))
	var all [][]byte
	for {
		header, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return all // the end, perhaps within a message that is being sent
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			s.t.Fatal(err)
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return all
		}
		all = append(all, body)
	}
}
