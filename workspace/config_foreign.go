package workspace

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
	"layerwise/internal/yaml"
)

// foreignConfigs are the settings of other tools that count where there is no configuration of ours: whoever
// has silenced a mistake there does not want to be told of it here.
var foreignConfigs = []string{".hadolint.yaml", ".hadolint.yml", ".trivyignore"}

func isForeignConfig(path string) bool { return slices.Contains(foreignConfigs, filepath.Base(path)) }

// A Line is what a setting of another tool says in ours, or why it says nothing.
type Line struct {
	Rule, Severity string              // of rules: in .layerwise.yaml
	Options        map[string][]string // of the rule, by name; those that the line sets
	From           string              // the setting, as it is called there: "ignored: DL3008"
	Note           string              // what to know of it; where Rule is empty, why it is not carried over
}

// ParseForeign reads the settings of another tool, by the name of their file: those of hadolint, or the list of
// what Trivy ignores. The error says why they cannot be read.
func ParseForeign(path, src string) ([]Line, error) {
	if filepath.Base(path) == ".trivyignore" {
		return trivyLines(src), nil
	}
	return hadolintLines(src)
}

// foreignConfig is what the settings of another tool make of rules.
func foreignConfig(path, src string) (Config, []Problem) {
	cfg := Config{Rules: map[string]string{}}
	lines, err := ParseForeign(path, src)
	if err != nil {
		p := Problem{Path: path, Line: 1, Column: 1, Warning: true, Message: "these settings count, because there is no .layerwise.yaml, but they cannot be read: " + err.Error()}
		if at := (*yaml.Error)(nil); errors.As(err, &at) {
			p.Line, p.Column = at.Line, at.Column
		}
		return cfg, []Problem{p}
	}
	for _, line := range lines {
		if line.Rule == "" {
			continue
		}
		cfg.Rules[line.Rule] = line.Severity
		for _, option := range slices.Sorted(maps.Keys(line.Options)) {
			if problem := cfg.setOption(line.Rule, option, line.Options[option]); problem != "" {
				return cfg, []Problem{{Path: path, Line: 1, Column: 1, Warning: true, Message: line.From + ": " + problem}}
			}
		}
	}
	return cfg, nil
}

// hadolintSeverities are hadolint's names of severities, and ours, in the order in which the later wins.
var hadolintSeverities = []struct{ theirs, ours string }{{"error", "error"}, {"warning", "warning"}, {"info", "info"}, {"style", "hint"}}

func hadolintLines(src string) (lines []Line, err error) {
	docs, err := yaml.Documents(src, maxConfig)
	if err != nil {
		return nil, err
	}
	if len(docs) == 0 {
		return nil, nil
	}
	doc := docs[0]
	list := func(from, id string, options map[string][]string) {
		if len(options) == 0 {
			return
		}
		line := carried(diagnostics.Hadolint, id, from, diagnostics.On.String())[0]
		line.Options, line.Note = options, ""
		lines = append(lines, line)
	}
	if registries := doc.Get("trustedRegistries").Strings(); len(registries) > 0 {
		list("trustedRegistries", "DL3026", map[string][]string{"registries": registries})
	}
	if schema := doc.Get("label-schema"); len(schema.Keys()) > 0 {
		kinds := map[string][]string{}
		for _, label := range schema.Keys() {
			kind := schema.Get(label).String()
			kinds[kind] = append(kinds[kind], label)
		}
		list("label-schema", "DL3049", map[string][]string{"labels": schema.Keys()})
		list("label-schema", "DL3051", kinds)
	}
	for _, severity := range hadolintSeverities {
		for _, id := range doc.Get("override", severity.theirs).Strings() {
			lines = append(lines, carried(diagnostics.Hadolint, id, "override."+severity.theirs+": "+id, severity.ours)...)
		}
	}
	for _, id := range doc.Get("ignored").Strings() {
		lines = append(lines, carried(diagnostics.Hadolint, id, "ignored: "+id, diagnostics.Off.String())...)
	}
	for _, key := range doc.Keys() {
		if slices.ContainsFunc(lines, func(l Line) bool { return l.From == key }) {
			continue
		}
		if note, known := hadolintNotes[key]; known {
			if note == "" {
				continue // an empty list
			}
			lines = append(lines, Line{From: key, Note: note})
		} else if key != "override" && key != "ignored" {
			lines = append(lines, Line{From: key, Note: "hadolint's documentation does not know this setting"})
		}
	}
	return lines, nil
}

// hadolintNotes say what becomes of hadolint's other settings.
var hadolintNotes = map[string]string{
	"failure-threshold":     "give it to the command: layerwise check --fail-level SEVERITY",
	"no-fail":               "give it to the command: layerwise check --fail-level off",
	"format":                "give it to the command: layerwise check --format NAME",
	"no-color":              "give it to the command: layerwise check --color never",
	"verbose":               "there is nothing of its kind",
	"strict-labels":         "labels that are not in a schema are not reported",
	"label-schema":          "",
	"trustedRegistries":     "",
	"disable-ignore-pragma": "comments of hadolint that silence findings always count",
}

// trivyLines reads a .trivyignore: an id on each line, comments behind #, what else Trivy allows behind a blank.
func trivyLines(src string) (lines []Line) {
	for _, line := range strings.Split(src, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if until := slices.IndexFunc(fields, func(f string) bool { return strings.HasPrefix(f, "exp:") }); until > 0 && diagnostics.Past(strings.TrimPrefix(fields[until], "exp:")) {
			lines = append(lines, Line{From: fields[0], Note: "it was to be ignored until " + strings.TrimPrefix(fields[until], "exp:")})
			continue
		}
		if strings.HasPrefix(fields[0], "CVE-") || strings.HasPrefix(fields[0], "GHSA-") {
			continue // of packages, which is another matter
		}
		lines = append(lines, carried(diagnostics.Trivy, fields[0], fields[0], diagnostics.Off.String())...)
	}
	return lines
}

// carried are the rules that an id of another tool stands for, with a severity.
func carried(tool diagnostics.Tool, id, from, severity string) (lines []Line) {
	for _, rule := range catalog.Rules() {
		if tool.Has(rule, id) {
			lines = append(lines, Line{Rule: rule.Name, Severity: severity, From: from, Note: also(tool, rule, id)})
		}
		if tool == diagnostics.Hadolint && rule.PassesOn(id) { // it passes them on, too
			lines = append(lines, Line{Rule: rule.Name + "/" + id, Severity: severity, From: from})
		}
	}
	if lines == nil {
		lines = []Line{{From: from, Note: "there is no rule for it"}}
	}
	return lines
}

// also tells that a rule stands for other mistakes too, by the names that the tool has for them.
func also(tool diagnostics.Tool, rule *diagnostics.Rule, id string) string {
	others := slices.DeleteFunc(slices.Clone(rule.IDs(tool)), func(other string) bool { return strings.HasSuffix(id, other) })
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("also what %s calls %s", tool, strings.Join(others, ", "))
}
