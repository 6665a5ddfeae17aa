package sources

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"layerwise/internal/lazy"
	"layerwise/internal/yaml"
)

// maxJobs is how many jobs GitHub makes of a matrix at most; maxProduct bounds the work on the way there.
const (
	maxJobs    = 256
	maxProduct = 4096
)

// scalar is the value of a scalar in a workflow: a number is read as one, so that 3.10 is 3.1.
func scalar(n *yaml.Node) any {
	switch {
	case n.IsNull():
		return nil
	case n.Quoted || n.Tag == "!!str":
		return n.Text
	case slices.Contains([]string{"true", "True", "TRUE"}, n.Text):
		return true
	case slices.Contains([]string{"false", "False", "FALSE"}, n.Text):
		return false
	case numeric.MatchString(n.Text) && len(n.Text) < 16:
		return number(n.Text)
	}
	return n.Text
}

var numeric = lazy.New(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// valueOf is the value of a part of a workflow, with its expressions evaluated.
func (s expressions) valueOf(n *yaml.Node) any { return s.nested(n, 0) }

func (s expressions) nested(n *yaml.Node, depth int) any {
	if depth > maxExprDepth || !s.step() {
		return unknown
	}
	switch {
	case n.IsNull():
		return nil
	case n.Kind == yaml.Sequence:
		list := []any{}
		for _, item := range n.List {
			list = append(list, s.nested(item, depth+1))
		}
		return list
	case n.Kind == yaml.Mapping:
		o := object{fields: map[string]any{}}
		for _, key := range n.Keys() {
			o.fields[strings.ToLower(key)] = s.nested(n.Get(key), depth+1)
		}
		return o
	}
	if v := scalar(n); v != any(n.Text) {
		return v
	}
	return s.value(n.Text)
}

// textAt is the text that a scalar of a workflow becomes.
func (s expressions) textAt(n *yaml.Node) string { return textOf(s.valueOf(n)) }

// jobsOf are the combinations of a matrix, each an object. One that may have more fields is open. cut: there
// are more than GitHub makes.
func (s expressions) jobsOf(n *yaml.Node) (jobs []object, cut bool) {
	if n.IsNull() {
		return []object{{}}, false
	}
	matrix, ok := s.valueOf(n).(object)
	if !ok {
		return []object{{open: true}}, false
	}
	include, exclude := matrix.fields["include"], matrix.fields["exclude"]
	var axes []string
	for _, name := range slices.Sorted(maps.Keys(matrix.fields)) {
		if name != "include" && name != "exclude" {
			axes = append(axes, name)
		}
	}
	if len(axes) > 0 {
		jobs = []object{{fields: map[string]any{}}}
	}
	for _, axis := range axes {
		values, ok := matrix.fields[axis].([]any)
		if !ok {
			values = []any{unknown}
		}
		if len(jobs)*len(values) > maxProduct {
			values, cut = values[:max(1, maxProduct/len(jobs))], true
		}
		jobs = product(jobs, axis, values)
	}
	jobs = excluded(jobs, exclude)
	jobs = included(jobs, axes, include, s.step)
	if len(jobs) > maxJobs {
		jobs, cut = jobs[:maxJobs], true
	}
	return jobs, cut
}

func product(jobs []object, axis string, values []any) (all []object) {
	for _, j := range jobs {
		for _, v := range values {
			fields := maps.Clone(j.fields)
			fields[axis] = v
			all = append(all, object{fields: fields})
		}
	}
	return all
}

// excluded leaves the combinations that no item of exclude has in it.
func excluded(jobs []object, exclude any) (kept []object) {
	list, _ := exclude.([]any)
	for _, j := range jobs {
		out := slices.ContainsFunc(list, func(item any) bool {
			o, ok := item.(object)
			if !ok || len(o.fields) == 0 {
				return false
			}
			for name, v := range o.fields {
				if !within(v, j.fields[name]) {
					return false
				}
			}
			return true
		})
		if !out {
			kept = append(kept, j)
		}
	}
	return kept
}

// within reports whether a value is another one, or, of an object, has some of its fields.
func within(part, whole any) bool {
	p, isObject := part.(object)
	w, both := whole.(object)
	if !isObject || !both {
		return canonical(part) == canonical(whole) && isKnown(canonical(part))
	}
	for name, v := range p.fields {
		if !within(v, w.fields[name]) {
			return false
		}
	}
	return true
}

// included adds the fields of each item of include to the combinations whose axes it does not contradict;
// where there is none, it is one by itself.
func included(jobs []object, axes []string, include any, step func() bool) []object {
	list, ok := include.([]any)
	if !ok {
		if include != nil { // known only when it runs
			for i := range jobs {
				jobs[i].open = true
			}
			if len(jobs) == 0 {
				jobs = append(jobs, object{open: true})
			}
		}
		return jobs
	}
	made := len(jobs)
	for _, item := range list {
		o, ok := item.(object)
		if !ok {
			if isUnknown(item) {
				jobs = append(jobs, object{open: true})
			}
			continue
		}
		fits, doubtful := false, false
		for i, j := range jobs[:made] {
			if !step() {
				return jobs
			}
			match := true
			for _, axis := range axes {
				v, named := o.fields[axis]
				if !named {
					continue
				}
				doubtful = doubtful || partly(j.fields[axis]) || partly(v)
				match = match && canonical(v) == canonical(j.fields[axis])
			}
			if !match {
				continue
			}
			fits = true
			for name, v := range o.fields {
				if !slices.Contains(axes, name) {
					jobs[i].fields[name] = v
				}
			}
		}
		if !fits {
			jobs = append(jobs, object{fields: maps.Clone(o.fields), open: doubtful})
		}
	}
	return jobs
}

// canonical is a text that equal values share.
func canonical(v any) string {
	switch v := v.(type) {
	case object:
		var b strings.Builder
		b.WriteByte('{')
		for _, name := range slices.Sorted(maps.Keys(v.fields)) {
			fmt.Fprintf(&b, "%q:%s,", name, canonical(v.fields[name]))
		}
		fmt.Fprintf(&b, "%v}", v.open)
		return b.String()
	case []any:
		var b strings.Builder
		b.WriteByte('[')
		for _, item := range v {
			b.WriteString(canonical(item) + ",")
		}
		return b.String() + "]"
	case string:
		return `"` + v + `"`
	}
	return fmt.Sprint(v)
}
