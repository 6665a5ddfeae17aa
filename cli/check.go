// Package cli is the command line's door: a command a file, such as check, explain and impact. What they
// find is written by its packages report, in many formats, and terminal, for people.
//
// check takes Dockerfiles that are named, found in folders or read from standard input, reports what is
// wrong, and mends it on demand. Files are checked in parallel, and reported and mended one after another
// in order of path, so that the output is the same every time, and two Dockerfiles that share a
// .dockerignore do not both create it. What is left after fixes is found by another check, since a fix may
// concern other Dockerfiles too.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/build/shellcheck"
	"layerwise/cli/report"
	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/workspace"
)

// Exit codes.
const (
	Clean    = 0 // nothing at or above the fail level
	Findings = 1
	Failed   = 2 // something could not be read, checked or written
)

// Options say what to check and what to do about it.
type Options struct {
	Paths []string // files, folders, globs, or "-" for standard input; none: the working directory
	Path  string   // the path that standard input stands for

	Format    string   // of the report on standard output
	Outputs   []string // more reports, as FORMAT=FILE; FILE alone takes the place of standard output
	Color     string   // "auto", "always" or "never"
	FailLevel diagnostics.Severity
	Only      []string // rules by name, code or family; empty: all
	Skip      []string

	Baseline      string // file with findings that are known, and not reported
	WriteBaseline string // file to make of all findings, which are known then
	Statistics    bool   // also report the findings of each rule

	Fix       bool // apply safe fixes
	Suggested bool // also those that are only suggested
	Diff      bool // show what Fix would do, and write nothing

	Config string          // configuration file; empty: the nearest one above each Dockerfile
	Build  workspace.Flags // how the Dockerfiles are built; folders may be relative to the working directory

	Scripts *shellcheck.Program // what checks the scripts of RUN; nil if nothing does

	Jobs    int    // files checked at a time; 0: one a processor
	Version string // of this program, for reports that name it
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
	about   report.Run // what reports tell of the run
	rules   ruleFilter
	configs configs
	indexes indexes
	lister  *files.Lister
	screen  terminal.Screen // of the report on standard output

	files    []destination // of --output
	instead  bool          // one of them takes the place of standard output
	outputs  []*output
	baseline *report.Baseline // what is known; nil if nothing is
	record   *report.Baseline // that is to be written; nil if none is

	fixes  fixer
	stdin  *string // what standard input's text was made of by fixes; nil before
	counts report.Counts
	failed bool // something went wrong on the way
}

// Check checks what the options name and returns the exit code. Errors are reported, not returned: the
// other files are checked all the same.
func Check(ctx context.Context, opts Options, streams Streams) (exitCode int) {
	if os.Getenv("GOGC") == "" {
		// Most of what one file makes is garbage at the next: a check of 1,600 files takes a sixth less processor time, and
		// 150 MB in place of 60.
		defer debug.SetGCPercent(debug.SetGCPercent(400))
	}
	r := &runner{Options: opts, streams: streams}
	if err := r.prepare(); err != nil {
		r.fail(err)
		return Failed
	}
	if err := r.open(); err != nil {
		r.discard()
		r.fail(err)
		return Failed
	}
	defer r.discard()
	targets, errs := r.find(ctx)
	for _, err := range errs {
		r.fail(err)
	}
	if err := r.overwritten(targets); err != nil {
		r.fail(err)
		return Failed
	}
	if err := r.run(ctx, targets); err != nil {
		r.fail(err)
	}
	switch {
	case r.failed:
		return Failed
	case r.counts.Any(r.about.Fails):
		return Findings
	}
	return Clean
}

// prepare makes sense of the options before anything is read.
func (r *runner) prepare() (err error) {
	if r.about.Dir, err = os.Getwd(); err != nil {
		return fmt.Errorf("finding the working directory: %w", err)
	}
	r.about.Project = report.ProjectRoot(r.about.Dir)
	r.about.Version, r.about.FailLevel, r.about.Statistics = r.Version, r.FailLevel, r.Statistics
	r.about.Baseline, r.about.Patch = r.Baseline != "" || r.WriteBaseline != "", r.Diff
	if err := oneOf("--format", r.Format, report.Names()...); err != nil {
		return err
	}
	if r.files, r.instead, err = r.destinations(); err != nil {
		return err
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
	r.Build = r.at(r.Build, "")
	if folder := r.Build.Context; folder != "" {
		if info, err := os.Stat(folder); err != nil {
			return fmt.Errorf("the build context %s: %w", r.show(folder), plain(err))
		} else if !info.IsDir() {
			return fmt.Errorf("the build context %s is not a folder", r.show(folder))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Build.Contexts)) {
		if where := r.Build.Contexts[name]; !workspace.Fetched(where) {
			if err := r.folderThere(name, where); err != nil {
				return err
			}
		}
	}
	if r.Config != "" {
		r.Config = r.abs(r.Config)
		if _, err := os.Stat(r.Config); err != nil {
			return fmt.Errorf("the configuration %s: %w", r.show(r.Config), plain(err))
		}
	}
	r.screen = terminal.New(r.Color, r.streams.Out, r.streams.Err)
	r.lookAgain()
	switch {
	case r.WriteBaseline != "":
		r.record = report.NewBaseline(filepath.Dir(r.abs(r.WriteBaseline)))
	case r.Baseline != "":
		r.baseline, err = r.readBaseline(r.abs(r.Baseline))
	}
	return err
}

// lookAgain forgets what is known of the disk.
func (r *runner) lookAgain() { r.configs, r.lister = configs{}, new(files.Lister) }

// contradiction says which options do not go together.
func (r *runner) contradiction() error {
	stdin := slices.Contains(r.Paths, "-")
	switch {
	case r.Suggested && !r.Fix && !r.Diff:
		return errors.New("--suggested needs --fix or --diff")
	case r.Diff && r.Format != "text" && !r.instead:
		return fmt.Errorf("--diff writes a patch to standard output, which leaves no place for %[1]s: use --output %[1]s=FILE", r.Format)
	case r.Path != "" && !stdin:
		return errors.New("--path names what standard input stands for: give - as well")
	case r.rewrites() && len(r.Paths) > 1:
		return errors.New("--fix writes standard input's text to standard output: give - alone")
	case r.rewrites() && r.Format != "text" && !r.instead:
		return fmt.Errorf("--fix writes standard input's text to standard output, which leaves no place for %[1]s: use --output %[1]s=FILE", r.Format)
	case r.Baseline != "" && r.WriteBaseline != "":
		return errors.New("--baseline reads a list of known findings and --write-baseline makes a new one: give one of them")
	case r.Statistics && !r.tellsStatistics():
		return errors.New("--statistics needs a report as text, json or markdown: --output can add one, as in text=FILE")
	}
	return nil
}

// tellsStatistics reports whether there is a report that has a place for them.
func (r *runner) tellsStatistics() bool {
	return !r.instead && !r.Diff && report.Named(r.Format).Statistics ||
		slices.ContainsFunc(r.files, func(d destination) bool { return d.format.Statistics })
}

// rewrites reports whether standard output is for the text of standard input.
func (r *runner) rewrites() bool {
	return r.Fix && !r.Diff && slices.Contains(r.Paths, "-")
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
	var left []error // of the targets that --build leaves out
	bar := terminal.NewProgress(r.screen, len(targets))
	defer bar.Clear()
	for res := range r.checkAll(ctx, targets) {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if res.builtOtherwise != nil {
			left = append(left, res.builtOtherwise)
		}
		if res.snapshot != nil && r.Diff {
			r.mend(ctx, res)
		}
		if len(res.errs)+len(res.notices)+len(res.patch) > 0 || slices.ContainsFunc(res.parts, func(p []byte) bool { return len(p) > 0 }) {
			bar.Clear()
		}
		for _, notice := range res.notices {
			fmt.Fprintf(r.streams.Err, "layerwise: %s\n", terminal.Escape(notice))
		}
		for _, err := range res.errs {
			r.fail(err)
		}
		if res.snapshot != nil {
			if err := r.tell(res); err != nil {
				return err
			}
		}
		bar.Step()
	}
	bar.Clear()
	if ctx.Err() != nil { // before the next file was begun
		return errors.New("interrupted")
	}
	switch {
	case len(left) == 0 || len(left) < len(targets):
	case len(left) == 1:
		r.fail(left[0])
	default:
		r.fail(fmt.Errorf("no Dockerfile here has a build %q: layerwise builds tells which there are", r.Build.Build))
	}
	var errs []error
	for _, o := range r.outputs {
		errs = append(errs, o.finish(r.counts, r.failed))
	}
	if r.record != nil {
		errs = append(errs, r.writeBaseline())
	}
	return errors.Join(errs...)
}

// tell adds a file to all reports.
func (r *runner) tell(res *result) error {
	r.counts.Add(res.counts)
	if r.record != nil {
		r.record.Add(res.file(), res.known)
	}
	if len(res.patch) > 0 {
		if _, err := r.streams.Out.Write(res.patch); err != nil {
			return fmt.Errorf("writing the patch: %w", err)
		}
	}
	for i, o := range r.outputs {
		if err := o.add(res.parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// fail reports an error, which decides the exit code.
func (r *runner) fail(err error) {
	r.failed = true
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(r.streams.Err, "layerwise: %s\n", terminal.Escape(line))
	}
}

// abs makes a path absolute.
func (r *runner) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(r.about.Dir, path)
}

// show is the path as reports name it.
func (r *runner) show(abs string) string { return r.about.Show(abs) }

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
