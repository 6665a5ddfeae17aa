package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"layerwise/cli/report"
	"layerwise/diagnostics"
	"layerwise/workspace"
)

// result is what is known about one target.
type result struct {
	target
	src      string
	snapshot *workspace.Snapshot // nil if the target could not be read
	findings []report.Finding    // that are to be reported
	known    []report.Finding    // for a new baseline
	parts    [][]byte            // of each report, the one about this file
	patch    []byte
	counts   report.Counts
	errs     []error
	notices  []string // worth knowing, and no error
	untried  bool     // not all fixes of the findings were tried
	// builtOtherwise: it was found in a folder, and has no build of the name that --build gives. It is left
	// out then.
	builtOtherwise error
}

// check checks one target. A mistake in this program is reported like any other error.
func (r *runner) check(ctx context.Context, t target) (res *result) {
	res = &result{target: t}
	defer func() {
		if v := recover(); v != nil {
			res.snapshot = nil
			res.errs = append(res.errs, internalError(t.name, v))
		}
	}()
	if ctx.Err() != nil {
		return res
	}
	src, err := r.read(ctx, t)
	if err != nil {
		res.errs = append(res.errs, fmt.Errorf("%s: %w", t.name, plain(err)))
		return res
	}
	cfg, notices, err := r.config(t)
	res.notices = notices
	if err != nil {
		res.errs = append(res.errs, err)
	}
	cfg = cfg.Knowing(r.known(ctx, t))
	for _, p := range r.unfound(cfg) {
		res.notices = append(res.notices, p.Error())
	}
	builds, err := cfg.BuildsOf(t.abs)
	if err != nil && !t.named {
		res.builtOtherwise = fmt.Errorf("%s: %w", t.name, err)
		return res
	}
	if err != nil {
		res.errs = append(res.errs, fmt.Errorf("%s: %w", t.name, err))
		return res
	}
	res.errs = append(res.errs, r.missingContexts(t, builds)...)
	res.src = src
	res.snapshot = workspace.NewFileSnapshot(t.abs, src, cfg, r.lister)
	r.noticeTargets(res, cfg)
	r.describe(ctx, res)
	r.aboutContext(ctx, res)
	res.snapshot = res.snapshot.Afresh() // the results wait for their turn, and there are many
	return res
}

// missingContexts tells of named contexts of a target's builds that are not there: the builds fail.
func (r *runner) missingContexts(t target, builds []workspace.Build) (errs []error) {
	told := map[string]bool{}
	for _, b := range builds {
		if b.Source.Kind == workspace.FromSource {
			continue // the user did not say so here: layerwise builds tells
		}
		for _, name := range slices.Sorted(maps.Keys(b.Contexts)) {
			where := b.Contexts[name]
			if _, byFlag := r.Build.Contexts[name]; byFlag || told[where] || !filepath.IsAbs(where) {
				continue // a flag's is looked for once, before all
			}
			told[where] = true
			if err := r.folderThere(name, where); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", t.name, err))
			}
		}
	}
	return errs
}

// folderThere says what is wrong with the folder of a named context.
func (r *runner) folderThere(name, folder string) error {
	info, err := os.Stat(folder)
	switch {
	case err != nil:
		return fmt.Errorf("the context %s, %s: %w", name, r.show(folder), plain(err))
	case !info.IsDir():
		return fmt.Errorf("the context %s, %s: not a directory", name, r.show(folder))
	}
	return nil
}

// noticeTargets tells of targets that the file does not have. One that a configuration gives to all
// Dockerfiles at once is not meant: not each of them has it.
func (r *runner) noticeTargets(res *result, cfg workspace.Config) {
	targets := []string{r.Build.Target}
	for _, build := range cfg.Builds {
		if build.Dockerfile == res.abs && r.Build.Target == "" {
			targets = append(targets, build.Target)
		}
	}
	g := res.snapshot.Graph()
	for _, name := range targets {
		if name != "" && g.Find(name, len(g.Stages)) == nil {
			res.notices = append(res.notices, fmt.Sprintf("%s: there is no stage %q, so the last one counts as the target", res.name, name))
		}
	}
}

// aboutContext tells when the findings were made without the build context, or without all of it:
// then rules that depend on it are silent.
func (r *runner) aboutContext(ctx context.Context, res *result) {
	if res.abs == "" || ctx.Err() != nil {
		return
	}
	if _, gap := res.snapshot.Gap(ctx); gap != "" {
		res.notices = append(res.notices, res.name+": "+gap)
	}
	if err := res.snapshot.ContextError(ctx); err != nil && !(res.stdin && errors.Is(err, fs.ErrNotExist)) {
		res.errs = append(res.errs, fmt.Errorf("%s: the build context %s: %w", res.name, r.show(res.snapshot.ContextRoot(ctx)), err))
	}
}

// describe finds what is wrong, and writes the reports about it.
func (r *runner) describe(ctx context.Context, res *result) {
	var known int
	res.findings, known = r.findings(ctx, res.file(), res.snapshot)
	defer res.tellFailures(ctx)
	for i := range res.findings {
		res.findings[i].Offers = res.findings[i].Fixes()
	}
	if res.untried = untried(res.findings); res.untried {
		res.notices = append(res.notices, res.name+": too many findings to try all their fixes at once: apply some, then check again")
	}
	if r.record != nil {
		known, res.known, res.findings = len(res.findings), res.findings, nil
	}
	res.counts = report.Count(res.findings, known)
	res.parts = make([][]byte, len(r.outputs))
	for i, o := range r.outputs {
		res.parts[i] = o.writer.Part(res.file())
	}
}

// untried reports whether some findings may have fixes that were not tried, because they are too many.
func untried(found []report.Finding) bool {
	all := make([]diagnostics.Diagnostic, len(found))
	for i, f := range found {
		all[i] = f.Diagnostic
	}
	return diagnostics.Untried(all)
}

// file is what reports are told of the target.
func (res *result) file() *report.File {
	return &report.File{Name: res.name, Path: res.abs, Source: res.src, Lines: res.snapshot.Lines(), Findings: res.findings}
}

// tellFailures tells of the rules that have crashed on the file. Their findings are missing in its report.
func (res *result) tellFailures(ctx context.Context) {
	for _, err := range res.snapshot.Failures(ctx) {
		res.errs = append(res.errs, fmt.Errorf("%s: %w", res.name, err))
	}
}

// findings are those that the baseline does not have. It counts the others.
func (r *runner) findings(ctx context.Context, file *report.File, s *workspace.Snapshot) (found []report.Finding, known int) {
	all := s.Diagnostics(ctx)
	prints := report.Fingerprints(s.File.Src, s.Lines(), all)
	for i, d := range all {
		if r.baseline.Has(file, d.Rule, prints[i]) {
			known++
		} else {
			found = append(found, report.Finding{Diagnostic: d, Print: prints[i]})
		}
	}
	return found, known
}
