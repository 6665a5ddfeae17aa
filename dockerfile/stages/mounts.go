package stages

import (
	"errors"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// errUnknown says that a mount depends on a variable whose value is not known.
var errUnknown = errors.New("the value is not known")

// Mounts are the mounts of a RUN, their variables expanded. BuildKit looks into --mount only when it
// expands it, so that is when it finds mistakes: err is the first. A RUN with a mount that depends on
// something unknown has no mounts here, and no error.
func (s *Step) Mounts() (mounts []*instructions.Mount, err error) {
	found, vars := false, false
	for _, f := range s.Instr.Flags {
		if f.Name.Of(s.Instr.Text) == "mount" {
			found = true
			vars = vars || strings.Contains(f.Value.Of(s.Instr.Text), "$")
		}
	}
	switch {
	case !found:
		return nil, nil
	case vars:
		return s.expandMounts()
	}
	r := s.Instr.Memo(mountsKey{}, func() any {
		mounts, err := s.expandMounts()
		return mountsResult{mounts, err}
	}).(mountsResult)
	return r.mounts, r.err
}

type mountsKey struct{}

type mountsResult struct {
	mounts []*instructions.Mount
	err    error
}

func (s *Step) expandMounts() ([]*instructions.Mount, error) {
	run, ok := s.Instr.Retype().(*instructions.RunCommand)
	if !ok {
		return nil, nil
	}
	lex := func() *shell.Lex { return shell.NewLex(rune(s.escape)) }
	err := run.Expand(func(word string) (string, error) {
		if err := wellFormed(lex, word); err != nil {
			return "", err
		}
		v := s.Expand(word)
		if !v.Known {
			return "", errUnknown
		}
		return v.Text, nil
	})
	if errors.Is(err, errUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return instructions.GetMounts(run), nil
}
