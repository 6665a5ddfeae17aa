package manifests

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
)

var (
	mixCode    = lazy.New(`\b(File|Code|System\.cmd|Path\.wildcard|System\.shell|:file)\b`)
	mixPath    = lazy.New(`\bpath:\s*"([^"]+)"`)
	mixApps    = lazy.New(`\bapps_path:\s*"([^"]+)"`)
	mixFile    = lazy.New(`\b(lockfile|config_path):\s*"([^"]+)"`)
	mixVersion = lazy.New(`\bFile\.read!\("([^"]+)"\)`)
	mixAlias   = lazy.New(`["']deps\.get["']\s*:|\bdeps_get\b`)
	mixImport  = lazy.New(`\bimport_config\b`)
	mixComment = lazy.New(`(?m)(^|\s)#[^{].*$`)
)

// readMix reads a project of Elixir. mix deps.get runs mix.exs and the configuration.
func readMix(r *reader) {
	r.mixProject(r.dir)
	if len(r.manifests) == 0 {
		return
	}
	r.add(&r.locks, r.in("mix.lock"))
	r.lockWritten("mix.lock")
}

func (r *reader) mixProject(dir string) {
	name := path.Join(dir, "mix.exs")
	if r.seen[name] || !r.add(&r.manifests, name) {
		return
	}
	src, ok := r.text(name)
	if !ok {
		return
	}
	src = mixComment.ReplaceAllString(src, "$1")
	config := "config/config.exs"
	for _, m := range mixFile.FindAllStringSubmatch(src, -1) {
		if m[1] == "lockfile" {
			r.add(&r.locks, path.Join(dir, m[2]))
		} else {
			config = m[2]
		}
	}
	for _, m := range mixVersion.FindAllStringSubmatch(src, -1) {
		r.require(&r.others, path.Join(dir, m[1]), name)
	}
	src = mixVersion.ReplaceAllString(src, "")
	if m := mixPath.FindStringSubmatch(src); m != nil {
		r.never("%s takes a package from the folder %s", name, m[1])
		for _, m := range mixPath.FindAllStringSubmatch(src, -1) {
			r.reads(path.Join(dir, m[1]))
		}
	}
	if m := mixCode.FindString(src); m != "" {
		r.doubt("%s is a program that uses %s", name, m)
	}
	if mixAlias.MatchString(src) {
		r.doubt("%s redefines deps.get", name)
	}
	r.mixConfig(path.Join(dir, config))
	for _, m := range mixApps.FindAllStringSubmatch(src, -1) {
		for _, e := range r.c.List(path.Join(dir, m[1])) {
			if e.Mode.IsDir() && !e.Ignored {
				r.mixProject(e.Path)
			} else if isLink(e) {
				r.doubt("the application %s is a link", e.Path)
			}
		}
	}
}

// mixConfig reads the configuration: if it imports others, all of its directory but runtime.exs,
// which is for the release.
func (r *reader) mixConfig(name string) {
	if r.seen[name] || !r.add(&r.others, name) {
		return
	}
	src, ok := r.text(name)
	if !ok {
		return
	}
	names := []string{name}
	if mixImport.MatchString(src) {
		for _, e := range r.c.List(path.Dir(name)) {
			if path.Ext(e.Path) == ".exs" && path.Base(e.Path) != "runtime.exs" && r.add(&r.others, e.Path) {
				names = append(names, e.Path)
			}
		}
	}
	for _, p := range names {
		src, _ := r.text(p)
		src = mixComment.ReplaceAllString(src, "$1")
		if m := mixCode.FindString(src); m != "" {
			r.doubt("%s is a program that uses %s", p, m)
		}
		for _, line := range strings.Split(src, "\n") {
			if i := strings.Index(line, "import_config"); i >= 0 && strings.Contains(line[i:], "../") {
				r.doubt("%s imports other directories", p)
			}
		}
	}
}
