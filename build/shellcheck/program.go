package shellcheck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	timeout     = 10 * time.Second // for one script
	maxOutput   = 4 << 20          // bytes
	maxAnswers  = 4000             // that are kept; then those go that nobody has asked for since half of them came
	oldestMinor = 7                // 0.7.0 of 2019 brought the format and the option that are used here
	busyboxFrom = 10               // 0.10.0 of 2024 knows the shell of busybox
)

// Program is a ShellCheck that is installed. Its methods may be called from several goroutines.
type Program struct {
	path string
	// run runs the program with a text as its standard input, and returns what it writes. Its exit code is 1 if it has
	// something to say, and more if it cannot.
	run   func(ctx context.Context, path string, args []string, stdin string) (out []byte, exitCode int, err error)
	slots chan struct{} // bounds the processes

	mu           sync.Mutex // guards what follows
	asked        bool       // the version
	version      string
	problem      error // why it is of no use
	knowsBusybox bool
	answers      map[question][]comment
	older        map[question][]comment
}

// Look finds the program in PATH; nil if it is not there. What lies in the current folder is never taken, whatever
// PATH says: that may be anybody's project.
func Look() *Program {
	path, err := exec.LookPath("shellcheck")
	if err != nil || !filepath.IsAbs(path) {
		return nil
	}
	return At(path)
}

// At is the program with an absolute path.
func At(path string) *Program {
	return &Program{path: path, run: run, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// Describe says in one line which program it is, or why there is none: for a log. p may be nil.
func (p *Program) Describe(ctx context.Context) string {
	switch {
	case p == nil:
		return "shellcheck is not in PATH, so the scripts of RUN are not checked with it"
	case !p.usable(ctx):
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.problem == nil {
			return p.path + " was not asked for its version: the session has ended"
		}
		return fmt.Sprintf("%s cannot be used: %v", p.path, p.problem)
	}
	return fmt.Sprintf("the scripts of RUN are checked with %s, ShellCheck %s", p.path, p.version)
}

var versionLine = regexp.MustCompile(`(?m)^version: v?(\d+)\.(\d+)`)

// Close waits until nothing of the program runs any more, and lets nothing run from now on: it is called when the context of
// all questions has ended, and before this process does. p may be nil.
func (p *Program) Close() {
	if p != nil {
		for range cap(p.slots) {
			p.slots <- struct{}{}
		}
	}
}

// start runs the program when others have ended.
func (p *Program) start(ctx context.Context, args []string, stdin string) (out []byte, exitCode int, err error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	defer func() { <-p.slots }()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return p.run(ctx, p.path, args, stdin)
}

// usable asks the program for its version, once.
func (p *Program) usable(ctx context.Context) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked {
		return p.problem == nil
	}
	out, _, err := p.start(ctx, []string{"--version"}, "")
	if ctx.Err() != nil {
		return false
	}
	p.asked = true
	m := versionLine.FindSubmatch(out)
	switch {
	case err != nil:
		p.problem = err
	case m == nil:
		p.problem = errors.New("it does not tell its version")
	default:
		major, _ := strconv.Atoi(string(m[1]))
		minor, _ := strconv.Atoi(string(m[2]))
		p.version = strings.TrimPrefix(string(m[0]), "version: ")
		p.knowsBusybox = major > 0 || minor >= busyboxFrom
		if major == 0 && minor < oldestMinor {
			p.problem = fmt.Errorf("its version is %s, and 0.%d is the oldest that can be asked", p.version, oldestMinor)
		}
	}
	return p.problem == nil
}

// ask is the answer to a question; none if ctx ends, or if the program fails or takes too long, which it would another
// time as well.
func (p *Program) ask(ctx context.Context, q question) []comment {
	if known, ok := p.known(q); ok {
		return known
	}
	args := []string{"--format=json1", "--norc", "--severity=style", "--exclude=" + excluded, "--shell=" + q.dialect, "-"}
	out, code, err := p.start(ctx, args, q.text)
	if ctx.Err() != nil {
		return nil
	}
	var comments []comment
	if err == nil && code <= 1 {
		comments, _ = parse(out)
	}
	p.keep(q, comments)
	return comments
}

func (p *Program) known(q question) ([]comment, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer, ok := p.answers[q]; ok {
		return answer, true
	}
	answer, ok := p.older[q]
	if ok {
		p.answers[q] = answer
	}
	return answer, ok
}

func (p *Program) keep(q question, answer []comment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers == nil || len(p.answers) >= maxAnswers/2 {
		p.older, p.answers = p.answers, map[question][]comment{}
	}
	p.answers[q] = answer
}

// run runs a program, with all that it may have started, until it ends or ctx does. It stands in its own folder, so that
// nothing is looked for in a project's, and gets no options from the environment.
func run(ctx context.Context, path string, args []string, stdin string) (out []byte, exitCode int, err error) {
	cmd := exec.CommandContext(ctx, path, args...)
	stdout := &bounded{}
	cmd.Stdin, cmd.Stdout, cmd.Dir = strings.NewReader(stdin), stdout, filepath.Dir(path)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SHELLCHECK_OPTS=") })
	cmd.Env = append(cmd.Env, "LC_ALL=C.UTF-8")
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return stdout.written, exit.ExitCode(), nil
	}
	return stdout.written, 0, err
}

// bounded keeps what is written, and refuses more than maxOutput.
type bounded struct{ written []byte }

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.written)+len(p) > maxOutput {
		return 0, errors.New("it writes too much")
	}
	b.written = append(b.written, p...)
	return len(p), nil
}
