package catalog_test

import (
	"layerwise/dockerfile/stages"
)

// difference is a finding that only one side has.
type difference struct {
	text  lintText
	graph *stages.Graph
	step  *stages.Step
}

// differences are those that are meant, with the reason. when says to which instructions each applies.
var differences = []struct {
	check, who, why string
	when            func(difference) bool
}{
	{"SecretsUsedInArgOrEnv", "BuildKit alone", "x", nil},
	{"SecretsUsedInArgOrEnv", "we alone", "x", nil},
}
