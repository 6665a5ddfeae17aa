// Package copies reads what COPY and ADD take from the build context, and where they put it.
package copies

import (
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/stages"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Copy is a COPY or ADD that takes files from the build context.
type Copy struct {
	Step    *stages.Step
	Sources []string // cleaned paths or wildcards relative to the context; "." is all of it
	Dest    string   // absolute and clean path in the image
	IsDir   bool     // the destination is written as a directory, with a slash or as "."
	Text    string   // the destination, variables expanded
	Raw     string   // the destination as BuildKit reads it from the file
	Exclude []string
	Chown   string
	Chmod   string
	Link    bool
	Parents bool
	Add     bool
	Vars    bool // it expands variables
}

// Of reads a step. ok is false for everything that is not a copy from the context, and for one
// whose sources or destination depend on something unknown.
func Of(s *stages.Step) (c Copy, ok bool) {
	if s.Instr.Name != "COPY" && s.Instr.Name != "ADD" {
		return Copy{Step: s}, false
	}
	type result struct {
		copy Copy
		ok   bool
	}
	r := s.Memo(memoKey{}, func() any {
		c, ok := read(s)
		return result{c, ok}
	}).(result)
	return r.copy, r.ok
}

type memoKey struct{}

// Sources are the paths of the context that a COPY or ADD names, as far as they are known: also of one that Of cannot
// read as a whole.
func Sources(s *stages.Step) (sources []string) {
	var words []string
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if cmd.From != "" {
			return nil
		}
		words = cmd.SourcePaths
	case *instructions.AddCommand:
		words = cmd.SourcePaths
	}
	for _, word := range words {
		if v := s.Expand(word); v.Known && (s.Instr.Name != "ADD" || !isRemote(v.Text)) {
			sources = append(sources, files.Rooted(v.Text))
		}
	}
	return sources
}

func read(s *stages.Step) (c Copy, ok bool) {
	c.Step = s
	var sd instructions.SourcesAndDest
	switch cmd := s.Instr.Cmd().(type) {
	case *instructions.CopyCommand:
		if cmd.From != "" {
			return c, false
		}
		sd, c.Exclude, c.Chown, c.Chmod = cmd.SourcesAndDest, cmd.ExcludePatterns, cmd.Chown, cmd.Chmod
		c.Link, c.Parents = cmd.Link, cmd.Parents
	case *instructions.AddCommand:
		sd, c.Exclude, c.Chown, c.Chmod = cmd.SourcesAndDest, cmd.ExcludePatterns, cmd.Chown, cmd.Chmod
		c.Link, c.Add = cmd.Link, true
	default:
		return c, false
	}
	for _, word := range append([]string{sd.DestPath, c.Chown, c.Chmod}, sd.SourcePaths...) {
		c.Vars = c.Vars || strings.Contains(word, "$")
	}
	patterns := len(strings.Join(c.Exclude, ""))
	for _, word := range sd.SourcePaths {
		source := s.Expand(word)
		if !source.Known {
			return c, false
		}
		if strings.ContainsAny(source.Text, "*?[") {
			patterns += len(source.Text)
		}
		if c.Add && isRemote(source.Text) {
			continue
		}
		c.Sources = append(c.Sources, files.Rooted(source.Text))
	}
	text := s.Expand(sd.DestPath)
	dest := s.Join(text.Text)
	if len(c.Sources) == 0 || !text.Known || patterns > maxPatterns {
		return c, false
	}
	c.Text, c.Raw = text.Text, sd.DestPath
	if !dest.Known {
		// The base image's directory is not known, but one name for it is as good as another:
		// relative paths of the same stage still meet.
		dest.Text = path.Clean(unknownDir + dest.Text)
	}
	c.Dest = dest.Text
	c.IsDir = strings.HasSuffix(c.Text, "/") || c.Text == "." || strings.HasSuffix(c.Text, "/.")
	return c, true
}

// maxPatterns bounds the wildcards of one instruction, in bytes: each is tried on every file.
const maxPatterns = 1 << 10

// unknownDir stands for the working directory that the base image sets.
const unknownDir = "/\x00base"

// Dir is the working directory at a step, in the form of Copy.Dest: if the base image decides, it is
// a name that stands for that directory.
func Dir(s *stages.Step) string {
	return DirOf(s.Workdir)
}

// DirOf is a directory of the image in the form of Copy.Dest: one that the base image decides has a name
// that stands for it.
func DirOf(dir stages.Value) string {
	if dir.Known {
		return dir.Text
	}
	return path.Clean(unknownDir + dir.Text)
}

// BelowUnknown reports whether a path in the form of Copy.Dest lies below the directory that the base
// image sets, so that it may be anywhere.
func BelowUnknown(name string) bool {
	return name == unknownDir || strings.HasPrefix(name, unknownDir+"/")
}

// MayHold reports whether a file, whose path is known, may lie in dir or be it, where dir may lie below the directory that
// the base image sets: that directory may be any, but what comes behind it is a part of the file's path then.
func MayHold(dir, file string) bool {
	rest, unknown := strings.CutPrefix(dir, unknownDir)
	if !unknown {
		_, inside := below(dir, file)
		return inside
	}
	return rest == "" || strings.Contains(file+"/", rest+"/")
}

// NamesFile reports whether the destination is that of the one file alone, by its name: no directory is called like a file
// with an extension.
func (c Copy) NamesFile(source string) bool {
	return len(c.Sources) == 1 && !c.IsDir && !c.Parents && looksLikeFile(source) && path.Base(c.Dest) == path.Base(source)
}

// Image is where the copy puts a file of the context, in the form of Copy.Dest. ok is false if it does
// not take the file, or if that cannot be told.
func (c Copy) Image(file string) (to string, ok bool) {
	for _, source := range c.Sources {
		if rel, inside := below(path.Clean("/"+source), "/"+file); inside && !c.Parents && !strings.ContainsAny(source, "*?[") {
			if rel == "." {
				return c.Landing(source)
			}
			return path.Join(c.Dest, rel), true
		}
	}
	return "", false
}

func isRemote(source string) bool {
	return strings.Contains(source, "://") || strings.HasPrefix(source, "git@")
}

// Landing is the path in the image at which a single copied file arrives, in the form of Dir. ok is false if the source
// may be a directory, or several files.
func (c Copy) Landing(source string) (to string, ok bool) {
	if source == "." || strings.ContainsAny(source, "*?[") || c.Parents {
		return "", false
	}
	if c.IsDir {
		return path.Join(c.Dest, path.Base(source)), true
	}
	return c.Dest, len(c.Sources) == 1 && path.Ext(source) != ""
}

// Delivers returns the directory of the context whose files the copy puts into the directory dir of
// the image, if it copies that directory as a whole. Of several sources it is the first one that does
// not look like a file; Directories has all of them.
func (c Copy) Delivers(dir string) (contextDir string, ok bool) {
	if c.Parents {
		return "", false
	}
	rel, inside := below(c.Dest, dir)
	if !inside {
		return "", false
	}
	for _, source := range c.Sources {
		switch {
		case source == "*" && rel == ".":
			return ".", true
		case strings.ContainsAny(source, "*?["), len(c.Sources) > 1 && looksLikeFile(source):
			continue
		}
		return path.Join(source, rel), true
	}
	return "", false
}

// below returns the path of dir relative to root, if it is root or lies below it.
func below(root, dir string) (string, bool) {
	if root == dir {
		return ".", true
	}
	if root == "/" {
		return strings.TrimPrefix(dir, "/"), true
	}
	return strings.CutPrefix(dir, root+"/")
}

// Select evaluates the sources against the context.
func (c Copy) Select(bc *files.Context) files.Selection { return bc.Select(c.Sources, c.Exclude) }

// Broad reports whether a source is the whole context, or a directory of it.
func (c Copy) Broad(bc *files.Context) bool {
	for _, source := range c.Sources {
		if source == "." || source == "*" {
			return true
		}
		if bc != nil {
			if e, ok := bc.Lookup(source); ok && e.Mode.IsDir() {
				return true
			}
		}
	}
	return false
}

// Whole reports whether a source is the whole context.
func (c Copy) Whole() bool {
	for _, source := range c.Sources {
		if source == "." || source == "*" {
			return true
		}
	}
	return false
}
