package diagnostics

import (
	"maps"
	"reflect"
)

// Settings say which rules run, with which severity and options.
type Settings struct {
	Severity map[string]Severity // by rule name, code, family or Diagnostic.ID, folded by Fold or as the rule spells it; the narrowest wins
	Options  map[string]any      // by rule name: what Rule.Options makes, with the user's values
}

// Of is the severity of the rule's findings that do not say it themselves: Off if it does not run.
func (s Settings) Of(r *Rule) Severity {
	severity, ok := s.given(r)
	switch {
	case ok && severity != On:
		return severity
	case !ok && r.Off:
		return Off
	}
	return r.Severity
}

// given is what the settings say of the rule. A rule that is off by default is not turned on by a setting of
// its family.
func (s Settings) given(r *Rule) (severity Severity, ok bool) {
	if len(s.Severity) == 0 {
		return Off, false
	}
	keys := []string{r.Name, r.Code, Fold(r.Code), r.Family}
	if r.Off {
		keys = keys[:3]
	}
	for _, key := range keys {
		if severity, ok := s.Severity[key]; ok && key != "" {
			return severity, true
		}
	}
	return Off, false
}

// level is the severity of a finding. In an image that only developers or tests use, nobody hurries to mend what
// makes it larger or older, or what an attacker of users could do; and what is wrong in the data of tests is mostly
// meant.
func (s Settings) level(r *Rule, f Finding, in Input) Severity {
	if severity, ok := s.Severity[Fold(r.id(f.Code))]; ok && f.Code != "" && severity != On {
		return severity
	}
	if severity, ok := s.given(r); ok && severity != On {
		return severity
	}
	level := r.Severity
	if f.Severity != Off {
		level = f.Severity
	}
	switch r.Family {
	case "security", "size", "maintainability":
		if in.forDevelopers() || in.besideFor(f.Step) {
			level = min(level, Hint)
		}
	}
	if in.Build.TestData {
		level = min(level, Hint)
	}
	return level
}

func (s Settings) equal(o Settings) bool {
	return maps.Equal(s.Severity, o.Severity) && len(s.Options) == len(o.Options) && (len(s.Options) == 0 || reflect.DeepEqual(s.Options, o.Options))
}
