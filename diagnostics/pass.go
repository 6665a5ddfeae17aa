package diagnostics

import (
	"maps"
	"slices"

	"layerwise/dockerfile/occurrences"
	"layerwise/dockerfile/rewrite"
	"layerwise/dockerfile/stages"
	"layerwise/dockerfile/syntax"
)

// Pass is what a rule sees, and where it reports. It notes what a hook asks of it: its findings are
// kept as long as the answers stay the same.
type Pass struct {
	Stage *stages.Stage // nil in Rule.File and Rule.After
	Rules []*Rule       // all that there are

	path     string
	graph    *stages.Graph
	set      Settings
	rule     *Rule
	asked    asked // by the hook that runs
	report   func(Finding)
	facts    map[any]*fact
	own      *stageResults // of Stage, in the making; nil if it belongs to an earlier state
	results  *Results
	late     Facts            // empty but in Rule.Late
	used     map[ignored]bool // nil in hooks of a stage
	everyAsk map[*Rule]asked  // in Rule.After: what each rule has asked for
}

// asked is a set of things that a rule has asked a Pass for.
type asked uint8

const (
	askedContext  asked = 1 << iota // the build context, whether it is doubted, and what else a build decides
	askedExported                   // whether the stage is exported, or is the final one: the target
	askedChildren                   // the stages that build on this one
	askedFroms                      // the FROM instructions of all stages, and what is before the first
	askedStages                     // all stages
	askedFile                       // the text of the file, or a place in it: it changes with every edit
	askedSources                    // stages that the stage copies from
)

// fromOutside is what differs between machines and builds of the same Dockerfile.
const fromOutside = askedContext | askedExported

// fact is what rules of a stage share, with what it took to find out.
type fact struct {
	value any
	asked asked
}

// Path is where the Dockerfile lies: absolute, or empty if it is not on disk. It does not change.
func (p *Pass) Path() string { return p.path }

// Exported reports whether the stage's layers are in the image.
func (p *Pass) Exported() bool {
	p.asked |= askedExported
	return p.graph.Exported(p.Stage)
}

// Final reports whether the stage is the one that the build exports.
func (p *Pass) Final() bool {
	p.asked |= askedExported
	return p.Stage != nil && p.graph.Target == p.Stage
}

// Needed reports whether the build needs the stage.
func (p *Pass) Needed() bool {
	p.asked |= askedExported | askedStages
	return p.graph.Needed(p.Stage)
}

// Children are the stages that build on the pass's stage by FROM.
func (p *Pass) Children() []*stages.Stage {
	p.asked |= askedChildren
	return p.graph.Children(p.Stage)
}

// Froms are the FROM instructions of all stages, in order. The list is not to be modified.
func (p *Pass) Froms() []*stages.Step {
	p.asked |= askedFroms
	return p.results.froms
}

// From is the stage above the pass's stage that a --from names, by its name or number; nil if it names none.
// Only hooks of a stage may ask.
func (p *Pass) From(ref string) *stages.Stage {
	p.asked |= askedFroms | askedSources
	source := p.graph.Find(ref, p.Stage.Index)
	if source != nil && p.own != nil && !slices.Contains(p.own.sources, source) {
		p.own.sources = append(p.own.sources, source)
	}
	return source
}

// Stages are all stages of the file. Findings of a rule that asks are kept only while nothing changes in
// any stage: Froms, From, Children and the parents of the stage serve longer.
func (p *Pass) Stages() []*stages.Stage {
	p.asked |= askedStages
	return p.graph.Stages
}

// Global are the instructions before the first FROM.
func (p *Pass) Global() []*stages.Step {
	p.asked |= askedFroms
	return p.graph.Global
}

// File is the file as a whole. Findings of a rule that asks are worked out anew after every edit.
func (p *Pass) File() *syntax.File {
	p.asked |= askedFile
	return p.graph.File
}

// Escape is the file's escape character. It does not change during the life of a stage.
func (p *Pass) Escape() byte { return p.graph.File.Escape }

// Line is the line, from 1, on which a step's keyword stands: for messages.
func (p *Pass) Line(s *stages.Step) int {
	p.asked |= askedFile
	return p.graph.Line(s)
}

// Offset is where in the file the text of a step's instruction begins: for edits.
func (p *Pass) Offset(s *stages.Step) int {
	p.asked |= askedFile
	return p.graph.Offset(s)
}

// Change begins a change of the Dockerfile's text, for a fix.
func (p *Pass) Change() *rewrite.Change {
	p.asked |= askedFile
	return rewrite.Of(p.graph)
}

// Options are the options of the rule that runs, in the struct that Rule.Options makes.
func (p *Pass) Options() any {
	if set := p.set.Options[p.rule.Name]; set != nil {
		return set
	}
	return p.rule.Options()
}

// Fact is something about the stage that several rules need. It is computed once for all rules; what
// compute asks of the pass counts as asked by each of them.
func (p *Pass) Fact(key any, compute func(*Pass) any) any {
	f := p.facts[key]
	if f == nil {
		own := *p
		own.asked = 0
		f = &fact{value: compute(&own)}
		f.asked = own.asked
		if p.facts != nil {
			p.facts[key] = f
		}
	}
	p.asked |= f.asked
	return f.value
}

// Seen is a step of which a rule has something to say, and what.
type Seen struct {
	*stages.Step
	What any
}

// Saw reports whether one of the steps shows what is looked for. Their number does not say it: tests show rules every step.
func Saw(list []Seen) bool {
	return slices.ContainsFunc(list, func(s Seen) bool { return s.What != nil })
}

// Says reports whether see says this of a step of the pass's stage. A rule whose see has something to say of nearly all steps
// asks so first for the few that are a reason to look at the others, which are copied at each keystroke then.
func (p *Pass) Says(key any, see func(*stages.Step) any, what any) bool {
	return Saw(p.See(key, func(s *stages.Step) any {
		if said := see(s); said == what {
			return said
		}
		return nil
	}))
}

// See are the steps of the pass's stage of which see says something: what it returns is not nil. Steps of
// which it said nothing before an edit, and which are what they were, are not looked at again: a rule that
// goes through a stage goes through these few; what it said of the others stays. see may look at what Rule.Step
// may look at, and asks nothing. What it returns does not hold the step, which is another one in each state of
// a stage; neither that nor the list is ever modified. The key names see; it is comparable.
func (p *Pass) See(key any, see func(*stages.Step) any) []Seen {
	return p.results.see(p.Stage, p.own, key, see)
}

// SeeChain is See for the stage and those that it builds on, the oldest first.
func (p *Pass) SeeChain(key any, see func(*stages.Step) any) (all []Seen) {
	if p.Stage.Parent == nil {
		return p.See(key, see)
	}
	for _, stage := range p.Stage.Chain() {
		if stage == p.Stage {
			all = append(all, p.See(key, see)...)
		} else {
			all = append(all, p.results.see(stage, p.results.of(stage), key, see)...)
		}
	}
	return all
}

// SeeFile is See for all stages of the file, in their order: for Rule.File. What Rule.Stage has seen by the same key
// is known already, and is kept for stages that an edit does not reach.
func (p *Pass) SeeFile(key any, see func(*stages.Step) any) (all []Seen) {
	for _, stage := range p.Stages() {
		all = append(all, p.results.see(stage, p.results.of(stage), key, see)...)
	}
	return all
}

// Names are the names of the file: for fixes.
func (p *Pass) Names() *occurrences.Table {
	p.asked |= askedFile | askedContext
	return occurrences.Of(p.graph, slices.Sorted(maps.Keys(p.results.in.Build.Contexts))...)
}

// Report reports a finding.
func (p *Pass) Report(f Finding) { p.report(f) }

func (p *Pass) use(used map[ignored]bool) { maps.Copy(p.used, used) }

// Unused reports whether an id in a suppression above the instruction, or at the end of the file if it
// is nil, certainly silences nothing: it names one rule, which has run, and has asked for nothing that
// differs between machines. Only Rule.After may ask.
func (p *Pass) Unused(name string, above *syntax.Instruction) bool {
	for _, r := range p.Rules {
		if r.Names(name) {
			_, failed := p.results.failed[r]
			return p.everyAsk[r]&fromOutside == 0 && !failed && !r.Always && r.After == nil && r.Late == nil && p.set.Of(r) != Off && !p.used[ignored{id: id{text: Fold(name)}, by: above}]
		}
	}
	return false
}

// FixBy is the fix that a change of the Dockerfile makes; none if the change cannot be made.
func (p *Pass) FixBy(title string, safety Safety, change func(*rewrite.Change)) []Fix {
	c := p.Change()
	change(c)
	edit, err := c.Edit()
	if err != nil {
		return nil
	}
	return []Fix{{Title: title, Safety: safety, Edits: []FileEdit{edit}}}
}
