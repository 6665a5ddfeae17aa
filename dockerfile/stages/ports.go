package stages

import (
	"strconv"
	"strings"

	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Port is one port, or range of ports, of an EXPOSE, its variables expanded.
type Port struct {
	Span  text.Span // of the word that gives it; relative to the instruction's Text
	Text  string
	IP    string // before the port of the host; empty but by mistake, as is Host
	Host  string
	Port  string // of the container: 80, 8000-8010
	Proto string // as written; empty if it is not
	Valid bool   // it is a port to BuildKit, whatever stands before it
}

// Ports are the ports of an EXPOSE. Those that depend on what is not known are left out.
func (s *Step) Ports() (list []Port) {
	if _, ok := s.Instr.Cmd().(*instructions.ExposeCommand); !ok {
		return nil
	}
	for _, w := range s.Instr.Words {
		value := s.Expand(w.Text)
		if !value.Known {
			continue
		}
		texts := []string{value.Text}
		if strings.Contains(w.Text, "$") {
			texts = strings.Fields(value.Text) // BuildKit splits what variables hold
		}
		for _, text := range texts {
			p := portOf(text)
			p.Span = w.Span
			list = append(list, p)
		}
	}
	return list
}

// portOf takes a port apart as BuildKit does: [ip:][host:]port[/protocol].
func portOf(text string) Port {
	p := Port{Text: text}
	parts := strings.Split(text, ":")
	n := len(parts)
	p.Port = parts[n-1]
	if n > 1 {
		p.Host = parts[n-2]
	}
	if n > 2 {
		p.IP = strings.Join(parts[:n-2], ":")
	}
	p.Port, p.Proto, _ = strings.Cut(p.Port, "/")
	switch strings.ToLower(p.Proto) {
	case "", "tcp", "udp", "sctp":
		p.Valid = isPorts(p.Port)
	}
	return p
}

// isPorts reports whether the text is a port or a range of ports.
func isPorts(text string) bool {
	first, last, isRange := strings.Cut(text, "-")
	a, errA := strconv.Atoi(first)
	if !isRange {
		last = first
	}
	b, errB := strconv.Atoi(last)
	return errA == nil && errB == nil && a >= 0 && a <= b && b <= 65535
}
