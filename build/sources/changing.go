package sources

import (
	"slices"
	"strings"

	"layerwise/internal/lazy"
)

// everyCommit matches what has another value with each commit or each run, as CI files and scripts write it.
var everyCommit = lazy.New(`\bgithub\.(sha|run_id|run_number|event\.(after|pull_request\.head\.sha))\b|\b(GITHUB_(SHA|RUN_ID|RUN_NUMBER)|CI_COMMIT_(SHORT_)?SHA|CI_COMMIT_TIMESTAMP|CI_PIPELINE_I?ID|CI_JOB_ID|CIRCLE_SHA1|CIRCLE_BUILD_NUM|BUILD_NUMBER|SHORT_SHA|COMMIT_SHA|REVISION_ID)\b|\bBuild\.(BuildId|BuildNumber|SourceVersion)\b|\bgit +(rev-parse|describe|log)\b|[(\x60]\s*(shell +)?date\b`)

// findChanging notes which arguments of the builds have another value with each commit: the line that gives it says so.
func (r *reading) findChanging() {
	files := map[string][]string{} // the lines of those that were asked for
	for i := range r.builds {
		b := &r.builds[i]
		for name, value := range b.Args {
			if at := b.At.Args[name]; value == nil && (name == epoch || at.Line > 0 && r.saysEveryCommit(files, at, name)) {
				b.Changing = append(b.Changing, name) // the time of the sources is that of a commit
			}
		}
		slices.Sort(b.Changing)
	}
}

// saysEveryCommit reports whether the value of an argument, at a place, has in it what changes with each commit.
func (r *reading) saysEveryCommit(files map[string][]string, at Text, name string) bool {
	lines, known := files[at.File]
	if !known {
		if text, err := r.files.Read(at.File, maxSource); err == nil {
			lines = strings.Split(text, "\n")
		}
		files[at.File] = lines
	}
	if at.Line > len(lines) {
		return false
	}
	_, given, _ := strings.Cut(lines[at.Line-1], name)
	given, _, _ = strings.Cut(given, "--build-arg")
	return everyCommit.MatchString(given)
}
