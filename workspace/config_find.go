package workspace

import (
	"io/fs"
	"os"
	"path/filepath"
)

// FindConfig returns the configuration file that applies to a folder: the nearest one in it or above
// it, but not above the root of its repository, and not in a folder of another user, who could switch
// rules off. It is empty if there is none.
func FindConfig(dir string) string { return new(ConfigFinder).Find(dir) }

// A ConfigFinder is FindConfig for many folders: it looks into each only once, also into those above that
// they share, and so does not see what changes while it is kept. It is not for several goroutines.
type ConfigFinder struct {
	places map[string]configPlace
	found  map[string]string // folder to the path of the configuration that applies to it
}

// configPlace is what a folder has to do with configurations.
type configPlace struct {
	config string      // the path of its configuration; "" if it has none
	file   fs.FileInfo // of that
	root   bool        // it is the root of a repository
	folder fs.FileInfo // of itself; nil if it cannot be looked at
}

// Find is FindConfig.
func (f *ConfigFinder) Find(dir string) string {
	path, known := f.found[dir]
	if !known {
		path = f.find(dir)
		if f.found == nil {
			f.found = map[string]string{}
		}
		f.found[dir] = path
	}
	return path
}

func (f *ConfigFinder) find(dir string) string {
	trusted := trustedOwners(dir)
	for at := dir; len(at) <= maxPath; {
		place := f.look(at)
		if place.config != "" {
			if at != dir && !trusted(place.file) {
				return ""
			}
			return place.config
		}
		parent := filepath.Dir(at)
		if place.root || parent == at {
			return ""
		}
		if above := f.look(parent).folder; above == nil || !trusted(above) {
			return ""
		}
		at = parent
	}
	return ""
}

func (f *ConfigFinder) look(dir string) configPlace {
	if place, known := f.places[dir]; known {
		return place
	}
	var place configPlace
	for _, name := range ConfigNames {
		path := filepath.Join(dir, name)
		if info, err := os.Lstat(path); err == nil {
			place.config, place.file = path, info
			break
		}
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
