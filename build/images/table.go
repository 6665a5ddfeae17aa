package images

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
)

// table is what internal/gen/images makes of the gathered facts. It is lines of fields that a tab
// separates:
//
//	asof    DATE
//	strip   PREFIX PREFIX …           in front of a name they do not change which image it is
//	family  NAME  {facts}             what follows from a distribution
//	distro  NAME:VERSION  {facts}     and from its version
//	suite   TOKEN NAME:VERSION        the distribution that a part of a tag names
//	same    NAME  OTHER               two names of one image
//	moved   NAME  TAG TAG …           tags whose user changed
//	image   NAME  SOURCE DATE SURE    the rows of an image follow, most particular first:
//	        PATTERN PATTERN …  {facts}
//
// Of the rows that match a tag, the first that has a fact gives it; null says that it has no value. A
// pattern is a tag in which * stands for any text and [0-9] for a digit; 8~ is 8 with all of its versions
// and variants: 8, 8.* and 8-*.
//
//go:embed table.txt
var table string

// facts are the values of a row, not decoded yet.
type facts map[string]json.RawMessage

// index is where things are in the table. Rows are decoded when their image is asked for.
type index struct {
	strip    []string
	families map[string]string
	distros  map[string]string
	suites   map[string]string
	same     map[string]string
	moved    map[string][]string
	images   map[string]*image
}

// image is the part of the table about one name.
type image struct {
	text string // its lines, "image" lines among them
	once sync.Once
	rows []row
}

type row struct {
	patterns           []string
	facts              facts
	source, asOf, sure string
}

var contents = sync.OnceValue(func() *index {
	x := &index{
		families: map[string]string{}, distros: map[string]string{}, suites: map[string]string{},
		same: map[string]string{}, moved: map[string][]string{}, images: map[string]*image{},
	}
	for rest := table; rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		kind, value, _ := strings.Cut(line, "\t")
		name, value, _ := strings.Cut(value, "\t")
		switch kind {
		case "strip":
			x.strip = append(x.strip, strings.Fields(name)...)
		case "family":
			x.families[name] = value
		case "distro":
			x.distros[name] = value
		case "suite":
			x.suites[name] = value
		case "same":
			x.same[name] = value
		case "moved":
			x.moved[name] = strings.Fields(value)
		case "image":
			next := strings.Index(after, "\nimage\t")
			if next < 0 {
				next = len(after) - 1
			}
			im := x.images[name]
			if im == nil {
				im = &image{}
				x.images[name] = im
			}
			im.text += line + "\n" + after[:next+1]
			after = after[next+1:]
		}
		rest = after
	}
	return x
})

// all are the rows of the image, in order.
func (im *image) all() []row {
	im.once.Do(func() {
		var head []string
		for line := range strings.Lines(im.text) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if fields[0] == "image" {
				head = fields
				continue
			}
			r := row{patterns: strings.Fields(fields[1]), facts: decode(fields[2]), source: head[2], asOf: head[3], sure: head[4]}
			im.rows = append(im.rows, r)
		}
	})
	return im.rows
}

func decode(text string) facts {
	f := facts{}
	if text == "" {
		return f
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		panic("the table of images: " + err.Error()) // a mistake in this program
	}
	return f
}

// has reports whether one of the row's patterns matches the tag.
func (r row) has(tag string) bool {
	for _, p := range r.patterns {
		if matches(p, tag) {
			return true
		}
	}
	return false
}

// matches reports whether a pattern of the table matches a tag.
func matches(pattern, tag string) bool {
	if version, ok := strings.CutSuffix(pattern, "~"); ok {
		rest, ok := strings.CutPrefix(tag, version)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '-')
	}
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			pattern = pattern[1:]
			if pattern == "" {
				return true
			}
			for i := range tag {
				if matches(pattern, tag[i:]) {
					return true
				}
			}
			return false
		case strings.HasPrefix(pattern, "[0-9]"):
			if tag == "" || tag[0] < '0' || tag[0] > '9' {
				return false
			}
			pattern, tag = pattern[len("[0-9]"):], tag[1:]
		default:
			if tag == "" || tag[0] != pattern[0] {
				return false
			}
			pattern, tag = pattern[1:], tag[1:]
		}
	}
	return tag == ""
}

// canonical is the name under which the table has an image.
func (x *index) canonical(name string) string {
	for again := true; again; {
		again = false
		for _, prefix := range x.strip {
			if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
				name, again = rest, true
			}
		}
	}
	if other, ok := x.same[name]; ok {
		return other
	}
	return name
}

// changed reports whether versions of a distribution differ in more than their numbers.
func (x *index) changed(family string) bool {
	for distro := range x.distros {
		if strings.HasPrefix(distro, family+":") {
			return true
		}
	}
	return false
}

// releases are the tag tokens that name a distribution by its version.
var releases = []struct {
	token  *regexp.Regexp
	distro string
}{
	{regexp.MustCompile(`^alpine(\d+\.\d+)$`), "alpine"},
	{regexp.MustCompile(`^azurelinux(\d+\.\d+)$`), "azurelinux"},
	{regexp.MustCompile(`^(?:cbl)?mariner(\d+\.\d+)$`), "mariner"},
	{regexp.MustCompile(`^ubi(\d+)$`), "ubi"},
	{regexp.MustCompile(`^ol(\d+)$`), "oracle"},
	{regexp.MustCompile(`^al(2|2023)$`), "amazonlinux"},
}

var windowsRelease = regexp.MustCompile(`(windowsservercore|nanoserver)-(ltsc\d+|\d{4})`)

// distro is the distribution that a tag names; "" if it names none.
func (x *index) distro(tag string) string {
	for _, token := range strings.FieldsFunc(tag, func(r rune) bool { return r == '-' || r == '_' }) {
		if distro, ok := x.suites[token]; ok {
			return distro
		}
		for _, r := range releases {
			if m := r.token.FindStringSubmatch(token); m != nil {
				return r.distro + ":" + m[1]
			}
		}
	}
	if m := windowsRelease.FindStringSubmatch(tag); m != nil {
		return "windows-" + strings.TrimPrefix(m[1], "windows") + ":" + m[2]
	}
	return ""
}
