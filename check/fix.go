package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"layerwise/diagnostics"

	"github.com/rogpeppe/go-internal/diff"
)

// fixer is what the fixes of a run have changed so far.
type fixer struct {
	others map[string]string // texts of files other than Dockerfiles, by absolute path
}

// change is the new text of one file.
type change struct {
	name          string // as reports name it
	path          string // absolute; empty for standard input
	root          string // the folder that a link may not lead out of
	before, after string
	create        bool
}

// mend applies the fixes of one file, or shows what they would do. Then the result is that of the
// mended file.
func (r *runner) mend(ctx context.Context, res *result) {
	defer func() {
		if v := recover(); v != nil {
			res.errs = append(res.errs, fmt.Errorf("%s: internal error: %v\n%s", res.name, v, firstFrames(debug.Stack())))
		}
	}()
	changes, err := r.fix(ctx, res)
	switch {
	case err != nil:
	case r.Diff:
		err = r.showDiff(changes)
	case res.stdin:
		_, err = io.WriteString(r.streams.Out, res.src)
	default:
		err = write(changes)
	}
	if err != nil {
		res.errs = append(res.errs, fmt.Errorf("%s: not fixed: %w", res.name, err))
		return
	}
	for _, c := range changes {
		if c.path != res.abs {
			if r.fixes.others == nil {
				r.fixes.others = map[string]string{}
			}
			r.fixes.others[c.path] = c.after
		}
	}
}
