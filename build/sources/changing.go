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
	var lines []string // of the source
	for i := range r.builds {
		b := &r.builds[i]
		for name, value := range b.Args {
			at, placed := b.At.Args[name]
			if value != nil || !placed || at.File != r.file {
				continue
			}
			if lines == nil {
				text, err := r.files.Read(r.file, maxSource)
				if err != nil {
					return
				}
				lines = strings.Split(text, "\n")
			}
			if at.Line > len(lines) {
				continue
			}
			_, given, _ := strings.Cut(lines[at.Line-1], name)
			given, _, _ = strings.Cut(given, "--build-arg")
			if everyCommit.MatchString(given) {
				b.Changing = append(b.Changing, name)
			}
		}
		slices.Sort(b.Changing)
	}
}
