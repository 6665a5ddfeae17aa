package completion

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
)

// surroundings are what is known of the stage at a place: what its image has, and what the steps above have done.
type surroundings struct {
	image    string          // the last part of the name of the image at the root, such as "node"; "" if it is not known
	facts    images.Facts    // of that image; zero if it is not known
	bc       *files.Context  // nil if it is not known
	called   map[string]bool // programs that the stage has called above
	ran      []string        // lines of commands that have run above
	copied   []copies.Copy   // the nearest first
	workdir  bool            // a WORKDIR stands above, or the image has one
	packages bool            // packages of the operating system are installed above
}

func (l *list) surroundings() (s surroundings) {
	step := l.step()
	if step == nil || step.Stage == nil {
		return s
	}
	if root := step.Stage.Root(); root.Base.Known {
		if r, err := images.Parse(root.Base.Text); err == nil {
			s.image = path.Base(r.Name)
		}
	}
	s.facts, _ = images.Of(step.Stage)
	if !l.place.OnBuild {
		s.bc = l.doc.Context()
	}
	s.workdir = s.facts.Workdir != "" && s.facts.Workdir != "/"
	s.called = map[string]bool{}
	seen := 0
	l.above(func(above *stages.Step) bool {
		s.workdir = s.workdir || above.Instr.Name == "WORKDIR"
		if c, ok := copies.Of(above); ok {
			s.copied = append(s.copied, c)
		}
		did := callsOf(above)
		for _, program := range did.programs {
			s.called[program] = true
		}
		s.ran = append(s.ran, did.lines...)
		s.packages = s.packages || did.packages
		seen++
		return seen < maxAbove
	})
	return s
}

// calls are what a RUN calls.
type calls struct {
	programs []string
	lines    []string // the words of the commands
	packages bool     // it installs packages of the operating system
}

type callsKey struct{}

// callsOf is kept with the step: each answer asks for those of many.
func callsOf(s *stages.Step) *calls {
	return s.Memo(callsKey{}, func() any {
		var did calls
		for _, cmd := range commands(s) {
			did.programs = append(did.programs, cmd.Program)
			did.lines = append(did.lines, strings.Join(shell.Texts(cmd.Words), " "))
			if os, ok := cmd.OSPackages(); ok && os.Install {
				did.packages = true
			}
		}
		return &did
	}).(*calls)
}

// maxAbove bounds the steps that are looked at for each answer.
const maxAbove = 200

// has reports whether the image has the program, as far as is known: it brings it, or a step above has called it.
func (s *surroundings) has(p *shell.Phrase) bool {
	if shell.Manager(p.Program) != "" {
		return shell.IsManager(p.Program, s.facts.PackageManager) || p.Brings(s.image)
	}
	return p.Brings(s.image) || s.called[p.Program]
}

// there are those of the files of a list that the context has at its top.
func (s *surroundings) there(list string) (names []string) {
	if s.bc == nil {
		return nil
	}
	for name := range strings.FieldsSeq(list) {
		if s.bc.Exists(name) && !s.bc.Ignored(name) {
			names = append(names, name)
		}
	}
	return names
}

// brought reports whether a step above has copied one of the files.
func (s *surroundings) brought(names []string) bool {
	return slices.ContainsFunc(s.copied, func(c copies.Copy) bool {
		return c.Whole() || slices.ContainsFunc(c.Sources, func(source string) bool {
			return slices.ContainsFunc(names, func(name string) bool {
				match, err := path.Match(source, name)
				return err == nil && match
			})
		})
	})
}

// whole reports whether a step above has copied all of the context.
func (s *surroundings) whole() bool {
	return slices.ContainsFunc(s.copied, func(c copies.Copy) bool { return c.Whole() })
}

// done reports whether a command that begins like the phrase has run.
func (s *surroundings) done(p *shell.Phrase) bool {
	call := strings.TrimSpace(p.Program + " " + p.Sub)
	return slices.ContainsFunc(s.ran, func(line string) bool { return line == call || strings.HasPrefix(line, call+" ") })
}

// The ranks of phrases, the likely ones first.
const (
	ready  = iota // its files have been copied, and it has not run
	plain         // the image has the program, which needs no files
	waits         // its files are in the context, and not in the image yet
	again         // it has run
	others        // nothing speaks for it
	never         // what it needs is surely not there
)

// outdone reports whether the context has the files of another phrase that says more: the lock file that belongs to the
// manifest which is all that this one needs. A project with a lock file of one tool is not installed by another.
func (s *surroundings) outdone(p *shell.Phrase) bool {
	if p.Files == "" || s.bc == nil {
		return false
	}
	all := shell.Phrases()
	for i := range all {
		q := &all[i]
		if q.Program == p.Program && p.Takes == "" || q.Files == p.Files || !s.has(q) || len(s.there(q.Files)) == 0 {
			continue
		}
		takes := strings.Fields(q.Takes)
		if !slices.ContainsFunc(strings.Fields(p.Files), func(name string) bool { return !slices.Contains(takes, name) }) {
			return true
		}
	}
	return false
}

// rank says how likely a phrase is.
func (s *surroundings) rank(p *shell.Phrase) int {
	manager := shell.Manager(p.Program)
	if manager != "" && s.facts.PackageManager != "" && !s.has(p) {
		return never
	}
	if !s.has(p) {
		return others
	}
	if s.done(p) && manager == "" {
		return again
	}
	if p.Files == "" {
		return plain
	}
	if s.outdone(p) {
		return others
	}
	names := s.there(p.Files)
	switch {
	case len(names) == 0 && s.bc != nil:
		return others
	case len(names) == 0:
		return plain
	case s.brought(names):
		return ready
	}
	return waits
}
