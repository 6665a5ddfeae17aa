package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"

	"github.com/rogpeppe/go-internal/diff"
)

// fixer is what the fixes of a run have changed so far.
type fixer struct {
	others  map[string]string // texts of files other than Dockerfiles, by absolute path
	pending []pending         // what is to be written
}

// pending is what the fixes of one Dockerfile change.
type pending struct {
	res     *result
	changes []change
	fixes   int
	builds  bool // it rests on what fixes of Dockerfiles before it change
}

// change is the new text of one file.
type change struct {
	name          string // as reports name it
	path          string // absolute; empty for standard input
	root          string // the folder that a link may not lead out of
	before, after string
	create        bool
}

// mendAll applies the fixes of the targets. What cannot be checked is told of when it is checked again. Files are
// checked while others are mended, so that nothing is written before all are: one of them may be where another one
// looks.
func (r *runner) mendAll(ctx context.Context, targets []target) error {
	bar := terminal.NewProgress(r.screen, len(targets))
	defer bar.Clear()
	for res := range r.checkAll(ctx, targets) {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if res.snapshot != nil {
			res.errs = nil
			r.mend(ctx, res)
			for _, err := range res.errs {
				bar.Clear()
				r.fail(err)
			}
		}
		bar.Step()
	}
	bar.Clear()
	r.writePending()
	r.lookAgain()
	return nil
}

// writePending writes what the fixes have changed, Dockerfile by Dockerfile. Where something cannot be written, what
// rests on it is not either.
func (r *runner) writePending() {
	var failed error
	for _, p := range r.fixes.pending {
		err := failed
		if !p.builds {
			err = nil
		}
		if err == nil {
			if err = write(p.changes); err != nil && failed == nil {
				failed = err
			}
		}
		if err != nil {
			r.fail(fmt.Errorf("%s: not fixed: %w", p.res.name, err))
			continue
		}
		r.counts.Fixes += p.fixes
		r.counts.FixedFiles += len(p.changes)
	}
	r.fixes.pending = nil
}

// mend applies the fixes of one file, or shows what they would do.
func (r *runner) mend(ctx context.Context, res *result) {
	defer func() {
		if v := recover(); v != nil {
			res.errs = append(res.errs, internalError(res.name, v))
		}
	}()
	err := r.applyFixes(ctx, res)
	if err != nil {
		res.errs = append(res.errs, fmt.Errorf("%s: not fixed: %w", res.name, err))
	}
	if res.stdin && r.Fix && !r.Diff {
		r.stdin = &res.src
		if _, err := io.WriteString(r.streams.Out, res.src); err != nil {
			res.errs = append(res.errs, fmt.Errorf("writing standard output: %w", err))
		}
	}
}

func (r *runner) applyFixes(ctx context.Context, res *result) error {
	if res.counts.Fixable == 0 && !(r.Suggested && res.counts.Suggested > 0) && !res.untried {
		return nil
	}
	// What fixes of other Dockerfiles made of a .dockerignore holds for this one too.
	base := res.snapshot.With(res.src, r.fixes.others)
	overlay := func(files map[string]string) map[string]string {
		all := maps.Clone(r.fixes.others)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, files)
		return all
	}
	result := diagnostics.FixAll(res.src, r.Suggested, func(src string, files map[string]string) []diagnostics.Diagnostic {
		if ctx.Err() != nil {
			return nil // nothing is written then
		}
		found, _ := r.findings(ctx, res.file(), base.With(src, overlay(files)))
		all := make([]diagnostics.Diagnostic, len(found))
		for i, f := range found {
			all[i] = f.Diagnostic
		}
		return all
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	fixed, files := result.Src, result.Files
	if fixed == res.src && len(files) == 0 {
		return nil
	}
	var changes []change
	for _, e := range result.Edits {
		changes = append(changes, change{
			name: r.show(e.Path), path: e.Path, root: base.ContextRoot(ctx), before: e.Source, after: files[e.Path], create: e.Create,
		})
	}
	if fixed != res.src {
		changes = append(changes, change{name: res.name, path: res.abs, root: res.root, before: res.src, after: fixed})
	}
	if err := r.commit(pending{res, changes, result.Fixes, len(r.fixes.others) > 0}); err != nil {
		return err
	}
	r.fixes.others = overlay(files)
	res.src = fixed
	return nil
}

// commit shows the changes, or notes what is to be written.
func (r *runner) commit(p pending) error {
	res, changes := p.res, p.changes
	switch {
	case r.Diff:
		for _, c := range changes {
			res.patch = append(res.patch, r.diff(c)...)
		}
		res.counts.Fixes, res.counts.FixedFiles = p.fixes, len(changes)
	case res.stdin && changes[0].path != res.abs:
		return errors.New("the fix changes " + changes[0].name + " too: give the path of the Dockerfile, not its text")
	case res.stdin:
		r.counts.Fixes += p.fixes
		r.counts.FixedFiles += len(changes)
	default:
		r.fixes.pending = append(r.fixes.pending, p)
	}
	return nil
}

// diff is a change as a patch for patch -p1 or git apply. On a terminal it has colours, and nothing
// in it can control the terminal.
func (r *runner) diff(c change) []byte {
	before, after := patchName("a/", c.name), patchName("b/", c.name)
	if c.create {
		before = "/dev/null"
	}
	patch := diff.Diff(before, []byte(c.before), after, []byte(c.after))
	_, patch, _ = bytes.Cut(patch, []byte("\n")) // the command line that would give it
	if !r.screen.Color && !r.screen.TTY {
		return patch
	}
	var b strings.Builder
	for line := range strings.Lines(string(patch)) {
		body, newline := strings.CutSuffix(line, "\n")
		body, _ = strings.CutSuffix(body, "\r")
		b.WriteString(r.screen.Paint(diffStyle(body), strings.ReplaceAll(terminal.Escape(body), `\t`, "\t")))
		if newline {
			b.WriteByte('\n')
		}
	}
	return []byte(b.String())
}

func diffStyle(line string) string {
	switch {
	case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		return terminal.Bold
	case strings.HasPrefix(line, "@@"):
		return terminal.Cyan
	case strings.HasPrefix(line, "-"):
		return terminal.Red
	case strings.HasPrefix(line, "+"):
		return terminal.Green
	}
	return ""
}

// patchName is a path in a patch, quoted as git does it where it must be.
func patchName(prefix, name string) string {
	if terminal.Escape(name) == name && !strings.ContainsAny(name, `"\`) {
		return prefix + name
	}
	return strconv.QuoteToASCII(prefix + name)
}
