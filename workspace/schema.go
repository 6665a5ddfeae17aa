package workspace

import (
	"encoding/json"
	"reflect"
	"strings"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"
)

// Schema is the JSON schema of .layerwise.yaml, made from Config.
func Schema() []byte {
	properties := propertiesOf(reflect.TypeFor[Config]())
	properties[schemaKey] = map[string]any{"type": "string"}
	schema := map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "Layerwise configuration",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
	}
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // maps of strings always marshal
	}
	return append(text, '\n')
}

// propertiesOf are those of a struct: its exported fields.
func propertiesOf(config reflect.Type) map[string]any {
	properties := map[string]any{}
	for i := range config.NumField() {
		field := config.Field(i)
		if !field.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		property := map[string]any{"description": field.Tag.Get("desc")}
		switch {
		case name == "rules":
			property["type"] = "object"
			property["properties"] = ruleProperties()
			property["patternProperties"] = passedProperties()
			property["additionalProperties"] = false
		case name == "hints":
			property["type"] = "object"
			property["properties"] = kindsSchema(HintKinds, hintDocs)
			property["additionalProperties"] = false
		case name == "lenses":
			property["type"] = "object"
			property["properties"] = kindsSchema(LensKinds, lensDocs)
			property["additionalProperties"] = false
		case name == "format":
			property["type"] = "object"
			property["properties"] = formatProperties()
			property["additionalProperties"] = false
		case field.Type.Kind() == reflect.Slice:
			property["type"] = "array"
			property["items"] = map[string]any{
				"type": "object", "properties": propertiesOf(field.Type.Elem()), "additionalProperties": false, "required": []string{"dockerfile"},
			}
		case name == "findings":
			property["type"] = "string"
			property["enum"] = []string{findingsOfAll, findingsOfOpen}
		case field.Type.Kind() == reflect.Map:
			property["type"] = "object"
			property["additionalProperties"] = map[string]any{"type": []string{"string", "number", "boolean"}}
		default:
			property["type"] = "string"
		}
		properties[name] = property
	}
	return properties
}

// hintDocs say what the kinds of hints tell.
var hintDocs = map[string]string{
	"stages":    "The stage that --from=N means.",
	"variables": "The image that a FROM with variables names.",
	"files":     "How many files, and how much, a COPY or ADD takes from the build context.",
}

// severity is the schema of what may be said of findings.
func severity(description string) map[string]any {
	return map[string]any{"description": description, "type": "string", "enum": diagnostics.SettingNames()}
}

// passedProperties are the ids of what rules pass on of other tools.
func passedProperties() map[string]any {
	properties := map[string]any{}
	for _, r := range catalog.Rules() {
		if r.Passes != "" {
			properties["^"+r.Name+"/SC[0-9]{4}$"] = severity("What " + string(r.Passes) + " calls so.")
		}
	}
	return properties
}

func ruleProperties() map[string]any {
	properties := map[string]any{}
	for _, r := range catalog.Rules() {
		properties[r.Name] = ruleSchema(r, severity(r.Summary()))
		properties[r.Family] = severity("All rules of the family " + r.Family + ".")
		if r.Code != "" {
			properties[r.Code] = severity("The code of " + r.Name + ".")
		}
	}
	return properties
}
