package copies

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Operands writes the operands of a COPY that takes the sources, which are names of files, to dest,
// which is written as BuildKit reads it (Copy.Raw). They are a JSON array where blanks need one. ok is
// false for names that no COPY can name for sure.
func Operands(escape byte, sources []string, dest string) (text string, ok bool) {
	words := make([]string, 0, len(sources)+1)
	array := false
	for _, name := range sources {
		if !utf8.ValidString(name) || strings.ContainsAny(name, `\*?`) || strings.Contains(name, "<<") || strings.ContainsFunc(name, unicode.IsControl) {
			return "", false
		}
		words = append(words, Word(escape, strings.ReplaceAll(name, "[", "[[]")))
		// An option, or what looks like the start of an array.
		array = array || strings.HasPrefix(name, "-") || strings.HasPrefix(name, "[")
	}
	words = append(words, dest)
	for _, w := range words {
		array = array || strings.ContainsFunc(w, unicode.IsSpace)
	}
	if !array {
		return strings.Join(words, " "), true
	}
	for i, w := range words {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // a & stays a &
		if err := enc.Encode(w); err != nil {
			return "", false
		}
		words[i] = strings.TrimSpace(b.String())
	}
	return "[" + strings.Join(words, ", ") + "]", true
}

// Word writes a name so that BuildKit takes the quotes and variables in it as they are.
func Word(escape byte, name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if c := name[i]; c == '$' || c == '\'' || c == '"' || c == escape {
			b.WriteByte(escape)
		}
		b.WriteByte(name[i])
	}
	return b.String()
}
