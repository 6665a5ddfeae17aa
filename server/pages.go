package server

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"

	"go.lsp.dev/uri"
)

// pages are the rules' pages as files, for diagnostics to link to: a client opens them without a network.
// They lie in the user's folder for caches, in one of its own for each state of the pages, and are written when
// the first link is asked for.
type pages struct {
	once   sync.Once
	folder string // "" if they cannot be written: then there are no links
}

// of is the address of a rule's page. ok is false if there is none.
func (p *pages) of(rule *diagnostics.Rule) (address uri.URI, ok bool) {
	p.once.Do(func() { p.folder, _ = writePages() })
	if p.folder == "" {
		return "", false
	}
	return uri.File(filepath.Join(p.folder, rule.Name+".md")), true
}

// writePages writes the pages of all rules into a folder that appears when it is whole, and returns it. If it is
// there already, nothing is written.
func writePages() (folder string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, rule := range catalog.Rules() {
		fmt.Fprintf(hash, "%s\n%s", rule.Name, catalog.Page(rule))
	}
	folder = filepath.Join(cache, Name, fmt.Sprintf("rules-%x", hash.Sum(nil)[:8]))
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(filepath.Dir(folder), "rules-*.tmp")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temp) // nothing is left of it if it was renamed
	for _, rule := range catalog.Rules() {
		if err := os.WriteFile(filepath.Join(temp, rule.Name+".md"), []byte(catalog.Page(rule)), 0o600); err != nil {
			return "", err
		}
	}
	if err := os.Rename(temp, folder); err != nil {
		if _, there := os.Stat(folder); there != nil {
			return "", err
		} // another server was faster
	}
	return folder, nil
}
