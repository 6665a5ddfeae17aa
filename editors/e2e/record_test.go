package e2e_test

import (
	"flag"
	"fmt"
	"path/filepath"

	"layerwise/internal/endtoend"
)

var record = flag.Bool("record", false, "write what the editors send to server/testdata/clients, for the server's own tests")

// serve puts a script on the PATH by way of which editors start the server. It leaves the server's
// process id, for tests that end it, and the traffic if it is to be looked at.
func (s *session) serve(traffic bool) {
	s.t.Helper()
	script := fmt.Sprintf("#!/bin/sh\necho $$ >'%s/server.pid'\nexec '%s' \"$@\"\n", s.dir, s.server)
	if traffic {
		s.write(s.server+".sh", script)
		script = endtoend.Tee(s.server+".sh", s.traffic("client"), s.traffic("server"))
	}
	s.write(filepath.Join(s.bin, filepath.Base(s.server)), script)
}

// traffic is the file that holds what a side sent.
func (s *session) traffic(side string) string { return filepath.Join(s.dir, side+".traffic") }

// recorded writes what the client sent to the server's test data.
func (s *session) recorded(client string) {
	s.t.Helper()
	if *record {
		endtoend.Record(s.t, client, s.traffic("client"), s.dir)
	}
}
