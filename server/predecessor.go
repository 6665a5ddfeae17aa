package server

import (
	"encoding/json"

	"layerwise/workspace"
)

// Where this server takes the place of docker-langserver, editors still send that one's settings, under
// docker.languageserver. What they say of diagnostics counts for the rules that find the same. Its
// formatter.ignoreMultilineInstructions is not asked: the lines of commands are left as they are anyway.

// predecessorRules are our rules for the keys of docker.languageserver.diagnostics. There is none for the case of directives.
var predecessorRules = map[string]string{
	"deprecatedMaintainer":           "maintainer-deprecated",
	"emptyContinuationLine":          "empty-continuation",
	"instructionCasing":              "instruction-casing",
	"instructionCmdMultiple":         "multiple-cmd",
	"instructionEntrypointMultiple":  "multiple-entrypoint",
	"instructionHealthcheckMultiple": "multiple-healthcheck",
	"instructionJSONInSingleQuotes":  "invalid-json-form",
	"instructionWorkdirRelative":     "relative-workdir",
}

// predecessorLevels are our severities for theirs.
var predecessorLevels = map[string]string{"ignore": "off", "warning": "warning", "error": "error"}

// predecessorSettings are the settings in a section "docker"; ok is false if it has none of docker-langserver's. What is
// not understood is left out: it was never ours to complain about.
func predecessorSettings(docker json.RawMessage) (cfg workspace.Config, ok bool) {
	var section struct {
		LanguageServer struct {
			Diagnostics map[string]any `json:"diagnostics"`
		} `json:"languageserver"`
	}
	if json.Unmarshal(docker, &section) != nil {
		return cfg, false
	}
	for key, value := range section.LanguageServer.Diagnostics {
		level, _ := value.(string)
		if rule, severity := predecessorRules[key], predecessorLevels[level]; rule != "" && severity != "" {
			if cfg.Rules == nil {
				cfg.Rules = map[string]string{}
			}
			cfg.Rules[rule] = severity
		}
	}
	return cfg, cfg.Rules != nil
}
