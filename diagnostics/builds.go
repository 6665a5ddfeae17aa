package diagnostics

import (
	"slices"
	"strconv"
	"strings"

	"layerwise/build/copies"
	"layerwise/build/files"
	"layerwise/build/images"
	"layerwise/dockerfile/names"
	"layerwise/dockerfile/stages"
	"layerwise/internal/words"
)

// Build is one way in which a file is built, as far as rules may ask. Its target and arguments are in
// the graph that goes with it.
type Build struct {
	Names    []string          // of the builds that are alike in all this; empty if there is one only
	Context  *files.Context    // nil if there is none, or it is not known yet
	Named    bool              // the user said that Context is the one; otherwise it is supposed, and may be doubted
	Contexts map[string]string // named contexts: folders, or what BuildKit fetches
	Changing []string          // names of arguments to which it gives another value with each commit; sorted
	Export   CacheExport
	Made     map[string]string // images that the workspace makes, in the form of ContextName, and the absolute paths of the Dockerfiles that they are made of
	Inferred string            // how messages name the folder of Context, if only the file's own text tells that it is the one
	Guessed  bool              // the folder that is Inferred is one of several that may be it, as the file names no file, or one that is not there
	Dev      bool              // it is for developing or testing: what is true of an image for users does not count
	// Published: it publishes what users get, however the file and its stages are called.
	Published bool
	TestData  bool // the file is there for tests to read
}

// CacheExport is what a build hands on of the build cache to builds elsewhere.
type CacheExport struct {
	// All: it is all steps. Otherwise it is those whose layers are in the result.
	All    bool
	Inline bool   // it is in the image itself, which cannot hold more
	Where  string // how messages name the place that says so; "" if nothing is exported, or that is not known
}

// Export is what the build hands on of the build cache to builds elsewhere.
func (p *Pass) Export() CacheExport {
	p.asked |= askedContext
	return p.results.in.Build.Export
}

// Context is the build context; nil if there is none, or it is not known yet. Ask ContextDoubted before
// relying on it.
func (p *Pass) Context() *files.Context {
	p.asked |= askedContext
	return p.results.in.Build.Context
}

// Published reports whether the build is known to publish what users get: then it does not count how the file and its
// stages are called.
func (p *Pass) Published() bool {
	p.asked |= askedContext
	return p.results.in.Build.Published
}

// ForDevelopers reports whether a stage is one that developers or tests use, by its name.
func (p *Pass) ForDevelopers(s *stages.Stage) bool {
	if !names.StageForDevelopers(s.Name) {
		return false
	}
	p.asked |= askedExported
	return !(p.Published() && p.graph.Exported(s)) && !p.variantForCI(s)
}

// variantForCI reports whether a stage, such as package-ci, is another way to make what package is, for CI to build: both
// start the same program. What checks run in starts these.
func (p *Pass) variantForCI(s *stages.Stage) bool {
	name, ok := names.VariantForCI(s.Name)
	if !ok {
		return false
	}
	other := p.From(name)
	if other == nil || other == s || names.StageForDevelopers(name) {
		return false
	}
	argv, starts := copies.Entry(s)
	same, _ := copies.Entry(other)
	return starts && len(argv) > 0 && slices.Equal(argv, same)
}

// ContextDoubted reports whether the file tells that Context is not the folder that it is built with:
// the folder was only supposed, and lacks what some stage names. Then no fix that depends on the
// context is safe, and what the context holds says nothing.
func (p *Pass) ContextDoubted() bool {
	p.asked |= askedContext
	return p.results.doubted
}

// ContextDoubted reports what Pass.ContextDoubted told the rules.
func (r *Results) ContextDoubted() bool { return r.doubted }

// Changing reports whether the build gives the argument another value with each commit or each run.
func (p *Pass) Changing(arg string) bool {
	p.asked |= askedContext
	return slices.Contains(p.results.in.Build.Changing, arg)
}

// WholeCopies are the stage's copies of the whole context, if the context is known and not doubted.
func (p *Pass) WholeCopies() (whole []copies.Copy) {
	if p.Context() == nil || p.ContextDoubted() {
		return nil
	}
	seen := p.See(wholeKey{}, func(s *stages.Step) any {
		if c, ok := copies.Of(s); ok && c.Whole() {
			return true
		}
		return nil
	})
	if len(seen) > copies.MaxWhole {
		return nil
	}
	for _, s := range seen {
		if c, ok := copies.Of(s.Step); ok && c.Whole() {
			whole = append(whole, c)
		}
	}
	return whole
}

type wholeKey struct{}

// WeakerFor ends a message that would say more if the build context were known. It is empty if the
// context is not doubted.
func (p *Pass) WeakerFor() string {
	if !p.ContextDoubted() {
		return ""
	}
	return "; the build context is not known: set `context` in .layerwise.yaml"
}

// NamedContext reports whether the build gives the image name a context of its own, as
// --build-context does: then it is no reference to an image.
func (p *Pass) NamedContext(image string) bool {
	for name := range p.results.in.Build.Contexts {
		p.asked |= askedContext // others may build without
		if ContextName(name) == ContextName(image) {
			return true
		}
	}
	return p.MadeHere(image)
}

// MadeHere reports whether the workspace builds the image of that name, from another Dockerfile.
func (p *Pass) MadeHere(image string) bool {
	made := p.results.in.Build.Made[ContextName(image)]
	return made != "" && made != p.path
}

// ContextName is the form in which BuildKit compares the names of contexts and images.
func ContextName(name string) string {
	ref, err := images.Parse(name)
	switch {
	case err != nil:
		return strings.ToLower(name)
	case ref.Digest != "":
		return ref.Short + "@" + ref.Digest
	case ref.Tag == "" || ref.Tag == "latest":
		return ref.Short
	}
	return ref.Short + ":" + ref.Tag
}

// evidence is what the stages tell of a context that is only supposed.
func (b Build) evidence(g *stages.Graph, prev *Results, changes *stages.Changes) *copies.Weighing {
	switch {
	case b.Context == nil || b.Named:
		return nil
	case prev == nil:
		return copies.Weigh(b.Context, g, nil, nil)
	}
	return copies.Weigh(b.Context, g, prev.evidence, changes)
}

// doubted weighs the evidence of all stages.
func (b Build) doubted(evidence *copies.Weighing) bool {
	return evidence != nil && evidence.Together().Against(b.Context)
}

// Merge joins the findings for several builds of one text, those of the default build first; g is the
// graph of that one. facts are what is known late of each build, or nil. A finding that does not hold for all builds says for
// which it does, and its fixes are only suggested, as are those that are not safe for all. others are builds that nobody asks
// about: their findings are not told, but what is not safe for them is not safe.
func Merge(g *stages.Graph, results, others []*Results, facts []Facts) []Diagnostic {
	found := make([][]Diagnostic, len(results))
	for i, r := range results {
		found[i] = r.Diagnostics
		if facts != nil {
			found[i] = r.WithFacts(facts[i])
		}
		found[i] = r.in.Build.relevant(found[i])
	}
	if len(results)+len(others) == 1 {
		return found[0]
	}
	type place struct {
		rule       *Rule
		code       string
		start, end int
	}
	type key struct {
		place
		message string
	}
	placeOf := func(d *Diagnostic) place { return place{d.Rule, d.Code, d.Span.Start, d.Span.End} }
	var merged []Diagnostic
	at := map[key]int{}
	holds := map[int][]*Diagnostic{}
	alone := map[place]int{} // in merged: the only finding of its rule there; -1 if there are several
	for b, r := range results {
		seen := map[key]bool{} // one build may have the same finding twice
		count := map[place]int{}
		for i := range found[b] {
			count[placeOf(&found[b][i])]++
		}
		for i := range found[b] {
			d := &found[b][i]
			k := key{placeOf(d), d.Message}
			n, known := at[k]
			if only, ok := alone[k.place]; !known && ok && only >= 0 && count[k.place] == 1 {
				n, known = only, true // it is told with the numbers of the first build
			}
			if !known || seen[k] {
				n = len(merged)
				at[k] = n
				merged = append(merged, *d)
				if _, several := alone[k.place]; several {
					alone[k.place] = -1
				} else {
					alone[k.place] = n
				}
			}
			seen[k] = true
			merged[n].Severity = max(merged[n].Severity, d.Severity)
			merged[n].Builds = slices.Concat(merged[n].Builds, r.in.Build.Names)
			holds[n] = append(holds[n], d)
		}
	}
	beside := map[int][]*Diagnostic{} // findings of the others
	for _, r := range others {
		list := r.in.Build.relevant(r.Diagnostics)
		for i := range list {
			d := &list[i]
			if n, known := at[key{placeOf(d), d.Message}]; known {
				beside[n] = append(beside[n], d)
			} else if only, ok := alone[placeOf(d)]; ok && only >= 0 {
				beside[only] = append(beside[only], d)
			}
		}
	}
	kept := merged[:0]
	for n := range merged {
		all := holds[n]
		everywhere := len(all) == countOf(results, merged[n].Rule)
		if merged[n].Rule.After != nil && !everywhere {
			continue // a suppression that is used in one build is used
		}
		kept = append(kept, merged[n])
		d := &kept[len(kept)-1]
		if everywhere {
			d.Builds = nil
		} else {
			d.Message += onlyIn(d.Builds, results)
		}
		d.step = stepIn(g, d.step)
		if d.fixes != nil {
			safe := everywhere && len(beside[n]) >= countOf(others, d.Rule)
			d.fixes = func() []Fix { return commonFixes(slices.Concat(all, beside[n]), safe) }
		}
	}
	slices.SortStableFunc(kept, func(a, b Diagnostic) int { return a.Span.Start - b.Span.Start })
	return kept
}

// onlyIn ends a message that holds in some of the builds. Where they are many, those are told in which it does not
// hold, if they are few, or else the number.
func onlyIn(builds []string, results []*Results) string {
	if len(builds) <= words.Shown {
		return words.For(len(builds), " (only in the build ", " (only in the builds ") + strings.Join(builds, ", ") + ")"
	}
	all := 0
	var others []string
	for _, r := range results {
		all += len(r.in.Build.Names)
		for _, name := range r.in.Build.Names {
			if !slices.Contains(builds, name) {
				others = append(others, name)
			}
		}
	}
	if len(others) > 0 && len(others) < words.Shown {
		return " (in all builds but " + words.Alternatives(others, "and") + ")"
	}
	return " (only in " + strconv.Itoa(len(builds)) + " of " + words.Count(all, "build") + ": " + words.Some(builds) + ")"
}

// relevant leaves out what does not count in a build for developing.
func (b Build) relevant(found []Diagnostic) []Diagnostic {
	if !b.Dev {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(d Diagnostic) bool { return d.Rule.Production })
}

// forDevelopers reports whether the image is for developing or testing: by what builds it, or by the name of the
// stage that is built.
func (in Input) forDevelopers() bool {
	return in.Build.Dev || !in.Build.Published && in.Graph.Target != nil && names.ForDevelopers(in.Graph.Target.Name)
}

// besideFor reports whether a step is of a stage for developers that the build does not make: dev-envs, which somebody asks for by
// --target. Nothing of it is in what users get.
func (in Input) besideFor(s *stages.Step) bool {
	return s != nil && s.Stage != nil && names.StageForDevelopers(s.Stage.Name) && in.Graph.Target != nil && !in.Graph.Needed(s.Stage)
}

// countOf is the number of builds in which findings of a rule count.
func countOf(results []*Results, rule *Rule) (n int) {
	for _, r := range results {
		if !r.in.Build.Dev || !rule.Production {
			n++
		}
	}
	return n
}

// stepIn is the graph's step of the same instruction.
func stepIn(g *stages.Graph, s *stages.Step) *stages.Step {
	if s == nil {
		return nil
	}
	for _, stage := range g.Stages {
		for _, own := range stage.Steps {
			if own.Instr == s.Instr {
				return own
			}
		}
	}
	return s
}

// commonFixes are the fixes for the first build. One stays safe only if it is offered as safe for
// every build, with the same edits.
func commonFixes(all []*Diagnostic, everywhere bool) []Fix {
	fixes := slices.Clone(all[0].Fixes())
	for i := range fixes {
		for _, d := range all[1:] {
			if !slices.ContainsFunc(d.Fixes(), func(f Fix) bool { return f.Safety == Safe && sameEdits(f, fixes[i]) }) {
				fixes[i].Safety = Suggested
			}
		}
		if !everywhere {
			fixes[i].Safety = Suggested
		}
	}
	return fixes
}

// Suggest makes all fixes of findings suggestions: there are builds that nobody has looked at, for which they may not be
// safe.
func Suggest(found []Diagnostic) {
	for i := range found {
		safe := found[i].fixes
		if safe == nil {
			continue
		}
		found[i].fixes = func() []Fix {
			fixes := slices.Clone(safe())
			for n := range fixes {
				fixes[n].Safety = Suggested
			}
			return fixes
		}
	}
}

func sameEdits(a, b Fix) bool {
	return slices.EqualFunc(a.Edits, b.Edits, func(x, y FileEdit) bool {
		return x.Path == y.Path && x.Create == y.Create && slices.Equal(x.Edits, y.Edits)
	})
}
