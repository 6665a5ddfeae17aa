// Command latency builds the language server, speaks to it as an editor does, and prints how long
// it takes: p50 / p99 of each kind of request, for Dockerfiles of several lengths.
//
//	go run ./internal/latency
//
// The floor is an empty server on the same protocol library, which answers each change with an empty
// list. The figures depend on the machine and on what else it does.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"layerwise/internal/dockergen"
)

func main() {
	log.SetFlags(0)
	echo := flag.Bool("echo", false, "be the empty server")
	binary := flag.String("bin", "", "measure this program instead of building one")
	keystrokes := flag.Int("n", 1000, "keystrokes and requests of each kind")
	pause := flag.Duration("pause", 0, "rest this long between keystrokes, as people do")
	lengths := []int{20, 200, 2000, 10000}
	flag.Func("length", "measure this number of instructions only", func(s string) error {
		n, err := strconv.Atoi(s)
		lengths = []int{n}
		return err
	})
	flag.Parse()
	if *echo {
		serveEcho()
		return
	}
	if err := run(*binary, pace{*keystrokes, *pause}, lengths); err != nil {
		log.Fatal(err)
	}
}

func run(binary string, n pace, lengths []int) error {
	dir, err := os.MkdirTemp("", "latency")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if binary == "" {
		binary = filepath.Join(dir, "layerwise")
		build := exec.Command("go", "build", "-tags=grpcnotrace", "-trimpath", "-ldflags=-s -w", "-o", binary, "layerwise")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the server: %w", err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	starts, err := measureStart(binary, 20)
	if err != nil {
		return err
	}
	fmt.Printf("start → initialize result: %s (p50 / max of 20)\n\n", pair(median(starts), slices.Max(starts)))

	rows := [][]string{
		{"instructions"}, {"keystroke → diagnostics"}, {"  floor: empty server"}, {"  processor time / floor"},
		{"didOpen → diagnostics"}, {"hover"}, {"code action"}, {"burst, 30 ms apart"}, {"  floor"},
		{"100 keystrokes at once"}, {"  floor"}, {"peak RSS"},
	}
	for _, length := range lengths {
		m, err := measure([]string{binary, "lsp"}, dir, shapes[0], length, n)
		if err != nil {
			return fmt.Errorf("%d instructions: %w", length, err)
		}
		floor, err := measure([]string{self, "-echo"}, dir, shapes[0], length, n)
		if err != nil {
			return fmt.Errorf("empty server, %d instructions: %w", length, err)
		}
		for i, cell := range []string{
			fmt.Sprint(length), percentiles(m.keystroke), percentiles(floor.keystroke), pair(m.processor, floor.processor),
			percentiles(m.open), percentiles(m.hover), percentiles(m.action), percentiles(m.burst), percentiles(floor.burst),
			percentiles(m.flood), percentiles(floor.flood), fmt.Sprintf("%d MiB", m.rss>>10),
		} {
			rows[i] = append(rows[i], cell)
		}
	}
	show(rows)
	fmt.Println()
	if rows, err = inContext(binary, dir, lengths, n); err != nil {
		return err
	}
	show(rows)
	fmt.Println("\np50 / p99 in ms; bursts of 100 keystrokes: from the last one sent to its diagnostics;")
	fmt.Println("processor time: what the server uses for a keystroke, whatever else the machine does")
	return nil
}

func show(rows [][]string) {
	for _, row := range rows {
		fmt.Printf("%-25s", row[0])
		for _, cell := range row[1:] {
			fmt.Printf("%20s", cell)
		}
		fmt.Println()
	}
}

// inContext measures keystrokes where there is more to find: in a build context, of which some stage takes all.
func inContext(binary, dir string, lengths []int, n pace) (rows [][]string, err error) {
	for _, s := range shapes[1:] {
		head, keystroke := []string{s.name}, []string{"  keystroke → diagnostics"}
		processor, findings := []string{"  processor time, RSS"}, []string{"  findings shown"}
		for _, length := range lengths {
			m, err := measure([]string{binary, "lsp"}, dir, s, length, n)
			if err != nil {
				return nil, fmt.Errorf("%s, %d instructions: %w", s.name, length, err)
			}
			head, keystroke = append(head, fmt.Sprint(length)), append(keystroke, percentiles(m.keystroke))
			processor = append(processor, fmt.Sprintf("%.2f, %d MiB", float64(m.processor.Microseconds())/1000, m.rss>>10))
			findings = append(findings, fmt.Sprint(m.findings))
		}
		rows = append(rows, head, keystroke, processor, findings)
	}
	return rows, nil
}

// shape is a kind of Dockerfile, and what lies beside it.
type shape struct {
	name    string
	folder  string // as a URI spells it
	text    func(instructions int) string
	context bool // 300 files, with the manifests of a project
}

var shapes = []shape{
	{"many stages, no context", "stages", dockergen.File, false},
	{"many stages, 300 files", "many", dockergen.Stages, true},
	{"one stage, 300 files", "one", dockergen.OneStage, true},
}

// fill writes the build context of a shape.
func (s shape) fill(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil || !s.context {
		return err
	}
	files := map[string]string{
		"package.json":      `{"name": "app", "version": "1.0.0", "dependencies": {"x": "1.0.0"}}`,
		"package-lock.json": `{"lockfileVersion": 3, "packages": {}}`,
	}
	for i := range 300 - len(files) {
		files[fmt.Sprintf("f%d.js", i)] = "x"
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func percentiles(all []time.Duration) string {
	slices.Sort(all)
	return pair(all[len(all)/2], all[len(all)*99/100])
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func pair(a, b time.Duration) string {
	return fmt.Sprintf("%.2f / %.2f", float64(a.Microseconds())/1000, float64(b.Microseconds())/1000)
}

func measureStart(binary string, n int) (all []time.Duration, err error) {
	for range n {
		begin := time.Now()
		c, err := launch(binary, "lsp")
		if err != nil {
			return nil, err
		}
		if err := c.initialize(); err != nil {
			return nil, err
		}
		all = append(all, time.Since(begin))
		c.close()
	}
	return all, nil
}

// pace is how somebody types.
type pace struct {
	keystrokes int
	pause      time.Duration // before each of them
}

type figures struct {
	open, keystroke, hover, action, burst, flood []time.Duration
	processor                                    time.Duration // for a keystroke
	rss                                          int           // KiB
	findings                                     int           // shown after the last keystroke
}

// typed is what is typed at the end of a RUN in the middle of the text, character by character, and
// then deleted from its end, and so on. Half of the time the command is incomplete.
const typed = ` && curl -fsSL "https://example.com/v1/tool.tar.gz" | tar -xz -C /usr/local`

// measure edits one document. Each keystroke waits for its diagnostics.
func measure(command []string, dir string, s shape, length int, n pace) (m figures, err error) {
	c, err := launch(command[0], command[1:]...)
	if err != nil {
		return m, err
	}
	defer c.close()
	if err := c.initialize(); err != nil {
		return m, err
	}
	src := s.text(length)
	version := 0
	for i := range 5 {
		uri := "file://" + filepath.Join(dir, fmt.Sprint(s.folder, "-", length, "-", i), "Dockerfile")
		if err := s.fill(filepath.Dir(strings.TrimPrefix(uri, "file://"))); err != nil {
			return m, err
		}
		c.uri, version = uri, 1
		begin := c.open(src)
		if err := c.diagnostics(version); err != nil {
			return m, err
		}
		m.open = append(m.open, time.Since(begin))
		if i < 4 {
			c.notify("textDocument/didClose", fmt.Sprintf(`{"textDocument":{"uri":%q}}`, uri))
		}
	}
	line, column := target(src)
	keys := 0
	key := func() (begin time.Time) {
		version++
		n := keys % (2 * len(typed))
		keys++
		if n < len(typed) {
			return c.change(version, line, column+n, column+n, typed[n:n+1])
		}
		n = 2*len(typed) - n // as many are left
		return c.change(version, line, column+n-1, column+n, "")
	}
	// bursts types a hundred keys without waiting for an answer, several times.
	bursts := func(times int, pause time.Duration) (all []time.Duration, err error) {
		for range times {
			for range 99 {
				key()
				time.Sleep(pause)
			}
			begin := key()
			if err := c.diagnostics(version); err != nil {
				return nil, err
			}
			all = append(all, time.Since(begin))
		}
		return all, nil
	}
	before := c.processorTime()
	for range n.keystrokes {
		time.Sleep(n.pause)
		begin := key()
		if err := c.diagnostics(version); err != nil {
			return m, err
		}
		m.keystroke = append(m.keystroke, time.Since(begin))
	}
	m.processor, m.findings = (c.processorTime()-before)/time.Duration(n.keystrokes), c.findings
	if m.burst, err = bursts(5, 30*time.Millisecond); err != nil {
		return m, err
	}
	if m.flood, err = bursts(20, 0); err != nil {
		return m, err
	}
	if m.hover, err = c.requests(n.keystrokes, "textDocument/hover",
		fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":%d,"character":1}}`, c.uri, line)); err != nil {
		return m, err
	}
	if m.action, err = c.requests(n.keystrokes, "textDocument/codeAction",
		fmt.Sprintf(`{"textDocument":{"uri":%q},"range":{"start":{"line":%d,"character":0},"end":{"line":%d,"character":0}},"context":{"diagnostics":[]}}`, c.uri, line, line)); err != nil {
		return m, err
	}
	m.rss = c.peakRSS()
	return m, nil
}

// target is the end of a RUN in the middle of the text.
func target(src string) (line, column int) {
	lines := strings.Split(src, "\n")
	for i := len(lines) / 2; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "RUN ") && !strings.HasSuffix(lines[i], `\`) && !strings.Contains(lines[i], "<<") {
			return i, len(lines[i])
		}
	}
	return 0, 0
}
