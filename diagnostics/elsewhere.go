package diagnostics

import (
	"path"
	"slices"
	"strings"
)

// Tool is another program that finds mistakes in Dockerfiles, and whose comments silence ours too.
type Tool string

// The tools, by the names that they go by.
const (
	BuildKit   Tool = "BuildKit"
	Hadolint   Tool = "hadolint"
	ShellCheck Tool = "ShellCheck"
	Tally      Tool = "tally"
	Trivy      Tool = "Trivy"
	Checkov    Tool = "Checkov"
	KICS       Tool = "KICS"
	Semgrep    Tool = "Semgrep"
	Sonar      Tool = "Sonar"
)

// Tools are all of them, in the order in which they are listed.
func Tools() []Tool {
	return []Tool{BuildKit, Hadolint, ShellCheck, Tally, Trivy, Checkov, KICS, Semgrep, Sonar}
}

// Elsewhere are the ids that other tools have for the mistake of a rule, as their comments and settings spell
// them: DS-0002 of Trivy, CKV_DOCKER_3 of Checkov, the UUID of a KICS query, S6471 of Sonar. What a comment leaves
// out is left out: the namespace of tally's own rules, the path of Semgrep's, Trivy's AVD.
type Elsewhere struct {
	ShellCheck, Tally, Trivy, Checkov, KICS, Semgrep, Sonar []string
}

// IDs are the names that a tool has for the rule's mistake; none if it does not look for it.
func (r *Rule) IDs(t Tool) []string {
	switch t {
	case BuildKit:
		return r.BuildKit
	case Hadolint:
		return r.Hadolint
	case ShellCheck:
		return r.Elsewhere.ShellCheck
	case Tally:
		return r.Elsewhere.Tally
	case Trivy:
		return r.Elsewhere.Trivy
	case Checkov:
		return r.Elsewhere.Checkov
	case KICS:
		return r.Elsewhere.KICS
	case Semgrep:
		return r.Elsewhere.Semgrep
	case Sonar:
		return r.Elsewhere.Sonar
	}
	return nil
}

// Foreign reports whether another tool calls the mistake so. The case of their ids counts.
func (r *Rule) Foreign(id string) bool {
	return slices.ContainsFunc(Tools(), func(t Tool) bool { return r.foreign(t, id) })
}

// Has reports whether a tool calls the mistake so, in any form in which its comments and settings spell it. A star
// is any text.
func (t Tool) Has(r *Rule, text string) bool { return t.bare(text).means(r) }

// foreign reports whether the id is the tool's for the mistake. Patterns are those of Trivy and of settings: a
// star is any text.
func (r *Rule) foreign(t Tool, id string) bool {
	return slices.ContainsFunc(r.IDs(t), func(known string) bool {
		if !strings.Contains(id, "*") {
			return known == id
		}
		ok, err := path.Match(id, known)
		return err == nil && ok
	})
}

// bare is the form in which an id of a tool stands in a rule.
func (t Tool) bare(text string) id {
	switch t {
	case Trivy:
		text = strings.TrimPrefix(text, "AVD-")
		if number, ok := strings.CutPrefix(text, "DS"); ok && len(number) == 3 {
			text = "DS-0" + number // as it was written before 2022
		}
	case Semgrep:
		text = text[strings.LastIndexByte(text, '.')+1:]
	case Tally:
		switch namespace, rest, _ := strings.Cut(text, "/"); namespace {
		case "buildkit":
			return id{rest, BuildKit}
		case "hadolint":
			return id{rest, Hadolint}
		case "shellcheck":
			return id{rest, ShellCheck}
		case "tally":
			return id{rest, Tally}
		}
		if strings.HasPrefix(text, "DL") {
			return id{text, Hadolint}
		}
	case Hadolint:
		if strings.HasPrefix(text, "SC") {
			return id{text, ShellCheck}
		}
	}
	return id{text, t}
}
