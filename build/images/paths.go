package images

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// Path is a file or a folder of an image, as what the image says of itself names it.
type Path struct {
	Path string // absolute; that of a folder ends in a slash
	What string // a few words: "the program that it starts"
}

// Paths are the files and folders that an image names: the programs that it starts, its directory, its volumes, and
// those in its variables.
func (f *Facts) Paths() (list []Path) {
	if f.Windows {
		return nil
	}
	add := func(p, end, what string) {
		p = path.Clean(p)
		same := func(other Path) bool { return strings.TrimSuffix(other.Path, "/") == p }
		if path.IsAbs(p) && p != "/" && p != "/tmp" && !strings.ContainsAny(p, "$*?:;,= ") && !slices.ContainsFunc(list, same) {
			list = append(list, Path{p + end, what})
		}
	}
	for _, c := range []Command{f.Entry, f.Cmd} {
		if len(c.Argv) > 0 {
			add(c.Argv[0], "", "the program that it starts")
		}
	}
	add(f.Workdir, "/", "its working directory")
	for _, v := range f.Volume {
		add(v, "/", "a volume")
	}
	for _, name := range slices.Sorted(maps.Keys(f.Env)) {
		v := f.Env[name]
		switch {
		case v == nil:
		case name == "SSL_CERT_FILE":
			add(*v, "", "its $"+name)
		case name == "GOPATH", name == "HOME", strings.HasSuffix(name, "_HOME"), strings.HasSuffix(name, "_DIR"), strings.HasSuffix(name, "_ROOT"):
			add(*v, "/", "its $"+name)
		}
	}
	return list
}
