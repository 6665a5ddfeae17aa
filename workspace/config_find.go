package workspace

import (
	"io/fs"
	"os"
	"path/filepath"
)

// FindConfig returns the configuration files that apply to a folder: the nearest one in it or above
// it, but not above the root of its repository, and not in a folder of another user, who could switch
// rules off. Where there is none of ours, it is those of other tools in the nearest folder that has any.
func FindConfig(dir string) []string { return new(ConfigFinder).Find(dir) }

// A ConfigFinder is FindConfig for many folders: it looks into each only once, also into those above that
// they share, and so does not see what changes while it is kept. It is not for several goroutines.
type ConfigFinder struct {
	places map[string]configPlace
	found  map[string][]string // folder to the paths of the configurations that apply to it
}

// configPlace is what a folder has to do with configurations.
type configPlace struct {
	own, foreign []configFile // its configurations: ours, which is one at most, and those of other tools
	root         bool         // it is the root of a repository
	folder       fs.FileInfo  // of itself; nil if it cannot be looked at
}

type configFile struct {
	path string
	info fs.FileInfo
}

// Find is FindConfig.
func (f *ConfigFinder) Find(dir string) []string {
	paths, known := f.found[dir]
	if !known {
		paths = f.find(dir)
		if f.found == nil {
			f.found = map[string][]string{}
		}
		f.found[dir] = paths
	}
	return paths
}

func (f *ConfigFinder) find(dir string) (foreign []string) {
	trusted := trustedOwners(dir)
	for at := dir; len(at) <= maxPath; {
		place := f.look(at)
		for _, file := range place.own {
			if at != dir && !trusted(file.info) {
				return nil
			}
			return []string{file.path}
		}
		if foreign == nil {
			for _, file := range place.foreign {
				if at == dir || trusted(file.info) {
					foreign = append(foreign, file.path)
				}
			}
		}
		parent := filepath.Dir(at)
		if place.root || parent == at {
			return foreign
		}
		if above := f.look(parent).folder; above == nil || !trusted(above) {
			return foreign
		}
		at = parent
	}
	return foreign
}

func (f *ConfigFinder) look(dir string) configPlace {
	if place, known := f.places[dir]; known {
		return place
	}
	place := configPlace{own: present(dir, ConfigNames)}
	if place.own == nil {
		place.foreign = present(dir, foreignConfigs)
	} else {
		place.own = place.own[:1]
	}
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	place.root = err == nil
	if info, err := os.Lstat(dir); err == nil {
		place.folder = info
	}
	if f.places == nil {
		f.places = map[string]configPlace{}
	}
	f.places[dir] = place
	return place
}

// present are those of the files that the folder has.
func present(dir string, names []string) (list []configFile) {
	for _, name := range names {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil {
			list = append(list, configFile{path, info})
		}
	}
	return list
}

// trustedOwners reports of files whether they belong to this user, or to the owner of the folder. Where
// files have no owners in this sense, all are trusted.
func trustedOwners(dir string) func(fs.FileInfo) bool {
	info, err := os.Stat(dir)
	if err != nil {
		return func(fs.FileInfo) bool { return true } // nothing is there, as in an editor before the first save
	}
	theirs, known := ownerOf(info)
	return func(info fs.FileInfo) bool {
		owner, ok := ownerOf(info)
		return !known || !ok || owner == theirs || owner == os.Geteuid()
	}
}
