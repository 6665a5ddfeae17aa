package sources

import "strings"

// Attributes are where a source says what a build is made of. What it does not say, or says nobody knows where, has no line.
type Attributes struct {
	Context, Dockerfile, Target Text
	Export                      Text            // of the build cache
	Args                        map[string]Text // by name, which is their text
	Contexts                    map[string]Text // named contexts, likewise
}

// Text is a text of a source, and where it stands.
type Text struct {
	File string // relative to the workspace's root, with slashes
	Line int    // from 1; 0 if that is not known
	Text string // as it reaches the builder: where it has variables, it does not stand there so
	From string // of a path: the folder that it counts from, relative to the root
	// Shared: the line says it of several Dockerfiles at once, as an anchor of YAML may.
	Shared bool
}

// text is a text at a line of the source.
func (r *reading) text(line int, text string) Text { return Text{File: r.file, Line: line, Text: text} }

// setArg notes where an argument is given.
func (a *Attributes) setArg(name string, at Text) {
	a.Args = withName(a.Args, name, at)
}

// setContext notes where a named context is given.
func (a *Attributes) setContext(name string, at Text) {
	a.Contexts = withName(a.Contexts, name, at)
}

func withName(names map[string]Text, name string, at Text) map[string]Text {
	if at.Line == 0 {
		return names
	}
	if names == nil {
		names = map[string]Text{}
	}
	at.Text = name
	names[name] = at
	return names
}

// path completes the place of a path, once it is known what it counts from.
func (t *Text) path(from, name string) {
	if t.Line > 0 {
		t.From, t.Text = from, name
	}
}

// missingAt is where a build says what is missing, or else where the build stands.
func missingAt(files *watched, b *Build) Text {
	at := b.At.Dockerfile
	if at.Line == 0 || b.Kind == Folder && !files.IsFolder(b.Context) {
		at = b.At.Context
	}
	if at.Line == 0 {
		at = Text{File: b.Place.File, Line: b.Place.Line}
	}
	return at
}

// all are the texts that have a place.
func (a *Attributes) all(do func(*Text)) {
	for _, t := range []*Text{&a.Context, &a.Dockerfile, &a.Target, &a.Export} {
		if t.Line > 0 {
			do(t)
		}
	}
	for _, names := range []*map[string]Text{&a.Args, &a.Contexts} {
		changed := make(map[string]Text, len(*names)) // the map may be another build's, too
		for name, t := range *names {
			do(&t)
			changed[name] = t
		}
		if len(changed) > 0 {
			*names = changed
		}
	}
}

// In is where the text stands in its file, given as src, in bytes. It is not ok unless it stands on its line once, and as it is.
func (t Text) In(src string) (start, end int, ok bool) {
	if t.Line == 0 || t.Text == "" {
		return 0, 0, false
	}
	from := 0
	for n := 1; n < t.Line; n++ {
		i := strings.IndexByte(src[from:], '\n')
		if i < 0 {
			return 0, 0, false
		}
		from += i + 1
	}
	line, _, _ := strings.Cut(src[from:], "\n")
	line = strings.TrimSuffix(line, "\r")
	for at := 0; ; at++ {
		i := strings.Index(line[at:], t.Text)
		if i < 0 {
			return start, end, ok
		}
		at += i
		if !t.alone(line, at) {
			continue
		}
		if ok || strings.Contains(line[:at], "#") || strings.Contains(line[:at], " //") {
			return 0, 0, false // it stands there twice, or in a comment
		}
		start, end, ok = from+at, from+at+len(t.Text), true
	}
}

// alone reports whether a text stands by itself at a place of a line, and is no part of another one.
func (t Text) alone(line string, at int) bool {
	before, after := byte(' '), byte(' ')
	if at > 0 {
		before = line[at-1]
	}
	if end := at + len(t.Text); end < len(line) {
		after = line[end]
	}
	return strings.IndexByte(" \t\"'=[{,(:", before) >= 0 && strings.IndexByte(" \t\"'=]},);:", after) >= 0
}
