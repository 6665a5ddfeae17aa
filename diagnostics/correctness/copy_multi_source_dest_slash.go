package correctness

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/shell"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/lazy"
	"layerwise/internal/words"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

var copyMultiSourceDestSlash = &diagnostics.Rule{
	Name:      "copy-multi-source-dest-slash",
	Severity:  diagnostics.Warning,
	Hadolint:  []string{"DL3021"},
	Elsewhere: diagnostics.Elsewhere{Trivy: []string{"DS-0011"}, KICS: []string{"6db6e0c2-32a3-4a2e-93b5-72c35f4119db"}},
	Stage: func(p *diagnostics.Pass) {
		for _, seen := range p.See(openDestKey{}, seeOpenDest) {
			if dest, ok := seen.What.(string); ok && severalFiles(p, seen.Step) {
				reportOpenDest(p, seen.Step, dest)
			}
		}
	},
}

type openDestKey struct{}

// seeOpenDest is the destination of a COPY or ADD of several files that is not written as a folder.
func seeOpenDest(s *stages.Step) any {
	sd, ok := pathsOf(s)
	if !ok || len(sd.SourcePaths)+len(sd.SourceContents) < 2 && !slices.ContainsFunc(sd.SourcePaths, isPattern) {
		return nil
	}
	dest := s.Expand(sd.DestPath)
	base := path.Base(dest.Text)
	if !dest.Known || dest.Text == "" || strings.HasSuffix(dest.Text, "/") || base == "." || base == ".." || s.Stage.Windows || strings.HasSuffix(sd.DestPath, `\`) {
		return nil
	}
	return dest.Text
}

// pathsOf are what a COPY or ADD takes, and where it puts it.
func pathsOf(s *stages.Step) (paths instructions.SourcesAndDest, ok bool) {
	switch c := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		return c.SourcesAndDest, !c.Parents
	case *instructions.AddCommand:
		return c.SourcesAndDest, true
	}
	return paths, false
}

func isPattern(source string) bool { return strings.ContainsAny(source, "*?[") }

// severalFiles reports whether the first two things that a step copies are surely files. The files of a folder make their
// destination a folder.
func severalFiles(p *diagnostics.Pass, s *stages.Step) bool {
	sd, _ := pathsOf(s)
	var bc *files.Context
	c, ofContext := copies.Of(s)
	if ofContext && !p.ContextDoubted() {
		bc = p.Context()
	}
	var sources []string
	for _, word := range sd.SourcePaths {
		v := s.Expand(word)
		switch {
		case !v.Known:
			return false
		case bc != nil && isPattern(v.Text):
			if len(sd.SourcePaths) == 1 {
				sources = append(sources, c.Taken(bc)...)
				continue
			}
			return false
		}
		sources = append(sources, v.Text)
	}
	n := len(sd.SourceContents)
	for _, source := range sources[:min(len(sources), 2)] {
		if !isFile(bc, source) {
			return false
		}
		n++
	}
	return n > 1
}

// fileName is the name of something that is a file rather than a folder.
var fileName = lazy.New(`[^/.][^/]*\.(json|lock|ya?ml|toml|txt|sh|py|js|ts|mjs|cjs|xml|csproj|sln|conf|cfg|ini|md|go|mod|sum|rb|gradle|kts|properties|jar|war|css|html|sql|pem|crt|key|deb|rpm|zip|gz|php|rs|c|h|cpp)$`)

// isFile reports whether a source is surely a file: the context says so, or, if it is not known, the name does.
func isFile(bc *files.Context, source string) bool {
	if bc != nil {
		if e, there := bc.Lookup(files.Rooted(source)); there {
			return e.Mode.IsRegular()
		}
	}
	return !isPattern(source) && fileName.MatchString(source)
}

func reportOpenDest(p *diagnostics.Pass, s *stages.Step, dest string) {
	in := s.Instr
	if len(in.Words) == 0 {
		return
	}
	last := in.Words[len(in.Words)-1]
	made, usual := isMadeAbove(s), isUsualFolder(p, s)
	f := diagnostics.Finding{Step: s, Span: last.Span}
	slash := words.Code(dest + "/")
	if made || usual {
		f.Severity = diagnostics.Info
		f.Message = diagnostics.Plain("Only because " + dest + " is a folder already are the files put into it, and not one over the other; podman and older builders refuse this: write " + slash)
	} else {
		f.Message = diagnostics.Plain("Without a / at its end, " + dest + " is one file unless there is such a folder already, and each source overwrites the one before; write " + slash)
	}
	f.Fixes = func(p *diagnostics.Pass) []diagnostics.Fix {
		written := last.Span.Of(in.Text)
		at := last.Span.End
		if strings.HasSuffix(written, `"`) || strings.HasSuffix(written, `'`) {
			at--
		}
		if strings.HasSuffix(last.Text, "$") || strings.HasSuffix(written, `\`) {
			return nil
		}
		safety := diagnostics.Suggested
		if made {
			safety = diagnostics.Safe
		}
		return p.FixBy("Write "+words.Code("/")+" at the end of the destination", safety, func(c *rewrite.Change) {
			c.ReplaceWord(s, text.Span{Start: at, End: at}, "/")
		})
	}
	p.Report(f)
}

// isMadeAbove reports whether the destination of a step is surely a folder: a WORKDIR, or what is below one.
func isMadeAbove(s *stages.Step) bool {
	sd, _ := pathsOf(s)
	dest := s.Join(s.Expand(sd.DestPath).Text)
	return dest.Known && s.Workdir.Known && path.Clean(dest.Text) == path.Clean(s.Workdir.Text) && !s.Stage.Scratch()
}

// isUsualFolder reports whether the destination is likely a folder: one of the system, or one that a step makes.
func isUsualFolder(p *diagnostics.Pass, s *stages.Step) bool {
	sd, _ := pathsOf(s)
	dest := s.Join(s.Expand(sd.DestPath).Text)
	if !dest.Known {
		return false
	}
	clean := path.Clean(dest.Text)
	if slices.Contains(copies.MadeIn(p.Stage), clean+"/") {
		return true
	}
	name := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(clean, "/usr"), "/local"), "/")
	return !p.Stage.Root().Scratch() && !strings.Contains(name, "/") && shell.TopFolder(name)
}

// destSpan is where a COPY or ADD writes its destination.
func destSpan(s *stages.Step) text.Span {
	if n := len(s.Instr.Words); n > 0 {
		return s.Instr.Words[n-1].Span
	}
	return diagnostics.Line(s.Instr)
}
