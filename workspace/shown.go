package workspace

import (
	"fmt"
	"reflect"
)

// This file holds the settings about what an editor shows.

// The values of Config.Findings.
const (
	findingsOfAll  = "all"
	findingsOfOpen = "open"
)

// FindingsOfOpen reports whether an editor shows the findings of Dockerfiles only while they are open.
func (c Config) FindingsOfOpen() bool { return c.Findings == findingsOfOpen }

// checkFindings says what is wrong with the setting; "" if nothing is.
func checkFindings(value string) string {
	if value == "" || value == findingsOfAll || value == findingsOfOpen {
		return ""
	}
	return fmt.Sprintf("findings must be all or open, not %q", quoted(value))
}

// CodeLens says which code lenses are shown; nil stands for those that are.
type CodeLens struct {
	Builds     *bool `json:"builds,omitempty" desc:"What builds the Dockerfile, above its first FROM."`
	Findings   *bool `json:"findings,omitempty" desc:"How many findings a Dockerfile has, above each build of it in a compose file or workflow."`
	Reruns     *bool `json:"reruns,omitempty" desc:"How many steps of a stage rerun when one of its sources is edited."`
	References *bool `json:"references,omitempty" desc:"How often a stage is used."`
}

// Shown reports whether a kind of lens is shown.
func Shown(kind *bool) bool { return kind == nil || *kind }

// set sets a kind by its name. It says what is wrong; "" if nothing is.
func (l *CodeLens) set(name string, value any) (problem string) {
	on, isBool := value.(bool)
	kinds := reflect.ValueOf(l).Elem()
	var names []string
	for i := range kinds.NumField() {
		known := optionName(kinds.Type().Field(i))
		if names = append(names, known); known != name {
			continue
		}
		if !isBool {
			return fmt.Sprintf("codeLens.%s must be true or false", name)
		}
		kinds.Field(i).Set(reflect.ValueOf(&on))
		return ""
	}
	return fmt.Sprintf("there is no code lens %q%s", quoted(name), suggestion(name, names))
}

// over is l with what the other one says.
func (l CodeLens) over(other CodeLens) CodeLens {
	kinds, others := reflect.ValueOf(&l).Elem(), reflect.ValueOf(other)
	for i := range kinds.NumField() {
		if !others.Field(i).IsNil() {
			kinds.Field(i).Set(others.Field(i))
		}
	}
	return l
}
