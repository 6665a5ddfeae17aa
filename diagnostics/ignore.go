package diagnostics

import (
	"regexp"
	"strings"

	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// ignores are the suppression comments of a stage or a file:
//
//	# layerwise ignore=rule,rule -- reason         the next instruction
//	# layerwise ignore-stage=rule                  the stage that the comment stands in
//	# layerwise ignore-file=rule                   the file
//	# hadolint ignore=DL3006                       the next instruction
//	# hadolint global ignore=DL3006                the file
//	# hadolint stage ignore=DL3006                 the stage
//	# check=skip=Rule                              at the top: the file; else the next instruction
//
// A rule is given by its name, its code or its family; "all" means every rule. Syntax errors cannot
// be ignored: the build would fail all the same.
type ignores struct{ file, stage []string }

var (
	ownIgnore      = regexp.MustCompile(`^layerwise\s+(ignore|ignore-stage|ignore-file)\s*=\s*([^#]*?)\s*(?:--.*)?$`)
	hadolintIgnore = regexp.MustCompile(`^hadolint\s+(global\s+|stage\s+)?ignore\s*=\s*([^#]*?)\s*(?:#.*)?$`)
	checkSkip      = regexp.MustCompile(`^check\s*=\s*(\S+)`)
)

// Ignore is one suppression comment.
type Ignore struct {
	Scope string // "next", "stage" or "file"
	Rules []string
}

// ParseIgnore reads a comment, from its # on. Ids of BuildKit and hadolint come back as the names of
// our rules; ids that mean nothing to us are left out, for they belong to another tool.
func ParseIgnore(comment string) (Ignore, bool) {
	body := strings.TrimSpace(strings.TrimPrefix(comment, "#"))
	switch {
	case strings.HasPrefix(body, "layerwise"):
		if m := ownIgnore.FindStringSubmatch(body); m != nil {
			scope := strings.TrimPrefix(m[1], "ignore-")
			if scope == "ignore" {
				scope = "next"
			}
			return Ignore{scope, splitList(m[2])}, true
		}
	case strings.HasPrefix(body, "hadolint"):
		if m := hadolintIgnore.FindStringSubmatch(body); m != nil {
			scope := map[string]string{"": "next", "global": "file", "stage": "stage"}[strings.TrimSpace(m[1])]
			return Ignore{scope, translate(splitList(m[2]))}, true
		}
	case strings.HasPrefix(body, "check"):
		if m := checkSkip.FindStringSubmatch(body); m != nil {
			return Ignore{"next", skipped(m[1])}, true
		}
	}
	return Ignore{}, false
}

// skipped reads the value of a check directive: skip=A,B;error=true.
func skipped(value string) (rules []string) {
	for _, field := range strings.Split(value, ";") {
		if list, ok := strings.CutPrefix(strings.TrimSpace(field), "skip="); ok {
			ids := splitList(list)
			for _, id := range ids {
				if id == "all" {
					// BuildKit's "all" means its own checks, not those that it has never heard of.
					return buildkitRules()
				}
			}
			rules = append(rules, translate(ids)...)
		}
	}
	return rules
}

func splitList(list string) (items []string) {
	for _, item := range strings.Split(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func translate(ids []string) (rules []string) {
	for _, id := range ids {
		rules = append(rules, crosswalk[id]...)
	}
	return rules
}

// ignoresOf are the suppressions in the comments above one instruction.
func ignoresOf(in *syntax.Instruction) []Ignore {
	if len(in.Comments) == 0 {
		return nil
	}
	return in.Memo(ignoresKey{}, func() any {
		var list []Ignore
		for _, span := range in.Comments {
			if ig, ok := ParseIgnore(span.Of(in.Text)); ok {
				list = append(list, ig)
			}
		}
		return list
	}).([]Ignore)
}

type ignoresKey struct{}

func stageIgnores(s *stages.Stage) ignores {
	var all ignores
	for _, step := range s.Steps {
		all.read(step)
	}
	return all
}

// fileIgnores are those outside of every stage: directives, and comments before the first FROM and
// after the last instruction.
func fileIgnores(g *stages.Graph) ignores {
	var all ignores
	for _, d := range g.File.Directives {
		if d.Name == "check" {
			all.file = append(all.file, skipped(d.Value)...)
		}
	}
	for _, step := range g.Global {
		all.read(step)
	}
	for _, line := range strings.Split(g.File.Trailer, "\n") {
		if ig, ok := ParseIgnore(strings.TrimSpace(line)); ok && ig.Scope == "file" {
			all.file = append(all.file, ig.Rules...)
		}
	}
	return all
}

func (all *ignores) read(step *stages.Step) {
	for _, ig := range ignoresOf(step.Instr) {
		switch ig.Scope {
		case "file":
			all.file = append(all.file, ig.Rules...)
		case "stage":
			all.stage = append(all.stage, ig.Rules...)
		}
	}
}

func (all *ignores) add(stage ignores) { all.file = append(all.file, stage.file...) }

// covers reports whether a comment above the instruction, or of the stage it stands in, names the rule.
// The step may belong to a stage that the one with these suppressions builds on.
func (all *ignores) covers(r *Rule, f Finding, s *stages.Stage) bool {
	if !Suppressible(r) {
		return false
	}
	if matches(all.stage, r) {
		return true
	}
	if f.Step == nil {
		return false
	}
	for _, ig := range ignoresOf(f.Step.Instr) {
		if ig.Scope == "next" && matches(ig.Rules, r) {
			return true
		}
	}
	other := f.Step.Stage
	return other != nil && other != s && matches(stageIgnores(other).stage, r)
}

func (all *ignores) coversFile(r *Rule) bool { return Suppressible(r) && matches(all.file, r) }

// Suppressible reports whether comments can silence the rule.
func Suppressible(r *Rule) bool {
	return r.Name != "syntax-error" && r.Name != "unknown-instruction" && r.Name != "unknown-flag"
}

func matches(list []string, r *Rule) bool {
	for _, id := range list {
		if id == r.Name || id == "all" || id == r.Family || id == r.Code && id != "" {
			return true
		}
	}
	return false
}

// Translate maps an id of BuildKit or hadolint to the names of our rules for the same mistake.
func Translate(id string) []string { return crosswalk[id] }
