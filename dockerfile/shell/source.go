package shell

// Source reads a script that stands in another file, such as a lifecycle script of package.json. Spans
// are those of the source.
func Source(source string) *Script {
	return parse(source, func(i int) int { return i }, len(source))
}
