package images

import (
	_ "embed"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ends is what internal/gen/eol makes of the gathered facts. It is lines of fields that a tab separates:
//
//	asof        DATE
//	product     NAME     SOURCE DATE   its cycles follow, the newest first:
//	cycle       VERSION  DATE          the day on which it ends; "ended", "-" if none is announced, "brief" if it lived for weeks
//	image       PATTERN  PRODUCT       the tags of the image are versions of the product
//	distroless  PATTERN  DATE          an image of which the name has the version
//	retired     NAME     DATE  OTHER   when the image was last built, and what people use instead
//
//go:embed eol.txt
var ends string

// End is the end of an image's life: nobody mends its security holes any more.
type End struct {
	Of     string   // whose end it is: the image by its name and version, node 18; or the system that it builds on, debian 10
	Base   bool     // it is the system's
	Day    string   // 2025-04-30 or 2022-08; "" if it is not known which
	Use    []string // what is maintained, for a year at least if there is such: versions, the newest first; of an image that is no longer built, others
	Built  bool     // the image is no longer built at all, since Day
	Source string   // where this is from, and of which day
}

// EndOf is the end of life of a reference with all variables expanded, if it is over by the day of the table. Only a
// tag that names the version, or the system, tells: one that moves on has no end.
func EndOf(ref string) (End, bool) {
	r, err := Parse(ref)
	if err != nil || r.Tag == "" && r.Digest != "" {
		return End{}, false
	}
	x := endings()
	name := contents().canonical(r.Name)
	if old, ok := x.retired[name]; ok {
		if early(r.Tag) {
			return End{}, false
		}
		return End{Of: r.Short, Day: old.day, Use: old.use, Built: true, Source: "docker-library/official-images " + x.asOf}, true
	}
	for _, d := range x.distroless {
		if ok, _ := path.Match(d.pattern, name); ok && d.day <= x.asOf {
			return End{Of: r.Short, Day: d.day, Source: "distroless " + x.asOf}, true
		}
	}
	if r.Tag == "" {
		return End{}, false
	}
	e, ok := x.end(name, r.Tag)
	if !ok && name != r.Short {
		e, ok = x.end(r.Short, r.Tag) // like another in what it sets, but with versions of its own
	}
	if ok {
		e.Of = r.Short + " " + e.Of
		return e, true
	}
	f, ok := Lookup(ref, "")
	if !ok || !f.DistroInTag {
		return End{}, false
	}
	system, version, _ := strings.Cut(f.Distro, ":")
	if e, ok = x.end(system, version); !ok {
		return End{}, false
	}
	e.Of, e.Base = system+" "+e.Of, system != name
	return e, true
}

// early reports whether a tag is that of a version before its release: of openjdk, these alone are still built.
func early(tag string) bool {
	return strings.Contains(tag, "-ea") || strings.Contains(tag, "-rc")
}

// endIndex is where things are in the table.
type endIndex struct {
	asOf       string
	products   map[string]*endingProduct
	images     []endingImage
	distroless []endingImage
	retired    map[string]retired
}

type endingProduct struct {
	source string
	cycles []endingCycle
}

type endingCycle struct{ version, day string }

type endingImage struct{ pattern, product, day string }

type retired struct {
	day string
	use []string
}

var endings = sync.OnceValue(func() *endIndex {
	x := &endIndex{products: map[string]*endingProduct{}, retired: map[string]retired{}}
	var last *endingProduct
	for line := range strings.Lines(ends) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch fields[0] {
		case "asof":
			x.asOf = fields[1]
		case "product":
			last = &endingProduct{source: fields[2]}
			x.products[fields[1]] = last
		case "cycle":
			last.cycles = append(last.cycles, endingCycle{fields[1], fields[2]})
		case "image":
			x.images = append(x.images, endingImage{pattern: fields[1], product: fields[2]})
		case "distroless":
			x.distroless = append(x.distroless, endingImage{pattern: fields[1], day: fields[2]})
		case "retired":
			old := retired{day: fields[2]}
			if fields[3] != "" {
				old.use = []string{fields[3]}
			}
			x.retired[fields[1]] = old
		}
	}
	return x
})

// over reports whether the cycle has ended by the day.
func (c endingCycle) over(day string) bool {
	return c.day == "ended" || c.day[0] <= '9' && c.day[0] >= '0' && c.day <= day
}

// maxUse is how many maintained versions are told.
const maxUse = 3

// end is the end of the version that a tag of an image names, or begins with.
func (x *endIndex) end(name, tag string) (End, bool) {
	n := slices.IndexFunc(x.images, func(im endingImage) bool {
		ok, _ := path.Match(im.pattern, name)
		return ok
	})
	if n < 0 {
		return End{}, false
	}
	p := x.products[x.images[n].product]
	if p == nil {
		return End{}, false
	}
	cycles := p.of(versionOf(tag))
	if len(cycles) == 0 || slices.ContainsFunc(cycles, func(c endingCycle) bool { return !c.over(x.asOf) }) {
		return End{}, false
	}
	e := End{Of: cycles[0].version, Source: p.source}
	if len(cycles) > 1 {
		e.Of = versionOf(tag)
	}
	if cycles[0].day != "ended" {
		e.Day = cycles[0].day
	}
	e.Use = p.use(x.aYearOn())
	if len(e.Use) == 0 {
		e.Use = p.use(x.asOf)
	}
	return e, true
}

// use are the newest versions that have not ended by the day.
func (p *endingProduct) use(day string) (versions []string) {
	for _, c := range p.cycles {
		if !c.over(day) && c.day != "brief" && len(versions) < maxUse {
			versions = append(versions, c.version)
		}
	}
	return versions
}

// aYearOn is the day a year after that of the table. Nobody is told to move to a version that ends before: it has to be done again
// soon, and may be past its end by the time that the program is used.
func (x *endIndex) aYearOn() string {
	year, err := strconv.Atoi(x.asOf[:4])
	if err != nil {
		return x.asOf
	}
	return strconv.Itoa(year+1) + x.asOf[4:]
}

// of are the cycles of a version: the one whose number it begins with, or, of python 3, all that begin with it.
func (p *endingProduct) of(version string) (cycles []endingCycle) {
	if version == "" {
		return nil
	}
	for v := version; v != ""; {
		if n := slices.IndexFunc(p.cycles, func(c endingCycle) bool { return c.version == v }); n >= 0 {
			return p.cycles[n : n+1]
		}
		v = v[:max(0, strings.LastIndexByte(v, '.'))]
	}
	for _, c := range p.cycles {
		if strings.HasPrefix(c.version, version+".") {
			cycles = append(cycles, c)
		}
	}
	return cycles
}

// versionOf is the version that a tag begins with: 3.12 of 3.12-slim-bookworm, ltsc2022 of ltsc2022-amd64; lts or jdk8
// has none.
func versionOf(tag string) string {
	if year, ok := strings.CutPrefix(tag, "ltsc"); ok {
		return "ltsc" + versionOf(year)
	}
	tag = strings.TrimPrefix(tag, "v")
	end := 0
	for end < len(tag) && (tag[end] >= '0' && tag[end] <= '9' || tag[end] == '.') {
		end++
	}
	if end < len(tag) && tag[end] != '-' && tag[end] != '_' && tag[end] != '+' && tag[end] != 'u' {
		return "" // 20220101T…, 3rc1, 2e
	}
	return strings.Trim(tag[:end], ".")
}
