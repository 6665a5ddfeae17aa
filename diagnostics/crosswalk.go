package diagnostics

import "sort"

// crosswalk maps the ids of BuildKit's checks and of hadolint to the rules of ours that find the
// same mistake. Only rules that exist here are listed.
var crosswalk = map[string][]string{
	"DL3002": {"final-user-root"},
	"DL3006": {"base-image-untagged"},
	"DL3007": {"base-image-latest"},
	"DL3064": {"secret-name-in-arg-env"},
	"DL4000": {"maintainer-deprecated"},

	"MaintainerDeprecated":  {"maintainer-deprecated"},
	"SecretsUsedInArgOrEnv": {"secret-name-in-arg-env"},
}

// buildkitRules are our rules for which BuildKit has a check of its own.
func buildkitRules() (rules []string) {
	for id, names := range crosswalk {
		if len(id) < 2 || id[:2] != "DL" {
			rules = append(rules, names...)
		}
	}
	sort.Strings(rules)
	return rules
}
