package yaml

import "strings"

// even is a text whose plain scalars of several lines are indented evenly. YAML takes any indentation
// deeper than that of the key or the dash, but the library refuses a line that stands further left than the one above it:
//
//   - docker build
//     --tag app
//     .
//
// All lines stay where they are; only their indentation changes.
func even(src string) string {
	lines := strings.Split(src, "\n")
	for i := 0; i < len(lines); i++ {
		outer, value := opened(lines[i])
		deeper := func(k int) bool { return k < len(lines) && (blank(lines[k]) || indent(lines[k]) > outer) }
		switch {
		case value == "":
		case value[0] == '|' || value[0] == '>':
			for deeper(i + 1) {
				i++
			}
		case strings.IndexByte("\"'[{&*!#%@`", value[0]) < 0:
			first := ""
			for ; deeper(i+1) && !strings.HasPrefix(strings.TrimSpace(lines[i+1]), "#"); i++ {
				rest := strings.TrimLeft(lines[i+1], " ")
				if blank(rest) {
					continue
				}
				if first == "" {
					first = lines[i+1][:len(lines[i+1])-len(rest)]
				}
				lines[i+1] = first + rest
			}
		}
	}
	return strings.Join(lines, "\n")
}

// opened is the value that begins on a line, and the indentation that all its further lines exceed. There
// is no value if the line ends with its key.
func opened(line string) (outer int, value string) {
	outer, value = -1, strings.TrimRight(line, " \r")
	at := indent(value)
	value = value[at:]
	for strings.HasPrefix(value, "- ") {
		outer = at
		rest := strings.TrimLeft(value[1:], " ")
		at += len(value) - len(rest)
		value = rest
	}
	if value == "-" {
		return at, ""
	}
	if strings.HasSuffix(value, ":") {
		return at, ""
	}
	if key, rest, ok := strings.Cut(value, ": "); ok && key != "" && strings.IndexByte("\"'[{|>#", key[0]) < 0 {
		return at, strings.TrimLeft(rest, " ")
	}
	if outer < 0 {
		return outer, "" // neither a key nor an item: a line of something else
	}
	return outer, value
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func blank(line string) bool { return strings.TrimSpace(line) == "" }
