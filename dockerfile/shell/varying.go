package shell

import (
	"slices"
	"strings"
)

// This file finds what a script writes that differs each time it runs, whatever it is given.

// Varies says what of the command's output differs each time it runs, as the end of "writes …": the time of date, a random
// value of uuidgen. It is "" if nothing does for certain: date -d @0.
func (c *Command) Varies() string {
	v, ok := varying[c.row().name]
	if !ok || c.hasListed(v.fixed) || v.sub != "" && (len(c.Operands()) == 0 || c.Operands()[0].Text != v.sub) {
		return ""
	}
	if slices.ContainsFunc(c.Operands(), func(w Word) bool { return w.Text == "+%Y" || strings.Contains(w.Text, "EPOCH") }) {
		return ""
	}
	return v.what
}

// varying are the programs whose output differs each time, the sub-command with which it does, and the options with
// which it does not.
var varying = map[string]struct{ what, sub, fixed string }{
	"date":    {what: "the time at which it runs", fixed: "-d --date -r --reference -f --file -s --set --version --help"},
	"uuidgen": {what: "a random value", fixed: "-s --sha1 -m --md5"},
	"openssl": {what: "a random value", sub: "rand"},
}

// Baked are the commands whose output differs each time (Varies) and surely ends in a file, or in what a build makes:
// date > f, echo "$(date)" > f, go build -ldflags "-X main.built=$(date)", and the same by way of a variable. What only
// runs under a condition is left out.
func (s *Script) Baked() (list []*Command) {
	var differ []*Command
	for _, c := range s.Commands {
		if c.Varies() != "" {
			differ = append(differ, c)
		}
	}
	if s.Partial || s.Unknown || len(differ) == 0 {
		return nil
	}
	type held struct {
		name string
		by   *Command
	}
	var holds []held // variables, and the commands whose output they hold
	for _, c := range s.Commands {
		if c.InSubst || c.Depth > 0 || c.Op == "||" || c.Background {
			continue
		}
		var from []*Command
		for _, d := range differ {
			if d == c || c.Span.Start <= d.Span.Start && d.Span.End <= c.Span.End && !s.nested(d, c) {
				from = append(from, d)
			}
		}
		for _, h := range holds {
			if slices.Contains(s.ReadsIn(c.Span.Start, c.Span.End).Names, h.name) {
				from = append(from, h.by)
			}
		}
		if len(from) == 0 {
			continue
		}
		set := c.Exports()
		if len(c.Words) == 0 {
			set = c.Assigns
		}
		for _, a := range set {
			if a.Value.Literal {
				continue
			}
			holds = append(holds, held{a.Name, from[0]})
		}
		if (c.keeps(s) || c.Compiles()) && !slices.Contains(list, from[0]) {
			list = append(list, from[0])
		}
	}
	return list
}

// nested reports whether the inner command stands in a further substitution, or in a list, inside the outer one.
func (s *Script) nested(inner, outer *Command) bool {
	return inner.Op != "" || slices.ContainsFunc(s.Commands, func(c *Command) bool {
		return c != inner && c != outer && c.InSubst && c.Pipe == 0 && c.Span.Start <= inner.Span.Start && inner.Span.End <= c.Span.End
	})
}

// keeps reports whether the output of the command goes to a file, directly or at the end of its pipeline, or the command
// writes its own words to one.
func (c *Command) keeps(s *Script) bool {
	if len(c.EditsFiles()) > 0 {
		return true
	}
	return slices.ContainsFunc(s.Commands, func(other *Command) bool {
		if other != c && (c.Pipe == 0 || other.Pipe != c.Pipe || other.InSubst) {
			return false
		}
		return len(other.Fills()) > 0 || slices.ContainsFunc(other.Redirects, func(r Redirect) bool {
			return (r.Op == ">" || r.Op == ">>" || r.Op == ">|") && !strings.HasPrefix(r.Target.Text, "/dev/")
		})
	})
}
