package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"layerwise/build/cache"
	"layerwise/build/sources"
	"layerwise/cli/report"
	"layerwise/cli/terminal"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
	"layerwise/workspace"
)

// reached is a build that a change reaches, and what it does there.
type reached struct {
	build      workspace.Build
	name       string // of the Dockerfile
	comparison *cache.Comparison
	graph      *stages.Graph
}

// hiding counts, for each changed path, the builds whose context it lies in, and those of them that an ignore
// file hides it from.
type hiding struct{ asked, hidden map[string]int }

// leftOut is a build of which nothing is said, and why.
type leftOut struct {
	Path   string `json:"path"` // of the Dockerfile
	Build  string `json:"build"`
	Reason string `json:"reason"`
}

// whole reports whether the question is about all builds of the workspace: no Dockerfile was named, and there is
// more than the one in the working directory.
func (m *impact) whole(ctx context.Context) (known *sources.Known, ok bool) {
	if m.before != "" || m.after != "" || m.log != "" || m.Build.Context != "" || m.dockerfile != "" && !m.given.all {
		return nil, false
	}
	root := workspace.RootOf(m.abs(m.file()), m.about.Dir)
	known = m.knownIn(ctx, root)
	if known == nil {
		return nil, false
	}
	if _, err := os.Stat(m.abs(m.file())); err == nil && !m.given.all {
		only, _ := filepath.Rel(root, m.abs(m.file()))
		others := slices.ContainsFunc(known.Dockerfiles, func(name string) bool { return name != filepath.ToSlash(only) && m.asked(known, name) })
		if !others && len(known.Of(filepath.ToSlash(only))) < 2 {
			return nil, false
		}
	}
	return known, true
}

// asked reports whether a Dockerfile of the workspace is asked for: the one that was named, or else all.
func (m *impact) asked(known *sources.Known, name string) bool {
	return m.dockerfile == "" || filepath.Join(known.Root, filepath.FromSlash(name)) == m.abs(m.dockerfile)
}

// runAll answers for each build of the workspace, and returns the exit code.
func (m *impact) runAll(ctx context.Context, known *sources.Known) int {
	for _, p := range m.changed {
		if _, err := os.Lstat(m.abs(p)); err != nil {
			m.note(p + " is not there, and is left out: what deleting a file reruns is what --since tells")
		}
	}
	m.among = &hiding{map[string]int{}, map[string]int{}}
	var list []reached
	builds, failed := 0, false
	var unseen []string // builds with a context that is no folder here, in words
	out := []leftOut{}
	told := map[string]bool{} // failures, each of which is told once though several builds have it
	for _, name := range known.Dockerfiles {
		abs := filepath.Join(known.Root, filepath.FromSlash(name))
		if !m.asked(known, name) {
			continue
		}
		for _, b := range m.buildsOf(ctx, known, abs) {
			if b.Kind == workspace.Generated || b.Kind == workspace.Remote {
				unseen = append(unseen, m.show(abs)+" in "+b.Words())
				out = append(out, leftOut{m.show(abs), b.Name, "what the build context holds is not known here"})
				continue // there is nothing to look into
			}
			r, err := m.reaches(ctx, abs, b)
			if ctx.Err() != nil {
				m.fail(errors.New("interrupted"))
				return Failed
			}
			if err != nil {
				out = append(out, leftOut{m.show(abs), b.Name, err.Error()})
			}
			if errors.Is(err, errNew) {
				if builds++; !told[err.Error()] {
					told[err.Error()] = true
					m.note(err.Error())
				}
				continue
			}
			if err != nil {
				failed = true
				if words := b.Words(); words != "" {
					err = fmt.Errorf("%w (%s)", err, words) // of several builds, which one
				}
				if !told[err.Error()] {
					told[err.Error()] = true
					m.fail(err)
				}
				continue
			}
			builds++
			if r != nil {
				list = append(list, *r)
			}
		}
	}
	if n := len(unseen); n > 0 {
		m.note(fmt.Sprintf("%s left out, since what the build context holds is not known here: %s", words.Count(n, "build"), firstAndMore(unseen)))
	}
	switch {
	case builds == 0 && failed: // what would be said of no build, that nothing reruns, is not known
		return Failed
	case builds == 0 && len(unseen) == 0:
		m.fail(fmt.Errorf("there is no Dockerfile in %s or below it%s", m.show(known.Root), m.ofThatName()))
		return Failed
	}
	for _, p := range m.changed {
		if n := m.among.hidden[p]; n > 0 && n == m.among.asked[p] {
			m.note(p + " is hidden from the builds by their ignore files: no change of it reruns anything")
		}
	}
	if err := m.tellAll(known, list, builds, out); err != nil {
		m.fail(fmt.Errorf("writing the report: %w", err))
		return Failed
	}
	code := Clean
	for _, r := range list {
		if m.forbidden(r) {
			code = Findings
		}
	}
	if failed {
		return Failed
	}
	return code
}

// firstAndMore is the first of a list, and how many more there are.
func firstAndMore(list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	return fmt.Sprintf("%s; and %d more", list[0], len(list)-1)
}

func (m *impact) ofThatName() string {
	if m.Build.Build == "" {
		return ""
	}
	return fmt.Sprintf(" with a build %q", m.Build.Build)
}

// buildsOf are the builds of a Dockerfile that are asked for; none of a file that is something else, or that
// cannot be read.
func (m *impact) buildsOf(ctx context.Context, known *sources.Known, abs string) (list []workspace.Build) {
	t := target{name: m.show(abs), abs: abs, named: true}
	src, err := m.read(ctx, t)
	if err != nil || names.Doubtful(abs) && !names.HoldsInstructions(src) {
		return nil
	}
	cfg, notices, err := m.config(t)
	for _, notice := range notices {
		m.note(notice)
	}
	if err != nil {
		m.fail(err)
	}
	builds := workspace.NewFileSnapshot(abs, src, cfg.Knowing(known), m.lister).Builds()
	if name := m.Build.Build; name != "" {
		return workspace.NamedBuilds(builds, name)
	}
	for _, b := range builds {
		if !slices.ContainsFunc(list, b.Alike) {
			list = append(list, b)
		}
	}
	return list
}

// reaches is what the change does to a build; nil if it does not reach it.
func (m *impact) reaches(ctx context.Context, abs string, b workspace.Build) (*reached, error) {
	file, chosen, changed := m.dockerfile, m.Build.Build, m.changed
	defer func() { m.dockerfile, m.Build.Build, m.changed = file, chosen, changed }()
	m.dockerfile, m.Build.Build = abs, b.Name
	if len(changed) > 0 {
		m.changed = slices.DeleteFunc(slices.Clone(changed), func(p string) bool { return !m.mayReach(p, b) })
		if len(m.changed) == 0 {
			return nil, nil
		}
		for _, p := range m.changed {
			m.among.asked[p]++
		}
	}
	c, name, err := m.compare(ctx)
	if err != nil {
		return nil, err
	}
	if c.Count(cache.Rebuilt)+c.Count(cache.Depends) == 0 {
		return nil, nil
	}
	return &reached{b, name, c, m.graph}, nil
}

// mayReach reports whether a changed path lies in the build context of a build.
func (m *impact) mayReach(p string, b workspace.Build) bool {
	rel, err := filepath.Rel(b.Context, m.abs(p))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return false
	}
	_, err = os.Lstat(m.abs(p))
	return err == nil
}

// forbidden notes the steps that rerun though --fail-on-rebuild forbids it.
func (m *impact) forbidden(r reached) (any bool) {
	for _, e := range r.comparison.Effects {
		for _, re := range m.failOn {
			if e.State == cache.Rebuilt && re.MatchString(e.Text) {
				m.note(fmt.Sprintf("line %d of %s reruns in the build %s, which --fail-on-rebuild %s forbids", e.Line, r.name, r.called(), re))
				any = true
			}
		}
	}
	return any
}

// called is how the build is named in the report.
func (r reached) called() string {
	if r.build.Name != "" {
		return r.build.Name
	}
	return r.name
}

// jsonImpacts is the JSON of a report about all builds.
type jsonImpacts struct {
	Builds  []jsonBuildImpact `json:"builds"`  // those that the change reaches
	Looked  int               `json:"looked"`  // how many builds there are
	Reruns  []string          `json:"reruns"`  // commands, each with the builds that run them again
	Message string            `json:"message"` // the answer in a sentence
	LeftOut []leftOut         `json:"leftOut"` // builds of which nothing is known
	Notes   []buildNote       `json:"notes"`   // what the workspace says of builds, and could not be read
}

type jsonBuildImpact struct {
	Build string `json:"build"`
	jsonImpact
}

// tellAll writes the answer for all builds.
func (m *impact) tellAll(known *sources.Known, list []reached, builds int, left []leftOut) error {
	if m.Format == "json" {
		out := jsonImpacts{Builds: []jsonBuildImpact{}, Looked: builds, Reruns: installsOf(list), Message: answer(list, builds), LeftOut: left, Notes: []buildNote{}}
		for _, n := range known.Notes {
			out.Notes = append(out.Notes, buildNote{m.show(filepath.Join(known.Root, filepath.FromSlash(n.File))), max(n.Line, 1), n.Message})
		}
		for _, r := range list {
			m.graph = r.graph
			out.Builds = append(out.Builds, jsonBuildImpact{r.build.Name, m.json(r.name, r.comparison)})
		}
		_, err := fmt.Fprintf(m.streams.Out, "%s\n", report.JSON(out))
		return err
	}
	var b strings.Builder
	b.WriteString(m.screen.Paint(terminal.Bold, terminal.Escape(answer(list, builds))) + "\n")
	for _, t := range m.tables(list) {
		b.WriteString("\n" + t.text())
	}
	_, err := io.WriteString(m.streams.Out, b.String())
	return err
}

// table is the answer for a build, or for several of a Dockerfile that have the same one.
type table struct {
	name, headline, body string
	builds               []string // in words
}

// tables are the answers for all builds, each once, in their order.
func (m *impact) tables(list []reached) (all []*table) {
	for _, r := range list {
		m.graph = r.graph
		headline, body, _ := strings.Cut(m.text(r.name, r.comparison), "\n")
		i := slices.IndexFunc(all, func(t *table) bool { return t.headline == headline && t.body == body })
		if i < 0 {
			i = len(all)
			all = append(all, &table{name: r.name, headline: headline, body: body})
		}
		if words := terminal.Escape(r.build.Words()); words != "" && !slices.Contains(all[i].builds, words) {
			all[i].builds = append(all[i].builds, words)
		}
	}
	return all
}

// text names one build behind the Dockerfile, and several on a line each.
func (t *table) text() string {
	name := terminal.Escape(t.name)
	switch len(t.builds) {
	case 0:
		return t.headline + "\n" + t.body
	case 1:
		return strings.Replace(t.headline, name, name+" ("+t.builds[0]+")", 1) + "\n" + t.body
	}
	return t.headline + "\n  in " + strings.Join(t.builds, "\n  in ") + "\n" + t.body
}

// answer is the report in a sentence.
func answer(list []reached, builds int) string {
	if len(list) == 0 {
		return fmt.Sprintf("This change reruns nothing in %s", words.Count(builds, "build"))
	}
	what := fmt.Sprintf("This change reruns steps in %d of %s", len(list), words.Count(builds, "build"))
	if reruns := installsOf(list); len(reruns) > 0 {
		what += ": " + strings.Join(reruns, "; ")
	}
	return what
}

// installsOf are the installs that run again, each with the Dockerfiles or builds in which it does: "npm ci in api
// and web".
func installsOf(list []reached) []string {
	in := map[string][]string{}
	var order []string
	for _, r := range list {
		for _, command := range r.installs() {
			if in[command] == nil {
				order = append(order, command)
			}
			if who := r.short(); !slices.Contains(in[command], who) {
				in[command] = append(in[command], who)
			}
		}
	}
	all := []string{}
	for _, command := range order {
		who := in[command][0]
		if len(in[command]) > 1 {
			who = words.Alternatives(in[command], "and")
		}
		all = append(all, command+" in "+who)
	}
	return all
}

// installs are the commands that fetch dependencies, and run again.
func (r reached) installs() []string { return workspace.Installs(r.comparison, r.graph) }

// short is the service or target that is built, or the Dockerfile.
func (r reached) short() string {
	if name := r.build.Short(); name != "" {
		return name
	}
	return r.name
}
