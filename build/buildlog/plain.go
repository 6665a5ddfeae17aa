package buildlog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// plain reads the output of --progress=plain.
//
// Source: util/progress/progressui/printer.go in BuildKit. A step's number and name come first, and
// again whenever the output returns to it from another one, even after it has ended; its last line is
// DONE, CACHED, CANCELED or ERROR.
type plain struct {
	vertices map[int]*vertex
	order    []*vertex
	again    string // the name of step 1, if it was just told again: the next line decides what that means
	held     []string
}

var (
	numbered = regexp.MustCompile(`^#(\d{1,9}) (.*)$`)
	done     = regexp.MustCompile(`^DONE(?: (\d+(?:\.\d+)?)s)?$`)
)

func (p *plain) line(text string) (ended []*Build) {
	parts := numbered.FindStringSubmatch(text)
	if parts == nil {
		return nil
	}
	number, _ := strconv.Atoi(parts[1])
	rest := parts[2]
	isName := name.MatchString(rest)
	if p.again != "" {
		switch {
		case number == 1:
			p.held = append(p.held, text)
			return nil
		case number == 2 && isName:
			ended = p.end() // steps are numbered anew
		}
		ended = append(ended, p.release()...)
	}
	switch v := p.vertices[number]; {
	case number == 0: // "building with ..." is the first line of a build
		return append(ended, p.end()...)
	case v == nil && isName:
		p.add(number, rest)
	case v == nil: // its name was cut off, or it has none that is of interest
	case isName && rest == v.name:
		if number == 1 && len(p.order) > 1 {
			p.again = rest
			p.held = []string{text}
		}
	case isName && place(rest) != "" && place(v.name) != "":
		ended = append(ended, p.end()...)
		p.add(number, rest)
	default:
		v.tell(rest)
	}
	return ended
}

// place is what stands in the brackets of a name.
func place(full string) string {
	if parts := name.FindStringSubmatch(full); parts != nil {
		return parts[1]
	}
	return ""
}

func (p *plain) add(number int, name string) {
	if p.vertices == nil {
		p.vertices = map[int]*vertex{}
	}
	v := &vertex{name: name}
	p.vertices[number] = v
	p.order = append(p.order, v)
}

// tell notes a line about a step.
func (v *vertex) tell(rest string) {
	switch {
	case rest == "CACHED":
		v.state = Cached
	case rest == "CANCELED":
		v.state = Canceled
	case strings.HasPrefix(rest, "ERROR: "):
		v.state = Failed
	default:
		parts := done.FindStringSubmatch(rest)
		if parts == nil {
			return
		}
		v.state = Done
		if seconds, err := strconv.ParseFloat(parts[1], 64); err == nil && seconds < float64(longest/time.Second) {
			v.took = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
		}
	}
}

// longest is more than any step takes.
const longest = 365 * 24 * time.Hour

// release takes the lines that were held back.
func (p *plain) release() (ended []*Build) {
	name, held := p.again, p.held
	p.again, p.held = "", nil
	if p.vertices[1] == nil {
		p.add(1, name)
	}
	for _, text := range held {
		if parts := numbered.FindStringSubmatch(text); parts[2] != name {
			p.vertices[1].tell(parts[2])
		}
	}
	return ended
}

// end takes what was read as whole builds.
func (p *plain) end() []*Build {
	list := builds(p.order)
	p.vertices, p.order = nil, nil
	return list
}
