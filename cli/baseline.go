package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"layerwise/cli/report"
)

// readBaseline reads the list of what is known.
func (r *runner) readBaseline(path string) (*report.Baseline, error) {
	name := r.show(path)
	src, err := readRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no baseline %s: make it with --write-baseline %s", name, name)
	}
	if err != nil {
		return nil, fmt.Errorf("the baseline %s: %w", name, plain(err))
	}
	return report.ReadBaseline(filepath.Dir(path), name, src)
}

// writeBaseline writes the new baseline.
func (r *runner) writeBaseline() error {
	name := r.show(r.abs(r.WriteBaseline))
	if r.failed {
		return fmt.Errorf("%s is not written: it would not have the findings of all files", name)
	}
	to, err := newSink(r.abs(r.WriteBaseline))
	if err == nil {
		defer to.discard()
		to.WriteString(r.record.Text())
		err = to.commit()
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, plain(err))
	}
	return nil
}
