package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/internal/yaml"

	"github.com/agext/levenshtein"
	"github.com/goccy/go-yaml/ast"
)

// Config is what a user can set; .layerwise.yaml and the editor's settings have this form.
type Config struct {
	Rules     map[string]string `json:"rules,omitempty" desc:"Switches rules off or changes their severity, by rule, code or family: off, hint, info, warning, error."`
	Options   map[string]any    `json:"-"` // of rules, by name: what diagnostics.Rule.Options makes, with the user's values
	Context   string            `json:"context,omitempty" desc:"The build context: a folder. In .layerwise.yaml it is relative to that file, and is its own folder, as '.', or one below it; in an editor's settings it is relative to the Dockerfile. Without it, the Dockerfile's folder."`
	BuildArgs map[string]string `json:"buildArgs,omitempty" desc:"The values that builds pass with --build-arg."`
	Target    string            `json:"target,omitempty" desc:"The stage that builds export, as with --target. Without it, the last one."`
}

// Problem is a mistake in a configuration. The rest of it applies all the same.
type Problem struct {
	Path         string // of the file; empty for an editor's settings
	Line, Column int    // from 1; 0 if it is about the whole
	Message      string
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return strings.TrimPrefix(p.Path+": "+p.Message, ": ")
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Message)
}

// ConfigNames are the names under which a configuration file is found.
var ConfigNames = []string{".layerwise.yaml", ".layerwise.yml"}

const (
	maxConfig   = 1 << 20 // bytes
	maxPath     = 4096    // bytes; no longer one can be opened
	maxProblems = 20      // told about one configuration
	maxQuoted   = 80      // bytes of a word that a message repeats
)

// schemaKey may name the schema of the file, for editors that look for it there.
const schemaKey = "$schema"

// ConfigKeys are the names of the settings.
func ConfigKeys() []string { return []string{"rules", "context", "buildArgs", "target"} }

// FindConfig returns the configuration file that applies to a folder: the nearest one in it or above
// it, but not above the root of its repository. It is empty if there is none.
func FindConfig(dir string) string {
	for len(dir) <= maxPath {
		for _, name := range ConfigNames {
			if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
				return filepath.Join(dir, name)
			}
		}
		parent := filepath.Dir(dir)
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || parent == dir {
			return ""
		}
		dir = parent
	}
	return ""
}

// LoadConfig reads a configuration file, or its text in overlay, by its absolute path. The context
// directory comes back as an absolute path.
func LoadConfig(path string, overlay map[string]string) (Config, []Problem) {
	src, open := overlay[path]
	if !open {
		body, err := files.ReadRegular(filepath.Dir(path), filepath.Base(path), maxConfig)
		if err != nil {
			return Config{}, []Problem{{Path: path, Message: err.Error()}}
		}
		src = body
	}
	return ParseConfig(path, src)
}

// ParseConfig reads the text of a configuration file.
func ParseConfig(path, src string) (Config, []Problem) {
	r := configReader{path: path}
	file, err := yaml.Parse(src)
	if err != nil {
		p := Problem{Path: path, Line: 1, Column: 1, Message: "this configuration cannot be read: " + err.Error()}
		if at := (*yaml.Error)(nil); errors.As(err, &at) {
			p.Line, p.Column, p.Message = at.Line, at.Column, "this is not valid YAML: "+at.Message
		}
		return Config{}, []Problem{p}
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			r.settings(doc.Body)
		}
	}
	return r.cfg, r.problems
}

// below is the absolute path of a folder below root. ok is false if it is not, or leads out of root
// through links.
func below(root, name string) (dir string, ok bool) {
	dir = filepath.Join(root, filepath.FromSlash(name))
	if filepath.IsAbs(name) || !within(root, dir) {
		return "", false
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir, true // it is not there, which is told when it is to be read
	}
	if realRoot, err := filepath.EvalSymlinks(root); err != nil || !within(realRoot, real) {
		return "", false
	}
	return dir, true
}

// configReader reads settings and notes what is wrong with them.
type configReader struct {
	path     string
	cfg      Config
	problems []Problem
}

func (r *configReader) problem(n ast.Node, format string, args ...any) {
	p := Problem{Path: r.path, Message: fmt.Sprintf(format, args...)}
	if t := n.GetToken(); t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	r.add(p)
}

func (r *configReader) add(p Problem) {
	switch {
	case len(r.problems) < maxProblems:
		r.problems = append(r.problems, p)
	case len(r.problems) == maxProblems:
		r.problems = append(r.problems, Problem{Path: r.path, Message: "there are more mistakes than these"})
	}
}

// pairs are the entries of a mapping. Anchors and aliases are refused: a configuration needs none,
// and a few lines of them can stand for billions.
func (r *configReader) pairs(n ast.Node, what string) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	case *ast.NullNode:
		return nil
	case *ast.AnchorNode, *ast.AliasNode:
		r.problem(n, "anchors and aliases are not supported")
		return nil
	}
	r.problem(n, "%s must be a mapping of names to values", what)
	return nil
}

func (r *configReader) settings(n ast.Node) {
	for _, pair := range r.pairs(n, "the configuration") {
		switch key := scalarText(pair.Key); key {
		case "rules":
			r.cfg.Rules = map[string]string{}
			for _, rule := range r.pairs(pair.Value, "rules") {
				name := scalarText(rule.Key)
				r.rule(name, rule)
			}
		case "buildArgs":
			r.cfg.BuildArgs = map[string]string{}
			for _, arg := range r.pairs(pair.Value, "buildArgs") {
				if v, ok := r.scalar(arg.Value); ok {
					r.cfg.BuildArgs[scalarText(arg.Key)] = v
				}
			}
		case "context":
			r.context(pair.Value)
		case "target":
			r.cfg.Target, _ = r.scalar(pair.Value)
		case schemaKey: // for editors
		default:
			r.problem(pair.Key, "there is no setting %q%s", quoted(key), suggestion(key, ConfigKeys()))
		}
	}
}

// context reads the build context. A file that comes with a repository must not make Layerwise read
// what is not in it, so the folder lies in or below the file's own.
func (r *configReader) context(n ast.Node) {
	dir, ok := r.scalar(n)
	if !ok || dir == "" {
		return
	}
	if dir = filepath.FromSlash(dir); !filepath.IsLocal(dir) {
		r.problem(n, "the context must be the folder of this file or one below it; for one above, move this file there")
		return
	}
	abs, ok := below(filepath.Dir(r.path), dir)
	if !ok {
		r.problem(n, "the context must be a folder below the one that this file is in, and no link out of it")
	}
	r.cfg.Context = abs
}

func (r *configReader) scalar(n ast.Node) (string, bool) {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.LiteralNode:
		return scalarText(n), true
	case *ast.NullNode:
		return "", true
	case *ast.AnchorNode, *ast.AliasNode:
		r.problem(n, "anchors and aliases are not supported")
	default:
		r.problem(n, "this must be a single value")
	}
	return "", false
}

// scalarText is a scalar as it is written, so that off stays off.
func scalarText(n ast.Node) string {
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return n.String()
}

// checkRule says what is wrong with a rule's setting; empty if nothing is.
func checkRule(name, severity string) string {
	if !catalog.Known(name) {
		var names []string
		for _, rule := range catalog.Rules() {
			names = append(names, rule.Name)
		}
		return fmt.Sprintf("there is no rule %q%s", quoted(name), suggestion(name, names))
	}
	if _, ok := diagnostics.ParseSetting(severity); !ok {
		return fmt.Sprintf("the severity of %s must be on, off, hint, info, warning or error, not %q", name, quoted(severity))
	}
	return ""
}

// quoted is a word as messages repeat it.
func quoted(word string) string {
	if len(word) > maxQuoted {
		return strings.ToValidUTF8(word[:maxQuoted], "") + "…"
	}
	return word
}

// suggestion names the nearest of the known words, if one is near.
func suggestion(word string, known []string) string {
	best, distance := "", 4
	for _, k := range known {
		if d := levenshtein.Distance(word, k, nil); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// FromJSON reads an editor's settings: an object, or null or [] for none. The error joins all
// mistakes; what is right applies all the same.
func FromJSON(raw []byte) (Config, error) {
	var cfg Config
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" || raw[0] == '[' {
		return cfg, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return cfg, Problem{Message: "the settings must be an object"}
	}
	var problems []error
	for _, key := range slices.Sorted(maps.Keys(object)) {
		var into any
		switch key {
		case "rules":
			into = &cfg.Rules
		case "context":
			into = &cfg.Context
		case "buildArgs":
			into = &cfg.BuildArgs
		case "target":
			into = &cfg.Target
		default:
			problems = append(problems, Problem{Message: fmt.Sprintf("there is no setting %q%s", quoted(key), suggestion(key, ConfigKeys()))})
			continue
		}
		if key == "rules" {
			object[key] = cfg.splitOptions(object[key], &problems)
		}
		if err := json.Unmarshal(object[key], into); err != nil {
			problems = append(problems, Problem{Message: fmt.Sprintf("the setting %s has the wrong type", key)})
		}
	}
	for name, severity := range cfg.Rules {
		if problem := checkRule(name, severity); problem != "" {
			problems = append(problems, Problem{Message: problem})
			delete(cfg.Rules, name)
		}
	}
	return cfg, errors.Join(problems...)
}

// Merge is a with the settings of b over it; maps are joined.
func Merge(a, b Config) Config {
	merged := Config{Options: joinOptions(a.Options, b.Options), Context: a.Context, Target: a.Target, Rules: join(a.Rules, b.Rules), BuildArgs: join(a.BuildArgs, b.BuildArgs)}
	if b.Context != "" {
		merged.Context = b.Context
	}
	if b.Target != "" {
		merged.Target = b.Target
	}
	return merged
}

func join(a, b map[string]string) map[string]string {
	if len(a) == 0 {
		return b
	}
	joined := maps.Clone(a)
	maps.Copy(joined, b)
	return joined
}

// Settings are the severities that the configuration gives the rules.
func (c Config) Settings() diagnostics.Settings {
	set := diagnostics.Settings{Severity: make(map[string]diagnostics.Severity, len(c.Rules)), Options: c.Options}
	for name, severity := range c.Rules {
		if s, ok := diagnostics.ParseSetting(severity); ok {
			set.Severity[diagnostics.Fold(name)] = s
		}
	}
	return set
}

// configOf is the configuration of a document: its .layerwise.yaml over the editor's settings for
// it, over those for all. The caller holds mu.
func (w *Workspace) configOf(d *document) Config {
	cfg := Merge(w.settings, w.scoped[d.uri])
	if d.path == "" {
		return cfg
	}
	if path := FindConfig(filepath.Dir(d.path)); path != "" {
		file, problems := LoadConfig(path, w.overlay())
		w.problems[path] = problems
		cfg = Merge(cfg, file)
	}
	return cfg
}
