package server_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSettingsOfDockerLangserver: each key of docker.languageserver.diagnostics switches off the rule that finds the same.
func TestSettingsOfDockerLangserver(t *testing.T) {
	const text = "FROM a:1\nMAINTAINER me\nrun x \\\n\n  y\nCMD [\"a\"]\nCMD [\"b\"]\nENTRYPOINT [\"a\"]\nENTRYPOINT [\"b\"]\n" +
		"HEALTHCHECK CMD a\nHEALTHCHECK CMD b\nWORKDIR x\nVOLUME ['a']\n"
	for key, rule := range map[string]string{
		"deprecatedMaintainer":           "maintainer-deprecated",
		"emptyContinuationLine":          "empty-continuation",
		"instructionCasing":              "instruction-casing",
		"instructionCmdMultiple":         "multiple-cmd",
		"instructionEntrypointMultiple":  "multiple-entrypoint",
		"instructionHealthcheckMultiple": "multiple-healthcheck",
		"instructionJSONInSingleQuotes":  "invalid-json-form",
		"instructionWorkdirRelative":     "relative-workdir",
	} {
		c := start(t, `{}`)
		found := func(there bool) {
			c.await(key, func(m message) bool {
				var p published
				return m.Method == "textDocument/publishDiagnostics" && json.Unmarshal(m.Params, &p) == nil && strings.Contains(summary(p.Diagnostics), rule) == there
			})
		}
		c.open(doc, text)
		found(true)
		c.notify("workspace/didChangeConfiguration", `{"settings":{"docker":{"languageserver":{"diagnostics":{"`+key+`":"ignore"}}}}}`)
		found(false)
		c.notify("workspace/didChangeConfiguration", `{"settings":{"docker":{"languageserver":{"diagnostics":{"`+key+`":"error"}}}}}`)
		found(true)
	}
}
