package workspace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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
	Context   string            `json:"context,omitempty" desc:"The build context: a folder. In .layerwise.yaml it is relative to that file, and is its own folder, as '.', or one below it; in an editor's settings it is relative to the Dockerfile. Without it, the Dockerfile's folder."`
	BuildArgs map[string]string `json:"buildArgs,omitempty" desc:"The values that builds pass with --build-arg."`
	Target    string            `json:"target,omitempty" desc:"The stage that builds export, as with --target. Without it, the last one."`
	Contexts  map[string]string `json:"contexts,omitempty" desc:"Named contexts, as with --build-context: folders, with the same paths as context, or what BuildKit fetches, such as docker-image://alpine:3.22."`
	Platform  string            `json:"platform,omitempty" desc:"The platform that builds are for, as with --platform."`
	Builds    []BuildConfig     `json:"builds,omitempty" desc:"How each Dockerfile is built, if that differs: what stands beside this list counts for those without an entry, and for what an entry leaves out. Only in .layerwise.yaml."`

	source Source // where Context was read, or else the configuration
	flags  Flags
}

// BuildConfig is one build of one Dockerfile. Paths are relative to the configuration file, and absolute
// once they are read.
type BuildConfig struct {
	Name       string            `json:"name,omitempty" desc:"What findings and --build call the build."`
	Dockerfile string            `json:"dockerfile" desc:"The Dockerfile, relative to this file."`
	Context    string            `json:"context,omitempty" desc:"The build context: the folder of this file, as '.', or one below it."`
	Contexts   map[string]string `json:"contexts,omitempty" desc:"Named contexts, as with --build-context: folders below this file's, or what BuildKit fetches."`
	Target     string            `json:"target,omitempty" desc:"The stage that the build exports, as with --target."`
	BuildArgs  map[string]string `json:"buildArgs,omitempty" desc:"The values that the build passes with --build-arg."`
	Platform   string            `json:"platform,omitempty" desc:"The platform that the build is for, as with --platform."`

	source Source
}

// buildKeys are the names of what a build of the list has.
var buildKeys = []string{"name", "dockerfile", "context", "contexts", "target", "buildArgs", "platform"}

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
	maxBuilds   = 10_000  // in one configuration
)

// schemaKey may name the schema of the file, for editors that look for it there.
const schemaKey = "$schema"

// ConfigKeys are the names of the settings that an editor has too.
func ConfigKeys() []string {
	return []string{"rules", "context", "buildArgs", "target", "contexts", "platform"}
}

// fileKeys are the names of the settings of a file.
func fileKeys() []string { return append(ConfigKeys(), "builds") }

// FindConfig returns the configuration file that applies to a folder: the nearest one in it or above
// it, but not above the root of its repository, and not in a folder of another user, who could switch
// rules off. It is empty if there is none.
func FindConfig(dir string) string {
	trusted := trustedOwners(dir)
	for at := dir; len(at) <= maxPath; {
		for _, name := range ConfigNames {
			path := filepath.Join(at, name)
			if info, err := os.Lstat(path); err == nil {
				if at != dir && !trusted(info) {
					return ""
				}
				return path
			}
		}
		parent := filepath.Dir(at)
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil || parent == at {
			return ""
		}
		if info, err := os.Lstat(parent); err != nil || !trusted(info) {
			return ""
		}
		at = parent
	}
	return ""
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
	r.cfg.source = Source{Kind: FromFile, File: path}
	file, err := yaml.ParseUpTo(src, maxConfig)
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
				severity, ok := r.scalar(rule.Value)
				if problem := checkRule(name, severity); ok && problem != "" {
					r.problem(rule.Key, "%s", problem)
				} else if ok {
					r.cfg.Rules[name] = severity
				}
			}
		case "buildArgs":
			r.cfg.BuildArgs = r.words(pair.Value, "buildArgs")
		case "context":
			if folder, ok := r.folder(pair.Value, "the context must be"); ok {
				r.cfg.Context = folder
				r.cfg.source = r.sourceOf(pair.Key)
			}
		case "contexts":
			r.cfg.Contexts = r.contexts(pair.Value)
		case "target":
			r.cfg.Target, _ = r.scalar(pair.Value)
		case "platform":
			r.cfg.Platform, _ = r.scalar(pair.Value)
		case "builds":
			r.builds(pair.Value)
		case schemaKey: // for editors
		default:
			r.problem(pair.Key, "there is no setting %q%s", quoted(key), suggestion(key, fileKeys()))
		}
	}
}

// builds reads the list of builds. One with a mistake in what it is about is left out.
func (r *configReader) builds(n ast.Node) {
	if _, null := n.(*ast.NullNode); null {
		return
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.problem(n, "builds must be a list, of one entry for each build")
		return
	}
	if len(list.Values) > maxBuilds {
		r.problem(n, "there are more than %d builds", maxBuilds)
		return
	}
	names := map[[2]string]bool{}
	for _, entry := range list.Values {
		b, ok := r.build(entry)
		if !ok {
			continue
		}
		if key := [2]string{b.Dockerfile, b.Name}; names[key] {
			r.problem(entry, "there is another build of this Dockerfile%s: give each a name of its own", called(b.Name))
			continue
		} else {
			names[key] = true
		}
		r.cfg.Builds = append(r.cfg.Builds, b)
	}
}

func called(name string) string {
	if name == "" {
		return " without a name"
	}
	return fmt.Sprintf(" with the name %q", quoted(name))
}

// build reads one entry of the list.
func (r *configReader) build(n ast.Node) (b BuildConfig, ok bool) {
	before := len(r.problems)
	pairs := r.pairs(n, "a build")
	if len(pairs) > 0 {
		n = pairs[0].Key
	}
	b.source = r.sourceOf(n)
	for _, pair := range pairs {
		switch key := scalarText(pair.Key); key {
		case "name":
			b.Name, _ = r.scalar(pair.Value)
		case "dockerfile":
			b.Dockerfile, _ = r.folder(pair.Value, "the Dockerfile must be in")
		case "context":
			b.Context, _ = r.folder(pair.Value, "the context must be")
		case "contexts":
			b.Contexts = r.contexts(pair.Value)
		case "target":
			b.Target, _ = r.scalar(pair.Value)
		case "platform":
			b.Platform, _ = r.scalar(pair.Value)
		case "buildArgs":
			b.BuildArgs = r.words(pair.Value, "buildArgs")
		default:
			r.problem(pair.Key, "a build has no %q%s", quoted(key), suggestion(key, buildKeys))
		}
	}
	if b.Dockerfile == "" && len(r.problems) == before {
		r.problem(n, "a build needs a dockerfile: its path, relative to this file")
	}
	return b, b.Dockerfile != ""
}

// words reads a mapping of names to single values.
func (r *configReader) words(n ast.Node, what string) map[string]string {
	words := map[string]string{}
	for _, pair := range r.pairs(n, what) {
		if v, ok := r.scalar(pair.Value); ok {
			words[scalarText(pair.Key)] = v
		}
	}
	return words
}

// contexts reads named contexts.
func (r *configReader) contexts(n ast.Node) map[string]string {
	contexts := map[string]string{}
	for _, pair := range r.pairs(n, "contexts") {
		name, where := scalarText(pair.Key), scalarText(pair.Value)
		if Fetched(where) {
			if where, ok := r.scalar(pair.Value); ok {
				contexts[name] = where
			}
		} else if folder, ok := r.folder(pair.Value, "a named context must be"); ok {
			contexts[name] = folder
		}
	}
	return contexts
}

// folder reads a path. A file that comes with a repository must not make Layerwise read what is not in
// it, so the path lies in or below the file's own folder.
func (r *configReader) folder(n ast.Node, what string) (abs string, ok bool) {
	dir, ok := r.scalar(n)
	if !ok || dir == "" {
		return "", false
	}
	if dir = filepath.FromSlash(dir); !filepath.IsLocal(dir) {
		r.problem(n, "%s the folder of this file or one below it; for one above, move this file there", what)
		return "", false
	}
	if abs, ok = below(filepath.Dir(r.path), dir); !ok {
		r.problem(n, "%s a folder below the one that this file is in, and no link out of it", what)
	}
	return abs, ok
}

// sourceOf is the place of a node.
func (r *configReader) sourceOf(n ast.Node) Source {
	s := Source{Kind: FromFile, File: r.path}
	if t := n.GetToken(); t != nil && t.Position != nil {
		s.Line = t.Position.Line
	}
	return s
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
	if _, ok := diagnostics.ParseSeverity(severity); !ok {
		return fmt.Sprintf("the severity of %s must be off, hint, info, warning or error, not %q", name, quoted(severity))
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
	cfg := Config{source: Source{Kind: FromSettings}}
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
		case "contexts":
			into = &cfg.Contexts
		case "platform":
			into = &cfg.Platform
		case "builds":
			problems = append(problems, Problem{Message: "builds can only be set in .layerwise.yaml: what it says counts from that file's folder"})
			continue
		default:
			problems = append(problems, Problem{Message: fmt.Sprintf("there is no setting %q%s", quoted(key), suggestion(key, ConfigKeys()))})
			continue
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
	merged := a
	merged.Rules, merged.BuildArgs, merged.Contexts = join(a.Rules, b.Rules), join(a.BuildArgs, b.BuildArgs), join(a.Contexts, b.Contexts)
	if b.Context != "" || a.Context == "" && b.source != (Source{}) {
		merged.Context, merged.source = b.Context, b.source
	}
	if b.Target != "" {
		merged.Target = b.Target
	}
	if b.Platform != "" {
		merged.Platform = b.Platform
	}
	if b.Builds != nil {
		merged.Builds = b.Builds
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
	set := diagnostics.Settings{Severity: make(map[string]diagnostics.Severity, len(c.Rules))}
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
