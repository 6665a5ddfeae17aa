package manifests

import (
	"encoding/json"
	"path"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"

	"github.com/bmatcuk/doublestar/v4"
)

// composerScripts are the events for which composer install runs scripts.
var composerScripts = []string{
	"command", "init", "post-autoload-dump", "post-file-download", "post-install-cmd", "post-package-install",
	"post-package-uninstall", "post-package-update", "post-update-cmd", "pre-autoload-dump", "pre-command-run",
	"pre-dependencies-solving", "post-dependencies-solving", "pre-file-download", "pre-install-cmd", "pre-operations-exec",
	"pre-package-install", "pre-package-uninstall", "pre-package-update", "pre-pool-create", "pre-update-cmd",
}

type composerJSON struct {
	Scripts      map[string]any    `json:"scripts"`
	Repositories json.RawMessage   `json:"repositories"`
	Require      map[string]string `json:"require"`
	RequireDev   map[string]string `json:"require-dev"`
	Autoload     composerAutoload  `json:"autoload"`
	AutoloadDev  composerAutoload  `json:"autoload-dev"`
	Bin          any               `json:"bin"`
	Config       struct {
		Plugins       json.RawMessage `json:"allow-plugins"`
		Optimize      bool            `json:"optimize-autoloader"`
		Authoritative bool            `json:"classmap-authoritative"`
		VendorDir     string          `json:"vendor-dir"`
		BinDir        string          `json:"bin-dir"`
	} `json:"config"`
	Extra map[string]any `json:"extra"`
}

type composerAutoload struct {
	Classmap []string `json:"classmap"`
}

type composerRepository struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// readComposer reads a project of Composer. An existing lock is never rewritten by an install.
func readComposer(r *reader) {
	if !r.row() {
		return
	}
	by := r.in("composer.json")
	var m composerJSON
	if !r.json(by, &m) {
		return
	}
	if !r.has(shell.NoScripts) {
		for _, event := range composerScripts {
			if m.Scripts[event] != nil {
				r.never("%s runs a %s script", by, event)
				r.composerScripts(m, event, by)
			}
		}
	}
	r.composerAutoload(m, by)
	r.composerRepositories(m, by)
	if dir := m.Config.VendorDir; dir != "" {
		r.outputs = nil
		r.output(dir)
	}
	if m.Config.BinDir != "" {
		r.output(m.Config.BinDir)
	}
	if !r.has(shell.NoPlugins) {
		r.composerPlugins(m, by)
	}
	for dir := range r.parents() {
		if r.c.Exists(path.Join(dir, ".git")) {
			r.doubt("composer records the commit of %s in vendor", path.Join(dir, ".git"))
		}
	}
}

// composerAutoload looks for what needs the sources when the autoloader is written.
func (r *reader) composerAutoload(m composerJSON, by string) {
	if r.has(shell.NoAutoloader) {
		return
	}
	optimize := m.Config.Optimize || m.Config.Authoritative || r.has(shell.OptimizedAutoloader)
	switch {
	case len(m.Autoload.Classmap) > 0, len(m.AutoloadDev.Classmap) > 0 && !r.inst.Production:
		r.never("%s has a class map, which is built from the sources", by)
	case optimize:
		r.never("an optimized autoloader is built from the sources")
	}
}

// composerRepositories looks for packages in folders. Repositories are a list or an object.
func (r *reader) composerRepositories(m composerJSON, by string) {
	var list []composerRepository
	if len(m.Repositories) > 0 {
		var raw []json.RawMessage
		var object map[string]json.RawMessage
		if json.Unmarshal(m.Repositories, &raw) != nil && json.Unmarshal(m.Repositories, &object) == nil {
			for _, key := range sortedKeys(object) {
				raw = append(raw, object[key])
			}
		}
		for _, item := range raw {
			var repo composerRepository
			if json.Unmarshal(item, &repo) == nil {
				list = append(list, repo)
			}
		}
	}
	for _, repo := range list {
		local := !isURL(repo.URL) && !strings.HasPrefix(repo.URL, "git@")
		switch {
		case repo.Type == "path":
			r.never("%s takes packages from the folder %s", by, repo.URL)
			r.composerFolders(repo.URL)
		case repo.Type == "artifact":
			r.folder(&r.others, r.in(repo.URL))
		case repo.URL != "" && local || strings.HasPrefix(repo.URL, "file:"):
			r.doubt("%s takes packages from %s", by, repo.URL)
		}
	}
}

// composerFolders notes the folders of a path repository, whose name may hold wildcards.
func (r *reader) composerFolders(url string) {
	if path.IsAbs(url) || strings.ContainsAny(url, "$~") {
		return
	}
	if !strings.ContainsAny(url, "*?[{") {
		r.reads(r.in(url))
		return
	}
	pattern := r.in(strings.TrimSuffix(url, "/"))
	base, _ := doublestar.SplitPattern(pattern)
	r.c.All(func(e files.Entry) bool {
		if path.Base(e.Path) == "composer.json" && !e.Ignored && (base == "." || strings.HasPrefix(e.Path, base+"/")) && matchAny([]string{pattern}, path.Dir(e.Path)) {
			r.reads(path.Dir(e.Path))
		}
		return true
	})
}

// composerScripts notes the commands of an event: a string, or a list of them.
func (r *reader) composerScripts(m composerJSON, event, by string) {
	list, many := m.Scripts[event].([]any)
	if !many {
		list = []any{m.Scripts[event]}
	}
	for _, item := range list {
		text, _ := item.(string)
		name, rest, _ := strings.Cut(text, " ")
		switch {
		case strings.Contains(name, "::"), strings.HasPrefix(name, "@") && name != "@php", text == "":
			r.anyVar = true // PHP of the project, or another script
			if len(r.scripts) < maxScripts && text != "" {
				r.scripts = append(r.scripts, Script{File: by, Name: event, Text: text, Programs: []string{name}})
			}
		case name == "@php":
			text = "php " + rest
			fallthrough
		default:
			r.script(Script{File: by, Name: event, Text: text}, func(string) string { return "" })
		}
	}
}

// composerPlugins looks for plugins, which may read and write anything.
func (r *reader) composerPlugins(m composerJSON, by string) {
	if m.Extra["installer-paths"] != nil {
		r.doubt("%s installs packages outside vendor", by)
	}
	if m.Extra["patches"] != nil || m.Extra["patches-file"] != nil {
		r.folder(&r.others, r.in("patches"))
		r.doubt("%s applies patches", by)
	}
	if all := string(m.Config.Plugins); all == "true" {
		r.doubt("%s allows all plugins, which may read other files", by)
	}
	var allowed map[string]bool
	if json.Unmarshal(m.Config.Plugins, &allowed) == nil {
		for _, name := range sortedKeys(allowed) {
			if allowed[name] && !harmlessPlugins[name] {
				r.doubt("%s allows the plugin %s, which may read other files", by, name)
			}
		}
	}
}

// harmlessPlugins work in vendor only.
var harmlessPlugins = map[string]bool{
	"composer/package-versions-deprecated": true, "dealerdirect/phpcodesniffer-composer-installer": true,
	"kylekatarnls/update-helper": true, "pestphp/pest-plugin": true, "php-http/discovery": true, "phpstan/extension-installer": true,
}
