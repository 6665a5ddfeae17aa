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
	"layerwise/build/shellcheck"
	"layerwise/build/sources"
	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/internal/words"
	"layerwise/internal/yaml"

	"github.com/agext/levenshtein"
)

// Config is what a user can set; .layerwise.yaml and the editor's settings have this form.
type Config struct {
	Rules     map[string]string `json:"rules,omitempty" desc:"Switches rules off or changes their severity, by rule, code or family: off, hint, info, warning, error."`
	Options   map[string]any    `json:"-"` // of rules, by name: what diagnostics.Rule.Options makes, with the user's values
	Context   string            `json:"context,omitempty" desc:"The build context: a folder. In .layerwise.yaml it is relative to that file, and is its own folder, as '.', or one below it; in an editor's settings it is relative to the Dockerfile. Without it, the Dockerfile's folder."`
	BuildArgs map[string]string `json:"buildArgs,omitempty" desc:"The values that builds pass with --build-arg."`
	Target    string            `json:"target,omitempty" desc:"The stage that builds export, as with --target. Without it, the last one."`
	Contexts  map[string]string `json:"contexts,omitempty" desc:"Named contexts, as with --build-context: folders, with the same paths as context, or what BuildKit fetches, such as docker-image://alpine:3.22."`
	Platform  string            `json:"platform,omitempty" desc:"The platform that builds are for, as with --platform."`
	Build     string            `json:"build,omitempty" desc:"Which of the builds that the files of the workspace say is the default one, as the command builds names it: compose.yaml#api."`
	Hints     map[string]bool   `json:"hints,omitempty" desc:"Switches on what an editor may show inside the text (inlay hints), by kind: stages, variables, files. Without it, none."`
	Format    Format            `json:"format,omitempty" desc:"How Dockerfiles are formatted. None of it changes what is built, but for runIndentation."`
	Lenses    map[string]bool   `json:"lenses,omitempty" desc:"Switches off what an editor shows above lines (code lenses), by kind: builds, findings, reruns, references."`
	Findings  string            `json:"findings,omitempty" desc:"Which Dockerfiles an editor shows findings of: all of the folders that are open in it, or those that are open themselves."`
	Builds    []BuildConfig     `json:"builds,omitempty" desc:"How each Dockerfile is built, if that differs: what stands beside this list counts for those without an entry, and for what an entry leaves out. Only in .layerwise.yaml."`

	source   Source // where Context was read, or else the configuration
	build    place  // where Build was read
	chosen   string // the build that the user chose in an editor, by its name
	flags    Flags
	scripts  *shellcheck.Program // what checks the scripts of RUN; nil if nothing does
	known    *sources.Known      // what builds the Dockerfiles of the workspace; nil if nobody has looked
	inferred string              // the folder that has all that the Dockerfile names, if that is not its own
	guessed  bool                // inferred has not all of that, or the Dockerfile names nothing and copies all
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
	Build      string            `json:"build,omitempty" desc:"Instead of all else: which of the builds that the files of the workspace say is the default one, as the command builds names it: compose.yaml#api."`

	source     Source
	dockerfile place // where the Dockerfile is named
	build      place // where Build is
}

// place is a place in a configuration file, from 1; zero if there is none.
type place struct {
	file         string
	line, column int
}

// buildKeys are the names of what a build of the list has.
var buildKeys = []string{"name", "dockerfile", "context", "contexts", "target", "buildArgs", "platform", "build"}

// Problem is a mistake in a configuration. The rest of it applies all the same.
type Problem struct {
	Path         string // of the file; empty for an editor's settings
	Line, Column int    // from 1; 0 if it is about the whole
	Message      string
	Warning      bool // the file itself is right
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
	return []string{"rules", "context", "buildArgs", "target", "contexts", "platform", "build", "hints", "format", "lenses", "findings"}
}

// HintKinds are the kinds of hints that the configuration switches on.
var HintKinds = []string{"stages", "variables", "files"}

// fileKeys are the names of the settings of a file.
func fileKeys() []string { return append(ConfigKeys(), "builds") }

// LoadConfig reads a configuration file, or its text in overlay, by its absolute path. The context
// directory comes back as an absolute path.
func LoadConfig(path string, overlay map[string]string) (Config, []Problem) {
	src, err := configText(path, overlay)
	if err != nil {
		return Config{}, []Problem{{Path: path, Message: err.Error()}}
	}
	return ParseConfig(path, src)
}

func configText(path string, overlay map[string]string) (string, error) {
	if src, open := overlay[path]; open {
		return src, nil
	}
	return files.ReadRegular(filepath.Dir(path), filepath.Base(path), maxConfig)
}

// ParseConfig reads the text of a configuration file, of ours or of another tool.
func ParseConfig(path, src string) (Config, []Problem) {
	if isForeignConfig(path) {
		return foreignConfig(path, src)
	}
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

// Missing tells of the builds whose Dockerfile is not there. open are the texts of files that an editor has, by
// path: they need not be on disk yet. It looks at the disk each time.
func (c Config) Missing(open map[string]string) (problems []Problem) {
	for _, b := range c.Builds {
		if _, isOpen := open[b.Dockerfile]; isOpen {
			continue
		}
		if _, err := os.Stat(b.Dockerfile); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		name, err := filepath.Rel(filepath.Dir(b.source.File), b.Dockerfile)
		if err != nil {
			name = b.Dockerfile
		}
		problems = append(problems, Problem{
			Path: b.dockerfile.file, Line: b.dockerfile.line, Column: b.dockerfile.column, Warning: true,
			Message: fmt.Sprintf("there is no Dockerfile %s, so this build is ignored", quoted(filepath.ToSlash(name))),
		})
		if len(problems) == maxProblems {
			break
		}
	}
	return problems
}

// checkRule says what is wrong with a rule's setting; empty if nothing is.
func checkRule(name, severity string) string {
	if !catalog.Setting(name) {
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

// checkHint says what is wrong with the kind of a hint; empty if nothing is.
func checkHint(kind string) string {
	if slices.Contains(HintKinds, kind) {
		return ""
	}
	return fmt.Sprintf("there is no hint %q%s", quoted(kind), suggestion(kind, HintKinds))
}

// quoted is a word as messages repeat it.
func quoted(word string) string {
	return words.Shorten(word, maxQuoted)
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
		case "build":
			into = &cfg.Build
		case "hints":
			into = &cfg.Hints
		case "format":
			problems = append(problems, cfg.Format.fromJSON(object[key])...)
			continue
		case "findings":
			into = &cfg.Findings
		case "lenses":
			into = &cfg.Lenses
		case "builds":
			problems = append(problems, Problem{Message: "builds can only be set in .layerwise.yaml, because their paths are relative to that file"})
			continue
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
	for kind := range cfg.Lenses {
		if problem := checkLens(kind); problem != "" {
			problems = append(problems, Problem{Message: problem})
			delete(cfg.Lenses, kind)
		}
	}
	for kind := range cfg.Hints {
		if problem := checkHint(kind); problem != "" {
			problems = append(problems, Problem{Message: problem})
			delete(cfg.Hints, kind)
		}
	}
	for name, severity := range cfg.Rules {
		if problem := checkRule(name, severity); problem != "" {
			problems = append(problems, Problem{Message: problem})
			delete(cfg.Rules, name)
		}
	}
	if problem := checkFindings(cfg.Findings); problem != "" {
		problems = append(problems, Problem{Message: problem})
		cfg.Findings = ""
	}
	return cfg, errors.Join(problems...)
}

// Merge is a with the settings of b over it; maps are joined.
func Merge(a, b Config) Config {
	merged := a
	merged.Rules, merged.BuildArgs, merged.Contexts = join(a.Rules, b.Rules), join(a.BuildArgs, b.BuildArgs), join(a.Contexts, b.Contexts)
	merged.Options, merged.Hints = join(a.Options, b.Options), join(a.Hints, b.Hints)
	merged.Format = b.Format.over(a.Format)
	if b.Context != "" || a.Context == "" && b.source != (Source{}) {
		merged.Context, merged.source = b.Context, b.source
	}
	if b.Target != "" {
		merged.Target = b.Target
	}
	if b.Platform != "" {
		merged.Platform = b.Platform
	}
	if b.Build != "" {
		merged.Build, merged.build = b.Build, b.build
	}
	if b.Findings != "" {
		merged.Findings = b.Findings
	}
	merged.Lenses = join(a.Lenses, b.Lenses)
	if b.Builds != nil {
		merged.Builds = b.Builds
	}
	return merged
}

// join is what both maps hold; where both have a key, the value of b.
func join[V any](a, b map[string]V) map[string]V {
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

// CheckingScripts is the configuration with a program that checks the scripts of RUN; nil if there is none. No file names it.
func (c Config) CheckingScripts(with *shellcheck.Program) Config {
	c.scripts = with
	return c
}

// configOf is the configuration of a document: its .layerwise.yaml over the editor's settings for
// it or for its folder, over those for all, with what is known of its builds. The caller holds mu.
func (w *Workspace) configOf(d *document) Config {
	scoped, own := w.scoped[d.uri]
	if !own {
		scoped = w.scopedFolders[w.folderOf(d.path)]
	}
	cfg := Merge(w.settings, scoped).CheckingScripts(w.scripts)
	if d.path == "" {
		return cfg
	}
	for _, path := range FindConfig(filepath.Dir(d.path)) {
		file, problems := w.load(path)
		w.problems[path] = slices.Concat(problems, file.Missing(w.overlay()))
		cfg = Merge(cfg, file)
	}
	cfg.chosen = w.chosen[d.path]
	if b := w.buildersOf(d.path); b != nil && b.known != nil {
		cfg = cfg.Knowing(b.known)
		for _, p := range cfg.Unfound() {
			w.problems[p.Path] = append(w.problems[p.Path], p)
		}
		cfg.inferred, cfg.guessed = d.inferred.folder, d.inferred.guessed
	}
	return cfg
}

// parsedConfig is what a text of a configuration file says: large ones take long to parse.
type parsedConfig struct {
	src      string
	config   Config
	problems []Problem
}

// load is LoadConfig with a memory of the last text of each file. The caller holds mu.
func (w *Workspace) load(path string) (Config, []Problem) {
	src, err := configText(path, w.overlay())
	if err != nil {
		delete(w.parsed, path)
		return Config{}, []Problem{{Path: path, Message: err.Error()}}
	}
	p, known := w.parsed[path]
	if !known || p.src != src {
		p = parsedConfig{src: src}
		p.config, p.problems = ParseConfig(path, src)
		w.parsed[path] = p
	}
	return p.config, p.problems
}
