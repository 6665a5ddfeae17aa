package shell

import (
	"strings"
	"testing"
)

// TestTable holds that the table is sorted, names each program once, and says of each option one thing.
func TestTable(t *testing.T) {
	for _, part := range [][]program{ofLanguages, ofSystem} {
		for i := range part[1:] {
			if part[i].name >= part[i+1].name {
				t.Errorf("%s stands before %s", part[i].name, part[i+1].name)
			}
		}
	}
	seen := map[string]string{}
	for _, p := range programs {
		for _, name := range append([]string{p.name}, strings.Fields(p.aliases)...) {
			if at, twice := seen[name]; twice {
				t.Errorf("%s stands in the rows of %s and %s", name, at, p.name)
			}
			seen[name] = p.name
		}
		options := map[string]bool{}
		for _, option := range strings.Fields(p.takes + " " + p.reads + " " + p.writes + " " + p.dir) {
			if options[option] {
				t.Errorf("%s: %s stands twice", p.name, option)
			}
			options[option] = true
			if !strings.HasPrefix(option, "-") {
				t.Errorf("%s: %s is no option", p.name, option)
			}
		}
		for _, option := range strings.Fields(p.logs) {
			if !listed(p.writes, option) {
				t.Errorf("%s: %s is a log, and not written", p.name, option)
			}
		}
		for m, list := range p.means {
			if list == "" || m < ProjectFile || m > AlsoOtherModules {
				t.Errorf("%s: no option has the meaning %d", p.name, m)
			}
			for _, option := range strings.Fields(list) {
				if !strings.HasPrefix(option, "-") {
					t.Errorf("%s: %s is no option", p.name, option)
				}
				if m < ChosenDeps && !p.takesValue(option) {
					t.Errorf("%s: %s has a meaning with a value, and the row does not say that it takes one", p.name, option)
				}
			}
		}
		for n, u := range p.uses {
			if u.sub == "" && u.with == "" && n < len(p.uses)-1 {
				t.Errorf("%s: the uses behind the one that fits all are never reached", p.name)
			}
		}
	}
}
