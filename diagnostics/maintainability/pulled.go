package maintainability

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/images"
	"layerwise/diagnostics"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// pulled is an image that a build fetches, and where the file names it.
type pulled struct {
	name, tag, digest string // the name as people write it
	base              bool   // by FROM; otherwise files of it are used
	step              *stages.Step
	span              text.Span
}

func (i pulled) report(p *diagnostics.Pass, severity diagnostics.Severity, message string) {
	p.Report(diagnostics.Finding{Severity: severity, Step: i.step, Span: i.span, Message: diagnostics.Plain(message)})
}

// ref is the image with its tag, if it has one.
func (i pulled) ref() string {
	if i.tag == "" {
		return i.name
	}
	return i.name + ":" + i.tag
}

type pulledKey struct{}

// pulledImages are the images of a stage's FROM, COPY --from and RUN --mount. Those whose name or tag the
// build decides are not among them, nor are stages and what may be a named context.
func pulledImages(p *diagnostics.Pass) []pulled {
	return p.Fact(pulledKey{}, func(p *diagnostics.Pass) any {
		var list []pulled
		for _, s := range p.Stage.Steps {
			if s.N > 0 && len(s.Instr.Flags) == 0 {
				continue // the most by far
			}
			switch c := s.Instr.Cmd().(type) {
			case *instructions.Stage:
				if image, ok := baseOf(p, s, c.BaseName); ok {
					list = append(list, image)
				}
			case *instructions.CopyCommand:
				if image, ok := source(p, s, c.From); ok {
					list = append(list, image)
				}
			case *instructions.RunCommand:
				mounts, _ := s.Mounts()
				for _, m := range mounts {
					if image, ok := source(p, s, m.From); ok {
						list = append(list, image)
					}
				}
			}
		}
		return list
	}).([]pulled)
}

// baseOf is the image that a FROM names.
func baseOf(p *diagnostics.Pass, from *stages.Step, written string) (image pulled, ok bool) {
	s := from.Stage
	if s.Parent != nil || s.Scratch() {
		return image, false
	}
	image = pulled{base: true, step: from, span: from.Instr.Keyword}
	if len(from.Instr.Words) > 0 {
		image.span = from.Instr.Words[0].Span
	}
	name := s.Base.Text
	if strings.Contains(strings.ToLower(name), "placeholder") {
		return image, false // a program puts an image in its place
	}
	if undeclared(p, from, written) {
		return image, false // the build fails, or something else is meant
	}
	if fromOutside(p, from, written) {
		// Whatever the build gives, what stands behind the last slash stays.
		slash := strings.LastIndexByte(written, '/')
		if slash < 0 || strings.ContainsAny(written[slash:], `$}"'\`) {
			return image, false
		}
		ref, err := images.Parse("registry.example.com" + written[slash:])
		image.name, image.tag, image.digest = strings.SplitN(written[:slash]+"/"+path(written[slash+1:]), "@", 2)[0], ref.Tag, ref.Digest
		return image, err == nil
	}
	if !s.Base.Known || byBuild(from, written) && !p.Needed() {
		return image, false // a build gives the argument of a stage that it does not make some value or other
	}
	ref, err := images.Parse(name)
	image.name, image.tag, image.digest = ref.Short, ref.Tag, ref.Digest
	return image, err == nil && !p.NamedContext(name)
}

// path is the last part of a reference without its tag and digest.
func path(last string) string {
	last, _, _ = strings.Cut(last, "@")
	last, _, _ = strings.Cut(last, ":")
	return last
}

// variable matches the uses of variables that do not say what holds if there is no value.
var variable = regexp.MustCompile(`\$(?:(\w+)|\{(\w+)(:?[-+?])?)`)

// fromOutside reports whether the build has to give a value that a FROM uses: that of an ARG without a
// default, or of the platform.
func fromOutside(p *diagnostics.Pass, from *stages.Step, written string) bool {
	for _, m := range variable.FindAllStringSubmatch(written, -1) {
		if strings.HasSuffix(m[3], "-") {
			continue
		}
		if v, ok := from.Vars.Lookup(m[1] + m[2]); !ok || !v.Value.Known {
			return true
		}
	}
	return false
}

// undeclared reports whether a FROM uses a variable that nothing declares.
func undeclared(p *diagnostics.Pass, from *stages.Step, written string) bool {
	return slices.ContainsFunc(variable.FindAllStringSubmatch(written, -1), func(m []string) bool {
		name := m[1] + m[2]
		if _, ok := from.Vars.Lookup(name); ok || m[3] != "" {
			return false
		}
		return !slices.ContainsFunc(p.Global(), func(s *stages.Step) bool {
			return slices.ContainsFunc(s.Defines(), func(d stages.Definition) bool { return d.Name == name })
		})
	})
}

// byBuild reports whether a FROM uses an ARG without a default: the build gives its value.
func byBuild(from *stages.Step, written string) bool {
	for _, m := range variable.FindAllStringSubmatch(written, -1) {
		v, ok := from.Vars.Lookup(m[1] + m[2])
		if !ok || v.Step == nil {
			continue
		}
		if slices.ContainsFunc(v.Step.Defines(), func(d stages.Definition) bool { return d.Name == v.Name && !d.HasValue }) {
			return true
		}
	}
	return false
}

// source is the image that files are taken from.
func source(p *diagnostics.Pass, s *stages.Step, name string) (image pulled, ok bool) {
	if name == "" || isStage(p, name) || p.NamedContext(name) {
		return image, false
	}
	ref, err := images.Parse(name)
	if err != nil {
		return image, false
	}
	if _, known := images.Lookup(name, ""); !known && !strings.ContainsAny(name, "/:@.") {
		return image, false // it may be a named context
	}
	return pulled{name: ref.Short, tag: ref.Tag, digest: ref.Digest, step: s, span: placeOf(s, name)}, true
}

// isStage reports whether a name, or a number, means a stage of the file.
func isStage(p *diagnostics.Pass, name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil || strings.EqualFold(name, "scratch") || slices.ContainsFunc(p.Froms(), func(s *stages.Step) bool {
		return strings.EqualFold(s.Stage.Name, name)
	})
}

// placeOf is where a flag names the image.
func placeOf(s *stages.Step, name string) text.Span {
	for _, f := range s.Instr.Flags {
		if i := strings.LastIndex(f.Value.Of(s.Instr.Text), name); i >= 0 {
			return text.Span{Start: f.Value.Start + i, End: f.Value.Start + i + len(name)}
		}
	}
	return s.Instr.Keyword
}

// latestOnly reports whether the image's publisher offers no versions, or none for free.
func latestOnly(name string) bool {
	return publishers.MatchString(name)
}

// publishers matches them also behind a mirror.
var publishers = regexp.MustCompile(`(^|/)(chainguard|distroless)/`)
