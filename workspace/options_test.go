package workspace

import (
	"reflect"
	"strings"
	"testing"

	"layerwise/diagnostics"
)

type sample struct {
	Max   int      `json:"max" desc:"How many there may be."`
	Allow []string `json:"allow" desc:"What is allowed."`
	Loud  bool     `json:"loud" desc:"Whether it is told."`
}

var sampleRule = &diagnostics.Rule{
	Name: "sample-rule", Severity: diagnostics.Warning,
	Options: func() any { return &sample{Max: 3, Loud: true} },
}

// withSample puts a rule with options in place of the catalog's.
func withSample(t *testing.T) {
	old := findRule
	t.Cleanup(func() { findRule = old })
	findRule = func(id string) *diagnostics.Rule {
		if sampleRule.Is(id) {
			return sampleRule
		}
		return old(id)
	}
}

// TestOptions: the long form of a rule's settings sets its options over their defaults; what it does not know
// is told at its place.
func TestOptions(t *testing.T) {
	withSample(t)
	tests := []struct{ src, want string }{
		{"max: 5", ""},
		{"max: 5, allow: [a, b], loud: false", ""},
		{"maxx: 5", `c:2:17: sample-rule has no option "maxx"; did you mean "max"?`},
		{"max: many", "c:2:17: the option max of sample-rule must be a whole number"},
		{"loud: 1", "c:2:17: the option loud of sample-rule must be true or false"},
	}
	wants := []any{&sample{5, nil, true}, &sample{5, []string{"a", "b"}, false}, &sample{3, nil, true}, &sample{3, nil, true}, &sample{3, nil, true}}
	for i, tt := range tests {
		cfg, problems := ParseConfig("c", "rules:\n  sample-rule: {"+tt.src+"}\n")
		var got []string
		for _, p := range problems {
			got = append(got, p.Error())
		}
		if strings.Join(got, "\n") != tt.want || !reflect.DeepEqual(cfg.Settings().Options["sample-rule"], wants[i]) {
			t.Errorf("%s: problems %q, options %v", tt.src, got, cfg.Options["sample-rule"])
		}
	}
	cfg, err := FromJSON([]byte(`{"rules": {"sample-rule": {"max": 7, "min": 1}, "base-image-latest": {"severity": "error"}, "c26": "off"}}`))
	if err == nil || !strings.Contains(err.Error(), `no option "min"`) || cfg.Options["sample-rule"].(*sample).Max != 7 {
		t.Errorf("JSON: %v, %v", err, cfg.Options)
	}
	set := cfg.Settings()
	if got := set.Of(findRule("base-image-latest")); got != diagnostics.Error {
		t.Errorf("the severity of the long form: %v", got)
	}
	if got := set.Of(findRule("C26")); got != diagnostics.Off {
		t.Errorf("a code in lower case: %v", got)
	}
	if got := Merge(cfg, Config{Options: map[string]any{"sample-rule": &sample{Max: 1}}}).Options["sample-rule"].(*sample).Max; got != 1 {
		t.Errorf("merged: %d", got)
	}
	schema := ruleSchema(sampleRule, map[string]any{"description": "d", "type": "string"})
	properties := schema["anyOf"].([]any)[1].(map[string]any)["properties"].(map[string]any)
	if max := properties["max"].(map[string]any); max["default"] != 3 || max["type"] != "integer" || len(properties) != 4 {
		t.Errorf("the schema has %v", properties)
	}
}
