package cursor

import (
	"strings"

	"layerwise/dockerfile/grammar"
)

// This file finds places in flags and in the fields of mounts.

// flags reads the flags as BuildKit does, and reports whether the cursor is in one.
func (r *reader) flags(p part) (rest part, found bool) {
	here := part{-1, -1}
	for {
		p = trim(r.line, p.start, p.end)
		if !strings.HasPrefix(r.line[p.start:p.end], "--") {
			break
		}
		end, equals := r.flagEnd(p)
		at := part{p.start, end}
		f := Field{Span: r.span(p.start, end), Name: r.line[p.start+2 : end]}
		if equals >= 0 {
			f.Name, f.Value, f.Equal = r.line[p.start+2:equals], r.line[equals+1:end], true
		}
		if f.Name == "" && !f.Equal && !(p.start < r.at && r.at <= end) {
			p.start = end // "--" ends the flags
			break
		}
		r.p.Flags = append(r.p.Flags, f)
		p.start = end
		if at.start < r.at && r.at <= end && here.start < 0 {
			here = at
			if equals < 0 || r.at <= equals {
				r.p.Kind = Flag
				r.p.Equal = f.Equal
				if !f.Equal {
					equals = end
				}
				r.word(at.start, equals)
				r.p.Flag = f.Name
			} else {
				r.p.Flag = f.Name
				r.value(f.Name, equals+1, end)
			}
		}
	}
	if here.start >= 0 {
		return p, true
	}
	// A single dash is the beginning of a flag.
	if r.at == p.start+1 && r.at <= p.end && r.line[p.start] == '-' && (r.at == p.end || isBlank(r.line[r.at])) {
		r.p.Kind = Flag
		r.word(p.start, r.at)
		return p, true
	}
	if r.at < p.start && isBlank(r.line[r.at]) && len(r.p.Flags) > 0 && r.before(r.p.Flags[len(r.p.Flags)-1].Span.Start) {
		r.p.Kind = Flag // before one, or between two: right before one, the two would be one word
		return p, true
	}
	return p, false
}

// before reports whether the cursor is before a place in the file.
func (r *reader) before(at int) bool { return r.p.Offset <= at }

// flagEnd is the end of the flag that begins a part, and where its "=" is, or -1. Blanks in quotes belong to it.
func (r *reader) flagEnd(p part) (end, equals int) {
	equals = -1
	var quote byte
	for end = p.start; end < p.end; end++ {
		c := r.line[end]
		switch {
		case c == r.escape && end+1 < p.end:
			end++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case isBlank(c):
			return end, equals
		case c == '=' && equals < 0:
			equals = end
		}
	}
	return end, equals
}

// quotes are dropped from flags by BuildKit before it reads them.
const quotes = `"'`

// value reads the value of a flag that holds the cursor.
func (r *reader) value(name string, start, end int) {
	r.p.Kind = FlagValue
	value := r.line[start:end]
	first := end - len(strings.TrimLeft(value, quotes))
	last := start + len(strings.TrimRight(value, quotes))
	r.word(min(first, r.at), max(last, r.at))
	in := grammar.Find(r.p.Name)
	flag := in.Flag(name)
	if flag == nil {
		return
	}
	if flag.Value == grammar.Mount || flag.Value == grammar.Device {
		r.mount(start, end)
	}
	if flag.Expands && r.p.Key != "from" {
		r.noQuotes = true
		r.variable(start, end, false)
	}
}

// mount reads the comma-separated fields of --mount and --device. BuildKit drops quotes before it looks for the commas.
func (r *reader) mount(start, end int) {
	for at := start; at <= end; {
		stop := at
		for stop < end && r.line[stop] != ',' {
			stop++
		}
		key, value, equal := strings.Cut(r.line[at:stop], "=")
		first := at + len(key) - len(strings.TrimLeft(key, quotes))
		last := at + len(strings.TrimRight(r.line[at:stop], quotes))
		equals := at + len(key)
		key = strings.Trim(key, quotes)
		f := Field{Span: r.span(at, stop), Name: strings.ToLower(key), Value: strings.Trim(value, quotes), Equal: equal}
		if at <= r.at && r.at <= stop {
			last = max(last, r.at)
			if r.at <= equals {
				r.p.Kind, r.p.Equal = MountKey, equal
				r.word(min(first, r.at), min(equals, last))
			} else {
				opens := equals + 1 + len(value) - len(strings.TrimLeft(value, quotes))
				r.p.Kind, r.p.Key = MountValue, f.Name
				r.word(min(opens, r.at), last)
			}
		}
		if stop > at {
			r.p.Fields = append(r.p.Fields, f)
		}
		at = stop + 1
	}
}
