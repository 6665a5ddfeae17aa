package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/cli/report"
	"layerwise/cli/terminal"
	"layerwise/internal/words"
)

// output is a report on its way to standard output or to a file.
type output struct {
	writer *report.Writer
	name   string // as errors name it
	file   *sink  // nil for a standard stream
}

// begin writes what stands before everything.
func (o *output) begin() error { return o.named(o.writer.Begin()) }

// add writes the part about the next file.
func (o *output) add(part []byte) error { return o.named(o.writer.Add(part)) }

// finish writes what stands behind everything, and puts the file in its place.
func (o *output) finish(c report.Counts, failed bool) error {
	if err := o.writer.End(c, failed); err != nil || o.file == nil {
		return o.named(err)
	}
	return o.named(o.file.commit())
}

func (o *output) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("writing %s: %w", o.name, plain(err))
}

// sink is a file that a report is written to. A regular file is replaced at once when the report is
// whole; devices and pipes are written to as they are.
type sink struct {
	*bufio.Writer
	temp   *temp    // nil for a stream
	stream *os.File // nil for a regular file
}

func newSink(path string) (*sink, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, errors.New("it is a folder")
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &sink{Writer: bufio.NewWriter(f), stream: f}, nil
	}
	if isLink(path) {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
	}
	t, err := newTemp(path, errors.Is(err, fs.ErrNotExist))
	if err != nil {
		return nil, err
	}
	return &sink{Writer: bufio.NewWriter(t), temp: t}, nil
}

func (s *sink) commit() error {
	if err := s.Flush(); err != nil {
		return err
	}
	if s.stream != nil {
		return s.stream.Close()
	}
	if err := s.temp.seal(); err != nil {
		return err
	}
	return os.Rename(s.temp.Name(), s.temp.target)
}

// discard ends the writing of a report that did not become whole. It does nothing after a commit.
func (s *sink) discard() {
	if s.stream != nil {
		s.stream.Close()
		return
	}
	s.temp.discard()
}

// destination is a file that a report goes to.
type destination struct {
	format *report.Format
	name   string // as given
	path   string // absolute
}

// destinations reads what --output names: FORMAT=FILE beside standard output, or a FILE in its place,
// which instead tells.
func (r *runner) destinations() (to []destination, instead bool, err error) {
	for _, arg := range r.Outputs {
		name, path, named := strings.Cut(arg, "=")
		if !named || strings.ContainsAny(name, `/\`) {
			name, path, named = r.Format, arg, false
		}
		f := report.Named(name)
		switch {
		case f == nil:
			return nil, false, fmt.Errorf("--output: there is no format %q, only %s; a file of that name is ./%s", name, words.Alternatives(report.Names(), "and"), arg)
		case path == "" || path == "-":
			return nil, false, fmt.Errorf("--output %s: name a file; the report on standard output is that of --format", arg)
		case !named && report.Named(arg) != nil:
			return nil, false, fmt.Errorf("--output %[1]s: name the file too, as in %[1]s=FILE", arg)
		case !named && instead:
			return nil, false, errors.New("--output: only one file can take the place of standard output; name the format of the others, as in sarif=FILE")
		}
		instead = instead || !named
		d := destination{f, path, r.abs(path)}
		if slices.ContainsFunc(to, func(o destination) bool { return o.path == d.path }) {
			return nil, false, fmt.Errorf("--output: two reports cannot go to %s", r.show(d.path))
		}
		to = append(to, d)
	}
	return to, instead, nil
}

// open begins all reports: if one cannot be written, there is no need to check anything.
func (r *runner) open() error {
	for _, d := range r.files {
		o := &output{name: d.name}
		sink, err := newSink(d.path)
		if err != nil {
			return o.named(err)
		}
		o.file = sink
		o.writer = report.NewWriter(d.format.Form(&r.about, terminal.File(r.Color == "always")), sink)
		r.outputs = append(r.outputs, o)
	}
	if !r.instead {
		r.outputs = append(r.outputs, r.standard())
	}
	for _, o := range r.outputs {
		if err := o.begin(); err != nil {
			return err
		}
	}
	return nil
}

// overwritten reports an output that would replace a Dockerfile.
func (r *runner) overwritten(targets []target) error {
	for _, t := range targets {
		if slices.ContainsFunc(r.files, func(d destination) bool { return d.path == t.abs }) || r.WriteBaseline != "" && r.abs(r.WriteBaseline) == t.abs {
			return fmt.Errorf("%s is to be checked: nothing else is written there", t.name)
		}
	}
	return nil
}

// standard is the report on standard output, or beside it if that is taken.
func (r *runner) standard() *output {
	form, to := report.Named(r.Format).Form(&r.about, r.screen), r.streams.Out
	switch {
	case r.Diff: // a patch
		form, to = report.Beside(), r.streams.Err
	case r.rewrites():
		to = r.streams.Err
	}
	return &output{writer: report.NewWriter(form, to), name: "the report"}
}

// discard ends the reports that did not become whole.
func (r *runner) discard() {
	for _, o := range r.outputs {
		if o.file != nil {
			o.file.discard()
		}
	}
}
