package completion

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/text"
	"layerwise/internal/words"
	"layerwise/language/cursor"
)

// from is the value of --from; ok is false if there is none.
func (l *list) from() (name string, ok bool) {
	for _, f := range l.place.Flags {
		if f.Name == "from" {
			return f.Value, true
		}
	}
	return "", false
}

// path are paths for COPY, ADD, VOLUME and WORKDIR: files of the context for a source, folders of the image for a
// destination.
func (l *list) path(n int) {
	if l.place.Name == "VOLUME" {
		l.workdirs(10)
		return
	}
	if l.place.Name != "COPY" && l.place.Name != "ADD" {
		return
	}
	if n > 0 && n >= len(l.place.Words)-1 {
		l.destinations()
	}
	if name, ok := l.from(); ok {
		l.madeIn(name, true)
		return
	}
	l.contextPaths(20)
}

// destinations are the working directory, and folders of the image that are used above.
func (l *list) destinations() {
	at := "the working directory"
	if step := l.step(); step != nil && step.Workdir.Known {
		at += ", " + step.Workdir.Text
	}
	if typed := l.place.Typed; typed == "" || typed[0] == '.' {
		l.add(Item{Label: "./", Kind: Folder, Detail: at, Doc: "The files get into the working directory, under their own names.", Bucket: 0})
	}
	l.workdirs(1)
}

// workdirs are the folders of the image that WORKDIR, COPY and ADD name above, the nearest first.
func (l *list) workdirs(bucket int) {
	seen := map[string]bool{}
	add := func(dir, detail string) {
		if path.IsAbs(dir) && dir != "/" && !copies.BelowUnknown(dir) && !strings.ContainsAny(dir, " \t$\"'\\") && !seen[dir] {
			seen[dir] = true
			it := Item{Label: dir, Kind: Folder, Detail: detail, Bucket: bucket + len(seen)}
			if l.place.Name == "COPY" || l.place.Name == "ADD" {
				it.Label += "/"
			}
			l.add(it)
		}
	}
	if step := l.step(); step != nil && step.Workdir.Known {
		add(step.Workdir.Text, "the working directory")
	}
	steps := 0
	l.above(func(s *stages.Step) bool {
		if s.Workdir.Known {
			add(s.Workdir.Text, "the working directory of a step above")
		}
		if c, ok := copies.Of(s); ok {
			dir := c.Dest
			if !c.IsDir {
				dir = path.Dir(dir)
			}
			add(dir, "used by "+s.Instr.Name+" above")
		}
		steps++
		return steps < maxAbove && len(seen) < 10
	})
}

// madeIn are paths that the steps of a stage make, as far as the file tells, the newest first, and those that are known of its
// base image; or those of an image. numbers reports whether stages may be named by their numbers.
func (l *list) madeIn(name string, numbers bool) {
	_, err := strconv.Atoi(name)
	if number := err == nil; number && !numbers || slices.Contains(l.doc.Contexts, strings.ToLower(name)) {
		return // an image called by a number, or what the build passes
	}
	seen := map[string]bool{}
	add := func(p, detail, doc string) {
		if seen[p] || l.place.Kind != cursor.String && strings.ContainsAny(p, " \t") {
			return
		}
		seen[p] = true
		it := Item{Label: p, Kind: File, Detail: detail, Doc: doc, Bucket: 10 + len(seen)}
		if strings.HasSuffix(p, "/") {
			it.Kind = Folder
		}
		l.add(it)
	}
	own := max(l.stage(), 0)
	stage := l.doc.Graph.Find(name, own)
	var of images.Facts
	switch {
	case stage == nil:
		of, _ = images.Lookup(name, "")
	case stage.Index >= own:
		return
	default:
		for _, p := range copies.MadeIn(stage) {
			add(p, "of the stage "+name, "A step of this stage makes it, or works there. If what it holds comes out the same, the steps below this one do not rerun.")
		}
		of, _ = images.Of(stage)
	}
	for _, p := range of.Paths() {
		add(p.Path, p.What, "Of the image `"+of.Name+"`: "+p.What+".")
	}
}

// contextPaths are the entries of the folder of the context that is typed, without those that are ignored.
func (l *list) contextPaths(bucket int) {
	if l.place.OnBuild {
		return // the context is that of another build
	}
	bc := l.doc.Context()
	if bc == nil {
		l.more = l.doc.Path != ""
		return
	}
	dir, at, span := l.folder()
	unsafe := " \t\n\"'$\\`[]*?<"
	if l.place.Kind == cursor.String {
		unsafe = "\n\"$\\`[*?"
	}
	for _, e := range bc.List(at) {
		name := path.Base(e.Path)
		if e.Ignored || strings.ContainsAny(name, unsafe) || dir == "" && strings.HasPrefix(name, "-") {
			continue
		}
		it := Item{Label: name, Kind: File, Detail: words.Size(e.Size), Bucket: bucket + 1}
		if name[0] == '.' {
			it.Bucket++
		}
		if e.Mode.IsDir() {
			sel := bc.Select([]string{e.Path}, nil)
			it.Label, it.Kind, it.Bucket = name+"/", Folder, it.Bucket-1
			it.Detail = words.Count(sel.Files, "file") + ", " + words.Size(sel.Bytes)
		}
		it.Doc = l.takes(bc, e.Path)
		l.addAt(it, span)
	}
}

// folder is the folder of a context that is typed, as it is written and as the context calls it, and the span of the
// name in it.
func (l *list) folder() (written, name string, span text.Span) {
	written, _ = path.Split(l.place.Typed)
	name = path.Clean("/" + written)[1:]
	if name == "" {
		name = "."
	}
	span = l.place.Word
	span.Start += len(written)
	return written, name, span
}

// copiedPaths are those entries of the context that steps above have put into the working directory, under their names:
// what a command finds there.
func (l *list) copiedPaths() {
	around := l.surroundings()
	step := l.step()
	if around.bc == nil || step == nil || !step.Workdir.Known {
		return
	}
	written, at, span := l.folder()
	if path.IsAbs(written) {
		return
	}
	lands := func(e files.Entry) bool {
		return slices.ContainsFunc(around.copied, func(c copies.Copy) bool {
			if c.Whole() || c.IsDir && slices.ContainsFunc(c.Sources, func(source string) bool { match, err := path.Match(source, e.Path); return err == nil && match }) {
				return c.Dest == step.Workdir.Text && !c.LeavesOut(e.Path) && (c.Whole() || path.Base(e.Path) == e.Path && !e.Mode.IsDir())
			}
			to, ok := c.Image(e.Path)
			return ok && to == path.Join(step.Workdir.Text, e.Path)
		})
	}
	for _, e := range around.bc.List(at) {
		name := path.Base(e.Path)
		if e.Ignored || name[0] == '.' || strings.ContainsAny(name, " \t\n\"'$\\`[]*?<;&|()") || !lands(e) {
			continue
		}
		it := Item{Label: name, Kind: File, Detail: "copied above", Bucket: 11}
		if e.Mode.IsDir() {
			it.Label, it.Kind, it.Bucket = name+"/", Folder, 12
		}
		l.addAt(it, span)
	}
}

// takes says what it means to take a path of the context.
func (l *list) takes(bc *files.Context, name string) string {
	sel := bc.Select([]string{name}, nil)
	if l.place.Name == "RUN" {
		return "Mounts " + words.Count(sel.Files, "file") + ", " + words.Size(sel.Bytes) + ", which get into no layer. The step reruns when one of them has changed."
	}
	doc := "Takes " + words.Count(sel.Files, "file") + ", " + words.Size(sel.Bytes) + ", into a layer. The step reruns when one of them has changed"
	if n := l.below(); n > 0 {
		doc += ", and with it the " + words.Count(n, "step") + " below that " + map[bool]string{true: "makes", false: "make"}[n == 1] + " layers"
	}
	return doc + "."
}

// below counts the steps below the place that make layers, in its stage.
func (l *list) below() (n int) {
	step := l.step()
	if step == nil || step.Stage == nil {
		return 0
	}
	for _, s := range step.Stage.Steps[min(step.N+1, len(step.Stage.Steps)):] {
		if s.MakesLayer() {
			n++
		}
	}
	return n
}
