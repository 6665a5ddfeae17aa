package manifests

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/dockerfile/shell"
	"layerwise/internal/lazy"
)

var (
	gemGroup = lazy.New(`(?m)^\s*group\b\s*\(?([^#\n]*?)\)?\s*do\b|\b(?:groups?:|:groups?\s*=>)\s*(\[[^\]\n]*\]|:\w+|["']\w+["'])`)
	gemName  = lazy.New(`:(\w+)|["'](\w+)["']`)
)

// GemGroups are the groups of gems that a Gemfile has, in order. Those that are optional are left out:
// Bundler does not install them unless it is told to.
func GemGroups(gemfile string) (groups []string) {
	for _, m := range gemGroup.FindAllStringSubmatch(rubyComment.ReplaceAllString(gemfile, "$1"), -1) {
		list, options, _ := strings.Cut(m[1], "optional")
		if strings.Contains(options, "true") {
			continue
		}
		for _, name := range gemName.FindAllStringSubmatch(list+" "+m[2], -1) {
			if name := name[1] + name[2]; !slices.Contains(groups, name) {
				groups = append(groups, name)
			}
		}
	}
	return groups
}

// BundleWithout are the groups that the settings in a directory of the context tell Bundler to leave out.
func BundleWithout(c *files.Context, dir string) []string {
	src, err := c.Read(path.Join(dir, ".bundle/config"))
	if err != nil {
		return nil
	}
	for line := range strings.Lines(src) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "BUNDLE_WITHOUT:"); ok {
			return shell.GemGroups(strings.Trim(strings.TrimSpace(value), `"'`))
		}
	}
	return nil
}
