// Package check is the command line's door to the findings: it checks Dockerfiles that are named,
// found in folders or read from standard input, reports what is wrong, and mends it on demand.
//
// Files are checked in parallel, and reported and mended one after another in order of path, so that
// the output is the same every time, and two Dockerfiles that share a .dockerignore do not both
// create it. What is left after fixes is found by another check, since a fix may concern other
// Dockerfiles too.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/workspace"
)

// Exit codes of Run.
const (
	Clean    = 0 // nothing at or above the fail level
	Findings = 1
	Failed   = 2 // something could not be read, checked or written
)

// Options say what to check and what to do about it.
type Options struct {
	Paths []string // files, folders, globs, or "-" for standard input; none: the working directory
	Path  string   // the path that standard input stands for

	Format    string // "text" or "json"
	Color     string // "auto", "always" or "never"
	FailLevel diagnostics.Severity
	Only      []string // rules by name, code or family; empty: all
	Skip      []string

	Fix       bool // apply safe fixes
	Suggested bool // also those that are only suggested
	Diff      bool // show what Fix would do, and write nothing

	Config    string // configuration file; empty: the nearest one above each Dockerfile
	Context   string // build context directory; empty: as configured
	BuildArgs map[string]string
	Target    string

	Jobs int // files checked at a time; 0: one a processor
}

// Streams are the standard streams.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// runner is one run.
type runner struct {
	Options
	streams Streams
	dir     string // working directory
	rules   ruleFilter
	configs configs
	lister  *files.Lister
	term    terminal

	fixes  fixer
	stdin  *string // what standard input's text was made of by fixes; nil before
	counts counts
	failed bool // something went wrong on the way
}

// result is what is known about one target.
type result struct {
	target
	src      string
	snapshot *workspace.Snapshot // nil if the target could not be read
	found    []diagnostics.Diagnostic
	report   []byte // the findings in the format asked for
	counts   counts
	errs     []error
	notices  []string // worth knowing, and no error
}

// Run checks what the options name and returns the exit code. Errors are reported, not returned: the
// other files are checked all the same.
func Run(ctx context.Context, opts Options, streams Streams) (exitCode int) {
	r := &runner{Options: opts, streams: streams}
	if err := r.prepare(); err != nil {
		r.fail(err)
		return Failed
	}
	targets, errs := r.find(ctx)
	for _, err := range errs {
		r.fail(err)
	}
	if err := r.run(ctx, targets); err != nil {
		r.fail(err)
	}
	switch {
	case r.failed:
		return Failed
	case r.counts.atLeast(r.FailLevel):
		return Findings
	}
	return Clean
}

// prepare makes sense of the options before anything is read.
func (r *runner) prepare() (err error) {
	if r.dir, err = os.Getwd(); err != nil {
		return fmt.Errorf("finding the working directory: %w", err)
	}
	if err := r.contradiction(); err != nil {
		return err
	}
	if r.Jobs <= 0 {
		r.Jobs = runtime.GOMAXPROCS(0)
	}
	if r.rules, err = newRuleFilter(r.Only, r.Skip); err != nil {
		return err
	}
	if r.Context != "" {
		r.Context = r.abs(r.Context)
		if info, err := os.Stat(r.Context); err != nil {
			return fmt.Errorf("the build context %s: %w", r.show(r.Context), plain(err))
		} else if !info.IsDir() {
			return fmt.Errorf("the build context %s is not a folder", r.show(r.Context))
		}
	}
	if r.Config != "" {
		r.Config = r.abs(r.Config)
		if _, err := os.Stat(r.Config); err != nil {
			return fmt.Errorf("the configuration %s: %w", r.show(r.Config), plain(err))
		}
	}
	r.term = newTerminal(r.Color, r.streams)
	r.lookAgain()
	return nil
}

// lookAgain forgets what is known of the disk.
func (r *runner) lookAgain() { r.configs, r.lister = configs{}, new(files.Lister) }

// contradiction says which options do not go together.
func (r *runner) contradiction() error {
	stdin := slices.Contains(r.Paths, "-")
	switch {
	case r.Suggested && !r.Fix && !r.Diff:
		return errors.New("--suggested needs --fix or --diff")
	case r.Diff && r.Format == "json":
		return errors.New("--diff has no JSON form: the edits of each fix are in the report of --format=json")
	case r.Path != "" && !stdin:
		return errors.New("--path names what standard input stands for: give - as well")
	case stdin && r.Fix && !r.Diff && len(r.Paths) > 1:
		return errors.New("--fix writes standard input's text to standard output: give - alone")
	case stdin && r.Fix && !r.Diff && r.Format == "json":
		return errors.New("--fix writes standard input's text to standard output, which leaves no place for JSON")
	}
	return nil
}

// reportTo is where the report goes: beside the text, if that is what standard output is for.
func (r *runner) reportTo() io.Writer {
	if r.Fix && !r.Diff && slices.Contains(r.Paths, "-") {
		return r.streams.Err
	}
	return r.streams.Out
}

// run checks the targets, and reports and mends them in their order.
func (r *runner) run(ctx context.Context, targets []target) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.Fix && !r.Diff {
		if err := r.mendAll(ctx, targets); err != nil {
			return err
		}
	}
	report := r.newReport()
	bar := newProgress(r.term, len(targets))
	defer bar.clear()
	for res := range r.checkAll(ctx, targets) {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if res.snapshot != nil && r.Diff {
			r.mend(ctx, res)
		}
		if len(res.errs)+len(res.notices)+len(res.report) > 0 {
			bar.clear()
		}
		for _, notice := range res.notices {
			fmt.Fprintf(r.streams.Err, "layerwise: %s\n", Escape(notice))
		}
		for _, err := range res.errs {
			r.fail(err)
		}
		if res.snapshot != nil {
			r.counts.add(res.counts)
			if err := report.file(res); err != nil {
				return fmt.Errorf("writing the report: %w", err)
			}
		}
		bar.step()
	}
	bar.clear()
	if err := report.end(r.counts); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// ahead is how many files for each job may be done before the first one in order is.
const ahead = 64

// checkAll checks the targets in parallel and yields their results in order.
func (r *runner) checkAll(ctx context.Context, targets []target) func(yield func(*result) bool) {
	type slot struct {
		target
		done chan *result
	}
	return func(yield func(*result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		work := make(chan slot)
		order := make(chan slot, r.Jobs*ahead)
		go func() {
			defer close(work)
			defer close(order)
			for _, t := range targets {
				s := slot{t, make(chan *result, 1)}
				select {
				case order <- s:
				case <-ctx.Done():
					return
				}
				work <- s
			}
		}()
		ended := make(chan struct{})
		for range r.Jobs {
			go func() {
				for s := range work {
					s.done <- r.check(ctx, s.target)
				}
				ended <- struct{}{}
			}()
		}
		defer func() {
			cancel()
			for range r.Jobs {
				<-ended
			}
		}()
		for s := range order {
			if !yield(<-s.done) {
				return
			}
		}
	}
}

// check checks one target. A mistake in this program is reported like any other error.
func (r *runner) check(ctx context.Context, t target) (res *result) {
	res = &result{target: t}
	defer func() {
		if v := recover(); v != nil {
			res.snapshot = nil
			res.errs = append(res.errs, internalError(t.name, v))
		}
	}()
	if ctx.Err() != nil {
		return res
	}
	src, err := r.read(ctx, t)
	if err != nil {
		res.errs = append(res.errs, fmt.Errorf("%s: %w", t.name, plain(err)))
		return res
	}
	cfg, err := r.config(t)
	if err != nil {
		res.errs = append(res.errs, err)
	}
	res.src = src
	res.snapshot = workspace.NewFileSnapshot(t.abs, src, cfg, r.lister)
	if g := res.snapshot.Graph(); r.Target != "" && g.Find(r.Target, len(g.Stages)) == nil {
		res.notices = append(res.notices, fmt.Sprintf("%s: there is no stage %q, so the last one counts as the target", t.name, r.Target))
	}
	r.describe(ctx, res)
	r.aboutContext(ctx, res)
	res.snapshot = res.snapshot.Afresh() // the results wait for their turn, and there are many
	return res
}

// aboutContext tells when the findings were made without the build context, or without all of it:
// then rules that depend on it are silent.
func (r *runner) aboutContext(ctx context.Context, res *result) {
	if res.abs == "" || ctx.Err() != nil {
		return
	}
	listing := res.snapshot.Context(ctx)
	switch {
	case listing != nil && !listing.Complete():
		res.notices = append(res.notices, fmt.Sprintf("%s: not all of the build context was looked at: %s", res.name, listing.Stop))
	case listing == nil && !(res.stdin && errors.Is(res.snapshot.ContextError(ctx), fs.ErrNotExist)):
		dir := cmp.Or(res.snapshot.Config.Context, filepath.Dir(res.abs))
		res.errs = append(res.errs, fmt.Errorf("%s: the build context %s: %w", res.name, r.show(dir), res.snapshot.ContextError(ctx)))
	}
}

// describe finds what is wrong, and writes the report about it.
func (r *runner) describe(ctx context.Context, res *result) {
	res.found = res.snapshot.Diagnostics(ctx)
	res.counts = counts{files: 1}
	fixes := make([][]diagnostics.Fix, len(res.found))
	for i := range res.found {
		fixes[i] = res.found[i].Fixes()
		res.counts.addFinding(res.found[i].Severity, fixes[i])
	}
	switch {
	case r.Format == "json":
		res.report = r.jsonFile(res, fixes)
	case r.Diff: // the difference is the report
	default:
		res.report = r.textFile(res, fixes)
	}
}

// fail reports an error, which decides the exit code.
func (r *runner) fail(err error) {
	r.failed = true
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(r.streams.Err, "layerwise: %s\n", Escape(line))
	}
}

// abs makes a path absolute.
func (r *runner) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(r.dir, path)
}

// show is the path as reports name it: relative to the working directory, with slashes.
func (r *runner) show(abs string) string {
	rel, err := filepath.Rel(r.dir, abs)
	if err != nil {
		rel = abs // on another volume
	}
	return filepath.ToSlash(rel)
}

// plain is the reason of a file system error without the path, which the message names already in a
// form of its own.
func plain(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// internalError is what is told about a panic, with enough of the stack for a bug report.
func internalError(name string, value any) error {
	lines := strings.Split(string(debug.Stack()), "\n")
	return fmt.Errorf("%s: internal error: %v\n%s", name, value, strings.Join(lines[:min(len(lines), 25)], "\n"))
}
