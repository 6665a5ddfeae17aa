package cursor

import (
	"strings"

	"layerwise/dockerfile/text"
)

// variable looks for a variable that is being typed at the cursor, in a text that is expanded: by the builder, or by a
// shell. If there is one it becomes the place.
func (r *reader) variable(start, end int, shell bool) {
	stack := r.open(start, shell)
	if len(stack) == 0 {
		return
	}
	v := stack[len(stack)-1]
	name := v
	if name < len(r.line) && r.line[name] == '{' {
		name++
	}
	stop := name
	for stop < end && text.IsWord(r.line[stop]) {
		stop++
	}
	if r.at < name {
		return
	}
	braced := name > v
	r.p.ByShell = shell
	if r.at <= stop {
		r.p.Kind, r.p.Braced = Variable, braced
		r.p.Closed = braced && stop < end && r.line[stop] == '}'
		r.words0(v-1, stop)
		return
	}
	if !braced {
		return
	}
	for _, m := range []string{":", "#", "%", "/", "-", "+", "?"} {
		if strings.HasPrefix(r.line[stop:r.at], m) && r.at-stop <= 2 && strings.Trim(r.line[stop:r.at], ":#%/-+?") == "" {
			r.p.Kind, r.p.Of = Modifier, r.line[name:stop]
			r.words0(stop, r.at)
			return
		}
	}
}

// words0 sets Word to a part of the line, of which the body of a here-document has no logical form.
func (r *reader) words0(start, end int) {
	if r.joined.Line == "" {
		r.p.Word = text.Span{Start: r.start + start, End: r.start + end}
		return
	}
	r.word(start, end)
}

// open are the places, behind their "$", of the variables that are still open at the cursor, the innermost last.
func (r *reader) open(start int, shell bool) (stack []int) {
	var quotes []byte // of each level
	quote := byte(0)
	body := r.joined.Line == "" || r.noQuotes // quotes mean nothing in the body of a here-document either
	for at := start; at < r.at; at++ {
		c := r.line[at]
		switch {
		case c == '\'' && !body && quote != '"':
			if quote == '\'' {
				quote = 0
			} else {
				quote = '\''
			}
		case quote == '\'':
		case c == '\\' && shell, c == r.escape && !shell:
			at++
		case c == '"' && !body:
			if quote == '"' {
				quote = 0
			} else {
				quote = '"'
			}
		case c == '$':
			if at+1 < r.at && r.line[at+1] == '{' {
				stack = append(stack, at+1)
				quotes = append(quotes, quote)
				at++
				continue
			}
			if at+1 < len(r.line) && r.line[at+1] == '{' && at+1 == r.at {
				return append(stack, at+1)
			}
			end := at + 1
			for end < r.at && text.IsWord(r.line[end]) {
				end++
			}
			if end == r.at {
				return append(stack, at+1)
			}
			at = end - 1
		case c == '}' && len(stack) > 0:
			stack = stack[:len(stack)-1]
			quotes = quotes[:len(quotes)-1]
		}
	}
	if quote == '\'' {
		return nil
	}
	return stack
}
