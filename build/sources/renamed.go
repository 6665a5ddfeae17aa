package sources

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// Renamed is a path in a source that has to become another one.
type Renamed struct {
	At  Text
	New string
}

// Renamed are the paths of Dockerfiles and build contexts that change when files and folders get other names. moved is
// the new path of one, relative to the root; false if that is none of the workspace. A line that says something else of
// another build stays.
func (k *Known) Renamed(moved func(name string) (string, bool)) (list []Renamed) {
	if k == nil {
		return nil
	}
	by := map[Text]string{} // "" if it has to stay
	want := func(at Text, now string) {
		if at.Line == 0 || at.Text == "" || joined(at.From, at.Text) != now {
			return // it is not the line that decides
		}
		from, ok := moved(at.From)
		to, stays := moved(now)
		made := ""
		if ok && stays {
			made = spelledAs(at.Text, from, to)
		}
		key := at
		key.From, key.Shared = "", false
		if other, seen := by[key]; seen && other != made {
			made = ""
		}
		by[key] = made
	}
	for _, b := range k.Builds {
		if b.Missing != "" || b.Elsewhere {
			continue
		}
		if b.Dockerfile != "" {
			want(b.At.Dockerfile, b.Dockerfile)
		}
		if b.Kind == Folder || b.Kind == Git {
			want(b.At.Context, b.Context)
		}
	}
	for at, made := range maps.All(by) {
		if made != "" && made != at.Text {
			list = append(list, Renamed{at, made})
		}
	}
	slices.SortFunc(list, func(a, b Renamed) int {
		if c := strings.Compare(a.At.File, b.At.File); c != 0 {
			return c
		}
		return a.At.Line - b.At.Line
	})
	return list
}

// spelledAs is a path as it is seen from a folder, in the manner of the one that it replaces; "" if it needs quotes that may
// not be there.
func spelledAs(old, from, to string) string {
	rel, err := filepath.Rel(filepath.FromSlash(from), filepath.FromSlash(to))
	if err != nil {
		return ""
	}
	made := filepath.ToSlash(rel)
	if path.Clean(old) == made {
		return old
	}
	if strings.HasPrefix(old, "./") && made != "." && !strings.HasPrefix(made, "../") {
		made = "./" + made
	}
	if strings.HasSuffix(old, "/") {
		made += "/"
	}
	if !plainPath.MatchString(made) {
		return ""
	}
	return made
}

var plainPath = lazy.New(`^[A-Za-z0-9._/+@][A-Za-z0-9._/+@-]*$`)

// Stands is where the path stands in its file, given as src: see Text.In. Of HCL and JSON it stands in quotes: what has
// none is the name of a variable.
func (r Renamed) Stands(src string) (start, end int, ok bool) {
	start, end, ok = r.At.In(src)
	if ext := path.Ext(r.At.File); ok && (ext == ".hcl" || ext == ".json") {
		ok = start > 0 && strings.IndexByte(`"'`, src[start-1]) >= 0
	}
	return start, end, ok
}
