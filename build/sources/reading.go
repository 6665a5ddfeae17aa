package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"layerwise/dockerfile/names"
	"layerwise/internal/yaml"
)

// reading is the reading of one source: what was found in it so far.
type reading struct {
	files *watched
	file  string // the source, relative to the root
	kind  Kind

	builds []Build
	calls  []Call
	// instead are sources that are part of this one, and are not read by themselves.
	instead []string
	notes   []Note
	steps   int // work that was done, in steps of evaluations

	crashed bool

	composed, baked answers
}

// Limits of a reading: a source of a real project needs a small part of them.
const (
	maxBuilds = 10_000
	maxNotes  = 200
	maxSteps  = 200_000  // evaluations: each costs about a microsecond
	maxText   = 64 << 10 // bytes of a text that is made by an evaluation
)

// dir is the folder of the source.
func (r *reading) dir() string { return path.Dir(r.file) }

// source is the text of the source. If it cannot be read, that is a note.
func (r *reading) source(size int) (string, bool) {
	text, err := r.files.Read(r.file, size)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.note(1, "this file was not read: %v", err)
		}
		return "", false
	}
	return text, true
}

// note says what could not be known, at a line of the source.
func (r *reading) note(line int, format string, args ...any) {
	r.noteAt(Note{File: r.file, Line: line, Message: fmt.Sprintf(format, args...)})
}

// wrong says what is a mistake, at a line of the source.
func (r *reading) wrong(line int, format string, args ...any) {
	r.noteAt(Note{File: r.file, Line: line, Message: fmt.Sprintf(format, args...), Wrong: true})
}

func (r *reading) noteAt(n Note) {
	if len(r.notes) < maxNotes && !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}

// mistake notes why a text could not be parsed.
func (r *reading) mistake(err error) {
	var at *yaml.Error
	if errors.As(err, &at) {
		r.note(at.Line, "this file was not read: %s", at.Message)
		return
	}
	r.note(1, "this file was not read: %v", err)
}

// step counts work. It reports whether there may be more.
func (r *reading) step() bool { return r.spend(1) }

// spend counts work of several steps.
func (r *reading) spend(steps int) bool {
	if r.steps < maxSteps && r.steps+steps >= maxSteps {
		r.note(1, "not all of this file was read: it takes too many steps to evaluate")
	}
	r.steps += steps
	return r.steps < maxSteps
}

// place is a line of the source.
func (r *reading) place(line int) Place { return Place{r.file, line, r.kind} }

// add takes in a build whose paths are settled: see below and joined.
func (r *reading) add(b Build) {
	if len(r.builds) == maxBuilds {
		r.note(b.Place.Line, "not all builds of this file were read: there are more than %d", maxBuilds)
	}
	if len(r.builds) >= maxBuilds {
		return
	}
	slices.Sort(b.Secrets)
	b.Secrets = slices.Compact(b.Secrets)
	slices.Sort(b.SSH)
	b.SSH = slices.Compact(b.SSH)
	b.Dev = b.Dev || names.FileForDevelopers(b.Place.File)
	b.exportsInline()
	r.builds = append(r.builds, b)
}

// settle fills in a build's context and Dockerfile, as most sources name them: contextFrom and
// dockerfileFrom are the folders that the words count from, relative to the root. dockerfile is "" where the
// builder looks for one. The error, which is for a note, says what cannot be known or lies elsewhere: then
// there is no build. Call it once Inline is set.
func (r *reading) settle(b *Build, contextFrom, context, dockerfileFrom, dockerfile string) error {
	said := shown(context)
	contextFrom, context = fromRoot(contextFrom, context)
	b.At.Context.path(contextFrom, context)
	b.At.Dockerfile.path(fromRoot(dockerfileFrom, dockerfile))
	switch {
	case !isKnown(contextFrom + context):
		return fmt.Errorf("its build context, %s, is known only when it runs", said)
	case isRemote(context):
		if dockerfile == "" {
			dockerfile = "Dockerfile"
		}
		if !isKnown(dockerfile) || b.Inline == "" && !inside(path.Clean(dockerfile)) {
			return errRemote
		}
		b.Kind, b.Context = Remote, context
		if b.Inline == "" {
			b.Dockerfile, b.Elsewhere = path.Clean(dockerfile), true
		}
		return nil
	}
	b.Kind, b.Context = Folder, joined(contextFrom, context)
	if path.IsAbs(b.Context) {
		return fmt.Errorf("its build context, %s, lies outside of the workspace", said)
	}
	if inside(b.Context) && !r.files.IsFolder(b.Context) {
		b.Missing = "there is no folder " + b.Context
	}
	if b.Inline != "" {
		return nil
	}
	said = shown(dockerfile)
	dockerfileFrom, dockerfile = fromRoot(dockerfileFrom, dockerfile)
	switch {
	case dockerfile == "":
		b.Dockerfile = r.found(b.Context)
	case !isKnown(dockerfileFrom + dockerfile):
		return fmt.Errorf("its Dockerfile, %s, is known only when it runs", said)
	default:
		if b.Dockerfile = joined(dockerfileFrom, dockerfile); path.Base(b.Dockerfile) == "Dockerfile" {
			b.Dockerfile = r.found(path.Dir(b.Dockerfile))
		}
	}
	if !inside(b.Dockerfile) {
		return fmt.Errorf("its Dockerfile, %s, lies outside of the workspace", b.Dockerfile)
	}
	if b.Missing == "" && !r.files.IsFile(b.Dockerfile) {
		b.Missing = "there is no file " + b.Dockerfile
	}
	return nil
}

// errRemote is that a build context is fetched from elsewhere, and its Dockerfile with it.
var errRemote = errors.New("its build context is fetched from elsewhere, and its Dockerfile with it")

// found is the Dockerfile that buildx and BuildKit take of a folder, whether it is there or not: dockerfile, if
// there is no Dockerfile.
func (r *reading) found(folder string) string {
	name := path.Join(folder, "Dockerfile")
	if lower := path.Join(folder, "dockerfile"); inside(name) && !r.files.IsFile(name) && r.files.IsFile(lower) {
		return lower
	}
	return name
}

// isMade reports whether a path leads through a folder that programs fill, so that it may be missing for now.
func isMade(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "vendor", "node_modules", "dist", "build", "target", "out", "bin", "tmp", ".cache":
			return true
		}
	}
	return false
}

// joined is a path as seen from a folder, relative to the root; it may lead out, as "../x". An absolute one
// stays as it is.
func joined(from, name string) string {
	from, name = fromRoot(from, strings.ReplaceAll(name, `\`, "/"))
	if path.IsAbs(name) || strings.HasPrefix(name, "~") || hasDrive(name) {
		return path.Clean("/" + strings.TrimPrefix(name, "~"))
	}
	return path.Join(from, name)
}

// hasDrive reports whether a path begins with the letter of a drive of Windows: it is absolute there.
func hasDrive(name string) bool {
	return len(name) > 2 && name[1:3] == ":/" && (name[0]|0x20) >= 'a' && (name[0]|0x20) <= 'z'
}

// isRemote reports whether a context is fetched.
//
// Source: compose-go's and BuildKit's tests of such names.
func isRemote(context string) bool {
	for _, prefix := range []string{"https://", "http://", "git://", "ssh://", "github.com/", "git@", "oci-layout://", "docker-image://"} {
		if strings.HasPrefix(context, prefix) {
			return true
		}
	}
	return false
}
