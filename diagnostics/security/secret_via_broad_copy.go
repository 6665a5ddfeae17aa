package security

import (
	"path"
	"slices"
	"strings"

	"layerwise/build/files"
	"layerwise/diagnostics"
	"layerwise/internal/lazy"
	"layerwise/internal/words"
)

var secretViaBroadCopy = &diagnostics.Rule{
	Name:      "secret-via-broad-copy",
	Severity:  diagnostics.Warning,
	Elsewhere: diagnostics.Elsewhere{Sonar: []string{"S6470"}},
	Stage:     checkSecretViaBroadCopy,
}

// checkSecretViaBroadCopy looks for credentials in the context that a COPY of all of it takes in.
func checkSecretViaBroadCopy(p *diagnostics.Pass) {
	whole := p.WholeCopies()
	if len(whole) == 0 {
		return
	}
	var found []string
	for _, name := range secretFiles(p.Context()) {
		is := isSecretFile(name) && !isHarmlessFile(p.Context(), name) || maySecretFile(name) && isShownSecret(p.Context(), name)
		if is && !whole[0].Excludes(name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return
	}
	where := "anyone who has the image can read " + words.For(len(found), "it", "them")
	if !slices.ContainsFunc(found, func(name string) bool { return endsInImage(p, whole[0], name) }) {
		where = words.For(len(found), "it stays", "they stay") + " in the build cache, which may be pushed"
	}
	list, holds := listed(found), words.For(len(found), "holds", "hold")
	patterns, rooted := secretPatterns(p.Context().Ignore, found)
	why := ""
	if rooted != "" {
		why = "; the line " + words.Code(rooted) + " of " + path.Base(p.Context().Ignore.Path) + " matches only at the top: write " + words.Code("**/"+strings.TrimPrefix(rooted, "/")) + " to match in every folder"
	}
	p.Report(diagnostics.Finding{
		Step: whole[0].Step, Span: diagnostics.Line(whole[0].Step.Instr),
		Message: func(p *diagnostics.Pass) string {
			return "This COPY takes " + list + ", which usually " + holds + " credentials: " + where + why + p.CreateIgnoreFile(patterns)
		},
		Fixes: func(p *diagnostics.Pass) []diagnostics.Fix {
			return p.IgnoreFix("Ignore "+list+" in .dockerignore", patterns)
		},
	})
}

// listed are the names as messages list them.
func listed(names []string) string {
	switch {
	case len(names) == 1:
		return names[0]
	case len(names) > words.Shown:
		return words.Some(names)
	}
	return words.Alternatives(names, "and")
}

// secretPatterns are the lines of an ignore file that leave the files out: names that are found more than once, or that a
// line of the ignore file means at the top only, at any depth. rooted is the first such line.
func secretPatterns(ignore *files.IgnoreFile, found []string) (patterns []string, rooted string) {
	count := map[string]int{}
	for _, name := range found {
		count[path.Base(name)]++
	}
	for _, name := range found {
		base := path.Base(name)
		line := rootedLine(ignore, base)
		if rooted == "" {
			rooted = line
		}
		if line != "" || count[base] > 1 {
			name = "**/" + base
		}
		if !slices.Contains(patterns, name) {
			patterns = append(patterns, name)
		}
	}
	return patterns, rooted
}

// rootedLine is the line of the ignore file that means the name at the context's top only; "" if there is
// none.
func rootedLine(ignore *files.IgnoreFile, name string) string {
	if ignore == nil {
		return ""
	}
	for line := range strings.Lines(ignore.Source) {
		if line = strings.TrimSpace(line); strings.TrimPrefix(line, "/") == name {
			return line
		}
	}
	return ""
}

// maxSecretFiles bounds how many files are looked into, in a context that is full of them.
const maxSecretFiles = 100

type secretFilesKey struct{}

// secretFiles are the files of the context that are named like credentials or may hold some, at any depth. What package
// managers downloaded, and git's own, samples and data of tests are left out, and so are links: a copy of the whole context takes where they point.
func secretFiles(ctx *files.Context) []string {
	return ctx.Memo(secretFilesKey{}, func() any {
		var names []string
		ctx.All(func(e files.Entry) bool {
			if !e.Ignored && e.Mode.IsRegular() && (isSecretFile(e.Path) || maySecretFile(e.Path)) && !downloaded(e.Path) {
				names = append(names, e.Path)
			}
			return len(names) < maxSecretFiles
		})
		return names
	}).([]string)
}

// downloaded reports whether the file lies in a folder that a package manager or git fills, or in one of samples and
// data of tests, whose keys open nothing.
func downloaded(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		switch part {
		case ".git", "node_modules", "vendor", "site-packages", ".venv", "venv", ".tox", "bower_components":
			return true
		}
		if sampleFolder.MatchString(part) {
			return true
		}
	}
	return false
}

var sampleFolder = lazy.New(`(?i)^(samples?([_-].*|config)?|examples?|testdata|test-data|test_data|testfiles|fixtures|__fixtures__)$`)
