package main

import (
	"encoding/json"
	"log"
	"slices"

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
	properties := section["properties"].(map[string]any)
	for name := range properties { // a file has more: its schema, and what counts from its folder
		if !slices.Contains(workspace.ConfigKeys(), name) {
			delete(properties, name)
		}
	}
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
