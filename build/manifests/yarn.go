package manifests

import (
	"path"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

// readYarn reads a project of Yarn 1, or of its successors.
func readYarn(r *reader) {
	n := nodeProject{reader: r, scripts: yarnScripts, onlyDev: []string{"prepublish", "prepare"}}
	berry := n.isBerry()
	if berry {
		n.scripts = berryScripts
	}
	if !berry {
		n.config(".npmrc")
	}
	if !n.open() {
		return
	}
	n.workspace(n.root.patterns())
	n.workspaceAbove()
	if berry {
		n.berry()
	} else {
		n.classic()
	}
	if r.inst.Frozen && len(r.locks) == 0 {
		r.doubt("there is no yarn.lock")
	}
	r.lockWritten()
}

// isBerry tells Yarn 2 and later from Yarn 1 by the files that only they have.
func (n *nodeProject) isBerry() bool {
	if _, ok := n.nearest(".yarnrc.yml"); ok {
		return true
	}
	if src, ok := n.optional("yarn.lock"); ok && strings.Contains(src, "\n__metadata:") {
		return true
	}
	var m packageJSON
	if n.there(n.in("package.json")) && n.json(n.in("package.json"), &m) {
		v, ok := strings.CutPrefix(m.PackageManager, "yarn@")
		return ok && !strings.HasPrefix(v, "1.") && !strings.HasPrefix(v, "0.")
	}
	return false
}

var yarnSetting = lazy.New(`^"?(--)?([A-Za-z.-]+)"?\s*:?\s+"?([^"]*)"?$`)

// classic reads the settings of Yarn 1.
func (n *nodeProject) classic() {
	for dir := range n.parents() {
		n.add(&n.others, path.Join(dir, ".npmrc"))
		name := path.Join(dir, ".yarnrc")
		if !n.add(&n.others, name) {
			continue
		}
		src, _ := n.text(name)
		for _, line := range strings.Split(src, "\n") {
			m := yarnSetting.FindStringSubmatch(strings.TrimSpace(line))
			if m == nil {
				continue
			}
			switch key, value := m[2], m[3]; key {
			case "yarn-path":
				n.require(&n.others, path.Join(dir, value), name)
			case "yarn-offline-mirror":
				n.folder(&n.others, path.Join(dir, value))
			case "ignore-scripts", "install.ignore-scripts":
				// It may be true or false: take the scripts as run.
			case "cwd", "modules-folder", "install.modules-folder", "cafile", "install.cwd":
				n.doubt("%s sets %s", name, key)
			}
		}
	}
}

// berry reads the settings of Yarn 2 and later.
func (n *nodeProject) berry() {
	for dir := range n.parents() {
		name := path.Join(dir, ".yarnrc.yml")
		if !n.add(&n.others, name) {
			continue
		}
		var rc struct {
			YarnPath     string         `yaml:"yarnPath"`
			Plugins      []any          `yaml:"plugins"`
			CacheFolder  string         `yaml:"cacheFolder"`
			LockFilename string         `yaml:"lockfileFilename"`
			CaFile       string         `yaml:"caFilePath"`
			HTTPSCa      string         `yaml:"httpsCaFilePath"`
			PatchFolder  string         `yaml:"patchFolder"`
			Extensions   map[string]any `yaml:"packageExtensions"`
		}
		if !n.yaml(name, &rc) {
			continue
		}
		n.overrides(rc.Extensions, dir, name)
		if rc.YarnPath != "" {
			n.require(&n.others, path.Join(dir, rc.YarnPath), name)
		}
		for _, plugin := range rc.Plugins {
			p, _ := plugin.(string)
			if table, ok := plugin.(map[string]any); ok {
				p, _ = table["path"].(string)
			}
			if p != "" {
				n.require(&n.others, path.Join(dir, p), name)
			}
			n.doubt("%s loads a plugin, which may read other files", name)
			n.anyVar = true
		}
		if rc.CacheFolder != "" || rc.LockFilename != "" || rc.CaFile != "" || rc.HTTPSCa != "" {
			n.doubt("%s moves files to other places", name)
		}
	}
	n.output(".yarn/unplugged")
	n.folder(&n.others, n.in(".yarn/patches"))
	n.folder(&n.others, n.in(".yarn/cache"))
	n.add(&n.others, n.in(".env.yarn"))
	for _, name := range []string{".pnp.cjs", ".pnp.loader.mjs"} {
		if n.add(&n.others, n.in(name)) && !n.inst.Frozen {
			n.doubt("%s may rewrite %s", words.Code(n.inst.Phrase), n.in(name))
		}
	}
	if len(n.locks) > 0 {
		if src, ok := n.text(n.locks[0]); ok {
			for _, scheme := range []string{"@portal:", "@exec:", "@link:"} {
				if strings.Contains(src, scheme) {
					n.doubt("%s names local packages", n.locks[0])
				}
			}
		}
	}
}
