package main

import (
	"encoding/json"
	"log"

	"layerwise/server"
	"layerwise/workspace"
)

// jetbrains is the schema of the settings in JetBrains' editors.
const jetbrains = "editors/jetbrains/template/settings.schema.json"

// jetbrainsSettings is the schema of what such an editor sends: the settings of .layerwise.yaml, in a
// section of our own.
func jetbrainsSettings() []byte {
	var section map[string]any
	if err := json.Unmarshal(workspace.Schema(), &section); err != nil {
		log.Fatal(err)
	}
	delete(section, "$schema")
	delete(section["properties"].(map[string]any), "$schema") // names the schema of a file
	text, err := json.MarshalIndent(map[string]any{
		"$schema":    "http://json-schema.org/draft-07/schema#", // the newest that all of them read
		"type":       "object",
		"properties": map[string]any{server.Name: section},
	}, "", "  ")
	if err != nil {
		log.Fatal(err)
	}
	return append(text, '\n')
}
