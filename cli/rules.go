package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"layerwise/cli/terminal"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/workspace"

	"path/filepath"
)

// ruleFilter says which rules --only and --skip leave.
type ruleFilter struct {
	off   []*diagnostics.Rule
	parts []string            // of rules, that --skip leaves out: shellcheck/SC2086
	named []*diagnostics.Rule // those that --only names one by one
}

func newRuleFilter(only, skip []string) (f ruleFilter, err error) {
	for _, id := range slices.Concat(only, skip) {
		if catalog.Setting(id) && !catalog.Known(id) && !slices.Contains(only, id) {
			f.parts = append(f.parts, id)
		} else if !catalog.Known(id) {
			return f, fmt.Errorf("there is no rule, code or family %q%s", id, nearest(id))
		}
	}
	for _, rule := range catalog.Rules() {
		if len(only) > 0 && !slices.ContainsFunc(only, covers(rule)) || slices.ContainsFunc(skip, covers(rule)) {
			f.off = append(f.off, rule)
		} else if slices.Contains(only, rule.Name) {
			f.named = append(f.named, rule)
		}
	}
	return f, nil
}

// covers reports whether an id names the rule, or the family that it is in.
func covers(rule *diagnostics.Rule) func(id string) bool {
	return func(id string) bool {
		return rule.Is(id)
	}
}

// nearest suggests what a mistyped id, or one of another tool, may have meant.
func nearest(id string) string {
	if best := diagnostics.Nearest(catalog.Rules(), id); best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	return "; layerwise rules lists them"
}

// config is the configuration with the rules of the filter switched off by their own names, which
// win over codes and families. A rule that --only names runs even if the configuration forbids it.
func (f ruleFilter) apply(cfg workspace.Config) workspace.Config {
	settings := map[string]string{}
	for _, rule := range f.named {
		if cfg.Settings().Of(rule) == diagnostics.Off {
			settings[rule.Name] = diagnostics.On.String()
		}
	}
	for _, rule := range f.off {
		settings[rule.Name] = diagnostics.Off.String()
	}
	for _, id := range f.parts {
		settings[id] = diagnostics.Off.String()
	}
	return workspace.Merge(cfg, workspace.Config{Rules: settings})
}

// configs loads configuration files once.
type configs struct {
	mu     sync.Mutex
	loaded map[string]*loadedConfig   // by path; guarded by mu
	finder workspace.ConfigFinder     // guarded by mu
	told   map[workspace.Problem]bool // what unfound has told; guarded by mu
}

type loadedConfig struct {
	config   workspace.Config
	problems []workspace.Problem // until they are reported
	missing  []workspace.Problem // likewise: what it names and is not there, or could not be used
}

// config is the configuration of a target. The error names mistakes in the configuration, once; what
// is right in it applies all the same. The notices name what it speaks of and is not there, once.
func (r *runner) config(t target) (cfg workspace.Config, notices []string, err error) {
	paths := []string{r.Config}
	r.configs.mu.Lock()
	defer r.configs.mu.Unlock()
	if r.Config == "" {
		paths = nil
		if t.abs != "" {
			paths = r.configs.finder.Find(filepath.Dir(t.abs))
		}
	}
	for _, path := range paths {
		loaded := r.configs.load(path)
		cfg = workspace.Merge(cfg, loaded.config)
		err = errors.Join(err, r.problems(loaded))
		for _, p := range loaded.missing {
			p.Path = r.show(p.Path)
			notices = append(notices, p.Error())
		}
		loaded.missing = nil
	}
	return r.rules.apply(cfg.With(r.Build).Supposing(t.context)).CheckingScripts(r.Scripts), notices, err
}

// unfound tells of builds that the configuration chooses, and that are not there; of each once.
func (r *runner) unfound(cfg workspace.Config) (problems []workspace.Problem) {
	r.configs.mu.Lock()
	defer r.configs.mu.Unlock()
	for _, p := range cfg.Unfound() {
		if r.configs.told[p] {
			continue
		}
		if r.configs.told == nil {
			r.configs.told = map[workspace.Problem]bool{}
		}
		r.configs.told[p] = true
		p.Path = r.show(p.Path)
		problems = append(problems, p)
	}
	return problems
}

// load reads a configuration when it is first asked for. The caller holds mu.
func (c *configs) load(path string) *loadedConfig {
	loaded := c.loaded[path]
	if loaded == nil {
		loaded = &loadedConfig{}
		loaded.config, loaded.problems = workspace.LoadConfig(path, nil)
		loaded.missing = loaded.config.Missing(nil)
		for _, p := range loaded.problems {
			if p.Warning {
				loaded.missing = append(loaded.missing, p)
			}
		}
		loaded.problems = slices.DeleteFunc(loaded.problems, func(p workspace.Problem) bool { return p.Warning })
		if c.loaded == nil {
			c.loaded = map[string]*loadedConfig{}
		}
		c.loaded[path] = loaded
	}
	return loaded
}

// problems is one error about all that is wrong with a configuration; nil the second time.
func (r *runner) problems(c *loadedConfig) error {
	if len(c.problems) == 0 {
		return nil
	}
	var lines []string
	for _, p := range c.problems {
		p.Path = r.show(p.Path)
		lines = append(lines, terminal.Escape(p.Error()))
	}
	c.problems = nil
	return fmt.Errorf("%s", strings.Join(lines, "\n"))
}
