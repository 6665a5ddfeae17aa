package completion

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"layerwise/dockerfile/grammar"
	"layerwise/dockerfile/syntax"
	"layerwise/language/cursor"
)

// lower reports whether most of the file's first keywords are in lower case.
func (l *list) lower() bool {
	n := 0
	all := l.doc.File.Instructions
	for _, in := range all[:min(len(all), maxAbove)] {
		if in == l.place.Instr && !l.between() {
			continue
		}
		if word := in.Keyword.Of(in.Text); word == strings.ToLower(word) {
			n++
		} else {
			n--
		}
	}
	return n > 0
}

// keywords are the instructions that may stand at the place.
func (l *list) keywords() {
	if in := l.place.Instr; !l.between() && !l.place.OnBuild && strings.Contains(in.Keyword.Of(in.Text), "\n") {
		return // it is cut in two by a line end
	}
	stage := l.stage()
	if step := l.step(); stage >= 0 && step.N == 0 && !l.between() {
		stage-- // in the place of its FROM
	}
	typed := strings.TrimSpace(l.place.Typed)
	before := ""
	if i := l.place.Index - 1; i >= 0 && i < len(l.doc.File.Instructions) && !l.place.OnBuild {
		before = l.doc.File.Instructions[i].Name
	}
	if stage < 0 {
		before = ""
	}
	likely := order(before)
	lower := l.lower()
	l.next()
	for _, in := range grammar.Instructions {
		switch {
		case l.place.OnBuild && !in.OnBuild:
			continue
		case !l.place.OnBuild && stage < 0 && in.Name != "FROM" && in.Name != "ARG":
			continue
		case in.Deprecated != "" && typed == "":
			l.more = true
			continue
		}
		it := Item{Label: in.Name, Kind: Keyword, Detail: usage(in), Doc: in.Doc + "\n\n" + in.Layer, Deprecated: in.Deprecated != "", Bucket: 1 + slices.Index(likely, in.Name)}
		if in.Deprecated != "" {
			it.Doc += "\n\nDeprecated: write `" + in.Deprecated + "`"
			it.Bucket = 50
		}
		if lower {
			it.Label = strings.ToLower(it.Label)
		}
		it.Text = it.Label
		if !l.blankFollows() {
			it.Text += " "
			if t := templates[in.Name]; t != nil && l.lineEnds() {
				it.Template = &Template{Text: it.Label + t.Text[len(it.Label):], Stops: t.Stops}
			}
		}
		l.add(it)
	}
	if l.place.Top && l.place.Word.Len() == 0 && l.lineEnds() && !l.place.OnBuild && stage < 0 && !likeDirective.MatchString(l.doc.File.Src[l.place.Offset:]) {
		for i, d := range grammar.Directives {
			given := slices.ContainsFunc(l.doc.File.Directives, func(other syntax.Directive) bool { return other.Name == d.Name })
			if !given && len(d.Values) > 0 && d.Name != "escape" {
				l.add(Item{Label: "# " + d.Name + "=" + d.Values[0], Kind: Keyword, Detail: "parser directive", Doc: sentence(d.Doc), Bucket: 40 + i})
			} else if !given {
				l.add(Item{Label: "# " + d.Name + "=", Kind: Keyword, Detail: "parser directive", Doc: sentence(d.Doc), Bucket: 40 + i})
			}
		}
	}
}

// likeDirective is a text whose next line would become a parser directive, if one came before it.
var likeDirective = regexp.MustCompile(`^[ \t]*\r?\n[ \t]*(#|//)[ \t]*[a-zA-Z][a-zA-Z0-9]*[ \t]*=`)

// sentence makes a sentence of a text of the table.
func sentence(doc string) string {
	if doc == "" {
		return ""
	}
	return strings.ToUpper(doc[:1]) + doc[1:] + "."
}

// blankFollows reports whether a blank, or the end of a line that goes on, stands behind the word already.
func (l *list) blankFollows() bool {
	rest := l.doc.File.Src[l.place.Word.End:]
	return rest != "" && (rest[0] == ' ' || rest[0] == '\t' || rest[0] == l.doc.File.Escape)
}

// usage is the first form of an instruction in a line.
func usage(in *grammar.Instruction) string {
	var b strings.Builder
	b.WriteString(in.Name)
	for _, arg := range in.Forms[0].Args {
		b.WriteByte(' ')
		b.WriteString(arg.Name)
		if arg.Repeats {
			b.WriteString("…")
		}
	}
	return b.String()
}

// flags are the flags that the instruction takes and has not yet.
func (l *list) flags() {
	in := grammar.Find(l.place.Name)
	if in == nil || l.place.Kind != cursor.Flag && l.place.Word.Len() > 0 {
		return // a word stands there already
	}
	own := l.place.Flag
	for i, f := range in.Flags {
		given := slices.ContainsFunc(l.place.Flags, func(g cursor.Field) bool { return g.Name == f.Name })
		if given && !f.Repeats && f.Name != own {
			continue
		}
		it := Item{Label: "--" + f.Name, Kind: Flag, Detail: flagDetail(f), Doc: sentence(f.Doc), Bucket: flagBucket + i}
		if old := l.tooOld(f.Since); old != "" {
			it.Detail, it.Bucket = "needs Dockerfile "+f.Since+"; the file asks for "+old, it.Bucket+100
		}
		it.Text = it.Label
		switch {
		case f.Value == grammar.Bool && !l.place.Equal:
			it.Commits = "="
		case !l.place.Equal:
			it.Text += "="
		}
		l.add(it)
		if f.Value == grammar.Mount && !l.place.Equal {
			l.mountFlags(f.Name)
		}
	}
}

var pinned = regexp.MustCompile(`^(?:docker\.io/)?docker/dockerfile:(\d+)\.(\d+)`)

// tooOld is the version of Dockerfile that the file asks for by "# syntax=", if it is older than what is needed; else "".
func (l *list) tooOld(since string) string {
	for _, d := range l.doc.File.Directives {
		if m := pinned.FindStringSubmatch(d.Value); d.Name == "syntax" && m != nil && since != "" && older(m[1], m[2], since) {
			return m[1] + "." + m[2]
		}
	}
	return ""
}

// older reports whether a version of Dockerfile is older than another one, such as "1.4".
func older(major, minor, than string) bool {
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // they are digits
	otherMajor, otherMinor, _ := strings.Cut(than, ".")
	if n := number(major) - number(otherMajor); n != 0 {
		return n < 0
	}
	return number(minor) < number(otherMinor)
}

func flagDetail(f grammar.Flag) string {
	var parts []string
	if f.Default != "" {
		parts = append(parts, "default "+f.Default)
	}
	if f.Since != "" {
		parts = append(parts, "since Dockerfile "+f.Since)
	}
	return strings.Join(parts, ", ")
}

// values adds values, the likely ones first.
func (l *list) values(values []string, detail string) {
	for i, v := range values {
		l.add(Item{Label: v, Kind: Value, Detail: detail, Bucket: 10 + i})
	}
}

func (l *list) flagValue() {
	in := grammar.Find(l.place.Name)
	if in == nil {
		return
	}
	f := in.Flag(l.place.Flag)
	if f == nil {
		return
	}
	switch f.Value {
	case grammar.Source:
		if !l.place.OnBuild { // those of the file that is built on it
			l.stages(true)
		}
		l.images()
	case grammar.User:
		l.users()
	case grammar.Platform:
		l.platforms()
	case grammar.Mount:
		l.mountKeys() // the cursor is at its beginning
	case grammar.Mode:
		l.modes()
	case grammar.Checksum:
		l.add(Item{Label: "sha256:", Kind: Value, Detail: "and the sum of the download, in hexadecimal digits", Doc: "What `sha256sum` says of the file. The build fails if the download is another one."})
	case grammar.Pattern:
		l.patterns()
	default:
		l.values(f.Values, "")
	}
}

// patterns leave out what is often not wanted of a folder.
func (l *list) patterns() {
	for i, p := range []struct{ pattern, doc string }{
		{"**/*.md", "texts for readers, in all folders"},
		{"**/.git", "the history of the project"},
		{"**/node_modules", "packages that npm installs"},
		{"**/__pycache__", "what Python compiles"},
		{"**/*_test.go", "tests of Go"},
	} {
		l.add(Item{Label: p.pattern, Kind: Value, Detail: p.doc, Bucket: 1 + i})
	}
}

// modes are permissions that are common.
func (l *list) modes() {
	for i, m := range []struct{ mode, doc string }{
		{"755", "all may read and run, the owner may write: programs and folders"},
		{"644", "all may read, the owner may write: files"},
		{"600", "the owner may read and write: keys"},
		{"+x", "all may run; the rest stays as it is"},
	} {
		l.add(Item{Label: m.mode, Kind: Value, Detail: m.doc, Bucket: 1 + i})
	}
}

// delimiter is the word that ends a here-document that is still open.
func (l *list) delimiter() {
	if h := l.place.Doc; h.End.Len() == 0 && strings.TrimSpace(l.doc.File.Lines().Span(l.doc.File.Lines().Line(l.place.Offset)).Of(l.doc.File.Src)) == l.place.Typed {
		l.add(Item{Label: h.Name, Kind: Value, Detail: "ends the here-document"})
	}
}
