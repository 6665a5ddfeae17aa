package workspace

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"layerwise/diagnostics"
	"layerwise/diagnostics/catalog"

	"github.com/goccy/go-yaml/ast"
)

// This file reads the long form of a rule's settings, {severity: warning, option: value}, beside the short
// one, which is the severity alone.

const severityKey = "severity"

// findRule is catalog.Find; tests put rules of their own in its place.
var findRule = catalog.Find

// rule reads what a configuration file says of one rule, code or family.
func (r *configReader) rule(name string, pair *ast.MappingValueNode) {
	switch pair.Value.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		if severity, ok := r.scalar(pair.Value); ok {
			r.severity(name, severity, pair.Key)
		}
		return
	}
	for _, option := range r.pairs(pair.Value, "the settings of a rule") {
		key := scalarText(option.Key)
		if key == severityKey {
			if severity, ok := r.scalar(option.Value); ok {
				r.severity(name, severity, option.Value)
			}
			continue
		}
		value, ok := r.plain(option.Value)
		if !ok {
			continue
		}
		if problem := r.cfg.setOption(name, key, value); problem != "" {
			r.problem(option.Key, "%s", problem)
		}
	}
}

func (r *configReader) severity(name, severity string, at ast.Node) {
	if problem := checkRule(name, severity); problem != "" {
		r.problem(at, "%s", problem)
		return
	}
	r.cfg.Rules[name] = severity
}

// plain is a value as JSON would have it: a bool, a number, a string or a list of these.
func (r *configReader) plain(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.BoolNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		var v any
		if json.Unmarshal([]byte(scalarText(n)), &v) == nil {
			return v, true
		}
		return scalarText(n), true
	case *ast.SequenceNode:
		list := []any{}
		for _, item := range n.Values {
			v, ok := r.plain(item)
			if !ok {
				return nil, false
			}
			list = append(list, v)
		}
		return list, true
	}
	return r.scalar(n)
}

// splitOptions takes the long forms out of an editor's settings of rules, and leaves the short ones.
func (c *Config) splitOptions(raw json.RawMessage, problems *[]error) json.RawMessage {
	var rules map[string]any
	if json.Unmarshal(raw, &rules) != nil {
		return raw
	}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		long, ok := rules[name].(map[string]any)
		if !ok {
			continue
		}
		delete(rules, name)
		for _, key := range slices.Sorted(maps.Keys(long)) {
			if key == severityKey {
				rules[name] = long[key]
			} else if problem := c.setOption(name, key, long[key]); problem != "" {
				*problems = append(*problems, Problem{Message: problem})
			}
		}
	}
	short, err := json.Marshal(rules)
	if err != nil {
		return raw
	}
	return short
}

// setOption sets an option of a rule. It says what is wrong; "" if nothing is.
func (c *Config) setOption(name, key string, value any) (problem string) {
	rule := findRule(name)
	if rule == nil {
		return checkRule(name, diagnostics.Off.String())
	}
	names := []string{severityKey}
	if rule.Options != nil {
		if c.Options == nil {
			c.Options = map[string]any{}
		}
		if c.Options[rule.Name] == nil {
			c.Options[rule.Name] = rule.Options()
		}
		options := reflect.ValueOf(c.Options[rule.Name]).Elem()
		for i := range options.NumField() {
			option := optionName(options.Type().Field(i))
			if option != key {
				names = append(names, option)
				continue
			}
			text, err := json.Marshal(value)
			if err == nil {
				err = json.Unmarshal(text, options.Field(i).Addr().Interface())
			}
			if err != nil {
				return fmt.Sprintf("the option %s of %s must be %s", key, rule.Name, typeName(options.Field(i).Type()))
			}
			return ""
		}
	}
	return fmt.Sprintf("%s has no option %q%s", rule.Name, quoted(key), suggestion(key, names))
}

func optionName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// typeName is the type of an option in words.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	return "a single value"
}

// ruleSchema is what a configuration may say of a rule: a severity, or a mapping with its options.
func ruleSchema(r *diagnostics.Rule, severity map[string]any) map[string]any {
	description := severity["description"]
	short := maps.Clone(severity)
	delete(short, "description")
	properties := map[string]any{severityKey: short}
	if r.Options != nil {
		options := reflect.ValueOf(r.Options()).Elem()
		for i := range options.NumField() {
			field := options.Type().Field(i)
			properties[optionName(field)] = map[string]any{
				"description": field.Tag.Get("desc"), "type": schemaType(field.Type), "default": options.Field(i).Interface(),
			}
		}
	}
	return map[string]any{
		"description": description,
		"anyOf": []any{short, map[string]any{
			"type": "object", "properties": properties, "additionalProperties": false,
		}},
	}
}

func schemaType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int:
		return "integer"
	case reflect.Slice:
		return "array"
	}
	return "string"
}
