package sources

import (
	"maps"
	"strings"
)

// variable is what a variable of the call's environment holds, with unknown for what only the run knows, and whether
// it is set. The environment is what the source says of it, and what a system of CI sets by itself.
func (c *Call) variable(name string) (string, bool) {
	if v, ok := c.Env[name]; ok {
		return v, true
	}
	if setByCI(c.Place.Kind, name) {
		return unknown, true
	}
	return "", false
}

// setByCI reports whether the system that runs a source sets a variable by itself, so that a default for it is
// not taken there. A person who runs the same by hand has none of them.
func setByCI(kind Kind, name string) bool {
	if name == "CI" {
		return ciVariables[kind] != nil
	}
	for _, prefix := range ciVariables[kind] {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// ciVariables are what the names of the variables begin with that systems of CI set. All set CI.
//
// Source: the pages on predefined variables in the documentation of each.
var ciVariables = map[Kind][]string{
	Azure:         {"BUILD_", "SYSTEM_", "AGENT_", "PIPELINE_", "TF_BUILD"},
	CircleCI:      {"CIRCLE_", "CIRCLECI"},
	GitHubActions: {"GITHUB_", "RUNNER_", "ACTIONS_", "DOCKER_METADATA_OUTPUT_"},
	GitLabCI:      {"CI_", "GITLAB_"},
	Jenkins:       {"BUILD_", "JOB_", "GIT_", "CHANGE_", "JENKINS_", "NODE_", "BRANCH_", "TAG_", "WORKSPACE"},
	Woodpecker:    {"CI_", "WOODPECKER_", "DRONE_"},
}

// with is an environment with more variables.
func with(env, more map[string]string) map[string]string {
	if len(more) == 0 {
		return env
	}
	all := map[string]string{}
	maps.Copy(all, env)
	maps.Copy(all, more)
	return all
}
