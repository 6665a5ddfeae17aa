package main

import (
	"bytes"
	"encoding/json"
	"log"

	"layerwise/workspace"
)

// manifest puts the settings into the manifest of the extension for VS Code: those of the server, made
// from the configuration's own schema, and the one that is the extension's.
func manifest(text []byte) []byte {
	const key = `"configuration": `
	head, rest, ok := bytes.Cut(text, []byte(key))
	var old json.RawMessage
	decoder := json.NewDecoder(bytes.NewReader(rest))
	if !ok || decoder.Decode(&old) != nil {
		log.Fatal("the manifest of the extension has no place for the settings")
	}
	settings, err := json.MarshalIndent(contribution(), "    ", "  ")
	if err != nil {
		log.Fatal(err)
	}
	return bytes.Join([][]byte{head, []byte(key), settings, rest[decoder.InputOffset():]}, nil)
}

// contribution is that of the settings: those of .layerwise.yaml, which an editor can send too.
func contribution() map[string]any {
	var schema struct {
		Properties map[string]map[string]any
	}
	if err := json.Unmarshal(workspace.Schema(), &schema); err != nil {
		log.Fatal(err)
	}
	properties := map[string]any{"layerwise.path": map[string]any{
		"type": "string",
		// A workspace must not say what is started.
		"scope":               "machine",
		"markdownDescription": "The program `layerwise` to start, as an absolute path. Without it, the one that came with the extension, or the one on the PATH.",
	}}
	for _, name := range workspace.ConfigKeys() {
		property := schema.Properties[name]
		property["scope"] = "resource"
		if values, ok := property["additionalProperties"].(map[string]any); ok {
			values["type"] = "string" // JSON does not keep how a number was written
		}
		properties["layerwise."+name] = property
	}
	return map[string]any{"title": "Layerwise", "properties": properties}
}
