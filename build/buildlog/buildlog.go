// Package buildlog reads what docker buildx build and its like print while they build, with
// --progress=plain or --progress=rawjson, and tells how long each instruction of a Dockerfile took.
//
// Logs come as people and services keep them: with colours, with time stamps before each line, cut off
// at both ends, several builds one after another. The Dockerfile may have changed since. So steps are
// found by their text, within their stages and in their order.
package buildlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// State is what became of a step.
type State uint8

const (
	Unfinished State = iota // the log ends before the step does
	Cached
	Done
	Failed
	Canceled
)

func (s State) String() string {
	return [...]string{"unfinished", "cached", "done", "failed", "canceled"}[s]
}

// Build is one build of a log.
type Build struct {
	Target string // of docker buildx bake, or the service of docker compose, if the log tells
	Steps  []*Step
}

// Step is an operation of a build that belongs to an instruction.
type Step struct {
	Name  string // as BuildKit prints it: "[build 2/4] RUN make"
	Stage string // as BuildKit calls it; empty in a file with one stage
	N, Of int    // its number in the stage
	Text  string // the instruction, with variables replaced
	State State
	Took  time.Duration // of plain logs to a tenth of a second

	cut    bool // Text is only the beginning
	inputs bool // it is known to have some: it does not only fetch
	link   bool // it lays the files of a COPY --link on the stage
}

const (
	maxLog  = 100 << 20 // bytes
	maxLine = 4 << 20   // longer ones are left out
)

// Read reads a log. One in which there is no build is an error.
func Read(r io.Reader) ([]*Build, error) {
	limited := &io.LimitedReader{R: r, N: maxLog + 1}
	in := bufio.NewReaderSize(limited, maxLine)
	if mark, _ := in.Peek(2); string(mark) == "\xff\xfe" {
		in = bufio.NewReaderSize(&utf16Reader{in: in}, maxLine)
	}
	p := &reader{}
	for {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			line = nil
		}
		p.line(string(line))
		if limited.N <= 0 {
			return nil, fmt.Errorf("it is larger than %d MiB", maxLog>>20)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	p.end()
	if len(p.builds) == 0 {
		return nil, errors.New("no step of a build is in it: it should be what docker buildx build --progress=plain (or rawjson) prints")
	}
	return p.builds, nil
}

// utf16Reader reads what Windows PowerShell writes into files.
type utf16Reader struct {
	in   *bufio.Reader
	left []byte
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.left) == 0 {
		var unit [2]byte
		if _, err := io.ReadFull(r.in, unit[:]); err != nil {
			return 0, io.EOF
		}
		c := rune(unit[0]) | rune(unit[1])<<8
		if next, _ := r.in.Peek(2); utf16.IsSurrogate(c) && len(next) == 2 {
			if pair := utf16.DecodeRune(c, rune(next[0])|rune(next[1])<<8); pair != utf8.RuneError {
				_, _ = r.in.Discard(2)
				c = pair
			}
		}
		if c != '\ufeff' {
			r.left = utf8.AppendRune(nil, c)
		}
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// reader reads lines of both kinds.
type reader struct {
	builds []*Build
	plain  plain
	raw    raw
}

var (
	escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
	clock   = regexp.MustCompile(`\d\d:\d\d:\d\d`)
)

func (p *reader) line(text string) {
	text = strings.TrimPrefix(strings.TrimRight(text, "\r\n"), "\ufeff")
	if strings.Contains(text, "\x1b") {
		text = escapes.ReplaceAllString(text, "")
	}
	text = unstamped(text)
	switch {
	case strings.HasPrefix(text, "{"):
		if strings.Contains(text, `"vertexes"`) {
			p.builds = append(p.builds, p.raw.line(text)...)
		}
	case strings.HasPrefix(text, "#"):
		p.builds = append(p.builds, p.plain.line(text)...)
	}
}

// end takes what is not finished.
func (p *reader) end() {
	p.builds = append(p.builds, p.plain.end()...)
	p.builds = append(p.builds, p.raw.end()...)
}

// unstamped is a line without the time, and what else CI services write before it.
func unstamped(line string) string {
	const longest = 200
	at := strings.IndexAny(line[:min(len(line), longest)], "#{")
	if at > 0 && (clock.MatchString(line[:at]) || strings.TrimSpace(line[:at]) == "") {
		return line[at:]
	}
	return line
}

// name is the name of a step: "[web linux/amd64 build  2/11] RUN make" or "[internal] load build context".
var name = regexp.MustCompile(`^\[([^\[\]]*)\] (.*)$`)

// shortened is the length at which BuildKit cuts names if it is told to.
const shortened = 72

// parse reads a name. bake reports whether it begins with a target. It is nil for what belongs to no
// instruction.
func parse(full string, bake bool) (target string, s *Step) {
	parts := name.FindStringSubmatch(full)
	if parts == nil {
		return "", nil
	}
	words := strings.Fields(parts[1])
	if bake && len(words) > 1 {
		target, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return target, nil
	}
	number, of, ok := strings.Cut(words[len(words)-1], "/")
	n, err1 := strconv.Atoi(number)
	all, err2 := strconv.Atoi(of)
	if !ok || err1 != nil || err2 != nil {
		return target, nil
	}
	s = &Step{Name: full, N: n, Of: all}
	s.Text, s.link = strings.CutPrefix(parts[2], "LINK ")
	for _, w := range words[:len(words)-1] {
		if !strings.Contains(w, "/") { // what does is a platform
			s.Stage = w
		}
	}
	if len(full) == shortened+len("...") && strings.HasSuffix(full, "...") {
		s.Text, s.cut = strings.TrimSuffix(s.Text, "..."), true
	}
	return target, s
}

// targetOf is the target that the name of an internal step begins with: "[web internal] load ...".
func targetOf(full string) (target string, ok bool) {
	parts := name.FindStringSubmatch(full)
	if parts == nil {
		return "", false
	}
	words := strings.Fields(parts[1])
	if len(words) < 2 || words[len(words)-1] != "internal" || strings.Contains(words[0], "/") {
		return "", false
	}
	return words[0], true
}

// vertex is a step as a log tells of it.
type vertex struct {
	name   string
	state  State
	took   time.Duration
	inputs bool
}

// builds are those that vertices are of: one for each target.
func builds(vertices []*vertex) (list []*Build) {
	bake := false
	for _, v := range vertices {
		_, ok := targetOf(v.name)
		bake = bake || ok
	}
	byTarget := map[string]*Build{}
	for _, v := range vertices {
		target, s := parse(v.name, bake)
		if s == nil {
			continue
		}
		if byTarget[target] == nil {
			byTarget[target] = &Build{Target: target}
			list = append(list, byTarget[target])
		}
		s.State, s.Took, s.inputs = v.state, v.took, v.inputs
		byTarget[target].Steps = append(byTarget[target].Steps, s)
	}
	return list
}
