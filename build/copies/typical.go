package copies

import (
	"path"
	"strings"

	"layerwise/build/files"
	dockerfiles "layerwise/dockerfile/names"
	"layerwise/dockerfile/stages"
)

// How many files are looked at to find a typical one: fewer where each is matched with the patterns of --exclude.
const (
	maxTypical  = 20_000
	maxExcluded = 1000
)

// aside are extensions that sources do not have, as a rule: they are named only where there is nothing else.
var aside = map[string]bool{
	"": true, ".md": true, ".txt": true, ".json": true, ".lock": true, ".toml": true, ".yaml": true, ".yml": true, ".sum": true,
	".mod": true, ".xml": true, ".cfg": true, ".ini": true, ".svg": true, ".png": true, ".ico": true,
}

// TypicalSource is a file of the build context that stands for the sources of a stage: of those that the stage's own
// widest COPY takes, and no other of its copies, one of the kind that is there most. ok is false if there is none.
func TypicalSource(bc *files.Context, stage *stages.Stage) (file string, ok bool) {
	var all []Copy
	widest, most, limit := -1, 0, maxTypical
	for _, s := range stage.Steps {
		c, ok := Of(s)
		if !ok || len(all) > MaxWhole {
			continue
		}
		if len(c.Exclude) > 0 {
			limit = maxExcluded
		}
		if n := c.Select(bc).Files; n > most {
			widest, most = len(all), n
		}
		all = append(all, c)
	}
	if widest < 0 {
		return "", false
	}
	first, count := map[string]string{}, map[string]int{} // by extension
	looked := 0
	bc.All(func(e files.Entry) bool {
		if looked++; looked > limit {
			return false
		}
		if e.Ignored || !e.Mode.IsRegular() || hidden(e.Path) || dockerfiles.IsDockerfile(e.Path) || !all[widest].takes(e.Path) {
			return true
		}
		for i, other := range all {
			if i != widest && other.takes(e.Path) {
				return true
			}
		}
		ext := path.Ext(e.Path)
		if count[ext]++; count[ext] == 1 || strings.Count(e.Path, "/") < strings.Count(first[ext], "/") {
			first[ext] = e.Path
		}
		return true
	})
	for ext, candidate := range first {
		best := path.Ext(file)
		switch {
		case file == "", aside[best] && !aside[ext]:
		case aside[ext] != aside[best], count[ext] < count[best], count[ext] == count[best] && candidate > file:
			continue
		}
		file = candidate
	}
	return file, file != ""
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.Contains(name, "/.") }

// takes reports whether a copy takes a file of the context.
func (c Copy) takes(file string) bool {
	for _, source := range c.Sources {
		if rel, ok := belowSource(source, file); ok && (rel == "." || !files.Matches(c.Exclude, rel)) {
			return true
		}
	}
	return false
}

// belowSource is the path of a file relative to what a source takes, if it takes the file.
func belowSource(source, file string) (rel string, ok bool) {
	if !hasWildcard(source) {
		return below(path.Clean("/"+source), "/"+file)
	}
	for name := file; name != "."; name = path.Dir(name) {
		if ok, _ := path.Match(source, name); ok {
			return below("/"+name, "/"+file)
		}
	}
	return "", false
}
